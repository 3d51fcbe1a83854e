//! One line of JSON Lines straight into a record, without a tree in between.
//!
//! It reads what exports usually hold and gives up at anything else: whatever it does not take as it is, mistakes above
//! all, is for [`crate::json`], which reads everything and knows every reason. Both give the same record.

use crate::field::{self, Cleaning};
use crate::json::{ATTRIBUTES_MAX, DEPTH_MAX};
use record::{Record, RecordBuilder};
use std::borrow::Cow;

/// So many objects are told apart by comparing each with all; a line with more is for the thorough reader.
const OBJECTS_MAX: usize = 64;

/// The record on a line, or nothing where it has to be looked at more closely.
pub(crate) fn record(line: &str, cleaning: &Cleaning<'_>, builder: &mut RecordBuilder) -> Option<Record> {
    builder.clear();
    let mut reader = LineReader { line, at: 0, path: String::new(), objects: Vec::new(), cleaning, builder };
    reader.blanks();
    reader.object(1)?;
    reader.blanks();
    if reader.at < line.len() {
        return None;
    }
    let key = builder.get(cleaning.key())?.single()?;
    if key.trim().is_empty() {
        return None;
    }
    let key = key.to_owned();
    Some(builder.finish(key))
}

struct LineReader<'a, 'c> {
    line: &'a str,
    at: usize,
    /// The names around the value that is being read, each followed by a dot.
    path: String,
    /// Names of objects, which leave no attribute: none of them may stand twice either.
    objects: Vec<Cow<'a, str>>,
    cleaning: &'a Cleaning<'c>,
    builder: &'a mut RecordBuilder,
}

/// A text between quotes.
struct Quoted<'a> {
    text: &'a str,
    /// Nothing but visible ASCII and blanks.
    plain: bool,
    /// It holds escapes, which still have to be read.
    escaped: bool,
}

