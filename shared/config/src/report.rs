//! Collects mistakes while a configuration is read, and turns bytes into lines and columns.

use crate::mistake::{Level, Mistake};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// So many mistakes of a level are told: whoever has more of them mends these first.
const MISTAKES_MAX: usize = 100;

/// The text that is read and what is wrong with it.
pub(crate) struct Report<'a> {
    file: &'a str,
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// Lines with a syntax error: what else seems wrong there only follows from it.
    broken_lines: BTreeSet<usize>,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'a> Report<'a> {
    /// A report that begins with the syntax errors of the text.
    pub(crate) fn new(file: &'a str, text: &'a str, syntax: &[toml::de::Error]) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let report = Self { file, text, lines, broken_lines: BTreeSet::new(), mistakes: RefCell::default() };
        let mut broken = BTreeSet::new();
        for error in syntax {
            let start = error.span().map_or(0, |span| span.start);
            report.error(start..start, error.message().trim(), None);
            broken.insert(report.line(start));
        }
        Self { broken_lines: broken, ..report }
    }

    /// The line, from 1, of a byte of the text.
    fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset)
    }

    /// Line and column, both from 1, of a byte of the text. Columns count characters.
    pub(crate) fn place(&self, offset: usize) -> (usize, usize) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.line(offset);
        (line, self.text[self.lines[line - 1]..offset].chars().count() + 1)
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
        if self.broken_lines.contains(&self.line(span.start)) {
            return;
        }
        if !self.is_full(level) {
            let (line, column) = self.place(span.start);
            let mistake = Mistake { file: self.file.to_owned(), line, column, message, hint, level };
            self.mistakes.borrow_mut().push(mistake);
        }
    }

    /// Whether no further mistake of this level is told.
    pub(crate) fn is_full(&self, level: Level) -> bool {
        self.mistakes.borrow().iter().filter(|known| known.level == level).count() >= MISTAKES_MAX
    }

    /// Everything that was noted, in the order of the file.
    pub(crate) fn finish(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        mistakes.dedup();
        mistakes
    }
}
