//! Reads a date in whichever of the usual forms it stands, as .NET does with its invariant culture.

use crate::date_text::{MONTHS, WEEKDAYS, to_utc};
use jiff::civil::DateTime;

/// Reads a date and a time, which may be missing, with an offset, which may be missing, too.
pub(crate) fn read(text: &str) -> Option<DateTime> {
    let mut reader = Reader { rest: text.trim(), weekday: None };
    let (year, month, day) = reader.date()?;
    reader.word(&["T"]);
    reader.blanks();
    let time = reader.time()?;
    reader.blanks();
    let offset = reader.offset()?;
    if !reader.rest.is_empty() {
        return None;
    }
    let local = DateTime::new(year, month, day, time.0, time.1, time.2, time.3).ok().filter(|at| at.year() >= 1)?;
    let weekday = usize::try_from(local.weekday().to_sunday_zero_offset()).ok();
    if reader.weekday.is_some() && reader.weekday != weekday {
        return None;
    }
    to_utc(local, offset)
}

struct Reader<'t> {
    rest: &'t str,
    /// The day of the week that the text states, from Sunday on.
    weekday: Option<usize>,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn sign(&mut self, sign: char) -> bool {
        let found = self.rest.strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// Between one and `most` digits: their value and their count.
    fn number(&mut self, most: usize) -> Option<(i32, usize)> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        if count == 0 || count > most {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        digits.parse().ok().map(|number| (number, count))
    }

    fn small(&mut self) -> Option<i8> {
        self.number(2).and_then(|(number, _)| i8::try_from(number).ok())
    }

    /// One of some words, in full or its first three letters, in any case: its place.
    fn word(&mut self, words: &[&str]) -> Option<usize> {
        let length = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        if length == 0 {
            return None;
        }
        let (word, rest) = self.rest.split_at(length);
        let index = words.iter().position(|known| {
            word.eq_ignore_ascii_case(known) || known.len() > 3 && word.eq_ignore_ascii_case(&known[..3])
        })?;
        self.rest = rest;
        Some(index)
    }

    fn date(&mut self) -> Option<(i16, i8, i8)> {
        self.weekday = self.word(&WEEKDAYS);
        if self.weekday.is_some() {
            self.sign(',');
            self.blanks();
        }
        if let Some(month) = self.word(&MONTHS) {
            self.separators();
            let month = i8::try_from(month).ok()? + 1;
            let (number, digits) = self.number(4)?;
            if digits >= 3 {
                return Some((i16::try_from(number).ok()?, month, 1));
            }
            self.separators();
            return Some((self.year()?, month, i8::try_from(number).ok()?));
        }
        let (first, digits) = self.number(4)?;
        let separator = self.separators();
        if let Some(month) = self.word(&MONTHS) {
            self.separators();
            return Some((self.year()?, i8::try_from(month).ok()? + 1, i8::try_from(first).ok()?));
        }
        if !matches!(separator, Some('-' | '/' | '.')) {
            return None;
        }
        let (second, second_digits) = self.number(4)?;
        // A month without a day is its first one.
        if digits < 3 && second_digits >= 3 {
            return Some((i16::try_from(second).ok()?, i8::try_from(first).ok()?, 1));
        }
        let second = i8::try_from(second).ok().filter(|_| second_digits <= 2)?;
        if digits >= 3 && self.rest.is_empty() {
            return Some((i16::try_from(first).ok()?, second, 1));
        }
        if !separator.is_some_and(|separator| self.sign(separator)) {
            return None;
        }
        if digits >= 3 {
            return Some((i16::try_from(first).ok()?, second, self.small()?));
        }
        Some((self.year()?, i8::try_from(first).ok()?, second))
    }

    /// Passes over what separates the parts of a date and says what it was first.
    fn separators(&mut self) -> Option<char> {
        let first = self.rest.chars().next();
        self.rest = self.rest.trim_start_matches([' ', ',', '-', '/', '.']);
        first
    }

    /// Two digits stand for 1950 to 2049.
    fn year(&mut self) -> Option<i16> {
        let (number, digits) = self.number(4)?;
        let year = match (digits, number) {
            (3 | 4, _) => number,
            (_, 0..=49) => 2000 + number,
            _ => 1900 + number,
        };
        i16::try_from(year).ok()
    }

    /// Hour, minute, second and nanosecond; midnight where there is no time.
    fn time(&mut self) -> Option<(i8, i8, i8, i32)> {
        if !self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Some((0, 0, 0, 0));
        }
        let hour = self.small()?;
        let (mut minute, mut second, mut nano) = (0, 0, 0);
        let clock = self.sign(':');
        if clock {
            minute = self.small()?;
            if self.sign(':') {
                second = self.small()?;
                if self.rest.starts_with(['.', ',']) {
                    self.rest = &self.rest[1..];
                    nano = self.fraction()?;
                }
            }
        }
        self.blanks();
        let half = self.word(&["AM", "PM", "A", "P"]);
        let hour = match half {
            None if clock => hour,
            // As in .NET an afternoon may be told by an hour of 24 as well.
            Some(index) if index % 2 == 1 && hour < 24 => hour % 12 + 12,
            Some(index) if index % 2 == 0 && hour <= 12 => hour % 12,
            _ => return None,
        };
        Some((hour, minute, second, nano))
    }

    fn fraction(&mut self) -> Option<i32> {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        if count == 0 {
            return None;
        }
        format!("{digits:0<9}")[..9].parse().ok()
    }

    /// `Z`, `GMT`, `UTC` or an offset such as `-07:00`, `+0530`, `+8`, in seconds.
    fn offset(&mut self) -> Option<i32> {
        if self.rest.is_empty() || self.word(&["Z", "GMT", "UTC"]).is_some() {
            return Some(0);
        }
        let negative = self.sign('-');
        if !negative && !self.sign('+') {
            return None;
        }
        let (hours, minutes) = match self.number(4)? {
            (number, 3 | 4) => (number / 100, number % 100),
            (hours, _) if self.sign(':') => (hours, self.number(2)?.0),
            (hours, _) => (hours, 0),
        };
        if hours > 14 || minutes > 59 {
            return None;
        }
        let seconds = hours * 3600 + minutes * 60;
        Some(if negative { -seconds } else { seconds })
    }
}
