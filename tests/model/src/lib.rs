//! The protocol of the writers and the settlement of cycles, as models that are explored to their end, and as a judge of real runs.
//!
//! - [`protocol`]: what may be done to the lease, the requests, the links and the names, one step at a time.
//! - [`writers`]: programs on top of it. Four common designs and twelve weakened ones fail, the one that is built holds.
//! - [`settlement`]: the barrier before the judgement, and the one step that settles.
//! - [`trace`]: a recorded history, held against the same protocol.
//! - [`goal`]: from every state that is reached, the goal can still be reached.
//!
//! **Modelled:** one target without a fence; several invocations whose clocks differ by twice the margin (it is kept on both
//! sides); lease, renewal, end, hand-over; requests that land now, late, never, or with a lost or throttled reply; death
//! between any two steps; statements planned in any order and again; two attributes, so that changes overlap in part; names
//! that are foreign, indexes that lag apart; what becomes of a record in a cycle with messages that come twice.
//!
//! **Not modelled:** pacing, guards' arithmetic, references, accounts that vanish, two records with one stamp, lost replies of
//! the store other than by a death right after it. Before a create the model always looks for the stamp; the pipeline does
//! only after a doubt. `RecordInTime`, `NameKept` and `LatestFirst` are demands that the checker found. It has not been shown
//! that `Distrust` and `LinkCondition` are needed beside them.
//!
//! **Measured** (unique states): changes 232,674; rehire 1,026,661; joiner 54,422; renamed 366,982; settlement 9,977. Goal within
//! reach from all of 11,002, 24,145 and 9,977 states. All tests together take some 30 s on two busy cores.
//!
//! States and steps to each counterexample are printed by the tests: `cargo nextest run -p model --success-output final`.

pub mod goal;
pub mod protocol;
pub mod settlement;
pub mod trace;
pub mod writers;
