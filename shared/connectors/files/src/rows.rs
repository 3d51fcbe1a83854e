//! Cuts the file into rows. A row is a line of JSON Lines or a CSV record, which may hold line ends in quotes.

use crate::verdict::Flaw;
use crate::window::Window;
use config::FileFormat;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use ports::PortError;

/// The longest row; a longer one is a quote that was never closed, or no text at all.
pub(crate) const ROW_BYTES_MAX: usize = 1024 * 1024;

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
                None => scan.to_line_end(fresh),
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
        let row = Row {
            line: self.line,
            ended: found,
            raw: self.window.rest()[..length].to_vec(),
            content: scan.content,
            ends: scan.ends,
        };
        self.line += line_ends(&row.raw);
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

/// One row in the making.
#[derive(Default)]
struct Scan {
    /// Bytes of the window that belong to it so far, its line end included.
    bytes: usize,
    content: Vec<u8>,
    written: usize,
    ends: Vec<usize>,
    fields: usize,
}

impl Scan {
    fn to_line_end(&mut self, fresh: &[u8]) -> bool {
        let end = fresh.iter().position(|byte| *byte == b'\n');
        self.bytes += end.map_or(fresh.len(), |end| end + 1);
        end.is_some()
    }
}

/// How the quotes of a row stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quoting {
    /// Every quote that opens is closed at the end of its field.
    Sound,
    /// Text follows a closing quote in the same field.
    Torn,
    /// The quote at this byte is never closed.
    Open(usize),
}

/// The reader of CSV records.
struct Csv {
    reader: Reader,
    delimiter: u8,
    quote: u8,
}

impl Csv {
    fn new(delimiter: u8, quote: u8) -> Self {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).quote(quote).build();
        // The reader drops a byte order mark in front of whatever it reads first. It shall not do that in the middle
        // of a file, where pages begin; a line end is no content and makes it forget about that.
        let _ = reader.read_record(b"\n", &mut [0], &mut [0]);
        Self { reader, delimiter, quote }
    }

    /// Reads on; true when the row has ended.
    fn feed(&mut self, mut fresh: &[u8], scan: &mut Scan) -> bool {
        while !fresh.is_empty() {
            scan.reserve(fresh.len().min(4_096));
            let (result, read, written, ended) =
                self.reader.read_record(fresh, &mut scan.content[scan.written..], &mut scan.ends[scan.fields..]);
            scan.bytes += read;
            scan.written += written;
            scan.fields += ended;
            fresh = &fresh[read..];
            if result == ReadRecordResult::Record {
                scan.settle();
                return true;
            }
            if scan.bytes > ROW_BYTES_MAX {
                return false;
            }
        }
        false
    }

    /// Ends the last row of a file without a line end.
    fn finish(&mut self, scan: &mut Scan) {
        scan.reserve(1);
        let (_, _, written, ended) =
            self.reader.read_record(&[], &mut scan.content[scan.written..], &mut scan.ends[scan.fields..]);
        scan.written += written;
        scan.fields += ended;
        scan.settle();
    }

    /// Follows the quotes of a row. The reader itself never complains, it always finds some fields.
    fn quoting(&self, raw: &[u8]) -> Quoting {
        let (mut at, mut fresh) = (0, true);
        while let Some(byte) = raw.get(at) {
            if fresh && *byte == self.quote {
                let Some(close) = self.closing(raw, at + 1) else { return Quoting::Open(at) };
                if raw.get(close + 1).is_some_and(|next| *next != self.delimiter) {
                    return Quoting::Torn;
                }
                at = close;
                fresh = false;
            } else {
                fresh = *byte == self.delimiter;
            }
            at += 1;
        }
        Quoting::Sound
    }

    /// The quote that closes the field, where two in a row stand for one in the content.
    fn closing(&self, raw: &[u8], mut at: usize) -> Option<usize> {
        while let Some(byte) = raw.get(at) {
            if *byte == self.quote {
                if raw.get(at + 1) != Some(&self.quote) {
                    return Some(at);
                }
                at += 1;
            }
            at += 1;
        }
        None
    }
}

impl Scan {
    /// Makes room for `bytes` more bytes of content and some more fields.
    fn reserve(&mut self, bytes: usize) {
        self.content.resize(self.content.len().max(self.written + bytes), 0);
        if self.ends.len() < self.fields + 8 {
            self.ends.resize((self.fields * 2).max(64), 0);
        }
    }

    fn settle(&mut self) {
        self.content.truncate(self.written);
        self.ends.truncate(self.fields);
    }
}

/// How many line ends these bytes hold: `\n`, `\r\n` or `\r` alone.
fn line_ends(bytes: &[u8]) -> u64 {
    let alone = |(at, byte): (usize, &u8)| *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
    bytes.iter().enumerate().filter(|pair| alone(*pair)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quotes_of_a_row_are_followed() {
        let csv = Csv::new(b',', b'"');
        for sound in ["", "a,b", r#""a","b""#, r#""a""b",c"#, r#"5" pipe,b"#, "\"a\n,b\"", r#","""#] {
            assert_eq!(csv.quoting(sound.as_bytes()), Quoting::Sound, "{sound}");
        }
        assert_eq!(csv.quoting(br#""a"b,c"#), Quoting::Torn);
        assert_eq!(csv.quoting(br#"a,"b"#), Quoting::Open(2));
        assert_eq!(csv.quoting(br#""a"""#), Quoting::Open(0));
    }

    #[test]
    fn a_pair_of_carriage_return_and_line_feed_is_one_line_end() {
        assert_eq!(line_ends(b"a\r\nb\rc\nd"), 3);
    }
}
