//! Replacing by regular expression as .NET does it: replacement texts with `${group}`, and empty matches.

use regex::{Captures, Regex};

/// A replacement text, cut into what is copied and what is looked up.
#[derive(Debug)]
pub(crate) struct Replacement {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Literal(String),
    Group(usize),
    Before,
    After,
    Input,
}

impl Replacement {
    /// Reads `${name}`, `$1`, `$&`, `$$` and the other signs of .NET. What names no group stays as it is.
    pub fn parse(text: &str, pattern: &Regex) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            literal.push_str(&rest[..at]);
            rest = &rest[at..];
            let Some((part, length)) = sign(rest, pattern) else {
                literal.push('$');
                rest = &rest[1..];
                continue;
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(part);
            rest = &rest[length..];
        }
        literal.push_str(rest);
        parts.push(Part::Literal(literal));
        Self { parts }
    }

    /// The text, where nothing is looked up.
    pub fn literal(&self) -> Option<&str> {
        if let [Part::Literal(text)] = self.parts.as_slice() { Some(text) } else { None }
    }

    fn expand(&self, captures: &Captures<'_>, text: &str, output: &mut String) {
        let (start, end) = captures.get(0).map_or((0, 0), |found| (found.start(), found.end()));
        for part in &self.parts {
            output.push_str(match part {
                Part::Literal(literal) => literal,
                Part::Group(index) => captures.get(*index).map_or("", |group| group.as_str()),
                Part::Before => &text[..start],
                Part::After => &text[end..],
                Part::Input => text,
            });
        }
    }
}

/// The sign at the beginning of `text` and its length.
fn sign(text: &str, pattern: &Regex) -> Option<(Part, usize)> {
    let next = text[1..].chars().next()?;
    Some(match next {
        '$' => (Part::Literal("$".to_owned()), 2),
        '&' => (Part::Group(0), 2),
        '`' => (Part::Before, 2),
        '\'' => (Part::After, 2),
        '_' => (Part::Input, 2),
        '+' => (Part::Group(group_at(pattern, pattern.captures_len() - 1)?), 2),
        '{' => {
            let length = text.find('}')?;
            (Part::Group(group(pattern, &text[2..length])?), length + 1)
        }
        c if c.is_ascii_digit() => {
            let digits = text[1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - 1);
            (Part::Group(group(pattern, &text[1..=digits])?), digits + 1)
        }
        _ => return None,
    })
}

/// The index of a group that is given by name or number.
pub(crate) fn group(pattern: &Regex, name: &str) -> Option<usize> {
    match name.parse() {
        Ok(number) => group_at(pattern, number),
        Err(_) => pattern.capture_names().position(|known| known == Some(name)),
    }
}

/// .NET numbers the groups without a name first, those with one after them.
fn group_at(pattern: &Regex, number: usize) -> Option<usize> {
    let named = |wanted: bool| {
        pattern
            .capture_names()
            .enumerate()
            .skip(1)
            .filter(move |(_, name)| name.is_some() == wanted)
            .map(|(index, _)| index)
    };
    std::iter::once(0).chain(named(false)).chain(named(true)).nth(number)
}

/// Replaces every match; `None` when the result would be longer than `length_max`.
pub(crate) fn replace_all(pattern: &Regex, text: &str, replacement: &Replacement, length_max: usize) -> Option<String> {
    each_match(pattern, text, length_max, |captures, output| {
        replacement.expand(captures, text, output);
        captures.get(0).map_or(0, |found| found.end())
    })
}

/// Replaces the text of one group in every match; `None` when the result would be longer than `length_max`.
pub(crate) fn replace_group(
    pattern: &Regex,
    text: &str,
    group: usize,
    replacement: &str,
    length_max: usize,
) -> Option<String> {
    each_match(pattern, text, length_max, |captures, output| {
        let start = captures.get(0).map_or(0, |found| found.start());
        let Some(found) = captures.get(group) else { return start };
        output.push_str(&text[start..found.start()]);
        output.push_str(replacement);
        found.end()
    })
}

/// Goes from match to match. `write` adds what takes the match's place and says up to where it did so. Unlike the
/// `regex` crate's own iteration, an empty match may follow a match directly.
fn each_match(
    pattern: &Regex,
    text: &str,
    length_max: usize,
    write: impl Fn(&Captures<'_>, &mut String) -> usize,
) -> Option<String> {
    let mut output = String::with_capacity(text.len());
    let (mut at, mut copied) = (0, 0);
    while at <= text.len() {
        let Some(captures) = pattern.captures_at(text, at) else { break };
        let Some(found) = captures.get(0) else { break };
        output.push_str(&text[copied..found.start()]);
        copied = write(&captures, &mut output);
        if output.len() > length_max {
            return None;
        }
        let step = || text[found.end()..].chars().next().map_or(1, char::len_utf8);
        at = if found.is_empty() { found.end() + step() } else { found.end() };
        if copied < found.end() {
            output.push_str(&text[copied..found.end()]);
            copied = found.end();
        }
    }
    output.push_str(&text[copied..]);
    if output.len() > length_max { None } else { Some(output) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(pattern: &str, text: &str, replacement: &str) -> String {
        let pattern = Regex::new(pattern).unwrap();
        replace_all(&pattern, text, &Replacement::parse(replacement, &pattern), 100).unwrap()
    }

    #[test]
    fn an_empty_match_at_the_end_follows_a_full_one() {
        assert_eq!(replaced(".*", "abc", "x"), "xx");
        assert_eq!(replaced("(.*?)(?<id>.{0,6})$", "000000789", "${id}"), "000789");
        assert_eq!(replaced("x*", "äb", "-"), "-ä-b-");
    }

    #[test]
    fn groups_without_a_name_are_numbered_first() {
        assert_eq!(replaced("(?<a>.)(.)", "12", "$1$2"), "21");
        assert_eq!(replaced("(?<a>.)(.)", "12", "${a}|$0|$$|${b}|$x"), "1|12|$|${b}|$x");
    }

    #[test]
    fn one_group_is_replaced_and_the_rest_of_the_match_stays() {
        let pattern = Regex::new(r"(?<number>\d+) St").unwrap();
        assert_eq!(replace_group(&pattern, "to 545 Street", 1, "888", 100).unwrap(), "to 888 Street");
    }

    #[test]
    fn a_result_that_is_too_long_is_none() {
        let pattern = Regex::new("a").unwrap();
        let replacement = Replacement::parse("$_$_$_", &pattern);
        assert_eq!(replace_all(&pattern, &"a".repeat(10), &replacement, 100), None);
    }
}
