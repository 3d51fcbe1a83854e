//! Letters: their case, their diacritics, and what stands around them.

use super::check::is_culture;
use super::{Arguments, End, Given, Step};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Step<Given>> {
    Some(match name {
        "Append" => append(arguments),
        "Trim" => arguments.each(|text| Ok(text.trim().to_owned())),
        "StripSpaces" => arguments.each(|text| Ok(text.replace(' ', ""))),
        "ToLower" => cased(arguments, lower),
        "ToUpper" => cased(arguments, upper),
        "PCase" if arguments.is_given(1) => arguments.each(|text| {
            let separators = arguments.text(1)?;
            if separators.len() > 200 { Err(End::Failure) } else { Ok(proper(&text, Some(&separators))) }
        }),
        "PCase" => arguments.each(|text| Ok(proper(&text, None))),
        "NormalizeDiacritics" => arguments.each(|text| Ok(plain(&text))),
        _ => return None,
    })
}

/// The only combining mark that is generated.
pub(crate) const DIAERESIS: char = '\u{308}';

fn append(arguments: &Arguments<'_>) -> Step<Given> {
    let source = arguments.given(0)?;
    let suffix = arguments.text(1)?;
    Ok(match source {
        Given::Null => Given::Null,
        Given::Text(text) => Given::Text(text + &suffix),
        Given::List(texts) => Given::List(texts.into_iter().map(|text| text + &suffix).collect()),
    })
}

fn cased(arguments: &Arguments<'_>, change: fn(char, &str) -> char) -> Step<Given> {
    arguments.each(|text| {
        let culture = arguments.text(1)?.to_ascii_lowercase();
        if !is_culture(&culture) {
            return Err(End::Failure);
        }
        let language = culture.split(['-', '_']).next().unwrap_or_default();
        Ok(text.chars().map(|c| change(c, language)).collect())
    })
}

/// One letter stays one letter. Only Turkish and Azerbaijani pair i with İ and ı with I; without a culture İ and ı have
/// no partner.
pub(super) fn lower(c: char, language: &str) -> char {
    match (c, language) {
        ('I', "tr" | "az") => 'ı',
        ('İ', "") => 'İ',
        ('İ', _) => 'i',
        _ => only(c, c.to_lowercase()),
    }
}

fn upper(c: char, language: &str) -> char {
    match (c, language) {
        ('i', "tr" | "az") => 'İ',
        ('ı', "") => 'ı',
        _ => only(c, c.to_uppercase()),
    }
}

fn only(c: char, cased: impl Iterator<Item = char>) -> char {
    let cased: Vec<char> = cased.collect();
    if let [single] = cased.as_slice() { *single } else { c }
}

/// With separators a capital stands at the beginning and after each of them. Without, every word begins with a capital:
/// its first letter, whatever digits stand before it.
fn proper(text: &str, separators: Option<&str>) -> String {
    let mut output = String::new();
    let mut capital = true;
    for c in text.chars() {
        output.push(if capital { upper(c, "") } else { lower(c, "") });
        let inside = c.is_alphanumeric() || c == '\'' || c == DIAERESIS;
        capital = match separators {
            Some(separators) => separators.contains(c),
            None => !inside || capital && !c.is_alphabetic(),
        };
    }
    output
}

/// The fixed table, as far as its letters are one character.
const ROWS: &[(&str, &str)] = &[
    ("a", "äàâãåáąăāǟǡ"),
    ("ae", "æǣ"),
    ("c", "çčć"),
    ("d", "ďḏ"),
    ("e", "ëèéêęěėēḗḕ"),
    ("g", "ğḡ"),
    ("i", "ïîìíīı"),
    ("I", "İ"),
    ("l", "łľḹḻ"),
    ("n", "ñńňṉ"),
    ("o", "öòőõôóōṓṑȫǭȭȱ"),
    ("oe", "ø"),
    ("r", "řṟṝ"),
    ("s", "šśșş"),
    ("ss", "ß"),
    ("t", "ťțṯ"),
    ("u", "üùûúůűūǖṻ"),
    ("y", "ÿýȳ"),
    ("z", "źžẕ"),
];

fn plain(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut output = String::new();
    let mut at = 0;
    while at < characters.len() {
        let letter = characters[at];
        let marks = characters[at + 1..].iter().take_while(|c| **c == DIAERESIS).count();
        let row = ROWS.iter().find(|(_, row)| row.contains(letter) || row.contains(lower(letter, "")));
        match (row, marks) {
            (Some((plain, row)), 0) if row.contains(letter) => output.push_str(plain),
            (Some((plain, _)), 0) => output.push_str(&plain.to_uppercase()),
            (None, 1) if "aeiouyAEIOUY".contains(letter) => output.push(letter),
            _ => output.extend(&characters[at..=at + marks]),
        }
        at += 1 + marks;
    }
    output
}
