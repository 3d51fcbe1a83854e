//! The tree of an expression for tools that look at rules from outside: what calls what, and where it stands.

use crate::lexer::{self, Comparison};
use crate::parser::{self, Node, NodeKind};

/// One part of an expression, with the bytes of the text where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// What it is.
    pub part: Part,
    /// Its first byte.
    pub start: usize,
    /// The byte after it.
    pub end: usize,
}

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// An argument that was left out.
    Empty,
    /// A text, without its quotation marks and escapes.
    Text(String),
    /// A number as it is written.
    Number(String),
    /// The name of a source attribute.
    Attribute(String),
    /// A bare word, e.g. `IgnoreAttributeFlow`.
    Word(String),
    /// A call of a function.
    Call {
        /// The function.
        name: String,
        /// Its arguments; those that were left out are [`Part::Empty`].
        arguments: Vec<Outline>,
    },
    /// Two operands that are compared.
    Compare {
        /// The operator as it is written.
        operator: &'static str,
        /// The operand before it.
        left: Box<Outline>,
        /// The operand after it.
        right: Box<Outline>,
    },
}

/// The tree of a text that is known to be an expression; what is broken in any other text is left out.
pub(crate) fn outline(text: &str) -> Outline {
    let mut mistakes = Vec::new();
    let tokens = lexer::tokens(text, &mut mistakes);
    part_of(parser::parse(tokens, text.len(), &mut mistakes))
}

fn part_of(node: Node) -> Outline {
    let part = match node.kind {
        NodeKind::Empty | NodeKind::Broken => Part::Empty,
        NodeKind::Text(text) => Part::Text(text),
        NodeKind::Number(number) => Part::Number(number),
        NodeKind::Attribute(name) => Part::Attribute(name),
        NodeKind::Word(word) => Part::Word(word),
        NodeKind::Call { name, arguments, .. } => {
            Part::Call { name, arguments: arguments.into_iter().map(part_of).collect() }
        }
        NodeKind::Compare { comparison, left, right } => {
            let operator = match comparison {
                Comparison::Equal => "=",
                Comparison::NotEqual => "<>",
                Comparison::Less => "<",
                Comparison::LessOrEqual => "<=",
                Comparison::Greater => ">",
                Comparison::GreaterOrEqual => ">=",
            };
            Part::Compare { operator, left: part_of(*left).into(), right: part_of(*right).into() }
        }
    };
    Outline { part, start: node.start, end: node.end }
}

impl Outline {
    /// The parts directly below.
    pub fn below(&self) -> Vec<&Outline> {
        match &self.part {
            Part::Call { arguments, .. } => arguments.iter().collect(),
            Part::Compare { left, right, .. } => vec![left, right],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Expression;

    #[test]
    fn each_part_knows_where_it_stands() {
        let text = r#"IIF([a] <= "b", ToLower([c], ), )"#;
        let outline = Expression::parse(text).unwrap().outline();
        let mut parts = vec![&outline];
        let mut texts = Vec::new();
        while let Some(part) = parts.pop() {
            texts.push(&text[part.start..part.end]);
            parts.extend(part.below().into_iter().rev());
        }
        assert_eq!(texts, [text, r#"[a] <= "b""#, "[a]", r#""b""#, "ToLower([c], )", "[c]", "", ""]);
    }
}
