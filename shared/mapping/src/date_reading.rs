//! Reads the fields of a .NET date format one after the other, exactly.

use crate::date_format::{Stamp, Zone};
use crate::date_text::{MONTHS, WEEKDAYS, to_utc};
use jiff::civil::DateTime;

/// What was read so far.
#[derive(Default)]
pub(crate) struct Reading<'t> {
    /// What is still to be read.
    pub rest: &'t str,
    year: Option<i32>,
    month: Option<i32>,
    day: Option<i32>,
    hour: Option<i32>,
    minute: Option<i32>,
    second: Option<i32>,
    nano: Option<i32>,
    afternoon: Option<bool>,
    /// The hour is one of twelve.
    halved: bool,
    offset: Option<i32>,
    /// The offset was `Z`.
    utc: bool,
    weekday: Option<usize>,
}

impl<'t> Reading<'t> {
    /// Nothing is read yet.
    pub fn of(text: &'t str) -> Self {
        Self { rest: text, ..Self::default() }
    }

    /// Reads one field of a format.
    pub fn field(&mut self, letter: char, count: usize) -> Option<()> {
        // One letter reads one or two digits, two letters exactly two.
        let (least, most) = if count == 1 { (1, 2) } else { (2, 2) };
        match (letter, count) {
            ('d', 1 | 2) => Self::put(&mut self.rest, &mut self.day, least, most),
            ('d', _) => {
                self.weekday = Some(self.name(&WEEKDAYS, count == 3)?);
                Some(())
            }
            ('M', 1 | 2) => Self::put(&mut self.rest, &mut self.month, least, most),
            ('M', _) => {
                self.month = Some(i32::try_from(self.name(&MONTHS, count == 3)?).ok()? + 1);
                Some(())
            }
            ('y', 1 | 2) => {
                let year = digits(&mut self.rest, least, most)?;
                self.year = Some(if year < 50 { 2000 + year } else { 1900 + year });
                Some(())
            }
            ('y', _) => Self::put(&mut self.rest, &mut self.year, count, count),
            ('h', _) => {
                self.halved = true;
                Self::put(&mut self.rest, &mut self.hour, least, most)
            }
            ('H', _) => Self::put(&mut self.rest, &mut self.hour, least, most),
            ('m', _) => Self::put(&mut self.rest, &mut self.minute, least, most),
            ('s', _) => Self::put(&mut self.rest, &mut self.second, least, most),
            ('f', _) => self.fraction(count, count),
            ('F', _) => self.fraction(0, count),
            ('.', _) => match self.rest.strip_prefix('.') {
                Some(rest) => {
                    self.rest = rest;
                    self.fraction(0, count)
                }
                None => Some(()),
            },
            ('t', _) => self.half(count),
            ('z', _) => self.zone(count),
            ('K', _) => {
                if self.rest.starts_with(['+', '-']) {
                    return self.zone(3);
                }
                if self.rest.starts_with(['Z', 'z']) {
                    self.utc(1);
                }
                Some(())
            }
            ('Z', _) => {
                let named = self.rest.get(..3).is_some_and(|name| name.eq_ignore_ascii_case("GMT"));
                if !named && !self.rest.starts_with(['Z', 'z']) {
                    return None;
                }
                self.utc(if named { 3 } else { 1 });
                Some(())
            }
            ('g', _) => {
                self.rest = self.rest.strip_prefix("A.D.")?;
                Some(())
            }
            _ => None,
        }
    }

    /// Reads a number into its place; a field that stands twice has to say the same twice.
    fn put(rest: &mut &str, place: &mut Option<i32>, least: usize, most: usize) -> Option<()> {
        let number = digits(rest, least, most)?;
        (*place.get_or_insert(number) == number).then_some(())
    }

    fn name(&mut self, names: &[&str], short: bool) -> Option<usize> {
        let fits = |name: &&str| {
            let name = if short { &name[..3] } else { name };
            self.rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        let index = names.iter().position(fits)?;
        self.rest = &self.rest[if short { 3 } else { names[index].len() }..];
        Some(index)
    }

    fn fraction(&mut self, least: usize, most: usize) -> Option<()> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        self.nano = Some(format!("{digits:0<9}").parse().ok()?);
        Some(())
    }

    fn half(&mut self, count: usize) -> Option<()> {
        let name = self.rest.get(..count.min(2))?;
        self.afternoon = Some(match name.to_ascii_uppercase().as_str() {
            "A" | "AM" => false,
            "P" | "PM" => true,
            _ => return None,
        });
        self.rest = &self.rest[name.len()..];
        Some(())
    }

    fn zone(&mut self, count: usize) -> Option<()> {
        let sign = match self.rest.chars().next()? {
            '+' => 1,
            '-' => -1,
            'Z' if count >= 3 => {
                self.utc(1);
                return Some(());
            }
            _ => return None,
        };
        self.rest = &self.rest[1..];
        let hours = digits(&mut self.rest, if count == 2 { 2 } else { 1 }, 2)?;
        let mut minutes = 0;
        if count >= 3 {
            self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
            minutes = digits(&mut self.rest, 2, 2)?;
        }
        if hours > 14 || minutes > 59 {
            return None;
        }
        self.offset = Some(sign * (hours * 3600 + minutes * 60));
        Some(())
    }

    /// Passes over a word of so many bytes that stands for UTC.
    fn utc(&mut self, length: usize) {
        self.rest = &self.rest[length..];
        self.utc = true;
        self.offset = Some(0);
    }

    /// The date, once all is read.
    pub fn stamp(&self) -> Option<Stamp> {
        let mut hour = self.hour.unwrap_or(0);
        if self.halved {
            if hour > 12 {
                return None;
            }
            hour = hour % 12 + if self.afternoon == Some(true) { 12 } else { 0 };
        } else if let (Some(hour), Some(afternoon)) = (self.hour, self.afternoon)
            && (hour >= 12) != afternoon
        {
            return None;
        }
        let small = |number: Option<i32>, missing| i8::try_from(number.unwrap_or(missing)).ok();
        let year = i16::try_from(self.year.unwrap_or(1)).ok().filter(|year| *year >= 1)?;
        let (month, day) = (small(self.month, 1)?, small(self.day, 1)?);
        let (minute, second) = (small(self.minute, 0)?, small(self.second, 0)?);
        let local =
            DateTime::new(year, month, day, i8::try_from(hour).ok()?, minute, second, self.nano.unwrap_or(0)).ok()?;
        let weekday = usize::try_from(local.weekday().to_sunday_zero_offset()).ok();
        if self.weekday.is_some() && self.weekday != weekday {
            return None;
        }
        let at = to_utc(local, self.offset.unwrap_or(0))?;
        let zone = match self.offset {
            None => Zone::Unsaid,
            Some(_) if self.utc => Zone::Utc,
            Some(_) => Zone::Offset,
        };
        Some(Stamp { at, zone })
    }
}

fn digits(rest: &mut &str, least: usize, most: usize) -> Option<i32> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if count < least || count == 0 || count > 9 {
        return None;
    }
    let (digits, tail) = rest.split_at(count);
    *rest = tail;
    digits.parse().ok()
}
