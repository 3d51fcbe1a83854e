//! Which attributes of its source a job reads, and where the configuration says so.

use crate::position::locate;
use crate::report::Report;
use mapping::Expression;
use toml::Spanned;

/// One mention of a source attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The attribute's name.
    pub attribute: String,
    /// Line of the configuration, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Read {
    /// A mention at a byte of the configuration.
    pub(crate) fn at(report: &Report<'_>, attribute: &str, offset: usize) -> Self {
        let (line, column) = report.place(offset);
        Self { attribute: attribute.to_owned(), line, column }
    }

    /// Every attribute of an expression at its first mention.
    pub(crate) fn of(report: &Report<'_>, expression: &Expression, text: &Spanned<String>) -> Vec<Self> {
        let mention = |attribute: &String| {
            let within = text.get_ref().find(&format!("[{attribute}]")).map_or(0, |at| at + 1);
            Self::at(report, attribute, offset(report, text, within))
        };
        expression.attributes().iter().map(mention).collect()
    }
}

/// The byte of the configuration where a byte of a text stands.
pub(crate) fn offset(report: &Report<'_>, text: &Spanned<String>, within: usize) -> usize {
    text.span().start + locate(report.raw(text.span()), text.get_ref(), within)
}
