//! What is allowed in an expression and yet is likely not meant, or what Microsoft's documentation tells in two ways.
//! Found on the tree, without a record.

mod choice;
mod comparison;
mod date;
mod known;
mod text;

use crate::{Expression, Node, NodeKind, outline};
use std::fmt;

/// Why a place is worth a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LintKind {
    /// It likely does not do what was meant.
    Doubtful,
    /// Microsoft's documentation contradicts itself: here it does what the message says, in Entra it may not.
    Disputed,
}

/// A place of an expression that is worth a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Why.
    pub kind: LintKind,
    /// What happens, lower case.
    pub message: String,
    /// What to write instead, where there is something to suggest.
    pub hint: Option<String>,
    /// First byte of the place in the expression's text.
    pub start: usize,
    /// The byte after the place.
    pub end: usize,
}

impl fmt::Display for Lint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", self.start, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

impl Expression {
    /// What is worth a look, in the order of the text.
    pub fn lints(&self) -> Vec<Lint> {
        let Ok(root) = outline(self.text()) else { return Vec::new() };
        let mut findings = Findings(Vec::new());
        constant(&root, &mut findings);
        walk(&root, &mut findings);
        let Findings(mut lints) = findings;
        lints.sort_by_key(|lint| (lint.start, lint.end));
        lints
    }
}

/// What was found up to now.
struct Findings(Vec<Lint>);

impl Findings {
    /// Notes what is likely not meant.
    fn doubt(&mut self, node: &Node, message: impl Into<String>, hint: &str) {
        self.add(LintKind::Doubtful, node, message.into(), hint);
    }

    /// Notes what the documentation tells in two ways.
    fn dispute(&mut self, node: &Node, message: impl Into<String>, hint: &str) {
        self.add(LintKind::Disputed, node, message.into(), hint);
    }

    fn add(&mut self, kind: LintKind, node: &Node, message: String, hint: &str) {
        let hint = if hint.is_empty() { None } else { Some(hint.to_owned()) };
        self.0.push(Lint { kind, message, hint, start: node.start, end: node.end });
    }
}

/// A call as the lints see it: arguments that are left out at the end do not count.
#[derive(Clone, Copy)]
struct Call<'n> {
    node: &'n Node,
    name: &'n str,
    arguments: &'n [Node],
}

impl<'n> Call<'n> {
    fn of(node: &'n Node) -> Option<Self> {
        let NodeKind::Call { name, arguments, .. } = &node.kind else { return None };
        let given = arguments.iter().rposition(|node| node.kind != NodeKind::Empty).map_or(0, |last| last + 1);
        Some(Self { node, name, arguments: &arguments[..given] })
    }

    /// An argument that was given.
    fn argument(&self, index: usize) -> Option<&'n Node> {
        self.arguments.get(index).filter(|node| node.kind != NodeKind::Empty)
    }
}

/// The parser bounds how deep this goes.
fn walk(node: &Node, findings: &mut Findings) {
    if let Some(call) = Call::of(node) {
        choice::look(call, findings);
        date::look(call, findings);
        text::look(call, findings);
    }
    match &node.kind {
        NodeKind::Call { arguments, .. } => arguments.iter().for_each(|argument| walk(argument, findings)),
        NodeKind::Compare { comparison, left, right } => {
            comparison::look(node, *comparison, (left, right), findings);
            walk(left, findings);
            walk(right, findings);
        }
        _ => {}
    }
}

/// Functions that give the same for everybody were likely meant to read an attribute.
fn constant(root: &Node, findings: &mut Findings) {
    if Call::of(root).is_some() && known::is_constant(root) && !known::contains(root, &["Error"]) {
        let hint = "write the value itself, or read an [attribute]";
        findings.doubt(root, "the expression reads no attribute: it gives everybody the same", hint);
    }
}
