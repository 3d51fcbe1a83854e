//! Texts as TOML writes them, so that nothing in them ends the text or becomes a key.

use std::fmt::Write;

/// A TOML string with this content: without escapes where it can be read so, over several lines where it has some.
pub(crate) fn text(content: &str) -> String {
    let plain = |also: &[char]| content.chars().all(|c| !c.is_control() || also.contains(&c));
    if content.contains('\n') && plain(&['\n', '\t']) && !content.contains("'''") && !content.ends_with('\'') {
        format!("'''\n{content}'''")
    } else if content.contains(['"', '\\']) && plain(&['\t']) && !content.contains('\'') {
        format!("'{content}'")
    } else {
        escaped(content)
    }
}

/// The same on one line, whatever it holds.
pub(crate) fn line(content: &str) -> String {
    let text = text(content);
    if text.contains('\n') { escaped(content) } else { text }
}

fn escaped(content: &str) -> String {
    let mut text = String::with_capacity(content.len() + 2);
    text.push('"');
    for c in content.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(text, "\\u{:04X}", u32::from(c));
            }
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

/// A list of texts on one line.
pub(crate) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.into_iter().map(line).collect();
    format!("[{}]", texts.join(", "))
}

/// Lines as comments. What may not stand in a comment, or could end its line, becomes a blank.
pub(crate) fn comment(lines: &str) -> String {
    let clean =
        |line: &str| -> String { line.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect() };
    let mut text = String::new();
    for line in lines.split('\n') {
        let _ = writeln!(text, "{}", format!("# {}", clean(line)).trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(toml: &str) -> toml::Table {
        toml.parse().unwrap_or_else(|error| panic!("{error}: {toml:?}"))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(content in "[a'\"\\\\\\n\\r\\t\\]\\[=# \\x00-\\x1f\\x7f\\u{85}é🧶]{0,12}|.*") {
            let toml = format!("a = {}\nb = {}\nc = {}\n", text(&content), line(&content), list([content.as_str(), ""]));
            let table = read(&toml);
            prop_assert_eq!(table["a"].as_str(), Some(content.as_str()));
            prop_assert_eq!(table["b"].as_str(), Some(content.as_str()));
            prop_assert_eq!(table["c"][0].as_str(), Some(content.as_str()));
            prop_assert_eq!(line(&content).lines().count(), 1);
            prop_assert!(read(&comment(&content)).is_empty());
        }
    }
}
