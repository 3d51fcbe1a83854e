//! Functions that find or take a part of a text by its position, which counts characters from 1.

use super::{Function, byte_of, count, function, integer_constant, part};
use crate::casing::{self, Culture};
use crate::code::{Code, code};
use crate::compile::Call;
use crate::evaluation::Operand;
use std::borrow::Cow;

pub(super) const FUNCTIONS: &[Function] = &[
    function("Left", "Left(source, count)", "Takes characters from the beginning of a text.", (2, 2, 2), left),
    function("Mid", "Mid(source, start, length)", "Takes characters from the middle of a text.", (3, 3, 3), mid),
    function(
        "InStr",
        "InStr(text, wanted, [start], [vbTextCompare | vbBinaryCompare])",
        "Says where a text stands in another one; 0 when it does not.",
        (2, 2, 4),
        in_str,
    ),
    function(
        "Word",
        "Word(source, number, delimiters)",
        "Takes one of the words that the delimiters separate.",
        (3, 3, 3),
        word,
    ),
];

const EMPTY: Operand<'static> = Operand::Text(Cow::Borrowed(""));

fn left(call: &mut Call<'_>) -> Code {
    integer_constant(call, 1);
    let site = call.site;
    let (source, number) = (call.code(0), call.code(1));
    code(move |scope| {
        let Some(text) = source.text(scope, site)? else { return Ok(EMPTY) };
        let number = number.integer(scope, site, "the number of characters")?;
        if number < 0 {
            return Ok(Operand::Text(text));
        }
        let end = byte_of(&text, count(number));
        Ok(Operand::Text(part(text, 0, end)))
    })
}

/// A negative length, or a start outside of the text, gives the text unchanged (the documented rule of this
/// language's ancestor).
fn mid(call: &mut Call<'_>) -> Code {
    integer_constant(call, 1);
    integer_constant(call, 2);
    let site = call.site;
    let (source, start, length) = (call.code(0), call.code(1), call.code(2));
    code(move |scope| {
        let Some(text) = source.text(scope, site)? else { return Ok(EMPTY) };
        let start = start.integer(scope, site, "the start")?;
        let length = length.integer(scope, site, "the length")?;
        if length == 0 {
            return Ok(EMPTY);
        }
        let from = byte_of(&text, count(start.saturating_sub(1)));
        if start <= 0 || length < 0 || from >= text.len() {
            return Ok(Operand::Text(text));
        }
        let to = from + byte_of(&text[from..], count(length));
        Ok(Operand::Text(part(text, from, to)))
    })
}

const NO_COMPARISON: &str = "this is no way to compare";

/// Whether a way to compare takes `a` for `A`; nothing where it is none.
fn ignores_case(word: &str) -> Option<bool> {
    match word {
        "vbTextCompare" | "1" => Some(true),
        "vbBinaryCompare" | "0" | "" => Some(false),
        _ => None,
    }
}

fn in_str(call: &mut Call<'_>) -> Code {
    integer_constant(call, 2);
    super::bad_constant(call, 3, |word| match ignores_case(word) {
        Some(_) => Ok(()),
        None => Err((NO_COMPARISON.to_owned(), "write vbTextCompare or vbBinaryCompare".to_owned())),
    });
    let site = call.site;
    let (text, wanted) = (call.code(0), call.code(1));
    let (start, compare) = (call.take(2), call.take(3));
    code(move |scope| {
        let mut text = text.text_or_empty(scope, site)?;
        let mut wanted = wanted.text_or_empty(scope, site)?;
        let start = match &start {
            Some(start) => start.code.integer(scope, site, "the start")?,
            None => 1,
        };
        if start < 1 {
            return Err(site.fault("the start counts from 1"));
        }
        let folded = match &compare {
            Some(compare) => {
                let word = compare.code.text_or_empty(scope, site)?;
                ignores_case(&word).ok_or_else(|| site.fault(NO_COMPARISON))?
            }
            None => false,
        };
        if folded {
            scope.spend(site, text.len() + wanted.len())?;
            text = Cow::Owned(casing::lower(&text, Culture::Invariant));
            wanted = Cow::Owned(casing::lower(&wanted, Culture::Invariant));
        }
        let from = byte_of(&text, count(start - 1));
        let found = if from >= text.len() { None } else { text[from..].find(&*wanted) };
        let place = found.map_or(0, |byte| text[..from + byte].chars().count() + 1);
        scope.made(site, place.to_string())
    })
}

/// Several delimiters in a row separate two words as one does.
fn word(call: &mut Call<'_>) -> Code {
    integer_constant(call, 1);
    let site = call.site;
    let (source, number, delimiters) = (call.code(0), call.code(1), call.code(2));
    code(move |scope| {
        let Some(text) = source.text(scope, site)? else { return Ok(EMPTY) };
        let number = number.integer(scope, site, "the number of the word")?;
        let delimiters = delimiters.text_or_empty(scope, site)?;
        if delimiters.len() > 200 {
            return Err(site.fault("there are more than 200 bytes of delimiters"));
        }
        scope.spend(site, text.len() * delimiters.len() / 8)?;
        if number < 1 {
            return Ok(EMPTY);
        }
        let found = text.split(|c| delimiters.contains(c)).filter(|word| !word.is_empty()).nth(count(number - 1));
        let Some(found) = found else { return Ok(EMPTY) };
        let from = found.as_ptr() as usize - text.as_ptr() as usize;
        let to = from + found.len();
        Ok(Operand::Text(part(text, from, to)))
    })
}
