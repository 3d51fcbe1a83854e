//! Where a row ends: CSV records through their quotes, lines of JSON Lines at the line end.

use crate::rows::ROW_BYTES_MAX;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// One row in the making.
#[derive(Default)]
pub(crate) struct Scan {
    /// Bytes of the window that belong to it so far, its line end included.
    pub(crate) bytes: usize,
    /// The contents of its fields.
    pub(crate) content: Vec<u8>,
    written: usize,
    /// Where each field ends in the contents.
    pub(crate) ends: Vec<usize>,
    fields: usize,
}

impl Scan {
    /// Reads on to the end of a line; true when it is there.
    pub(crate) fn line(&mut self, fresh: &[u8]) -> bool {
        let end = memchr::memchr(b'\n', fresh);
        self.bytes += end.map_or(fresh.len(), |end| end + 1);
        end.is_some()
    }

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
pub(crate) struct Csv {
    reader: Reader,
    delimiter: u8,
    quote: u8,
}

impl Csv {
    pub(crate) fn new(delimiter: u8, quote: u8) -> Self {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).quote(quote).build();
        // The reader drops a byte order mark in front of whatever it reads first. It shall not do that in the middle
        // of a file, where pages begin; a line end is no content and makes it forget about that.
        let _ = reader.read_record(b"\n", &mut [0], &mut [0]);
        Self { reader, delimiter, quote }
    }

    /// Reads on; true when the row has ended.
    pub(crate) fn feed(&mut self, mut fresh: &[u8], scan: &mut Scan) -> bool {
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
    pub(crate) fn finish(&mut self, scan: &mut Scan) {
        scan.reserve(1);
        let (_, _, written, ended) =
            self.reader.read_record(&[], &mut scan.content[scan.written..], &mut scan.ends[scan.fields..]);
        scan.written += written;
        scan.fields += ended;
        scan.settle();
    }

    /// Follows the quotes of a row. The reader itself never complains, it always finds some fields.
    pub(crate) fn quoting(&self, raw: &[u8]) -> Quoting {
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

/// How many line ends these bytes hold: `\n`, `\r\n` or `\r` alone.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    if memchr::memchr(b'\r', bytes).is_none() {
        return memchr::memchr_iter(b'\n', bytes).count() as u64;
    }
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
