//! .NET's custom date formats: reading by them exactly, and writing by them.

use crate::date_reading::Reading;
use crate::date_text::{MONTHS, WEEKDAYS, digits, plain_date};
use jiff::civil::DateTime;
use std::fmt::Write;

/// A format, taken apart.
#[derive(Debug)]
pub(crate) struct Format {
    parts: Vec<Part>,
    /// It is `yyyy-MM-dd`, as nearly every source writes dates.
    plain: bool,
}

#[derive(Debug, PartialEq)]
enum Part {
    Literal(String),
    /// A letter and how often it stands there.
    Field(char, usize),
}

/// The parts of a format while it is taken apart.
#[derive(Default)]
struct Parts(Vec<Part>);

impl Parts {
    /// Adds what is copied as it is, to what was copied before it.
    fn literal(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Part::Literal(literal)) => literal.push_str(text),
            _ => self.0.push(Part::Literal(text.to_owned())),
        }
    }
}

/// What the letters mean that stand alone.
const STANDARD: [(&str, &str); 19] = [
    ("d", "MM/dd/yyyy"),
    ("D", "dddd, dd MMMM yyyy"),
    ("t", "HH:mm"),
    ("T", "HH:mm:ss"),
    ("f", "dddd, dd MMMM yyyy HH:mm"),
    ("F", "dddd, dd MMMM yyyy HH:mm:ss"),
    ("g", "MM/dd/yyyy HH:mm"),
    ("G", "MM/dd/yyyy HH:mm:ss"),
    ("M", "MMMM dd"),
    ("m", "MMMM dd"),
    ("Y", "yyyy MMMM"),
    ("y", "yyyy MMMM"),
    ("s", "yyyy-MM-dd'T'HH:mm:ss"),
    ("u", "yyyy-MM-dd HH:mm:ss'Z'"),
    ("o", "yyyy-MM-dd'T'HH:mm:ss.fffffffK"),
    ("O", "yyyy-MM-dd'T'HH:mm:ss.fffffffK"),
    ("R", "ddd, dd MMM yyyy HH:mm:ss 'GMT'"),
    ("r", "ddd, dd MMM yyyy HH:mm:ss 'GMT'"),
    ("U", "dddd, dd MMMM yyyy HH:mm:ss"),
];

/// A date that was read, and what its text said of the zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Stamp {
    pub at: DateTime,
    pub zone: Zone,
}

/// What a text says of the zone of its date.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Zone {
    /// Nothing.
    Unsaid,
    /// `Z`.
    Utc,
    /// An offset; the date was moved into the machine's own zone, which is UTC.
    Offset,
}

const FRACTION_TOO_LONG: &str = "a fraction of a second has at most 7 digits in a date format";

