//! `Replace` in its five modes. Patterns are the crate's; what is done with their matches is not.

use super::{Arguments, End, Given, Step};
use regex::{Captures, Regex};

/// The mode that a choice of arguments means.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    Plain,
    Template,
    Pattern,
    Group,
    Other,
}

/// Which of oldValue, regexPattern, regexGroupName, replacementValue, replacementAttributeName and template are given.
pub(super) fn mode(given: [bool; 6]) -> Option<Mode> {
    Some(match given {
        [true, false, false, _, false, true] => Mode::Template,
        [true, false, false, true, false, false] => Mode::Plain,
        [false, true, false, true, false, _] => Mode::Pattern,
        [false, true, true, true, false, _] => Mode::Group,
        [false, true, true, _, true, _] => Mode::Other,
        _ => return None,
    })
}

pub(super) fn replace(arguments: &Arguments<'_>) -> Step<Given> {
    let mode = mode(std::array::from_fn(|index| arguments.is_given(index + 1))).ok_or(End::Failure)?;
    if mode == Mode::Other {
        return other(arguments);
    }
    let Some(text) = arguments.one(0)? else { return Ok(Given::Null) };
    Ok(Given::Text(match mode {
        Mode::Plain => {
            let (old, value) = (arguments.text(1)?, arguments.text(4)?);
            if old.is_empty() { text } else { text.split(&old).collect::<Vec<_>>().join(&value) }
        }
        Mode::Template => {
            let (old, template) = (arguments.text(1)?, arguments.text(6)?);
            if old.is_empty() { template } else { template.split(&old).collect::<Vec<_>>().join(&text) }
        }
        Mode::Pattern => {
            let pattern = pattern(arguments)?;
            let value = arguments.text(4)?;
            matches(&pattern, &text, &|captures| expanded(&pattern, captures, &text, &value))
        }
        _ => {
            let pattern = pattern(arguments)?;
            let index = named(&pattern, &arguments.text(3)?).ok_or(End::Failure)?;
            let value = arguments.text(4)?;
            matches(&pattern, &text, &|captures| {
                let Some(whole) = captures.get(0) else { return String::new() };
                match captures.get(index) {
                    None => whole.as_str().to_owned(),
                    Some(group) => {
                        format!("{}{value}{}", &text[whole.start()..group.start()], &text[group.end()..whole.end()])
                    }
                }
            })
        }
    }))
}

fn pattern(arguments: &Arguments<'_>) -> Step<Regex> {
    regex(&arguments.text(2)?).ok_or(End::Failure)
}

/// A pattern of .NET in the words of the crate: there a brace that counts nothing is a plain one.
pub(super) fn regex(text: &str) -> Option<Regex> {
    let mut output = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, if c == '\\' { characters.next() } else { None }) {
            ('\\', Some('Z')) => output.push_str("\\z"),
            ('\\', Some('e')) => output.push_str("\\x1B"),
            ('\\', Some(next)) if !next.is_ascii() => output.push(next),
            ('\\', Some(next)) => output.extend([c, next]),
            _ => output.push(c),
        }
    }
    Regex::new(&output).or_else(|_| Regex::new(&output.replace('{', "\\{"))).ok()
}

/// The source where it has a value, else what the group finds in the other attribute.
fn other(arguments: &Arguments<'_>) -> Step<Given> {
    let source = arguments.given(0)?;
    if !source.is_empty() {
        return Ok(source);
    }
    let Some(text) = arguments.one(5)? else { return Ok(Given::Null) };
    let pattern = pattern(arguments)?;
    let index = named(&pattern, &arguments.text(3)?).ok_or(End::Failure)?;
    let found = pattern.captures(&text).and_then(|captures| captures.get(index).map(|found| found.as_str().to_owned()));
    Ok(found.map_or(Given::Null, Given::Text))
}

/// Every match with something else in its place. After an empty match the next one begins a character later; an empty
/// match may follow another one at once.
fn matches(pattern: &Regex, text: &str, change: &dyn Fn(&Captures<'_>) -> String) -> String {
    let mut output = String::new();
    let mut copied = 0;
    let mut from = 0;
    while from <= text.len() {
        let Some(captures) = pattern.captures_at(text, from) else { break };
        let Some(whole) = captures.get(0) else { break };
        output.push_str(&text[copied..whole.start()]);
        output.push_str(&change(&captures));
        copied = whole.end();
        from = whole.end();
        if whole.is_empty() {
            from += 1;
            while from < text.len() && !text.is_char_boundary(from) {
                from += 1;
            }
        }
    }
    output + &text[copied..]
}

/// The place of a group, by its name or number. Groups without a name are numbered first.
pub(super) fn named(pattern: &Regex, name: &str) -> Option<usize> {
    let Ok(number) = name.parse::<usize>() else {
        return pattern.capture_names().position(|known| known == Some(name));
    };
    let mut order = vec![0];
    for with_name in [false, true] {
        let groups = pattern.capture_names().enumerate().skip(1);
        order.extend(groups.filter(|(_, name)| name.is_some() == with_name).map(|(index, _)| index));
    }
    order.get(number).copied()
}

/// The replacement with its signs filled in; what names no group stays.
fn expanded(pattern: &Regex, captures: &Captures<'_>, text: &str, value: &str) -> String {
    let group = |index: usize| captures.get(index).map_or("", |found| found.as_str());
    let whole = captures.get(0).map_or((0, 0), |found| (found.start(), found.end()));
    let mut output = String::new();
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        let sign = rest.strip_prefix('$').and_then(|after| {
            let next = after.chars().next()?;
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            Some(match next {
                '$' => ("$", 2),
                '&' => (group(0), 2),
                '`' => (&text[..whole.0], 2),
                '\'' => (&text[whole.1..], 2),
                '_' => (text, 2),
                '+' => (group(named(pattern, &(pattern.captures_len() - 1).to_string())?), 2),
                '{' => {
                    let name = &after[1..after.find('}')?];
                    (group(named(pattern, name)?), name.len() + 3)
                }
                _ if digits > 0 => (group(named(pattern, &after[..digits])?), digits + 1),
                _ => return None,
            })
        });
        if let Some((text, length)) = sign {
            output.push_str(text);
            rest = &rest[length..];
        } else {
            output.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    output
}
