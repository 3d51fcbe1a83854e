//! Comparisons that always come out the same, and dates that are compared as texts or a day off.

use super::known::{
    Letters, any, contains, is_call, is_condition, is_constant, is_date, is_foreign, letters, same, text,
};
use super::{Call, Findings};
use crate::lexer::Comparison;
use crate::{Node, NodeKind};

pub(super) fn look(node: &Node, comparison: Comparison, (left, right): (&Node, &Node), findings: &mut Findings) {
    if same(left, right) {
        return findings.doubt(node, "both sides are the same: it always comes out the same", "");
    }
    if is_constant(left) && is_constant(right) {
        return findings.doubt(
            node,
            "both sides are constants: it always comes out the same",
            "compare an [attribute]",
        );
    }
    let by_equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
    if by_equality {
        never_equal((left, right), findings);
    } else if is_date(left) || is_date(right) {
        let hint = "compare DateDiff(\"h\", date1, date2) with a number";
        findings.doubt(node, "dates are compared as texts, month first: \"10/…\" comes before \"9/…\"", hint);
    }
    if let Some((call, comparison)) = days_with_zero(comparison, (left, right)) {
        days(node, call, comparison, findings);
    }
}

/// `ToLower([x]) = "ABC"` and `IsPresent([x]) = "true"` are never so.
fn never_equal((left, right): (&Node, &Node), findings: &mut Findings) {
    for (side, other) in [(left, right), (right, left)] {
        let Some(constant) = text(other) else { continue };
        if let Some(case) = letters(side).filter(|case| is_foreign(constant, *case)) {
            return findings.doubt(other, never(case), "");
        }
        if is_condition(side) && !matches!(constant, "True" | "False") {
            return findings.doubt(
                other,
                "a condition gives True or False and never equals this text",
                "write \"True\"",
            );
        }
    }
}

/// A text that has letters of the other case.
pub(super) fn never(letters: Letters) -> &'static str {
    match letters {
        Letters::Lower => "this text is never found: the other one is in lower case",
        Letters::Upper => "this text is never found: the other one is in upper case",
    }
}

/// `DateDiff("d", …)` compared with 0, the difference on the left.
fn days_with_zero<'n>(comparison: Comparison, (left, right): (&'n Node, &'n Node)) -> Option<(Call<'n>, Comparison)> {
    let turned = match comparison {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    };
    for (side, other, comparison) in [(left, right, comparison), (right, left, turned)] {
        let Some(call) = Call::of(side).filter(|call| call.name == "DateDiff") else { continue };
        let days = call.argument(0).and_then(text).is_some_and(|interval| interval.eq_ignore_ascii_case("d"));
        if days && text(other).and_then(crate::evaluation::integer) == Some(0) {
            return Some((call, comparison));
        }
    }
    None
}

/// Days are cut off towards zero, so that 0 stands for nearly two days: the one before and the one after.
fn days(node: &Node, call: Call<'_>, comparison: Comparison, findings: &mut Findings) {
    let attribute = |node: &Node| matches!(node.kind, NodeKind::Attribute(_));
    let now = |index| call.argument(index).is_some_and(|node| contains(node, &["Now"]) && !any(node, &attribute));
    let (early, late) = ("from nearly a day before on", "until nearly a day after");
    let either = || "0 is from nearly a day before until nearly a day after".to_owned();
    // With the clock as the second date everything runs the other way round.
    let (at_most, at_least) = match (now(1), now(2)) {
        (true, false) => (early, late),
        (false, true) => (late, early),
        _ => ("", ""),
    };
    let what = match comparison {
        _ if at_most.is_empty() => either(),
        Comparison::LessOrEqual => format!("this is true {at_most}"),
        Comparison::GreaterOrEqual => format!("this is true {at_least}"),
        Comparison::Greater => format!("the opposite is true {at_most}"),
        Comparison::Less => format!("the opposite is true {at_least}"),
        Comparison::Equal | Comparison::NotEqual => either(),
    };
    let message = format!("days are cut off towards zero: {what}");
    let hint = "for the moment itself write DateDiff(\"h\", …); for another one move the date by DateAdd";
    findings.doubt(node, message, hint);
}

/// Whether a condition asks for the value of an attribute being there, which the documentation both advises and
/// calls unsupported.
pub(super) fn asks_for_presence(condition: &Node) -> bool {
    match &condition.kind {
        NodeKind::Compare { comparison: Comparison::Equal | Comparison::NotEqual, left, right } => {
            [left, right].into_iter().any(|side| text(side) == Some(""))
        }
        _ => is_call(condition, &["IsNull", "IsNullOrEmpty", "IsPresent"]),
    }
}
