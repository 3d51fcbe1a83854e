//! What rules would do to people who exist on paper only: examples beside the rules, what of the rules they reach, what
//! they would notice, and the difference between two sets of rules.
//!
//! PURE: no clock, no environment, no I/O. Results show values, which are those of the examples.

mod coverage;
mod difference;
mod example;
mod mistake;
mod mutant;
mod play;
mod stage;

pub use coverage::{Branch, Coverage, coverage};
pub use difference::{Compared, Counts, Difference};
pub use example::{Example, Expect, Step, Wanted, read};
pub use mistake::ExampleMistake;
pub use mutant::{Mutant, mutants};
pub use play::{Failure, Played, describe, play};
pub use stage::{Passed, Stage};

#[cfg(test)]
mod tests;
