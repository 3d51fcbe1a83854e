//! What is wrong with an expression, and where.

use std::fmt;

/// One mistake in an expression's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong, lower case.
    pub message: String,
    /// What to do about it, where there is something to suggest.
    pub hint: Option<String>,
    /// First byte of the place in the text.
    pub start: usize,
    /// The byte after the place.
    pub end: usize,
    /// A constant that its function cannot work with. All else is sound, and it fails only where it is reached.
    pub(crate) of_constant: bool,
}

impl Mistake {
    /// A mistake without a hint.
    pub(crate) fn new(message: impl Into<String>, start: usize, end: usize) -> Self {
        Self { message: message.into(), hint: None, start, end, of_constant: false }
    }

    /// A mistake of a constant argument, which an evaluation meets only where it is reached.
    pub(crate) fn of_constant(message: impl Into<String>, start: usize, end: usize) -> Self {
        Self { of_constant: true, ..Self::new(message, start, end) }
    }

    /// The same mistake with a hint.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", self.start, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}
