//! One value: trimmed, emptied, checked and, where it is a date, brought into one form. Never prints the value.

use config::FilesOptions;
use jiff::civil::Date;
use jiff::fmt::strtime::BrokenDownTime;
use std::borrow::Cow;

/// The longest name of an attribute, in bytes.
pub(crate) const NAME_BYTES_MAX: usize = 256;

/// How values are cleaned: what the options say about it.
pub(crate) struct Cleaning<'o> {
    options: &'o FilesOptions,
    /// Attributes that hold dates, with their formats: a few, that every attribute is compared with.
    dates: Vec<(&'o str, &'o str)>,
    /// A bit for each length that a text which counts as empty has.
    empty_lengths: u64,
}

/// What is special about the values of one attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rule<'o> {
    /// They are dates in this format.
    date: Option<&'o str>,
    /// They are the keys.
    is_key: bool,
}

impl Rule<'_> {
    /// Whether the attribute is the key.
    pub(crate) fn is_key(self) -> bool {
        self.is_key
    }
}

impl<'o> Cleaning<'o> {
    pub(crate) fn of(options: &'o FilesOptions) -> Self {
        let dates = options.dates.iter().map(|(name, format)| (name.as_str(), format.as_str()));
        let empty_lengths = options.empty.iter().fold(1, |lengths, text| lengths | length_bit(text));
        Self { options, dates: dates.collect(), empty_lengths }
    }

    /// The name of the key.
    pub(crate) fn key(&self) -> &'o str {
        &self.options.key
    }

    /// What is special about the values of an attribute.
    #[inline]
    pub(crate) fn rule(&self, name: &str) -> Rule<'o> {
        let date = self.dates.iter().find(|(date, _)| *date == name).map(|(_, format)| *format);
        Rule { date, is_key: name == self.options.key }
    }

    /// The value as the rest of the system sees it, or what is wrong with it.
    pub(crate) fn cleaned<'t>(&self, name: &str, text: &'t str) -> Result<Cow<'t, str>, &'static str> {
        self.cleaned_by(self.rule(name), text)
    }

    /// The same for an attribute whose rule is known.
    pub(crate) fn cleaned_by<'t>(&self, rule: Rule<'_>, text: &'t str) -> Result<Cow<'t, str>, &'static str> {
        let text = if self.options.trim { text.trim() } else { text };
        if self.is_empty(text) {
            return Ok(Cow::Borrowed(""));
        }
        if !text.bytes().all(is_plain) && text.chars().any(is_forbidden) {
            return Err("the value holds a control character; remove it at the source");
        }
        if rule.is_key && text.contains(['\t', '\r', '\n']) {
            return Err("the key holds a tab or a line end; remove it at the source");
        }
        dated(rule, text).ok_or("the date is not written in the configured format")
    }

    /// The same for a text without line ends and tabs, which is `plain` if it is nothing but visible ASCII and blanks.
    #[inline]
    pub(crate) fn cleaned_line<'t>(&self, rule: Rule<'_>, text: &'t str, plain: bool) -> Option<Cow<'t, str>> {
        if !plain {
            return self.cleaned_by(rule, text).ok();
        }
        let blank = |byte: Option<&u8>| byte == Some(&b' ');
        let ragged = self.options.trim && (blank(text.as_bytes().first()) || blank(text.as_bytes().last()));
        let text = if ragged { text.trim() } else { text };
        if self.is_empty(text) { Some(Cow::Borrowed("")) } else { dated(rule, text) }
    }

    #[inline]
    fn is_empty(&self, text: &str) -> bool {
        self.empty_lengths & length_bit(text) != 0
            && (text.is_empty() || self.options.empty.iter().any(|empty| empty == text))
    }
}

/// The bit for the length of a text; all that are longer share the last one.
#[inline]
fn length_bit(text: &str) -> u64 {
    1 << text.len().min(63)
}

#[inline]
fn dated<'t>(rule: Rule<'_>, text: &'t str) -> Option<Cow<'t, str>> {
    match rule.date {
        Some(format) => date(format, text),
        None => Some(Cow::Borrowed(text)),
    }
}

/// A visible ASCII character or a blank.
fn is_plain(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte)
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
fn date<'t>(format: &str, text: &'t str) -> Option<Cow<'t, str>> {
    if format == "%Y-%m-%d" && is_date(text.as_bytes()) {
        return Some(Cow::Borrowed(text));
    }
    let date = BrokenDownTime::parse(format, text).ok()?.to_date().ok()?;
    (date.year() >= 0).then(|| Cow::Owned(date.to_string()))
}

/// Whether a text is a date of the calendar in the very form that dates are brought into.
fn is_date(text: &[u8]) -> bool {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text else { return false };
    let digits = [y1, y2, y3, y4, m1, m2, d1, d2];
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let [y1, y2, y3, y4, m1, m2, d1, d2] = digits.map(|digit| (digit - b'0').cast_signed());
    let year = i16::from(y1) * 1_000 + i16::from(y2) * 100 + i16::from(y3) * 10 + i16::from(y4);
    Date::new(year, m1 * 10 + m2, d1 * 10 + d2).is_ok()
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
        assert_eq!(date("%Y-%m-%d", "2026-02-29"), None);
        assert_eq!(date("%Y-%m-%d", "2028-02-29").as_deref(), Some("2028-02-29"));
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
