//! The expression: its text, checked and compiled, and what came of evaluating it.

use crate::Mistake;
use crate::code::Code;
use crate::compile::Compiler;
use crate::evaluation::{Operand, Scope, Site, Step, Stop};
use crate::parser;
use crate::tree::NodeKind;
use record::{Hint, Record, Value};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// No more mistakes of one expression are reported.
const MISTAKES_MAX: usize = 20;

/// A checked and compiled expression. Cheap to clone.
#[derive(Clone)]
pub struct Expression {
    inner: Arc<Inner>,
}

struct Inner {
    text: String,
    attributes: BTreeSet<String>,
    direct: Option<(String, Hint)>,
    redacted: bool,
    unique: bool,
    draws: bool,
    constants: Vec<String>,
    code: Code,
}

/// What an expression is evaluated with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The record whose attributes are read.
    pub record: &'a Record,
    /// What `Now()` says.
    pub now: jiff::Timestamp,
    /// What `Guid()` and `RandomString()` are drawn from: the same seed gives the same text.
    pub seed: &'a [u8],
    /// What `DefaultDomain()` says.
    pub default_domain: Option<&'a str>,
}

/// What came of an expression.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// No value.
    Null,
    /// A value, possibly empty.
    Value(Value),
    /// The attribute is to be left out of the change.
    IgnoreAttribute,
    /// The whole record is to be left alone.
    IgnoreObject,
    /// What `SelectUniqueValue` offers, in order and each once.
    Candidates(Vec<String>),
}

/// Never prints a value.
impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Value(value) => write!(f, "Value({value:?})"),
            Self::IgnoreAttribute => f.write_str("IgnoreAttribute"),
            Self::IgnoreObject => f.write_str("IgnoreObject"),
            Self::Candidates(candidates) => write!(f, "Candidates({} values)", candidates.len()),
        }
    }
}

/// Why an expression gave no outcome. Tells function and position, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{function} at position {position}: {what}")]
pub struct EvaluateError {
    what: Cow<'static, str>,
    function: &'static str,
    position: usize,
}

impl EvaluateError {
    pub(crate) fn new(what: Cow<'static, str>, site: Site) -> Self {
        Self { what, function: site.function, position: site.position }
    }

    /// The function that failed.
    pub fn function(&self) -> &'static str {
        self.function
    }

    /// The byte of the expression's text where the function stands.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl Expression {
    /// Checks and compiles a text; reports every mistake that can be found, up to some number.
    pub fn parse(text: &str) -> Result<Expression, Vec<Mistake>> {
        let (expression, mistakes) = Self::compiled(text);
        if mistakes.is_empty() { Ok(expression) } else { Err(first(mistakes)) }
    }

    /// The same, as the language itself has it: a constant that its function cannot work with is no mistake and fails
    /// where it is reached, which in a branch that is not taken it never is.
    pub fn parse_lazily(text: &str) -> Result<Expression, Vec<Mistake>> {
        let (expression, mut mistakes) = Self::compiled(text);
        mistakes.retain(|mistake| !mistake.of_constant);
        if mistakes.is_empty() { Ok(expression) } else { Err(first(mistakes)) }
    }

    /// The code, which counts only where the mistakes allow it.
    fn compiled(text: &str) -> (Expression, Vec<Mistake>) {
        let mut mistakes = Vec::new();
        let node = parser::tree(text, &mut mistakes);
        let direct =
            if let NodeKind::Attribute(name) = &node.kind { Some((name.clone(), Hint::default())) } else { None };
        let unique = matches!(&node.kind, NodeKind::Call { name, .. } if name == "SelectUniqueValue");
        let mut compiler = Compiler { mistakes, ..Compiler::default() };
        let code = compiler.compile(node, true);
        let Compiler { constants, attributes, mistakes, redacted, draws } = compiler;
        let text = text.to_owned();
        let inner = Inner { text, attributes, direct, redacted, unique, draws, constants, code };
        (Self { inner: Arc::new(inner) }, mistakes)
    }

    /// The expression's text.
    pub fn text(&self) -> &str {
        &self.inner.text
    }

    /// The source attributes that it reads.
    pub fn attributes(&self) -> &BTreeSet<String> {
        &self.inner.attributes
    }

    /// The attribute's name when the expression is nothing but `[name]`.
    pub fn direct(&self) -> Option<&str> {
        self.inner.direct.as_ref().map(|(name, _)| name.as_str())
    }

    /// Whether `Redact` is used, at the outside or anywhere inside: the value flows, but nothing may show it.
    pub fn redacted(&self) -> bool {
        self.inner.redacted
    }

    /// Whether the outermost function is `SelectUniqueValue`, so that the outcome is a list of candidates.
    pub fn unique(&self) -> bool {
        self.inner.unique
    }

    /// Whether anything is drawn from the seed; to all other expressions it means nothing.
    pub fn draws(&self) -> bool {
        self.inner.draws
    }

    /// The attribute's name, and where it was found last time, when the expression is nothing but `[name]`.
    #[inline]
    pub(crate) fn copied(&self) -> Option<(&str, &Hint)> {
        self.inner.direct.as_ref().map(|(name, hint)| (name.as_str(), hint))
    }

    /// The value as it comes out of the code, borrowed where possible; the first candidate is enough with `first_only`.
    #[inline]
    pub(crate) fn run<'a>(&'a self, context: &'a Context<'a>, first_only: bool) -> Step<'a> {
        let inner = &*self.inner;
        if let Some((name, hint)) = self.copied() {
            return Ok(Operand::of(context.record.attributes.get_hinted(name, hint)));
        }
        let mut scope = Scope::new(context, &inner.constants);
        scope.first_only = first_only;
        inner.code.run(&scope)
    }

    /// What comes of the expression for one record.
    pub fn evaluate(&self, context: &Context<'_>) -> Result<Outcome, EvaluateError> {
        let inner = &*self.inner;
        if let Some((name, hint)) = self.copied() {
            let found = context.record.attributes.get_hinted(name, hint);
            return Ok(found.map_or(Outcome::Null, |value| Outcome::Value(value.to_value())));
        }
        match self.run(context, false) {
            Ok(operand) if inner.unique => {
                Ok(Outcome::Candidates(operand.values().into_iter().map(Cow::into_owned).collect()))
            }
            Ok(operand) => Ok(operand.into_value().map_or(Outcome::Null, Outcome::Value)),
            Err(Stop::IgnoreAttribute) => Ok(Outcome::IgnoreAttribute),
            Err(Stop::IgnoreObject) => Ok(Outcome::IgnoreObject),
            Err(Stop::Fault(error)) => Err(*error),
        }
    }
}

/// The mistakes in the order of the text. What follows after many is mostly the same slip, and each is shown with its line.
fn first(mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
    mistakes.sort_by_key(|mistake| (mistake.start, mistake.end));
    mistakes.truncate(MISTAKES_MAX);
    mistakes
}

impl PartialEq for Expression {
    /// The same text is the same expression.
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Expression {}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
