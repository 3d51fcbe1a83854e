//! Makes expressions that mostly mean something, and writes them as people do.

use super::dice::Dice;
use super::table::{CULTURES, FORMATS, FUNCTIONS, GROUPS, INTERVALS, PATTERNS, REPLACEMENTS, SEPARATORS};
use super::values::{base64, date, formatted, name, number, text};
use crate::plain::{Tree, shortened};
use std::fmt::Write;

/// Calls stand at most so deep inside each other.
const DEPTH: usize = 4;

pub(super) fn expression(dice: &mut Dice<'_>) -> Tree {
    if dice.once_in(30) {
        let count = 2 + dice.below(3);
        return call("SelectUniqueValue", (0..count).map(|_| tree('T', DEPTH - 1, dice)).collect(), dice);
    }
    let kind = dice.pick(&['T', 'T', 'I', 'D', 'B', 'L']);
    tree(kind, DEPTH, dice)
}

fn tree(kind: char, depth: usize, dice: &mut Dice<'_>) -> Tree {
    let kind = if dice.once_in(24) { dice.pick(&['T', 'I', 'D', 'B', 'L']) } else { kind };
    if depth == 0 || dice.below(8) < 2 {
        return leaf(kind, dice);
    }
    if kind == 'B' && dice.below(2) == 1 {
        return comparison(depth - 1, dice);
    }
    let fitting: Vec<_> = FUNCTIONS.iter().filter(|(_, gives, _)| *gives == kind).collect();
    let (name, _, parameters) = *fitting[dice.below(fitting.len())];
    let mut trees = Vec::new();
    match name {
        "Replace" => return replace(depth - 1, dice),
        "FormatDateTime" => {
            let format = dice.pick(FORMATS);
            let source = if dice.once_in(3) { tree('D', depth - 1, dice) } else { Tree::Text(formatted(format, dice)) };
            trees.push(source);
            if dice.below(3) > 0 {
                trees.push(Tree::Nothing);
            }
            trees.extend([Tree::Text(format.to_owned()), Tree::Text(dice.pick(FORMATS).to_owned())]);
        }
        _ => {
            for parameter in parameters.chars() {
                argument(parameter, depth - 1, dice, &mut trees);
            }
        }
    }
    call(name, trees, dice)
}

/// A call, now and then with an argument too many or too few.
fn call(name: &'static str, mut trees: Vec<Tree>, dice: &mut Dice<'_>) -> Tree {
    match dice.below(80) {
        77 => drop(trees.pop()),
        78 => trees.push(leaf('T', dice)),
        79 if !trees.is_empty() => {
            let place = dice.below(trees.len());
            trees[place] = Tree::Nothing;
        }
        60..=65 => trees.push(Tree::Nothing),
        _ => {}
    }
    // Parentheses with nothing between them hold no argument.
    if matches!(trees.as_slice(), [Tree::Nothing]) {
        trees.clear();
    }
    Tree::Call(name, trees)
}

fn argument(parameter: char, depth: usize, dice: &mut Dice<'_>, trees: &mut Vec<Tree>) {
    if parameter == '*' {
        let count = 1 + dice.below(4);
        trees.extend((0..count).map(|_| tree('T', depth, dice)));
        return;
    }
    if parameter.is_ascii_lowercase() && dice.below(2) == 0 {
        return trees.push(Tree::Nothing);
    }
    let constant = |choices: &[&str], dice: &mut Dice<'_>| Tree::Text(dice.pick(choices).to_owned());
    let found = match parameter.to_ascii_uppercase() {
        // What could be a constant is computed now and then.
        'V' | 'C' | 'S' | 'E' | 'X' | 'N' if dice.once_in(10) => tree('T', depth, dice),
        'V' => constant(INTERVALS, dice),
        'C' => constant(CULTURES, dice),
        'S' => constant(SEPARATORS, dice),
        'E' => Tree::Word(dice.pick(&["Unicode", "UTF8", "ASCII", "vbTextCompare"])),
        'K' => Tree::Word(dice.pick(&["vbTextCompare", "vbBinaryCompare", "vbTextCompare", "UTF8"])),
        'X' => Tree::Text(base64(dice)),
        'N' => Tree::Text(name(dice)),
        'O' => constant(FORMATS, dice),
        kind => tree(kind, depth, dice),
    };
    trees.push(found);
}

fn comparison(depth: usize, dice: &mut Dice<'_>) -> Tree {
    let kind = dice.pick(&['T', 'I', 'D']);
    let mut side = || loop {
        // A comparison is no side of another one.
        match tree(kind, depth, dice) {
            Tree::Compare(..) => {}
            side => return side,
        }
    };
    let (left, right) = (side(), side());
    Tree::Compare(dice.pick(&["=", "<>", "<", "<=", ">", ">="]), Box::new(left), Box::new(right))
}

