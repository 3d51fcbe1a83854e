//! The writers, the settlement and the trace, checked.

#[path = "model/settlement.rs"]
mod settlement;
#[path = "model/trace.rs"]
mod trace;
#[path = "model/writers.rs"]
mod writers;
