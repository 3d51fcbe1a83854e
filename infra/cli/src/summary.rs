//! What a cycle came to, in words.

use pipeline::state::{Cycle, CycleState};
use planning::Reason;
use std::collections::BTreeMap;

/// One line about a cycle's numbers.
pub(crate) fn line(cycle: &Cycle) -> String {
    let summary = &cycle.summary;
    let mut parts = Vec::new();
    let words = [
        ("create", "created"),
        ("adopt", "taken over"),
        ("update", "updated"),
        ("enable", "enabled"),
        ("disable", "disabled"),
        ("delete", "deleted"),
    ];
    for (kind, word) in words {
        if let Some(count) = summary.done.get(kind) {
            parts.push(format!("{count} {word}"));
        }
    }
    let more = [
        (summary.held, "held"),
        (summary.escrowed, "kept with a reason"),
        (summary.pending, "waiting for another record"),
        (summary.repeated, "repeated keys"),
        (summary.rejected, "rows unreadable"),
        (summary.missing, "newly missing (nothing happens to them)"),
    ];
    parts.extend(more.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    format!("{} rows read, {} looked at: {}", summary.rows, summary.evaluated, parts.join(", "))
}

/// The state of a cycle for people.
pub(crate) fn state(cycle: &Cycle) -> &'static str {
    match cycle.state {
        CycleState::HeldReading => "held",
        other => other.name(),
    }
}

/// A reason without what differs from record to record, for counting.
pub(crate) fn kind(reason: &Reason) -> String {
    match reason {
        Reason::Held { why, .. } => format!("held: {}", why.join("; ")),
        Reason::ReferencePending { attribute, .. } => format!("{attribute} refers to a record that has no account yet"),
        Reason::RepeatedKey { .. } => "the key stands in the source several times with different content".to_owned(),
        other => other.to_string(),
    }
}

/// Counts reasons, the most frequent first.
pub(crate) fn counted<'r>(reasons: impl IntoIterator<Item = &'r Reason>) -> Vec<(u64, String)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for reason in reasons {
        *counts.entry(kind(reason)).or_default() += 1;
    }
    let mut counted: Vec<(u64, String)> = counts.into_iter().map(|(kind, count)| (count, kind)).collect();
    counted.sort_by(|one, other| other.cmp(one));
    counted
}
