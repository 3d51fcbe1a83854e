//! Upper and lower case as .NET does it: one letter for one letter, by the invariant culture or a Turkic one.

use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;

/// Whose rules count for the letter i.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Culture {
    Invariant,
    /// Turkish and Azerbaijani: i/İ and ı/I are pairs.
    Turkic,
    /// Any other that is named: unlike in the invariant one, İ and ı have a plain letter as their partner.
    Named,
}

impl Culture {
    /// The culture of a name such as `tr-TR`; all but the Turkic ones case letters alike. No name is the invariant one,
    /// and what cannot be a name is none.
    pub fn of(name: &str) -> Option<Self> {
        let sound =
            |piece: &str| matches!(piece.len(), 1..=8) && piece.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let mut pieces = name.split(['-', '_']);
        let language = pieces.next().unwrap_or_default();
        if name.is_empty() {
            Some(Self::Invariant)
        } else if !sound(language) || !pieces.all(sound) {
            None
        } else if language.eq_ignore_ascii_case("tr") || language.eq_ignore_ascii_case("az") {
            Some(Self::Turkic)
        } else {
            Some(Self::Named)
        }
    }
}

/// The text in lower case by the invariant culture: itself where it is in lower case already.
pub(crate) fn lowered(text: &mut Cow<'_, str>) {
    match text {
        _ if !text.is_ascii() => *text = Cow::Owned(lower(text, Culture::Invariant)),
        Cow::Owned(text) => text.make_ascii_lowercase(),
        Cow::Borrowed(plain) if plain.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            *text = Cow::Owned(plain.to_ascii_lowercase());
        }
        Cow::Borrowed(_) => {}
    }
}

/// The text in upper case by the invariant culture: itself where it is in upper case already.
pub(crate) fn raised(text: &mut Cow<'_, str>) {
    match text {
        _ if !text.is_ascii() => *text = Cow::Owned(upper(text, Culture::Invariant)),
        Cow::Owned(text) => text.make_ascii_uppercase(),
        Cow::Borrowed(plain) if plain.bytes().any(|byte| byte.is_ascii_lowercase()) => {
            *text = Cow::Owned(plain.to_ascii_uppercase());
        }
        Cow::Borrowed(_) => {}
    }
}

/// The text in lower case.
pub(crate) fn lower(text: &str, culture: Culture) -> String {
    if culture != Culture::Turkic && text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .map(|c| match (c, culture) {
            ('I', Culture::Turkic) => 'ı',
            ('İ', Culture::Turkic | Culture::Named) => 'i',
            _ => lower_letter(c),
        })
        .collect()
}

/// The text in upper case.
pub(crate) fn upper(text: &str, culture: Culture) -> String {
    if culture != Culture::Turkic && text.is_ascii() {
        return text.to_ascii_uppercase();
    }
    text.chars()
        .map(|c| match (c, culture) {
            ('i', Culture::Turkic) => 'İ',
            ('ı', Culture::Turkic | Culture::Named) => 'I',
            _ => upper_letter(c),
        })
        .collect()
}

/// The text in proper case: every word begins with a capital and goes on in lower case. With `separators` only those
/// characters end a word; without, everything that is no letter, mark, number or apostrophe does.
pub(crate) fn proper(text: &str, separators: Option<&str>) -> String {
    let mut raise = true;
    text.chars()
        .map(|c| {
            let letter = c.is_alphabetic();
            let cased = if raise { upper_letter(c) } else { lower_letter(c) };
            raise = match separators {
                Some(separators) => separators.contains(c),
                None if letter => false,
                None => !(c.is_alphanumeric() || is_combining_mark(c) || c == '\'') || raise,
            };
            cased
        })
        .collect()
}

fn lower_letter(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

/// The invariant culture keeps ı: its capital would be that of another letter.
fn upper_letter(c: char) -> char {
    if c == 'ı' {
        return c;
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) => single,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Culture {
        Culture::of(name).unwrap()
    }

    #[test]
    fn a_letter_stays_one_letter() {
        assert_eq!(upper("straße", Culture::Invariant), "STRAßE");
        assert_eq!(lower("ΟΔΟΣ", Culture::Invariant), "οδοσ");
    }

    #[test]
    fn turkic_cultures_have_two_letters_i() {
        assert_eq!(lower("Iİ", named("tr-TR")), "ıi");
        assert_eq!(upper("iı", named("az")), "İI");
        assert_eq!(lower("I", named("de-DE")), "i");
        assert_eq!((Culture::of("tr TR"), Culture::of("-TR"), Culture::of("türkçe")), (None, None, None));
    }

    #[test]
    fn the_invariant_culture_keeps_the_turkic_letters() {
        assert_eq!((lower("İI", Culture::Invariant), upper("ıi", named(""))), ("İi".into(), "ıI".into()));
        assert_eq!((lower("İI", named("lt")), upper("ıi", named("en-US"))), ("ii".into(), "II".into()));
    }

    #[test]
    fn an_apostrophe_ends_a_word_only_when_asked_to() {
        assert_eq!(proper("st john's hospital", None), "St John's Hospital");
        assert_eq!(proper("PINTO-DE'SILVA", Some(" '-")), "Pinto-De'Silva");
        assert_eq!(proper("ANNA-LENA (2nd)", None), "Anna-Lena (2Nd)");
        assert_eq!(proper("ANNA-LENA MAIER", Some(" ")), "Anna-lena Maier");
    }
}
