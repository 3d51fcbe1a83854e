//! One value: trimmed, emptied, checked and, where it is a date, brought into one form. Never prints the value.

use config::FilesOptions;
use jiff::fmt::strtime::BrokenDownTime;

/// The longest name of an attribute, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 256;

/// The value as the rest of the system sees it, or what is wrong with it.
pub(crate) fn cleaned(options: &FilesOptions, name: &str, text: &str) -> Result<String, &'static str> {
    let text = if options.trim { text.trim() } else { text };
    if text.is_empty() || options.empty.iter().any(|empty| empty == text) {
        return Ok(String::new());
    }
    if text.chars().any(is_forbidden) {
        return Err("the value holds a control character; remove it at the source");
    }
    if name == options.key && text.contains(['\t', '\r', '\n']) {
        return Err("the key holds a tab or a line end; remove it at the source");
    }
    match options.dates.get(name) {
        Some(format) => date(format, text).ok_or("the date is not written in the configured format"),
        None => Ok(text.to_owned()),
    }
}

/// Controls, byte order marks and marks that turn the direction of text: invisible, and never part of a name.
/// Tabs and line ends are, in addresses.
pub(crate) fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\r' | '\n' => false,
        '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}

/// Whether a text can name an attribute.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= NAME_BYTES_MAX
        && !text.chars().any(|character| is_forbidden(character) || matches!(character, '\t' | '\r' | '\n'))
}

/// A calendar date as `yyyy-mm-dd`. A time or an offset that the format names is dropped, never converted:
/// converting would shift the day.
fn date(format: &str, text: &str) -> Option<String> {
    let date = BrokenDownTime::parse(format, text).ok()?.to_date().ok()?;
    (date.year() >= 0).then(|| date.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glued_offset_is_dropped_without_moving_the_day() {
        assert_eq!(date("%Y-%m-%d%:z", "1960-01-01-07:00").as_deref(), Some("1960-01-01"));
        assert_eq!(date("%Y-%m-%dT%H:%M:%S%z", "2026-03-01T23:30:00-0500").as_deref(), Some("2026-03-01"));
    }

    #[test]
    fn a_date_must_fill_the_format_exactly() {
        assert_eq!(date("%d.%m.%Y", "31.01.2026").as_deref(), Some("2026-01-31"));
        for text in ["31.02.2026", "2026-01-31", "31.01.2026 00:00", "31.01.", "-1.01.2026"] {
            assert_eq!(date("%d.%m.%Y", text), None, "{text}");
        }
    }

    #[test]
    fn invisible_characters_are_forbidden_and_line_ends_are_not() {
        for character in ['\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{feff}', '\u{202e}', '\u{2066}'] {
            assert!(is_forbidden(character), "{character:?}");
        }
        for character in ['\t', '\n', '=', 'ß', '\u{200d}', '山'] {
            assert!(!is_forbidden(character), "{character:?}");
        }
    }
}
