//! The process may end anywhere, replies may be lost, lie or come late: whatever is done again, the end is the same.

mod ending;
mod flows;
mod once;
mod twice;
