//! What the readers of a line of JSON Lines share: from some place of it on, one text, number or list after another.

use crate::field::{Cleaning, Rule};
use std::borrow::Cow;

/// A place in a line.
pub(crate) struct Scanner<'a> {
    pub(crate) line: &'a str,
    pub(crate) at: usize,
}

/// A text between quotes.
pub(crate) struct Quoted<'a> {
    pub(crate) text: &'a str,
    /// Nothing but visible ASCII and blanks.
    pub(crate) plain: bool,
    /// It holds escapes, which still have to be read.
    pub(crate) escaped: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    #[inline]
    pub(crate) fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    #[inline]
    pub(crate) fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Goes behind this text if it stands here.
    #[inline]
    pub(crate) fn takes_all(&mut self, text: &[u8]) -> bool {
        let found = self.line.as_bytes().get(self.at..self.at + text.len()) == Some(text);
        self.at += if found { text.len() } else { 0 };
        found
    }

    /// The texts of a list, cleaned; an empty one says nothing.
    pub(crate) fn list(&mut self, cleaning: &Cleaning<'_>, rule: Rule<'_>) -> Option<Vec<Cow<'a, str>>> {
        let mut texts = Vec::new();
        if !self.takes(b'[') {
            return None;
        }
        self.blanks();
        if self.takes(b']') {
            return Some(texts);
        }
        loop {
            // What is null in a list is refused, and lists in it are.
            if self.peek() == Some(b'n') {
                return None;
            }
            let text = self.scalar(cleaning, rule)?;
            if !text.is_empty() {
                texts.push(text);
            }
            self.blanks();
            if self.takes(b']') {
                return Some(texts);
            }
            if !self.takes(b',') {
                return None;
            }
            self.blanks();
        }
    }

    /// One text, number, flag or null, cleaned.
    #[inline]
    pub(crate) fn scalar(&mut self, cleaning: &Cleaning<'_>, rule: Rule<'_>) -> Option<Cow<'a, str>> {
        if self.peek()? == b'"' {
            let quoted = self.quoted()?;
            if quoted.escaped {
                let raw = &self.line[self.at - quoted.text.len() - 2..self.at];
                let text: String = serde_json::from_str(raw).ok()?;
                return cleaning.cleaned_by(rule, &text).ok().map(|text| Cow::Owned(text.into_owned()));
            }
            return cleaning.cleaned_line(rule, quoted.text, quoted.plain);
        }
        let rest = &self.line[self.at..];
        for (word, text) in [("null", ""), ("true", "True"), ("false", "False")] {
            if rest.starts_with(word) {
                self.at += word.len();
                return cleaning.cleaned_line(rule, text, true);
            }
        }
        let length = number(rest.as_bytes())?;
        self.at += length;
        cleaning.cleaned_line(rule, &rest[..length], true)
    }

    /// A text between quotes, without a look at its escapes.
    #[inline]
    pub(crate) fn quoted(&mut self) -> Option<Quoted<'a>> {
        if !self.takes(b'"') {
            return None;
        }
        let start = self.at;
        let bytes = self.line.as_bytes();
        let (mut plain, mut escaped) = (true, false);
        // Sixteen at a time: most texts are shorter, and their lengths cannot be foretold.
        while let Some(sixteen) = bytes.get(self.at..self.at + 16) {
            let (one, other) = sixteen.split_at(8);
            let special = |eight: &[u8]| special(eight.try_into().map(u64::from_le_bytes).unwrap_or_default());
            let (one, other) = (special(one), special(other));
            if one | other != 0 {
                let (base, found) = if one == 0 { (8, other) } else { (0, one) };
                self.at += base + found.trailing_zeros() as usize / 8;
                break;
            }
            self.at += 16;
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
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_by_the_grammar_of_json() {
        for (text, length) in [("0", 1), ("-1.50,", 5), ("12e+3}", 5), ("1.0E7", 5), ("10", 2)] {
            assert_eq!(number(text.as_bytes()), Some(length), "{text}");
        }
        for text in ["", "-", "01", "1.", ".5", "1e", "+1", "x"] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_first_special_byte_of_eight_is_found() {
        for byte in 0..=255_u8 {
            for place in 0..8 {
                let mut eight = *b"plain tx";
                eight[place] = byte;
                let plain = matches!(byte, 0x20..0x7f) && !matches!(byte, b'"' | b'\\');
                let found = special(u64::from_le_bytes(eight));
                assert_eq!((found == 0, found.trailing_zeros() as usize / 8), (plain, if plain { 8 } else { place }));
            }
        }
    }
}
