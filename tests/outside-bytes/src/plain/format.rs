//! .NET's custom date formats: texts of letters, each with a meaning of its own.

use super::calendar::{Parts, SECOND, apart, bounded, joined, weekday};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A piece of a format: what is copied, or a letter that stands so many times.
#[derive(Debug)]
pub(super) enum Piece {
    Copied(char),
    Field(char, usize),
}

/// What was read, and whether its text said `Z` or an offset.
#[derive(Clone, Copy)]
pub(super) struct Stamp {
    at: i128,
    zulu: bool,
    offset: bool,
}

fn standard(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" | "U" => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        "M" | "m" => "MMMM dd",
        "Y" | "y" => "yyyy MMMM",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ss'Z'",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        "R" | "r" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        _ => return None,
    })
}

/// A format taken apart; nothing where there is something wrong with it.
pub(super) fn parsed(text: &str) -> Option<Vec<Piece>> {
    let text = if text.chars().count() == 1 { standard(text)? } else { text };
    let characters: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let c = characters[at];
        let count = characters[at..].iter().take_while(|other| **other == c).count();
        match c {
            'K' | 'Z' => pieces.push(Piece::Field(c, 1)),
            'd' | 'f' | 'F' | 'g' | 'h' | 'H' | 'm' | 'M' | 's' | 't' | 'y' | 'z' => {
                if matches!(c, 'f' | 'F') && count > 7 {
                    return None;
                }
                pieces.push(Piece::Field(c, count));
                at += count - 1;
            }
            '\'' | '"' => {
                at += 1;
                while *characters.get(at)? != c {
                    if characters[at] == '\\' {
                        at += 1;
                    }
                    pieces.push(Piece::Copied(*characters.get(at)?));
                    at += 1;
                }
            }
            '\\' => {
                at += 1;
                pieces.push(Piece::Copied(*characters.get(at)?));
            }
            '%' => {}
            c => pieces.push(Piece::Copied(c)),
        }
        at += 1;
    }
    if text.is_empty() || text == "%" || text.len() > 200 { None } else { Some(pieces) }
}

/// What is read on the way, each number under its letter.
struct Reading<'t> {
    rest: &'t str,
    found: Vec<(char, i128)>,
    stamp: Stamp,
}

impl Reading<'_> {
    /// Digits, at least and at most so many; a letter that stands twice has to say the same twice.
    fn number(&mut self, letter: char, least: usize, most: usize) -> Option<()> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least || count == 0 {
            return None;
        }
        let number: i128 = self.rest[..count].parse().ok()?;
        self.rest = &self.rest[count..];
        match self.get(letter) {
            Some(other) if other != number => None,
            _ => {
                self.found.push((letter, number));
                Some(())
            }
        }
    }

    fn get(&self, letter: char) -> Option<i128> {
        self.found.iter().rev().find(|(found, _)| *found == letter).map(|(_, number)| *number)
    }

    fn name(&mut self, names: &[&str], length: usize) -> Option<i128> {
        let index = names.iter().position(|name| {
            let name = &name[..name.len().min(length)];
            self.rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        })?;
        self.rest = &self.rest[names[index].len().min(length)..];
        i128::try_from(index).ok()
    }

    fn fraction(&mut self, least: usize, most: usize) -> Option<()> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let number = format!("{:0<7}", &self.rest[..count]).parse().ok()?;
        self.rest = &self.rest[count..];
        self.found.push(('f', number));
        Some(())
    }

    fn zulu(&mut self, words: &[&str]) -> Option<()> {
        let word = words
            .iter()
            .find(|word| self.rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))?;
        self.rest = &self.rest[word.len()..];
        self.stamp = Stamp { at: 0, zulu: true, offset: false };
        self.found.push(('o', 0));
        Some(())
    }

    /// Minutes under `o`, and what they are made of under letters that no format has.
    fn offset(&mut self, count: usize) -> Option<()> {
        let sign = if self.rest.starts_with('+') { 1 } else { -1 };
        self.rest = self.rest.strip_prefix(['+', '-'])?;
        self.found.retain(|(letter, _)| !matches!(letter, '1' | '2'));
        self.number('1', if count == 2 { 2 } else { 1 }, 2)?;
        if count >= 3 {
            self.rest = self.rest.strip_prefix(':').unwrap_or(self.rest);
            self.number('2', 2, 2)?;
        }
        let (hours, minutes) = (self.get('1')?, self.get('2').unwrap_or(0));
        self.found.push(('o', sign * (hours * 60 + minutes)));
        self.stamp = Stamp { at: 0, offset: true, ..self.stamp };
        (hours <= 14 && minutes <= 59).then_some(())
    }

    fn field(&mut self, letter: char, count: usize) -> Option<()> {
        let least = count.min(2);
        match (letter, count) {
            ('d', 3..) => {
                let day = self.name(&WEEKDAYS, if count == 3 { 3 } else { 9 })?;
                self.found.push(('w', day));
            }
            ('M', 3..) => {
                let month = self.name(&MONTHS, if count == 3 { 3 } else { 9 })?;
                self.found.push(('M', month + 1));
            }
            ('y', 1 | 2) => {
                self.found.retain(|(letter, _)| *letter != 'y');
                self.number('y', least, 2)?;
                let year = self.get('y')?;
                self.found.push(('y', if year < 50 { year + 2000 } else { year + 1900 }));
            }
            ('y', _) => self.number('y', count, count)?,
            ('h', _) => {
                self.found.push(('x', 1));
                self.number('H', least, 2)?;
            }
            ('d' | 'M' | 'H' | 'm' | 's', _) => self.number(letter, least, 2)?,
            ('f', _) => self.fraction(count, count)?,
            ('F', _) => self.fraction(0, count)?,
            ('t', _) => {
                let half = self.name(&["AM", "PM"], least)?;
                self.found.push(('t', half));
            }
            ('z', 3..) if self.rest.starts_with('Z') => self.zulu(&["Z"])?,
            ('z', _) => self.offset(count)?,
            ('K', _) if self.rest.starts_with(['+', '-']) => self.offset(3)?,
            ('K', _) => {
                let _ = self.zulu(&["Z"]);
            }
            ('Z', _) => self.zulu(&["GMT", "Z"])?,
            _ => self.rest = self.rest.strip_prefix("A.D.")?,
        }
        Some(())
    }

    fn stamp(&self) -> Option<Stamp> {
        let part = |letter, otherwise| self.get(letter).unwrap_or(otherwise);
        let mut hour = part('H', 0);
        if self.get('x').is_some() {
            if hour > 12 {
                return None;
            }
            hour = hour % 12 + 12 * part('t', 0);
        } else if let (Some(hour), Some(half)) = (self.get('H'), self.get('t'))
            && (hour >= 12) != (half == 1)
        {
            return None;
        }
        let at = joined(Parts {
            year: part('y', 1),
            month: part('M', 1),
            day: part('d', 1),
            hour,
            minute: part('m', 0),
            second: part('s', 0),
            fraction: part('f', 0),
        })?;
        if self.get('w').is_some_and(|day| day != weekday(at)) {
            return None;
        }
        let at = bounded(at - part('o', 0) * 60 * SECOND)?;
        Some(Stamp { at, ..self.stamp })
    }
}

