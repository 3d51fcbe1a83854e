//! Where a byte of a text stands in the file: between quotes, behind escapes and line ends.

/// The byte within `raw`, a string as it is written with its quotes, from which byte `offset` of its content comes.
pub(crate) fn locate(raw: &str, content: &str, offset: usize) -> usize {
    let quote = if raw.starts_with('\'') { '\'' } else { '"' };
    let several_lines = raw.starts_with("'''") || raw.starts_with("\"\"\"");
    let mut at = if several_lines { 3 } else { 1 };
    if several_lines {
        // The line end right after the opening quotes does not belong to the content.
        let rest = raw.get(at..).unwrap_or_default();
        at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    let mut seen = 0;
    while let (Some(rest), Some(left)) = (raw.get(at..), content.get(seen..)) {
        if quote == '"' && several_lines && folded(rest) > 0 {
            at += folded(rest);
            continue;
        }
        let Some(next) = left.chars().next().filter(|_| seen < offset) else { break };
        at += match rest.as_bytes() {
            [b'\\', b'x', ..] if quote == '"' => 4,
            [b'\\', b'u', ..] if quote == '"' => 6,
            [b'\\', b'U', ..] if quote == '"' => 10,
            [b'\\', ..] if quote == '"' => 2,
            [b'\r', b'\n', ..] if next == '\n' => 2,
            _ => next.len_utf8(),
        };
        seen += next.len_utf8();
    }
    at.min(raw.len())
}

/// The length of a backslash at a line's end with all the blanks and line ends after it; 0 where there is none.
fn folded(rest: &str) -> usize {
    let Some(after) = rest.strip_prefix('\\') else { return 0 };
    let trimmed = after.trim_start_matches([' ', '\t', '\r', '\n']);
    let blanks = &after[..after.len() - trimmed.len()];
    if blanks.contains('\n') { 1 + blanks.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds `mark` in the content and expects to be led to the same mark in the text as written.
    fn leads_to_mark(raw: &str) {
        let parsed = toml::de::DeValue::parse(raw).expect("a string");
        let content = parsed.get_ref().as_str().expect("a string");
        let offset = content.find('§').expect("the mark");
        assert_eq!(locate(raw, content, offset), raw.find('§').expect("the mark"), "{raw:?}");
    }

    #[test]
    fn every_way_of_writing_a_string_leads_back_to_its_place() {
        for raw in [
            "'ab§'",
            "\"ab§\"",
            "\"a\\\"b\\u00e9\\U0001F600\\t§\"",
            "\"ü\\\\§\"",
            "'''\nab\n\n§'''",
            "'''ab\r\n§'''",
            "\"\"\"\nab \\\n     cd\\\"\n§\"\"\"",
            "\"\"\"ab \\  \r\n\r\n   §\"\"\"",
        ] {
            leads_to_mark(raw);
        }
    }

    #[test]
    fn a_place_behind_the_end_is_the_end() {
        assert_eq!(locate("'ab'", "ab", 2), 3);
        assert_eq!(locate("'ab'", "ab", 99), 3);
        assert_eq!(locate("", "ab", 1), 0);
    }
}
