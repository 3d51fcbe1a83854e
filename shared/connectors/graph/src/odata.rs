//! Values on their way into URLs: each sink has its own type of escape.

use std::fmt::Write;

/// A text literal of an OData expression: in quotes, quotes doubled.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A query value or a path segment: everything but unreserved characters as `%` and two digits.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, others)) = rest.split_first() {
            if *first == b'%' {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&others[..2]).unwrap(), 16).unwrap());
                rest = &others[2..];
            } else {
                bytes.push(*first);
                rest = others;
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn hostile_texts_keep_their_value_and_change_no_structure() {
        let pieces = ["'", "''", "' or 1 eq 1", "&$filter=x", "#", "/", "?", "%27", "ä", "漢", "\u{202e}", "\r\n", "\\", "\"", "$batch", "+", " "];
        for first in pieces {
            for second in pieces {
                let hostile = format!("{first}{second}{first}");
                let quoted = literal(&hostile);
                let inner = &quoted[1..quoted.len() - 1];
                assert_eq!(inner.replace("''", "\u{0}").matches('\'').count(), 0, "a quote ends the literal");
                assert_eq!(inner.replace("''", "'"), hostile);
                let url = encoded(&hostile);
                assert!(url.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
                assert_eq!(decoded(&url), hostile);
            }
        }
    }
}