impl Format {
    /// Takes a format apart; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = match STANDARD.iter().find(|(letter, _)| *letter == text) {
            Some((_, format)) => format,
            None if text.chars().nth(1).is_none() && !text.is_empty() => {
                return Err("a single letter names a standard date format, and this one does not; write % before it");
            }
            None => text,
        };
        if text.len() > 200 {
            return Err("the date format is longer than 200 bytes");
        }
        let mut parts = Parts::default();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'K' | 'm' | 'M' | 's' | 't' | 'y' | 'z' => {
                    let mut count = 1;
                    while c != 'K' && chars.next_if_eq(&c).is_some() {
                        count += 1;
                    }
                    if matches!(c, 'f' | 'F') && count > 7 {
                        return Err(FRACTION_TOO_LONG);
                    }
                    parts.0.push(Part::Field(c, count));
                }
                '\'' | '"' => {
                    let mut literal = String::new();
                    loop {
                        match chars.next() {
                            None => return Err("a quotation mark in the date format is never closed"),
                            Some(end) if end == c => break,
                            Some('\\') => literal.extend(chars.next()),
                            Some(inner) => literal.push(inner),
                        }
                    }
                    parts.literal(&literal);
                }
                '\\' => {
                    parts
                        .literal(chars.next().ok_or("the date format ends with a backslash")?.encode_utf8(&mut [0; 4]));
                }
                '%' => {}
                // Reads what stands for UTC, and writes itself.
                'Z' => parts.0.push(Part::Field('Z', 1)),
                // A fraction that may be missing takes its point with it.
                '.' if chars.peek() == Some(&'F') => {
                    let count = std::iter::from_fn(|| chars.next_if_eq(&'F')).count();
                    if count > 7 {
                        return Err(FRACTION_TOO_LONG);
                    }
                    parts.0.push(Part::Field('.', count));
                }
                other => parts.literal(other.encode_utf8(&mut [0; 4])),
            }
        }
        let Parts(parts) = parts;
        if parts.is_empty() {
            return Err("the date format is empty");
        }
        let dash = || Part::Literal("-".to_owned());
        let plain = parts == [Part::Field('y', 4), dash(), Part::Field('M', 2), dash(), Part::Field('d', 2)];
        Ok(Self { parts, plain })
    }

    /// Reads a text that has exactly this format; white space around it does not count.
    pub fn read(&self, text: &str) -> Option<Stamp> {
        let text = text.trim();
        if self.plain
            && let Some(at) = plain_date(text.as_bytes())
        {
            return Some(Stamp { at, zone: Zone::Unsaid });
        }
        self.read_parts(text)
    }

    /// Reads one part after the other.
    fn read_parts(&self, text: &str) -> Option<Stamp> {
        let mut reading = Reading::of(text);
        for part in &self.parts {
            match part {
                Part::Literal(literal) => reading.rest = reading.rest.strip_prefix(literal.as_str())?,
                Part::Field(letter, count) => reading.field(*letter, *count)?,
            }
        }
        if reading.rest.is_empty() { reading.stamp() } else { None }
    }

    /// Writes a date in this format.
    pub fn write(&self, stamp: Stamp) -> String {
        let mut output = String::with_capacity(24);
        for part in &self.parts {
            match part {
                Part::Literal(literal) => output.push_str(literal),
                Part::Field(letter, count) => field(&mut output, stamp, *letter, *count),
            }
        }
        output
    }
}

