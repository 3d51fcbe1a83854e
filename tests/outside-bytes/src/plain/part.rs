//! Parts of a text, by characters that are counted from 1.

use super::check::is_way_to_compare;
use super::letters::lower;
use super::{Arguments, End, Given, Step};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Step<Given>> {
    let step = match name {
        "Left" => left(arguments),
        "Mid" => mid(arguments),
        "InStr" => return Some(in_str(arguments)),
        "Word" => word(arguments),
        _ => return None,
    };
    // Of null a part is `""`.
    Some(step.map(|text| Given::Text(text.unwrap_or_default())))
}

fn left(arguments: &Arguments<'_>) -> Step<Option<String>> {
    let Some(text) = arguments.one(0)? else { return Ok(None) };
    let count = arguments.whole(1)?;
    Ok(Some(match usize::try_from(count) {
        Ok(count) => text.chars().take(count).collect(),
        Err(_) => text,
    }))
}

fn mid(arguments: &Arguments<'_>) -> Step<Option<String>> {
    let Some(text) = arguments.one(0)? else { return Ok(None) };
    let (start, length) = (arguments.whole(1)?, arguments.whole(2)?);
    let characters: Vec<char> = text.chars().collect();
    if length == 0 {
        return Ok(Some(String::new()));
    }
    match (usize::try_from(start), usize::try_from(length)) {
        (Ok(start @ 1..), Ok(length)) if start <= characters.len() => {
            Ok(Some(characters[start - 1..].iter().take(length).collect()))
        }
        _ => Ok(Some(text)),
    }
}

fn in_str(arguments: &Arguments<'_>) -> Step<Given> {
    let (mut text, mut wanted) = (arguments.text(0)?, arguments.text(1)?);
    let start = if arguments.is_given(2) { arguments.whole(2)? } else { 1 };
    let start = usize::try_from(start).ok().filter(|start| *start >= 1).ok_or(End::Failure)?;
    let compare = arguments.text(3)?;
    if !is_way_to_compare(&compare) {
        return Err(End::Failure);
    }
    if matches!(compare.as_str(), "vbTextCompare" | "1") {
        text = text.chars().map(|c| lower(c, "")).collect();
        wanted = wanted.chars().map(|c| lower(c, "")).collect();
    }
    let (text, wanted): (Vec<char>, Vec<char>) = (text.chars().collect(), wanted.chars().collect());
    let found = (start..=text.len()).find(|place| text[place - 1..].starts_with(&wanted));
    Ok(Given::Text(found.unwrap_or(0).to_string()))
}

fn word(arguments: &Arguments<'_>) -> Step<Option<String>> {
    let Some(text) = arguments.one(0)? else { return Ok(None) };
    let number = arguments.whole(1)?;
    let delimiters = arguments.text(2)?;
    if delimiters.len() > 200 {
        return Err(End::Failure);
    }
    let mut words = vec![String::new()];
    for c in text.chars() {
        if delimiters.contains(c) {
            words.push(String::new());
        } else if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    let place = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    Ok(place.and_then(|place| words.get(place).cloned()))
}