impl<'a> LineReader<'a, '_> {
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    #[inline]
    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        if !self.takes(b'{') || depth > DEPTH_MAX {
            return None;
        }
        self.blanks();
        if self.takes(b'}') {
            return Some(());
        }
        loop {
            self.member(depth)?;
            self.blanks();
            if self.takes(b'}') {
                return Some(());
            }
            if !self.takes(b',') {
                return None;
            }
            self.blanks();
        }
    }

    fn member(&mut self, depth: usize) -> Option<()> {
        if self.expected()? {
            return Some(());
        }
        let name = self.quoted()?;
        let named = !name.text.is_empty() && name.text.len() <= field::NAME_BYTES_MAX && !name.escaped;
        if !named || !(name.plain || field::is_name(name.text)) || self.builder.len() >= ATTRIBUTES_MAX {
            return None;
        }
        self.blanks();
        if !self.takes(b':') {
            return None;
        }
        self.blanks();
        if self.path.is_empty() && self.peek() != Some(b'{') {
            return self.value(name.text);
        }
        let outer = self.path.len();
        self.path.push_str(name.text);
        let path = std::mem::take(&mut self.path);
        if self.peek() == Some(b'{') {
            let is_known = self.objects.iter().any(|object| *object == path) || self.builder.get(&path).is_some();
            if is_known || self.objects.len() == OBJECTS_MAX {
                return None;
            }
            self.objects.push(if outer == 0 { Cow::Borrowed(name.text) } else { Cow::Owned(path.clone()) });
            self.path = path;
            self.path.push('.');
            self.object(depth + 1)?;
        } else {
            self.value(&path)?;
            self.path = path;
        }
        self.path.truncate(outer);
        Some(())
    }

    /// Reads a member if it has the name that is expected and one value; false where it has not.
    #[inline]
    fn expected(&mut self) -> Option<bool> {
        let Some(path) = self.builder.expected() else { return Some(false) };
        let outer = self.path.len();
        let Some((_, name)) =
            path.split_at_checked(outer).filter(|(within, _)| same(within.as_bytes(), self.path.as_bytes()))
        else {
            return Some(false);
        };
        let repeated = self.objects.iter().any(|object| *object == path);
        let length = name.len();
        let rest = self.line.as_bytes().get(self.at..).unwrap_or_default();
        let Some((b'"', rest)) = rest.split_first() else { return Some(false) };
        let Some((_, rest)) = rest.split_at_checked(length).filter(|(stated, _)| same(stated, name.as_bytes())) else {
            return Some(false);
        };
        let [b'"', b':', first, ..] = *rest else { return Some(false) };
        if repeated
            || matches!(first, b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n')
            || self.builder.len() >= ATTRIBUTES_MAX
        {
            return Some(false);
        }
        let start = self.at + 1;
        self.at = start + length + 2;
        let text = if self.path.is_empty() {
            self.scalar(&self.line[start..start + length])?
        } else {
            let outer = self.path.len();
            self.path.push_str(&self.line[start..start + length]);
            let path = std::mem::take(&mut self.path);
            let text = self.scalar(&path)?;
            self.path = path;
            self.path.truncate(outer);
            text
        };
        self.builder.put_expected(&text).ok()?;
        Some(true)
    }

    #[inline]
    fn value(&mut self, path: &str) -> Option<()> {
        if !self.objects.is_empty() && self.objects.iter().any(|object| object == path) {
            return None;
        }
        if self.takes(b'[') {
            return self.list(path);
        }
        let text = self.scalar(path)?;
        self.builder.put(path, &text).ok()
    }

    fn list(&mut self, path: &str) -> Option<()> {
        let mut texts = Vec::new();
        self.blanks();
        if !self.takes(b']') {
            loop {
                // What is null in a list is refused, and lists in it are.
                if self.peek() == Some(b'n') {
                    return None;
                }
                let text = self.scalar(path)?;
                if !text.is_empty() {
                    texts.push(text);
                }
                self.blanks();
                if self.takes(b']') {
                    break;
                }
                if !self.takes(b',') {
                    return None;
                }
                self.blanks();
            }
        }
        self.builder.put_list(path, texts).ok()
    }

    /// One text, number, flag or null, cleaned.
    #[inline]
    fn scalar(&mut self, path: &str) -> Option<Cow<'a, str>> {
        if self.peek()? == b'"' {
            let quoted = self.quoted()?;
            if quoted.escaped {
                let raw = &self.line[self.at - quoted.text.len() - 2..self.at];
                let text: String = serde_json::from_str(raw).ok()?;
                return self.cleaning.cleaned(path, &text).ok().map(|text| Cow::Owned(text.into_owned()));
            }
            return self.cleaning.cleaned_line(path, quoted.text, quoted.plain);
        }
        let rest = &self.line[self.at..];
        for (word, text) in [("null", ""), ("true", "True"), ("false", "False")] {
            if rest.starts_with(word) {
                self.at += word.len();
                return self.cleaning.cleaned_line(path, text, true);
            }
        }
        let length = number(rest.as_bytes())?;
        self.at += length;
        self.cleaning.cleaned_line(path, &rest[..length], true)
    }

    /// A text between quotes, without a look at its escapes.
    #[inline]
    fn quoted(&mut self) -> Option<Quoted<'a>> {
        if !self.takes(b'"') {
            return None;
        }
        let start = self.at;
        let bytes = self.line.as_bytes();
        let (mut plain, mut escaped) = (true, false);
        while let Some(eight) = bytes.get(self.at..self.at + 8) {
            let eight = eight.try_into().map(u64::from_le_bytes).unwrap_or_default();
            let special = special(eight);
            if special != 0 {
                self.at += special.trailing_zeros() as usize / 8;
                break;
            }
            self.at += 8;
        }
        loop {
            let byte = *bytes.get(self.at)?;
            match byte {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.at += 1;
                }
                0..0x20 => return None,
                0x20..0x7f => {}
                _ => plain = false,
            }
            self.at += 1;
        }
        let text = &self.line[start..self.at];
        self.at += 1;
        Some(Quoted { text, plain, escaped })
    }
}

/// Whether two names of the same length are the same: they are short, and for short ones a loop beats a call.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let equal = |(one, other): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*one) == u64::from_le_bytes(*other);
    one.0.iter().zip(other.0).all(equal) && one.1.iter().zip(other.1).all(|(one, other)| one == other)
}

/// Which of eight bytes are no plain text: the highest bit of each that is a quote, a backslash or anything but visible
/// ASCII and blanks. Exact up to the first of them.
#[inline]
fn special(eight: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word;
    let equal = |byte: u64| below(eight ^ (ONES * byte), 1);
    (eight | below(eight, 0x20) | equal(0x22) | equal(0x5c) | equal(0x7f)) & (ONES << 7)
}

/// The length of the number that a text begins with, if it is one by JSON's grammar.
fn number(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    match digits(at) {
        0 => return None,
        more if more > 1 && bytes[at] == b'0' => return None,
        count => at += count,
    }
    if bytes.get(at) == Some(&b'.') {
        let count = digits(at + 1);
        if count == 0 {
            return None;
        }
        at += 1 + count;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let count = digits(at);
        if count == 0 {
            return None;
        }
        at += count;
    }
    Some(at)
}

#[cfg(test)]
mod tests;