/// Writes one field of a date.
fn field(output: &mut String, Stamp { at, zone }: Stamp, letter: char, count: usize) {
    let width = u32::try_from(count).unwrap_or(u32::MAX);
    let mut number = |value: i16| digits(output, value, width.min(2));
    match (letter, count) {
        ('d', 1 | 2) => return number(at.day().into()),
        ('M', 1 | 2) => return number(at.month().into()),
        ('y', 1 | 2) => return number(at.year() % 100),
        ('y', 3..=5) => return digits(output, at.year(), width),
        ('h', _) => return number(if at.hour() % 12 == 0 { 12 } else { i16::from(at.hour() % 12) }),
        ('H', _) => return number(at.hour().into()),
        ('m', _) => return number(at.minute().into()),
        ('s', _) => return number(at.second().into()),
        ('Z', _) => return output.push('Z'),
        _ => {}
    }
    let month = MONTHS[usize::try_from(at.month() - 1).unwrap_or(0)];
    let weekday = WEEKDAYS[usize::try_from(at.weekday().to_sunday_zero_offset()).unwrap_or(0)];
    let half = if at.hour() < 12 { "AM" } else { "PM" };
    let fraction = || format!("{:09}", at.subsec_nanosecond())[..count].to_owned();
    output.push_str(match (letter, count) {
        ('d', 3) => &weekday[..3],
        ('d', _) => weekday,
        ('M', 3) => &month[..3],
        ('M', _) => month,
        ('y', _) => {
            let _ = write!(output, "{:0count$}", at.year());
            return;
        }
        ('f', _) => return output.push_str(&fraction()),
        ('F', _) => return output.push_str(fraction().trim_end_matches('0')),
        ('.', _) => {
            let fraction = fraction();
            let fraction = fraction.trim_end_matches('0');
            if !fraction.is_empty() {
                output.push('.');
                output.push_str(fraction);
            }
            return;
        }
        ('t', 1) => &half[..1],
        ('t', _) => half,
        ('z', 1) => "+0",
        ('z', 2) => "+00",
        ('z', _) => "+00:00",
        ('K', _) if zone == Zone::Offset => "+00:00",
        ('K', _) if zone == Zone::Unsaid => "",
        ('K', _) => "Z",
        ('g', _) => "A.D.",
        _ => "",
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_plain_date_is_read_as_by_its_parts(
            text in prop_oneof!["[0-9]{4}-[01][0-9]-[0-3][0-9]", "[0-9 -]{8,11}", "\\PC{0,12}"],
        ) {
            let format = Format::parse("yyyy-MM-dd").unwrap();
            prop_assert!(format.plain);
            prop_assert_eq!(format.read(&text), format.read_parts(text.trim()));
        }
    }

    fn reformatted(text: &str, input: &str, output: &str) -> Option<String> {
        let stamp = Format::parse(input).unwrap().read(text)?;
        Some(Format::parse(output).unwrap().write(stamp))
    }

    #[test]
    fn a_date_is_read_by_one_format_and_written_by_another() {
        for (text, input, output, expected) in [
            ("20150123105347.1Z", "yyyyMMddHHmmss.fZ", "yyyy-MM-dd", "2015-01-23"),
            ("2020-12-31-08:00", "yyyy-MM-ddzzz", "yyyy-MM-dd HH:mm", "2020-12-31 08:00"),
            ("2021-01-01+08:00", "yyyy-MM-ddzzz", "yyyy-MM-dd", "2020-12-31"),
            ("8/15/2025 12:00:00 AM", "M/d/yyyy hh:mm:ss tt", "yyyyMMddHHmmss", "20250815000000"),
            (" 7/30/2025 3:05:09 PM ", "M/d/yyyy h:mm:ss tt", "d MMM yy, h:m:s t", "30 Jul 25, 3:5:9 P"),
            ("2025-07-30", "yyyy-MM-dd", "dddd d MMMM yyyy", "Wednesday 30 July 2025"),
            ("2025-07-30", "yyyy-MM-dd", "d", "07/30/2025"),
            ("2025-07-30", "yyyy-MM-dd", "%d", "30"),
            ("2025-07-30", "yyyy-MM-dd", "'day' d 'o''clock'", "day 30 oclock"),
            ("2025-07-30T10:00:00Z", "yyyy-MM-ddTHH:mm:ssK", "o", "2025-07-30T10:00:00.0000000Z"),
            ("30.07.2025", "dd.MM.yyyy", "yyyy-MM-ddzzz", "2025-07-30+00:00"),
            ("0:30 AM", "h:mm tt", "HH:mm", "00:30"),
            ("12:30", "hh:mm", "HH:mm", "00:30"),
            ("20150123105347.1Z", "yyyyMMddHHmmss.fZ", "HH:mm:ss.fffK", "10:53:47.100Z"),
            ("2025-07-30gmt", "yyyy-MM-ddZ", "yyyyK z", "2025Z +0"),
            ("2025-07-30T10:00+2:00", "yyyy-MM-ddTHH:mmK", "HH:mmK", "08:00+00:00"),
            ("2025-07-30T10:00-0230", "yyyy-MM-ddTHH:mmzzz", "HH:mm", "12:30"),
            ("2025-07-30 10:00:00", "yyyy-MM-dd HH:mm:ss.FFF", "s.FFF", "0"),
            ("2025-07-30 10:00:07.250", "yyyy-MM-dd HH:mm:ss.FFF", "s.FFFFFFF", "7.25"),
            ("2025-07-30", "yyyy-MM-dd", "yyyy\\ymmZ", "2025y00Z"),
            ("Wed, 30 Jul 2025 10:00:00 GMT", "r", "u", "2025-07-30 10:00:00Z"),
        ] {
            assert_eq!(reformatted(text, input, output).as_deref(), Some(expected), "{text} {input}");
        }
    }

    #[test]
    fn a_text_of_another_format_is_not_read() {
        for (text, input) in [
            ("2015-01-23", "yyyyMMdd"),
            ("1/1/2025 1:00:00 AM", "M/d/yyyy hh:mm:ss tt"),
            ("2025-02-30", "yyyy-MM-dd"),
            ("2025-07-30x", "yyyy-MM-dd"),
            ("2025-07", "yyyy-MM-dd"),
            ("Mon 2025-07-30", "ddd yyyy-MM-dd"),
            ("13:00 PM", "h:mm tt"),
            ("13:00 AM", "H:mm tt"),
        ] {
            assert_eq!(reformatted(text, input, "s"), None, "{text} {input}");
        }
    }

    #[test]
    fn a_broken_format_is_refused() {
        for text in ["", "'x", "yyyy\\", "ffffffff", "s.FFFFFFFF", "H", "x", "-", "é"] {
            assert!(Format::parse(text).is_err(), "{text}");
        }
    }
}
