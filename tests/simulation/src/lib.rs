//! Deterministic simulation: the real steps of all functions over a simulated table, queue, blob store, source and target,
//! in one thread, with time and every fault drawn from a seed.
//!
//! An invocation is a future that stops at each call of a port; what goes on next is drawn from the seed, so calls of all
//! invocations interleave in any order, and an invocation that dies is simply never asked again. [`run`] runs a [`Script`]
//! and reports what must not happen; [`shrunk`] makes a failing script small; [`Bug`] lists mistakes that must be found.

mod chance;
mod checks;

mod ending;
mod faults;
mod function;
mod history;
mod mail;
mod people;
mod ports;
mod requests;
mod runner;
mod script;
mod shrink;
mod trace;
mod world;

pub use crate::faults::{Bug, Faults, KINDS};
pub use crate::runner::{Report, run};
pub use crate::script::{Line, Script};
pub use crate::shrink::shrunk;

/// The job.
pub const JOB: &str = "hr-to-graph";
/// The target.
pub const TARGET: &str = "graph";
