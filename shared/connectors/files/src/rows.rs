//! Cuts the file into rows. A row is a line of JSON Lines or a CSV record, which may hold line ends in quotes.

use crate::csv::{Csv, Quoting, Scan, line_ends};
use crate::verdict::Flaw;
use crate::window::Window;
use config::FileFormat;
use ports::PortError;

/// The longest row; a longer one is a quote that was never closed, or no text at all.
pub(crate) const ROW_BYTES_MAX: usize = 1024 * 1024;

/// Values that cleaning changes, dates above all, come to stand behind the row that they were read in: with so many bytes to
/// spare it mostly need not move for them.
const SPARE: usize = 64;

/// One row, cut but not interpreted.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its first line, from 1.
    pub(crate) line: u64,
    /// Whether a line end follows it.
    pub(crate) ended: bool,
    /// Its bytes without the line end.
    pub(crate) raw: Vec<u8>,
    /// The contents of its fields one after another, without quotes; empty for JSON Lines.
    content: Vec<u8>,
    /// Where each field ends in `content`.
    ends: Vec<usize>,
}

impl Row {
    /// How many fields it has.
    pub(crate) fn columns(&self) -> usize {
        self.ends.len()
    }

    /// Its fields.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.content[start..*end])
    }
}

/// What comes next in the file.
pub(crate) enum Cut {
    /// A row.
    Row(Row),
    /// More than [`ROW_BYTES_MAX`] bytes without an end; nothing behind it can be trusted.
    TooLong(Flaw),
}

/// The rows of a file from some place on.
pub(crate) struct Rows<'a> {
    window: Window<'a>,
    csv: Option<Csv>,
    line: u64,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(format: FileFormat, window: Window<'a>) -> Self {
        let csv = match format {
            FileFormat::Csv { delimiter, quote } => Some(Csv::new(delimiter, quote)),
            FileFormat::JsonLines => None,
        };
        Self { window, csv, line: 1 }
    }

    /// Goes to the first row of the file, behind the byte order mark.
    pub(crate) async fn open(&mut self) -> Result<Result<(), Flaw>, PortError> {
        self.window.ensure(4).await?;
        let mark = match self.window.rest() {
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("utf-32"),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("utf-16"),
            _ => None,
        };
        if let Some(encoding) = mark {
            let reason = format!("the file is written in {encoding}; only utf-8 is read: convert the file");
            return Ok(Err(Flaw::new(reason, 1)));
        }
        if self.window.rest().starts_with(b"\xef\xbb\xbf") {
            self.window.advance(3);
        }
        self.skip_blank_lines().await?;
        Ok(if self.is_spent() { Err(Flaw::new("the file is empty", 1)) } else { Ok(()) })
    }

    /// Goes to the row that starts at this byte and line.
    pub(crate) fn seek(&mut self, position: u64, line: u64) {
        self.window.seek(position);
        self.line = line;
    }

    /// Where the next row starts.
    pub(crate) fn position(&self) -> u64 {
        self.window.position()
    }

    /// The line of the next row.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Whether there is no further row.
    pub(crate) fn is_spent(&self) -> bool {
        self.window.is_spent()
    }

    /// The next row; there must be one.
    pub(crate) async fn next(&mut self) -> Result<Cut, PortError> {
        let mut scan = Scan::default();
        let found = loop {
            let fresh = &self.window.rest()[scan.bytes..];
            let found = match &mut self.csv {
                Some(csv) => csv.feed(fresh, &mut scan),
                None => scan.line(fresh),
            };
            if found || scan.bytes > ROW_BYTES_MAX {
                break found;
            }
            if !self.window.more().await? {
                if let Some(csv) = &mut self.csv {
                    csv.finish(&mut scan);
                }
                break false;
            }
        };
        if scan.bytes > ROW_BYTES_MAX {
            return Ok(Cut::TooLong(self.too_long(scan.bytes)));
        }
        let length = scan.bytes - usize::from(found);
        let mut raw = Vec::with_capacity(length + SPARE);
        raw.extend_from_slice(&self.window.rest()[..length]);
        let row = Row { line: self.line, ended: found, raw, content: scan.content, ends: scan.ends };
        // A line of JSON Lines ends at its line feed, so that most have none.
        if self.csv.is_some() || memchr::memchr(b'\r', &row.raw).is_some() {
            self.line += line_ends(&row.raw);
        }
        self.window.advance(length);
        self.skip_blank_lines().await?;
        Ok(Cut::Row(row))
    }

    /// Skips line ends, so that the next byte belongs to a row or there is none. Blanks alone are no row of JSON Lines.
    async fn skip_blank_lines(&mut self) -> Result<(), PortError> {
        while self.window.ensure(1).await? {
            match self.window.rest()[0] {
                b'\r' => {
                    let pair = self.window.ensure(2).await? && self.window.rest()[1] == b'\n';
                    self.window.advance(1 + usize::from(pair));
                    self.line += 1;
                }
                b'\n' => {
                    self.window.advance(1);
                    self.line += 1;
                }
                b' ' | b'\t' if self.csv.is_none() => self.window.advance(1),
                _ => break,
            }
        }
        Ok(())
    }

    fn too_long(&self, bytes: usize) -> Flaw {
        let raw = &self.window.rest()[..bytes];
        let open = self.csv.as_ref().map(|csv| csv.quoting(raw));
        if let Some(Quoting::Open(at)) = open {
            let line = self.line + line_ends(&raw[..at]);
            return Flaw::new("a quote opens here and is not closed within 1 MiB", line);
        }
        Flaw::new("the row is longer than 1 MiB: check the line ends and the format", self.line)
    }

    /// How the quotes of a row stand.
    pub(crate) fn quoting(&self, row: &Row) -> Quoting {
        self.csv.as_ref().map_or(Quoting::Sound, |csv| csv.quoting(&row.raw))
    }
}
