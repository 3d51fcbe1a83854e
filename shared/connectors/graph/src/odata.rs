//! Values on their way into URLs. Each place in a URL has its own type, so that no text gets there unescaped.

use std::fmt::{self, Write};

/// A text literal of an `OData` expression: in quotes, quotes doubled. It still has to be escaped as a [`QueryValue`].
pub(crate) struct ODataLiteral(String);

impl ODataLiteral {
    pub fn of(text: &str) -> Self {
        Self(format!("'{}'", text.replace('\'', "''")))
    }
}

impl fmt::Display for ODataLiteral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of a query option.
pub(crate) struct QueryValue(String);

impl QueryValue {
    pub fn of(text: &str) -> Self {
        Self(escaped(text))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for QueryValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One segment of a path.
pub(crate) struct Segment(String);

impl Segment {
    /// `None` for texts that no escape keeps from being another path: nothing, `.` and `..`.
    pub fn of(text: &str) -> Option<Self> {
        (!matches!(text, "" | "." | "..")).then(|| Self(escaped(text)))
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything but the unreserved characters of RFC 3986 as `%` and two digits a byte.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::hostile::texts;

    /// Splits a URL at `/`, `?`, `&` and `=` and takes the escapes off, as a server would.
    fn pieces(url: &str) -> Vec<String> {
        url.split(['/', '?', '&', '=']).map(decoded).collect()
    }

    fn decoded(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, others)) = rest.split_first() {
            (bytes, rest) = if *first == b'%' {
                let digits = std::str::from_utf8(&others[..2]).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
                (bytes, &others[2..])
            } else {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                (bytes, others)
            };
        }
        String::from_utf8(bytes).unwrap()
    }

    /// Reads literals between parentheses, one character at a time.
    fn literals(filter: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut open: Option<String> = None;
        let mut rest = filter.chars().peekable();
        while let Some(next) = rest.next() {
            match (&mut open, next) {
                (None, '\'') => open = Some(String::new()),
                (Some(text), '\'') if rest.next_if_eq(&'\'').is_some() => text.push('\''),
                (Some(_), '\'') => found.extend(open.take()),
                (Some(text), other) => text.push(other),
                (None, other) => assert!(other == ',', "{other:?} stands outside of a literal"),
            }
        }
        assert!(open.is_none(), "a literal does not end");
        found
    }

    #[test]
    fn a_thousand_hostile_texts_keep_their_value_and_change_no_structure() {
        let texts = texts();
        assert!(texts.len() >= 1_000);
        for pair in texts.windows(2) {
            let filter = format!("{},{}", ODataLiteral::of(&pair[0]), ODataLiteral::of(&pair[1]));
            let url = format!("users?$filter={}&$top=1", QueryValue::of(&filter));
            let pieces = pieces(&url);
            assert_eq!((pieces.len(), pieces[2].as_str()), (5, filter.as_str()));
            assert_eq!(literals(&pieces[2]), pair);
            let url = format!("users/{}/manager", Segment::of(&pair[0]).unwrap());
            assert_eq!(self::pieces(&url), ["users", &pair[0], "manager"]);
        }
    }

    #[test]
    fn a_segment_is_never_another_path() {
        assert!(["", ".", ".."].iter().all(|text| Segment::of(text).is_none()));
    }
}