/// Reads a text that has exactly this format.
pub(super) fn read(pieces: &[Piece], text: &str) -> Option<Stamp> {
    let stamp = Stamp { at: 0, zulu: false, offset: false };
    let mut reading = Reading { rest: text, found: Vec::new(), stamp };
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        match piece {
            // The point before a fraction that may be missing may be missing, too; then there is no fraction.
            Piece::Copied('.') if matches!(pieces.peek(), Some(Piece::Field('F', _))) => {
                match reading.rest.strip_prefix('.') {
                    Some(rest) => reading.rest = rest,
                    None => drop(pieces.next()),
                }
            }
            Piece::Copied(c) => reading.rest = reading.rest.strip_prefix(*c)?,
            Piece::Field(letter, count) => reading.field(*letter, *count)?,
        }
    }
    if reading.rest.is_empty() { reading.stamp() } else { None }
}

/// Writes a date in a format.
pub(super) fn write(pieces: &[Piece], stamp: Stamp) -> String {
    let mut output = String::new();
    for piece in pieces {
        match piece {
            Piece::Copied(c) => output.push(*c),
            Piece::Field('F', count) => {
                let fraction = field('f', *count, stamp);
                let fraction = fraction.trim_end_matches('0');
                if fraction.is_empty() && output.ends_with('.') {
                    output.pop();
                }
                output.push_str(fraction);
            }
            Piece::Field(letter, count) => output.push_str(&field(*letter, *count, stamp)),
        }
    }
    output
}

fn field(letter: char, count: usize, stamp: Stamp) -> String {
    let parts = apart(stamp.at);
    let name = |names: &[&str], index: i128| {
        let name = names[usize::try_from(index).unwrap_or(0)];
        name[..if count == 3 { 3 } else { name.len() }].to_owned()
    };
    let two = |number: i128| format!("{number:0width$}", width = count.min(2));
    match (letter, count) {
        ('d', 3..) => name(&WEEKDAYS, weekday(stamp.at)),
        ('M', 3..) => name(&MONTHS, parts.month - 1),
        ('d', _) => two(parts.day),
        ('M', _) => two(parts.month),
        ('y', 1 | 2) => two(parts.year % 100),
        ('y', _) => format!("{:0count$}", parts.year),
        ('h', _) => two((parts.hour + 11) % 12 + 1),
        ('H', _) => two(parts.hour),
        ('m', _) => two(parts.minute),
        ('s', _) => two(parts.second),
        ('f', _) => format!("{:07}", parts.fraction)[..count].to_owned(),
        ('t', _) => (if parts.hour < 12 { "AM" } else { "PM" })[..count.min(2)].to_owned(),
        ('z', 1) => "+0".to_owned(),
        ('z', 2) => "+00".to_owned(),
        ('z', _) => "+00:00".to_owned(),
        ('K', _) if stamp.zulu => "Z".to_owned(),
        ('K', _) if stamp.offset => "+00:00".to_owned(),
        ('K', _) => String::new(),
        ('Z', _) => "Z".to_owned(),
        _ => "A.D.".to_owned(),
    }
}