fn replace(depth: usize, dice: &mut Dice<'_>) -> Tree {
    let mut trees: Vec<Tree> = vec![tree('T', depth, dice)];
    trees.resize_with(7, || Tree::Nothing);
    let pattern = |dice: &mut Dice<'_>| {
        if dice.once_in(6) { Tree::Attribute("pattern") } else { Tree::Text(dice.pick(PATTERNS).to_owned()) }
    };
    let value = |dice: &mut Dice<'_>| {
        if dice.once_in(6) { tree('T', depth, dice) } else { Tree::Text(dice.pick(REPLACEMENTS).to_owned()) }
    };
    let mode = dice.below(6);
    if mode < 2 {
        trees[1] = Tree::Text(dice.pick(&["a", ",", "Jo", "", "o'", "é", "$"]).to_owned());
        if dice.once_in(6) {
            trees[1] = tree('T', depth, dice);
        }
        if mode == 0 { trees[4] = value(dice) } else { trees[6] = Tree::Text("<a>$,a".to_owned()) }
    } else {
        trees[2] = pattern(dice);
        if mode >= 4 {
            trees[3] = Tree::Text(dice.pick(GROUPS).to_owned());
        }
        if mode == 5 { trees[5] = leaf('T', dice) } else { trees[4] = value(dice) }
    }
    if dice.once_in(40) {
        let place = 1 + dice.below(6);
        trees[place] = leaf('T', dice);
    }
    call("Replace", trees, dice)
}

fn leaf(kind: char, dice: &mut Dice<'_>) -> Tree {
    if dice.once_in(60) {
        return Tree::Word(dice.pick(&["IgnoreAttributeFlow", "IgnoreObjectFlow"]));
    }
    let is_attribute = dice.below(2) == 0;
    match kind {
        'I' if is_attribute => Tree::Attribute("number"),
        'I' if dice.below(3) == 0 => Tree::Text(number(dice)),
        'I' if dice.once_in(8) => Tree::Number("&HF7".to_owned(), "247".to_owned()),
        'I' => {
            let number = number(dice);
            Tree::Number(number.clone(), number)
        }
        'D' if is_attribute => Tree::Attribute("date"),
        'D' => Tree::Text(date(dice)),
        'L' => Tree::Attribute(dice.pick(&["list", "list", "a", "no"])),
        _ if is_attribute => Tree::Attribute(dice.pick(&["a", "b", "c", "no", "empty", "list"])),
        'B' => Tree::Text(dice.pick(&["True", "False", "1", "0", "0.5", "x"]).to_owned()),
        _ => Tree::Text(text(dice)),
    }
}

/// An expression's text, with blanks and line breaks where they may be. What commas at the end make of nothing is taken
/// out of the tree by [`settled`].
pub(super) fn written(tree: &Tree, dice: &mut Dice<'_>) -> String {
    let mut output = String::new();
    write_tree(tree, dice, &mut output);
    output
}

/// The tree as it is meant: without the arguments that are none.
pub(super) fn settled(tree: &Tree) -> Tree {
    match tree {
        Tree::Call(name, trees) => {
            let mut trees: Vec<Tree> = trees.iter().map(settled).collect();
            shortened(name, &mut trees);
            Tree::Call(name, trees)
        }
        Tree::Compare(sign, left, right) => Tree::Compare(sign, Box::new(settled(left)), Box::new(settled(right))),
        other => other.clone(),
    }
}

fn write_tree(tree: &Tree, dice: &mut Dice<'_>, output: &mut String) {
    match tree {
        Tree::Nothing => {}
        Tree::Text(text) => quote(text, output),
        Tree::Number(written, _) => output.push_str(written),
        Tree::Attribute(name) => {
            let _ = write!(output, "[{name}]");
        }
        Tree::Word(word) => output.push_str(word),
        Tree::Call(name, trees) => {
            output.push_str(name);
            output.push_str(if dice.once_in(20) { " \n(" } else { "(" });
            for (index, tree) in trees.iter().enumerate() {
                if index > 0 {
                    output.push_str(dice.pick(&[", ", ",", " ,\n  ", ",\t"]));
                }
                write_tree(tree, dice, output);
            }
            output.push_str(if dice.once_in(20) { " )" } else { ")" });
        }
        Tree::Compare(sign, left, right) => {
            let blank = dice.pick(&["", " "]);
            write_tree(left, dice, output);
            output.push_str(blank);
            output.push_str(sign);
            output.push_str(blank);
            write_tree(right, dice, output);
        }
    }
}

/// Only `\"` and `\\` are escapes: before a letter a backslash may stand alone.
fn quote(text: &str, output: &mut String) {
    output.push('"');
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let alone = c == '\\' && characters.peek().is_some_and(char::is_ascii_alphabetic);
        if matches!(c, '"' | '\\') && !alone {
            output.push('\\');
        }
        output.push(c);
    }
    output.push('"');
}
