//! The steps from end to end on the fakes. Each test asserts end states, and that nothing more happens the second time.

mod changes;
mod damage;
pub mod driver;
mod faults;
mod holds;
mod interleaved;
mod load;
mod on_demand;
mod open_set;
pub mod people;
mod reads;
mod recovery;
mod second_thoughts;
pub mod shown;
mod stale;
mod throttled;
