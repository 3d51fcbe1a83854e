//! The tree of an expression, as the parser builds it and as others may look at it.

use crate::lexer::Comparison;
use crate::{Mistake, parser};

/// One operand, argument or call, with the place where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Its first byte in the text.
    pub start: usize,
    /// The byte after it; `start` for an argument that was left out.
    pub end: usize,
}

impl Node {
    /// The nodes directly below.
    pub fn below(&self) -> Vec<&Node> {
        match &self.kind {
            NodeKind::Call { arguments, .. } => arguments.iter().collect(),
            NodeKind::Compare { left, right, .. } => vec![left, right],
            _ => Vec::new(),
        }
    }
}

/// What a node of an expression's tree is.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// An argument that was left out.
    Empty,
    /// A quoted text, without its escapes.
    Text(String),
    /// An integer without quotation marks, as decimal digits.
    Number(String),
    /// `[name]`.
    Attribute(String),
    /// A word such as `vbTextCompare`.
    Word(String),
    /// A function with its arguments.
    Call {
        /// The function's name.
        name: String,
        /// The byte after the name.
        name_end: usize,
        /// The arguments in order, also those left out. Those left out at the end are there, too.
        arguments: Vec<Node>,
    },
    /// Two operands compared with each other.
    Compare {
        /// The operator.
        comparison: Comparison,
        /// The operand before it.
        left: Box<Node>,
        /// The operand after it.
        right: Box<Node>,
    },
    /// A mistake is noted for it already. A tree without mistakes has none.
    Broken,
}

/// The tree of an expression's text, for whatever has to know what stands where, such as a test of rules. Only the
/// grammar is checked: whether the functions exist and what they take says [`Expression::parse`].
///
/// [`Expression::parse`]: crate::Expression::parse
pub fn outline(text: &str) -> Result<Node, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let node = parser::tree(text, &mut mistakes);
    if mistakes.is_empty() { Ok(node) } else { Err(mistakes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outline_says_what_stands_where() {
        let text = "IIF([a] >= 7, Trim ( \"x\" ), , )";
        let Node { kind: NodeKind::Call { name, name_end, arguments }, start: 0, end } = outline(text).unwrap() else {
            panic!("no call");
        };
        assert_eq!((name.as_str(), name_end, end), ("IIF", 3, text.len()));
        let places: Vec<&str> = arguments.iter().map(|node| &text[node.start..node.end]).collect();
        assert_eq!(places, ["[a] >= 7", "Trim ( \"x\" )", "", ""]);
        let NodeKind::Compare { comparison, left, right } = &arguments[0].kind else { panic!("no comparison") };
        assert_eq!((comparison.sign(), &left.kind), (">=", &NodeKind::Attribute("a".to_owned())));
        assert_eq!((right.start, &right.kind), (11, &NodeKind::Number("7".to_owned())));
        assert_eq!(arguments[2].kind, NodeKind::Empty);
    }
}
