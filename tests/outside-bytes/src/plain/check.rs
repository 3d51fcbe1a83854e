//! What is refused before any record is seen: how many arguments there are, and constants that cannot be meant.

use super::moment::{is_interval, read};
use super::replace::{mode, named, regex};
use super::{Tree, format, moment, whole};

/// How many arguments each function takes: at least, at most, and how many of the first must be there.
fn arity(name: &str) -> (usize, usize, usize) {
    match name {
        "Now" | "DefaultDomain" => (0, 0, 0),
        "ToLower" | "ToUpper" | "PCase" | "ConvertFromBase64" => (1, 2, 1),
        "Append" => (2, 2, 1),
        "Left" | "Split" | "Item" | "BitAnd" | "DNComponent" => (2, 2, 2),
        "Mid" | "Word" | "DateAdd" | "DateDiff" => (3, 3, 3),
        "InStr" => (2, 4, 2),
        "IIF" => (3, 3, 1),
        "FormatDateTime" => (3, 4, 1),
        "Replace" => (2, 7, 1),
        "Switch" | "SelectUniqueValue" => (2, usize::MAX, 1),
        "Join" => (2, usize::MAX, 0),
        "Coalesce" => (1, usize::MAX, 0),
        _ => (1, 1, 1),
    }
}

/// Takes away what commas at the end make of nothing: an argument only stays where one can be.
pub(crate) fn shortened(name: &str, trees: &mut Vec<Tree>) {
    let (_, most, _) = arity(name);
    let one_too_many = |count: usize| match name {
        "Switch" => !count.is_multiple_of(2),
        _ => most == usize::MAX || count > most,
    };
    while matches!(trees.last(), Some(Tree::Nothing)) && one_too_many(trees.len()) {
        trees.pop();
    }
}

/// Whether an expression is refused, with its constants looked at or without. Trees are shortened before.
pub(crate) fn refused(tree: &Tree, outermost: bool, constants: bool) -> bool {
    match tree {
        Tree::Compare(_, left, right) => {
            outermost
                || [left, right].iter().any(|side| matches!(***side, Tree::Nothing))
                || refused(left, false, constants)
                || refused(right, false, constants)
        }
        Tree::Call(name, trees) => {
            let (least, most, needed) = arity(name);
            trees.len() < least
                || trees.len() > most
                || trees.iter().take(needed).any(|tree| matches!(tree, Tree::Nothing))
                || *name == "Switch" && !trees.len().is_multiple_of(2)
                || *name == "SelectUniqueValue" && !outermost
                || trees.iter().any(|tree| refused(tree, false, constants))
                || lacks_arguments(name, trees)
                || constants && has_bad_constant(name, trees)
        }
        _ => false,
    }
}

/// The text of an argument that is a constant.
fn constant(trees: &[Tree], index: usize) -> Option<&str> {
    match trees.get(index)? {
        Tree::Text(text) | Tree::Number(_, text) => Some(text),
        Tree::Word(word) if !word.starts_with("Ignore") => Some(word),
        _ => None,
    }
}

fn is_given(trees: &[Tree], index: usize) -> bool {
    trees.get(index).is_some_and(|tree| !matches!(tree, Tree::Nothing))
}

/// Whether it cannot be told what the arguments mean.
fn lacks_arguments(name: &str, trees: &[Tree]) -> bool {
    match name {
        "FormatDateTime" => {
            let (input, output) = moment::formats(trees.len(), &|index| is_given(trees, index));
            !is_given(trees, input) || !is_given(trees, output)
        }
        "Replace" => mode(std::array::from_fn(|index| is_given(trees, index + 1))).is_none(),
        _ => false,
    }
}

fn has_bad_constant(name: &str, trees: &[Tree]) -> bool {
    let is_bad = |index, is_good: &dyn Fn(&str) -> bool| constant(trees, index).is_some_and(|text| !is_good(text));
    let integer = |index| is_bad(index, &|text| whole(text).is_some());
    let given = |index: usize| is_given(trees, index);
    match name {
        "Left" | "Word" | "Item" | "DNComponent" => integer(1),
        "Mid" => integer(1) || integer(2),
        "BitAnd" => integer(0) || integer(1),
        "DateFromNum" => integer(0),
        "InStr" => integer(2) || is_bad(3, &is_way_to_compare),
        "DateAdd" => integer(1) || is_bad(0, &is_interval),
        "DateDiff" => is_bad(0, &is_interval),
        "CDate" => is_bad(0, &|text| read(text).is_some()),
        "Split" => is_bad(1, &|text| !text.is_empty()),
        "ConvertFromBase64" => is_bad(1, &|word| ["Unicode", "UTF8", "ASCII"].contains(&word)),
        "ToLower" | "ToUpper" => is_bad(1, &is_culture),
        "FormatDateTime" => {
            let (input, output) = moment::formats(trees.len(), &given);
            let format = |index| is_bad(index, &|text| format::parsed(text).is_some());
            format(input) || format(output)
        }
        "Replace" => has_bad_pattern(trees, std::array::from_fn(|index| given(index + 1))),
        _ => false,
    }
}

pub(super) fn is_way_to_compare(word: &str) -> bool {
    ["vbTextCompare", "vbBinaryCompare", "0", "1", ""].contains(&word)
}

pub(super) fn is_culture(name: &str) -> bool {
    let piece = |piece: &str| (1..=8).contains(&piece.len()) && piece.bytes().all(|byte| byte.is_ascii_alphanumeric());
    name.is_empty() || name.split(['-', '_']).all(piece)
}

fn has_bad_pattern(trees: &[Tree], given: [bool; 6]) -> bool {
    use super::replace::Mode::{Group, Other, Plain, Template};
    let Some(mode) = mode(given) else { return false };
    if mode == Plain || mode == Template {
        return false;
    }
    let Some(pattern) = constant(trees, 2) else { return false };
    let Some(pattern) = regex(pattern) else { return true };
    let wanted = constant(trees, 3).filter(|_| mode == Group || mode == Other);
    wanted.is_some_and(|name| named(&pattern, name).is_none())
}
