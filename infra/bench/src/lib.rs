//! Benches that count units: the whole flow in one process, real steps and adapters, simulated time.
//!
//! [`run`] gives the report of `tenure bench`; [`baseline`] the counted units of a small run, which a test compares with
//! those that were counted before.

mod baseline;
mod carriers;
mod clock;
mod company;
mod figures;
mod latency;
mod memory;
mod run;
mod scenarios;
mod stack;
mod table;
mod target;

pub use baseline::baseline;
pub use figures::{Figure, Report, Verdict};
pub use memory::{in_a_process_of_its_own, memory_of_fetch};
pub use run::{Options, run};
pub use stack::BenchError;
