//! The process may end at any point: whatever is done again, the end is the same.
