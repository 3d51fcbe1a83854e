//! Collects mistakes while a configuration is read, and turns bytes into lines and columns.

use crate::mistake::{Level, Mistake};
use std::cell::RefCell;
use std::ops::Range;

/// The text that is read and what is wrong with it.
pub(crate) struct Report<'a> {
    file: &'a str,
    text: &'a str,
    /// Lines with a syntax error: what else seems wrong there only follows from it.
    broken_lines: Vec<usize>,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'a> Report<'a> {
    /// A report that begins with the syntax errors of the text.
    pub(crate) fn new(file: &'a str, text: &'a str, syntax: &[toml::de::Error]) -> Self {
        let mut report = Self { file, text, broken_lines: Vec::new(), mistakes: RefCell::default() };
        let mut broken = Vec::new();
        for error in syntax {
            let start = error.span().map_or(0, |span| span.start);
            report.error(start..start, error.message().trim(), None);
            broken.push(report.place(start).0);
        }
        report.broken_lines = broken;
        report
    }

    /// Line and column, both from 1, of a byte of the text. Columns count characters.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The text of a span as it is written in the file.
    pub(crate) fn raw(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    /// Notes that the configuration cannot be used.
    pub(crate) fn error(&self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.note(Level::Error, &span, message.into(), hint);
    }

    /// Notes that the configuration probably does not say what was meant.
    pub(crate) fn warn(&self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.note(Level::Warning, &span, message.into(), hint);
    }

    /// Notes that something is not there, unless a syntax error may have hidden it.
    pub(crate) fn missing(&self, span: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        if self.broken_lines.is_empty() {
            self.note(Level::Error, &span, message.into(), hint);
        }
    }

    fn note(&self, level: Level, span: &Range<usize>, message: String, hint: Option<String>) {
        let (line, column) = self.place(span.start);
        if !self.broken_lines.contains(&line) {
            self.mistakes.borrow_mut().push(Mistake { file: self.file.to_owned(), line, column, message, hint, level });
        }
    }

    /// Everything that was noted, in the order of the file.
    pub(crate) fn finish(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        mistakes.dedup();
        mistakes
    }
}
