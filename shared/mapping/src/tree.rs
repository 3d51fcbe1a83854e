//! The tree of an expression, for whoever writes it down in another form.

use crate::Mistake;
use crate::lexer::{self, Comparison};
use crate::parser::{self, Node, NodeKind};

/// One operand of an expression with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tree {
    /// An argument that was left out.
    Empty,
    /// A text, without its quotation marks and escapes.
    Text(String),
    /// An integer.
    Number(String),
    /// `[name]`.
    Attribute(String),
    /// A bare word such as `vbTextCompare`.
    Word(String),
    /// A function with its arguments.
    Call {
        /// The function.
        name: String,
        /// Its arguments, also those left out.
        arguments: Vec<Tree>,
    },
    /// A comparison.
    Compare {
        /// `=`, `<>`, `<`, `<=`, `>` or `>=`.
        sign: &'static str,
        /// What stands before the sign, then what stands behind it.
        sides: Box<[Tree; 2]>,
    },
}

impl Tree {
    /// The tree of a text that is put together well; whether its functions exist, only [`crate::Expression`] says.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let tokens = lexer::tokens(text, &mut mistakes);
        let node = parser::parse(tokens, text.len(), &mut mistakes);
        if mistakes.is_empty() { Ok(Self::of(node)) } else { Err(mistakes) }
    }

    fn of(node: Node) -> Self {
        match node.kind {
            NodeKind::Empty | NodeKind::Broken => Self::Empty,
            NodeKind::Text(text) => Self::Text(text),
            NodeKind::Number(number) => Self::Number(number),
            NodeKind::Attribute(name) => Self::Attribute(name),
            NodeKind::Word(word) => Self::Word(word),
            NodeKind::Call { name, arguments, .. } => {
                Self::Call { name, arguments: arguments.into_iter().map(Self::of).collect() }
            }
            NodeKind::Compare { comparison, left, right } => {
                Self::Compare { sign: sign(comparison), sides: Box::new([Self::of(*left), Self::of(*right)]) }
            }
        }
    }
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_has_everything_that_the_text_says() {
        let tree = Tree::parse("IIF([a] <> \"\\\"x\", Mid([b], , -3), IgnoreAttributeFlow)").unwrap();
        let attribute = |name: &str| Tree::Attribute(name.to_owned());
        let sides = Box::new([attribute("a"), Tree::Text("\"x".to_owned())]);
        let cut = vec![attribute("b"), Tree::Empty, Tree::Number("-3".to_owned())];
        let arguments = vec![
            Tree::Compare { sign: "<>", sides },
            Tree::Call { name: "Mid".to_owned(), arguments: cut },
            Tree::Word("IgnoreAttributeFlow".to_owned()),
        ];
        assert_eq!(tree, Tree::Call { name: "IIF".to_owned(), arguments });
        assert_eq!(Tree::parse("Mid([a").unwrap_err().len(), 1);
    }
}
