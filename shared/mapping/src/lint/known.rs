//! What is known about a part of an expression without a record.

use super::Call;
use crate::casing::{Culture, lower, upper};
use crate::{Node, NodeKind};

/// Functions whose value comes from somewhere else than their arguments.
const OUTSIDE: [&str; 4] = ["Now", "Guid", "RandomString", "DefaultDomain"];
/// Functions that give `True` or `False`.
const CONDITIONS: [&str; 6] = ["IsNull", "IsNullOrEmpty", "IsPresent", "IsString", "Not", "CBool"];
/// Functions that give an integer.
const NUMBERS: [&str; 5] = ["Count", "InStr", "DateDiff", "BitAnd", "NumFromDate"];
/// Functions that give a date as `M/d/yyyy h:mm:ss tt`.
const DATES: [&str; 4] = ["CDate", "DateAdd", "DateFromNum", "Now"];
/// Functions that neither add letters to their first argument nor change the case of any.
const KEEPING: [&str; 11] =
    ["Trim", "StripSpaces", "Left", "Mid", "Word", "Item", "Split", "NormalizeDiacritics", "CStr", "CRef", "Redact"];

/// Whether some part of the node is true.
pub(super) fn any(node: &Node, question: &dyn Fn(&Node) -> bool) -> bool {
    question(node)
        || match &node.kind {
            NodeKind::Call { arguments, .. } => arguments.iter().any(|argument| any(argument, question)),
            NodeKind::Compare { left, right, .. } => any(left, question) || any(right, question),
            _ => false,
        }
}

/// Whether one of these functions is called somewhere inside.
pub(super) fn contains(node: &Node, names: &[&str]) -> bool {
    any(node, &|node| Call::of(node).is_some_and(|call| names.contains(&call.name)))
}

/// Whether everybody gets the same, whenever it is evaluated.
pub(super) fn is_constant(node: &Node) -> bool {
    !any(node, &|node| {
        matches!(node.kind, NodeKind::Attribute(_)) || Call::of(node).is_some_and(|call| OUTSIDE.contains(&call.name))
    })
}

/// Whether two parts always give the same, since they are the same and nothing is drawn in them.
pub(super) fn same(left: &Node, right: &Node) -> bool {
    equal(left, right) && !contains(left, &["Guid", "RandomString"])
}

fn equal(left: &Node, right: &Node) -> bool {
    match (&left.kind, &right.kind) {
        (NodeKind::Call { .. }, NodeKind::Call { .. }) => match (Call::of(left), Call::of(right)) {
            (Some(left), Some(right)) => {
                left.name == right.name
                    && left.arguments.len() == right.arguments.len()
                    && left.arguments.iter().zip(right.arguments).all(|(left, right)| equal(left, right))
            }
            _ => false,
        },
        (
            NodeKind::Compare { comparison, left, right },
            NodeKind::Compare { comparison: other, left: other_left, right: other_right },
        ) => comparison == other && equal(left, other_left) && equal(right, other_right),
        (left, right) => left == right,
    }
}

/// The text of a constant.
pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Text(text) | NodeKind::Number(text) => Some(text),
        _ => None,
    }
}

/// Whether the node is a condition, which gives `True` or `False`.
pub(super) fn is_condition(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Compare { .. }) || is_call(node, &CONDITIONS)
}

/// Whether the node is a date in the form that all functions write.
pub(super) fn is_date(node: &Node) -> bool {
    is_call(node, &DATES)
}

/// Whether the node always gives a value, be it an empty one.
pub(super) fn is_never_null(node: &Node) -> bool {
    let filled = ["Join", "Left", "Mid", "Word", "Guid", "RandomString", "DefaultDomain"];
    text(node).is_some() || is_condition(node) || is_date(node) || is_call(node, &NUMBERS) || is_call(node, &filled)
}

/// Whether the node calls one of these.
pub(super) fn is_call(node: &Node, names: &[&str]) -> bool {
    Call::of(node).is_some_and(|call| names.contains(&call.name))
}

/// How all letters of a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    Lower,
    Upper,
}

/// How all letters of a node are written, where it says so itself.
pub(super) fn letters(node: &Node) -> Option<Letters> {
    let call = Call::of(node)?;
    match call.name {
        // A culture has its own letters.
        "ToLower" if call.argument(1).is_none() => Some(Letters::Lower),
        "ToUpper" if call.argument(1).is_none() => Some(Letters::Upper),
        name if KEEPING.contains(&name) => letters(call.argument(0)?),
        _ => None,
    }
}

/// Whether a text cannot stand in one whose letters are all written that way.
pub(super) fn is_foreign(text: &str, letters: Letters) -> bool {
    text != match letters {
        Letters::Lower => lower(text, Culture::Invariant),
        Letters::Upper => upper(text, Culture::Invariant),
    }
}

/// Whether the case of the node's letters is settled by the expression rather than by whoever typed the value.
pub(super) fn is_cased(node: &Node) -> bool {
    let Some(call) = Call::of(node) else { return !matches!(node.kind, NodeKind::Attribute(_)) };
    let all = |nodes: &[Node]| nodes.iter().all(is_cased);
    match call.name {
        "ToLower" | "ToUpper" | "PCase" | "Guid" | "RandomString" | "DefaultDomain" | "ConvertToUTF8Hex"
        | "FormatDateTime" => true,
        "IIF" => all(call.arguments.get(1..).unwrap_or_default()),
        "Switch" => call.arguments.iter().enumerate().all(|(index, node)| index == 0 || index == 2 || is_cased(node)),
        "Coalesce" | "Join" | "Append" => all(call.arguments),
        name if KEEPING.contains(&name) => call.argument(0).is_some_and(is_cased),
        _ => is_condition(node) || is_date(node) || is_call(node, &NUMBERS),
    }
}
