//! From what was read to what will be done: correlation, decision, plan and guard.
//!
//! PURE: a plan is a function of its inputs. Whatever was looked up stands in [`Inputs`]; nothing here looks anything up.

mod change;
mod compare;
mod decide;
mod guard;
mod inputs;
mod link;
mod names;
mod protect;
mod ready;
mod reason;
mod revisit;
mod rules;
mod show;

pub use change::{AttributeChange, Before, Change, Decision, Kind, Plan, Reference, Verdict};
pub use compare::{fingerprint, same_content};
pub use decide::{OBJECT_FILTER, plan};
pub use guard::{Breach, Census, Judgement, judge};
pub use inputs::{Inputs, Matches, Name, Subject};
pub use link::{Link, Mark, Marks, Read, Status, link_after};
pub use names::{NameQuestion, matching_values, name_questions, wants_lookup};
pub use reason::Reason;
pub use rules::{Counted, Guards, Limit, OutOfScope, Rules};
pub use show::Shown;

#[cfg(test)]
mod tests;
