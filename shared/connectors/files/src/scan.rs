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
            let sixteen = sixteen.try_into().map(u128::from_le_bytes).unwrap_or_default();
            let (special, odd) = (special(sixteen), odd(sixteen));
            if special != 0 {
                plain &= odd & (special ^ (special - 1)) == 0;
                self.at += special.trailing_zeros() as usize / 8;
                break;
            }
            plain &= odd == 0;
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

/// One in each of sixteen bytes.
const ONES: u128 = u128::from_le_bytes([1; 16]);

/// Where a text may end, or go on in another way: the highest bit of each of sixteen bytes that is a quote, a backslash or
/// a control character. Exact up to the first of them.
#[inline]
fn special(sixteen: u128) -> u128 {
    let below = |word: u128, limit: u128| word.wrapping_sub(ONES * limit) & !word;
    let equal = |byte: u128| below(sixteen ^ (ONES * byte), 1);
    (below(sixteen, 0x20) | equal(0x22) | equal(0x5c)) & (ONES << 7)
}

/// Which of sixteen bytes of a text are beyond visible ASCII and blanks, by the highest bit of each.
#[inline]
fn odd(sixteen: u128) -> u128 {
    // No byte of a text is 0xff, so that nothing is carried over.
    (sixteen.wrapping_add(ONES) | sixteen) & (ONES << 7)
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
    fn the_end_of_a_text_and_what_is_odd_in_it_are_found() {
        for byte in (0..=255_u8).filter(|byte| *byte != 0xff) {
            for place in 0..16 {
                let mut sixteen = *b"plain text, long";
                sixteen[place] = byte;
                let word = u128::from_le_bytes(sixteen);
                let (found, odd) = (special(word), odd(word));
                let ends = matches!(byte, 0..0x20 | b'"' | b'\\');
                assert_eq!((found == 0, found.trailing_zeros() as usize / 8), (!ends, if ends { place } else { 16 }));
                let is_odd = byte >= 0x7f;
                assert_eq!((odd == 0, odd.trailing_zeros() as usize / 8), (!is_odd, if is_odd { place } else { 16 }));
            }
        }
    }
}
