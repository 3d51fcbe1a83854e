//! Making a failing script small: kinds of faults and lines are left out as long as it fails in the same way.

use crate::faults::{Bug, KINDS};
use crate::runner::run;
use crate::script::Script;

/// The words of a violation without its numbers: what is the same about two failures.
fn kind(violation: &str) -> String {
    violation.chars().filter(|one| !one.is_ascii_digit()).take(40).collect()
}

/// The smallest script that fails as this one does, as far as leaving things out leads.
pub fn shrunk(script: &Script, bug: Option<Bug>) -> Script {
    let Some(first) = run(script, bug, false).violations.first().map(|violation| kind(violation)) else {
        return script.clone();
    };
    let fails = |candidate: &Script| {
        run(candidate, bug, false).violations.first().is_some_and(|violation| kind(violation) == first)
    };
    let mut best = script.clone();
    for (_, set, _) in KINDS {
        let mut candidate = best.clone();
        set(&mut candidate.faults, 0);
        if candidate.faults != best.faults && fails(&candidate) {
            best = candidate;
        }
    }
    let mut width = best.lines.len().div_ceil(2);
    while width > 0 {
        let mut at = 0;
        while at < best.lines.len() {
            let mut candidate = best.clone();
            candidate.lines.drain(at..(at + width).min(best.lines.len()));
            if fails(&candidate) {
                best = candidate;
            } else {
                at += width;
            }
        }
        width /= 2;
    }
    best
}
