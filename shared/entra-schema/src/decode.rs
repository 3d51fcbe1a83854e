//! From a file's bytes to JSON: UTF-8 with or without a byte order mark, UTF-16 with one.

use crate::ImportError;
use serde_json::Value;
use std::borrow::Cow;

/// Larger files are none: the largest schemas have some thousands of attributes, in some megabytes.
pub const SIZE_MAX: usize = 32 << 20;

/// The JSON that the bytes are.
pub(crate) fn json(bytes: &[u8]) -> Result<Value, ImportError> {
    if bytes.len() > SIZE_MAX {
        return Err(ImportError::TooLarge { megabytes: bytes.len().div_ceil(1 << 20) });
    }
    let text = text(bytes)?;
    serde_json::from_str(&text).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Eof if text.trim().is_empty() => "the file is empty",
            serde_json::error::Category::Eof => "the file ends in the middle of the JSON",
            _ if error.to_string().starts_with("recursion limit") => "objects stand too deep inside each other",
            _ => "this is no JSON",
        };
        ImportError::Json { line: error.line().max(1), column: error.column().max(1), what }
    })
}

fn text(bytes: &[u8]) -> Result<Cow<'_, str>, ImportError> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16, encoding| {
        let refused = ImportError::Encoding { encoding };
        let (units, rest) = bytes.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(refused);
        }
        let text: Result<String, _> = char::decode_utf16(units.iter().map(|pair| unit(*pair))).collect();
        text.map(Cow::Owned).map_err(|_| refused)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes, "utf-16 (little-endian)"),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes, "utf-16 (big-endian)"),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => {
            let text = std::str::from_utf8(rest);
            text.map(Cow::Borrowed).map_err(|_| ImportError::Encoding { encoding: "utf-8" })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_gives_the_same_json() {
        let text = "{\"name\": \"Zoë 🧶\"}";
        let units: Vec<u16> = text.encode_utf16().collect();
        let little = [vec![0xff, 0xfe], units.iter().flat_map(|unit| unit.to_le_bytes()).collect()].concat();
        let big = [vec![0xfe, 0xff], units.iter().flat_map(|unit| unit.to_be_bytes()).collect()].concat();
        let marked = [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &marked, &little, &big] {
            assert_eq!(json(bytes).expect("json")["name"], "Zoë 🧶");
        }
        assert!(json(&little[..little.len() - 1]).is_err());
        assert!(matches!(json(&[0xff, 0xfe, 0x00, 0xd8]), Err(ImportError::Encoding { .. })));
        assert!(matches!(json(&[b'"', 0xff]), Err(ImportError::Encoding { encoding: "utf-8" })));
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        let refused = |text: &str| json(text.as_bytes()).expect_err("no json").to_string();
        assert!(refused("").starts_with("line 1, column 1: the file is empty"), "{}", refused(""));
        assert!(refused("{\n\"a\": [1,").contains("line 2, column 8: the file ends"), "{}", refused("{\n\"a\": [1,"));
        assert!(refused(&"[".repeat(100_000)).contains("too deep"));
        assert!(refused("{]").contains("this is no JSON"));
        assert!(json(&vec![b' '; SIZE_MAX + 1]).expect_err("large").to_string().contains("33 MB"));
    }
}
