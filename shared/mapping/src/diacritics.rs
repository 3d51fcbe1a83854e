//! Letters without their diacritics, by the fixed table of Entra's `NormalizeDiacritics`.
//!
//! Not German style (`ö` is `o`), yet `ø` is `oe`. What is not in the table stays: `đ`, `þ`, `ģ`, Greek, Cyrillic.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a letter becomes, and all the letters that become it. Upper case works alike.
const TABLE: [(&str, &str); 18] = [
    ("a", "ä à â ã å á ą ă ā ā́ ā̀ ā̂ ā̃ ǟ ā̈ ǡ a̱ å̄"),
    ("ae", "æ ǣ"),
    ("c", "ç č ć c̄ c̱"),
    ("d", "ď d̄ ḏ"),
    ("e", "ë è é ê ę ě ė ē ḗ ḕ ē̂ ē̃ ê̄ e̱ ë̄ e̊̄"),
    ("g", "ğ ḡ g̱"),
    ("i", "ï î ì í ī ī́ ī̀ ī̂ ī̃ i̱ ı"),
    ("l", "ł ľ l̄ ḹ ḻ"),
    ("n", "ñ ń ň n̄ ṉ"),
    ("o", "ö ò ő õ ô ó ō ṓ ṑ ō̂ ō̃ ȫ ō̈ ǭ ȭ ȱ o̱"),
    ("oe", "ø ø̄ œ̄"),
    ("r", "ř r̄ ṟ ṝ"),
    ("s", "š ś ș ş s̄ s̱"),
    ("ss", "ß"),
    ("t", "ť ț t̄ ṯ"),
    ("u", "ü ù û ú ů ű ū ū́ ū̀ ū̂ ū̃ u̇̄ ǖ ṻ ṳ̄ u̱"),
    ("y", "ÿ ý ȳ ȳ́ ȳ̀ ȳ̃ y̱"),
    ("z", "ź ž ż z̄ ẕ"),
];

/// Letters of Western and Central Europe: Latin-1 and Latin Extended-A.
const LATIN: Range<u32> = 0xc0..0x180;

/// The table, ready for looking up.
struct Letters {
    /// Letters that are one character, in order.
    single: Vec<(char, String)>,
    /// The same of the letters from [`LATIN`] on, by their distance from it: nearly all that names hold.
    latin: Vec<Option<String>>,
    /// All letters, fully decomposed.
    decomposed: HashMap<String, String>,
}

impl Letters {
    fn of_table() -> Self {
        let mut decomposed = HashMap::from([("İ".nfd().collect(), "I".to_owned())]);
        for (plain, row) in TABLE {
            for letter in row.split(' ') {
                decomposed.insert(letter.nfd().collect(), plain.to_owned());
                // The capitals of ı and ß are no letters of the table.
                if !matches!(letter, "ı" | "ß") {
                    decomposed.insert(letter.to_uppercase().nfd().collect(), plain.to_uppercase());
                }
            }
        }
        let composed = decomposed.iter().filter_map(|(letter, plain): (&String, &String)| {
            let mut characters = letter.nfc();
            Some((characters.next()?, characters.next().is_none(), plain.clone()))
        });
        let mut single: Vec<(char, String)> =
            composed.filter(|(_, alone, _)| *alone).map(|(letter, _, plain)| (letter, plain)).collect();
        single.sort_unstable();
        let latin = |code| {
            let index = single.binary_search_by_key(&char::from_u32(code)?, |(letter, _)| *letter).ok()?;
            Some(single[index].1.clone())
        };
        let latin = LATIN.map(latin).collect();
        Self { single, latin, decomposed }
    }

    fn get(&self, letter: &str) -> Option<&str> {
        let mut characters = letter.chars();
        let first = characters.next()?;
        if characters.next().is_none() {
            if LATIN.contains(&u32::from(first)) {
                return self.latin[(u32::from(first) - LATIN.start) as usize].as_deref();
            }
            let index = self.single.binary_search_by_key(&first, |(letter, _)| *letter).ok()?;
            return Some(&self.single[index].1);
        }
        let decomposed: String = letter.nfd().collect();
        self.decomposed.get(&decomposed).map(String::as_str)
    }
}

/// The text with every letter of the table replaced.
pub(crate) fn normalize(text: &mut Cow<'_, str>) {
    static LETTERS: OnceLock<Letters> = OnceLock::new();
    if text.is_ascii() {
        return;
    }
    let letters = LETTERS.get_or_init(Letters::of_table);
    let mut output = String::with_capacity(text.len());
    let mut rest: &str = text;
    loop {
        let (plain, tail) = rest.split_at(plain_letters(rest));
        output.push_str(plain);
        rest = tail;
        let Some(first) = rest.chars().next() else { break };
        let after = &rest[first.len_utf8()..];
        let marks = after.find(|c: char| c.is_ascii() || !is_combining_mark(c)).unwrap_or(after.len());
        let (letter, tail) = rest.split_at(first.len_utf8() + marks);
        rest = tail;
        let plain = if letter.is_ascii() { None } else { letters.get(letter) };
        output.push_str(plain.unwrap_or(letter));
    }
    *text = Cow::Owned(output);
}

/// How many letters at the beginning are ASCII and have no mark behind them.
fn plain_letters(text: &str) -> usize {
    let count = text.bytes().position(|byte| !byte.is_ascii()).unwrap_or(text.len());
    if text[count..].starts_with(is_combining_mark) { count.saturating_sub(1) } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut text = text.into();
        normalize(&mut text);
        text.into_owned()
    }

    #[test]
    fn a_composed_and_a_decomposed_letter_are_the_same_letter() {
        assert_eq!(plain("Zoë"), "Zoe");
        assert_eq!(plain("Zoe\u{308}"), "Zoe");
        assert_eq!(plain("Jürgen Øst Straße İıŁ"), "Jurgen OEst Strasse IiL");
    }

    #[test]
    fn what_is_not_in_the_table_stays() {
        for text in ["đ ð þ œ ħ ţ ģ ķ ļ ņ", "Đ Ð Þ Œ Ħ", "Ελλάδα", "Йошкар", "日本"] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn every_row_works_in_both_cases() {
        for (plain_letter, row) in TABLE {
            for letter in row.split(' ') {
                assert_eq!(plain(letter), plain_letter, "{letter}");
            }
        }
        assert_eq!(plain("Ṻ Ṳ̄ Ǖ Ȳ̃ Ǣ"), "U U U Y AE");
    }
}
