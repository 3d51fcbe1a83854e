//! Regular expressions in .NET's dialect on the linear engine of the `regex` crate.
//!
//! What means the same but is written in another way is rewritten; look-around, back-references and atomic groups,
//! which need backtracking, are refused.

use regex::{Regex, RegexBuilder};

/// No pattern may compile to more bytes.
const PROGRAM_MAX: usize = 1 << 20;
/// No pattern may keep more bytes of what it learnt while searching.
const MEMORY_MAX: usize = 1 << 19;
/// No pattern may be longer, in bytes.
const PATTERN_MAX: usize = 2_000;

/// A pattern that matches anywhere in a text.
pub(crate) fn compile(pattern: &str) -> Result<Regex, String> {
    build(pattern, &rewritten(pattern))
}

/// A pattern that has to match a text as a whole.
pub(crate) fn whole(pattern: &str) -> Result<Regex, String> {
    build(pattern, &rewritten(pattern))?;
    build(pattern, &format!("^(?:{})$", rewritten(pattern)))
}

/// Whether the pattern is one class of characters and nothing else, so that every match is one character.
pub(crate) fn is_class(pattern: &str) -> bool {
    let chars: Vec<char> = pattern.chars().collect();
    chars.first() == Some(&'[') && class(&chars, 0, &mut String::new()) == chars.len()
}

fn build(original: &str, pattern: &str) -> Result<Regex, String> {
    if original.len() > PATTERN_MAX {
        return Err(format!("the regular expression is longer than {PATTERN_MAX} bytes"));
    }
    RegexBuilder::new(pattern).size_limit(PROGRAM_MAX).dfa_size_limit(MEMORY_MAX).nest_limit(50).build().map_err(
        |error| match error {
            regex::Error::CompiledTooBig(_) => "the regular expression is too large when compiled".to_owned(),
            error => {
                let text = error.to_string();
                let reason = text.rsplit("error: ").next().unwrap_or_default().trim();
                format!("the regular expression does not parse: {reason}")
            }
        },
    )
}

/// The same pattern in the words of the `regex` crate.
fn rewritten(pattern: &str) -> String {
    let chars: Vec<char> = pattern.chars().collect();
    let mut output = String::with_capacity(pattern.len() + 8);
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '\\' => at = escape(&chars, at, &mut output),
            '[' => at = class(&chars, at, &mut output),
            '{' if !is_quantifier(&chars[at..]) => {
                output.push_str("\\{");
                at += 1;
            }
            // A comment.
            '(' if chars[at..].starts_with(&['(', '?', '#']) && chars[at..].contains(&')') => {
                at += chars[at..].iter().position(|c| *c == ')').map_or(1, |length| length + 1);
            }
            '(' if chars[at..].starts_with(&['(', '?', '\'']) => {
                let length = chars[at + 3..].iter().position(|c| *c == '\'');
                let name = &chars[at + 3..at + 3 + length.unwrap_or(0)];
                output.push_str("(?<");
                output.extend(name);
                output.push('>');
                at += 4 + name.len();
            }
            c => {
                output.push(c);
                at += 1;
            }
        }
    }
    output
}

/// Blocks of characters that .NET knows by name and the `regex` crate does not, or not by their bounds.
const BLOCKS: [(&str, &str); 7] = [
    ("IsBasicLatin", r"\x{0}-\x{7F}"),
    ("IsLatin-1Supplement", r"\x{80}-\x{FF}"),
    ("IsLatinExtended-A", r"\x{100}-\x{17F}"),
    ("IsLatinExtended-B", r"\x{180}-\x{24F}"),
    ("IsCombiningDiacriticalMarks", r"\x{300}-\x{36F}"),
    ("IsGreek", r"\x{370}-\x{3FF}"),
    ("IsCyrillic", r"\x{400}-\x{4FF}"),
];

/// `\p{L}` and `\P{L}`: the braces belong to them. A block becomes a class, which may stand inside of another one.
fn category(chars: &[char], at: usize, output: &mut String) -> usize {
    let Some(length) = chars[at..].iter().position(|c| *c == '}') else {
        output.extend(&chars[at..]);
        return chars.len();
    };
    let name: String = chars[at + 3..at + length].iter().collect();
    match BLOCKS.iter().find(|(block, _)| *block == name) {
        Some((_, range)) => output.extend([if chars[at + 1] == 'P' { "[^" } else { "[" }, range, "]"]),
        None => output.extend(&chars[at..=at + length]),
    }
    at + length + 1
}

/// `\<` and `\>` are plain characters in .NET, and `\Z` is the end.
fn escape(chars: &[char], at: usize, output: &mut String) -> usize {
    match chars.get(at + 1) {
        Some('p' | 'P') if chars.get(at + 2) == Some(&'{') => return category(chars, at, output),
        Some('Z') => output.push_str("\\z"),
        Some('e') => output.push_str("\\x1B"),
        Some(c @ ('<' | '>')) => output.push(*c),
        Some(c) if !c.is_ascii() => output.push(*c),
        Some(c) => output.extend(['\\', *c]),
        None => output.push('\\'),
    }
    at + 2
}

/// A class: `[`, `&` and `~` are plain characters inside, `-[…]` takes characters away.
fn class(chars: &[char], start: usize, output: &mut String) -> usize {
    output.push('[');
    let mut at = start + 1;
    if chars.get(at) == Some(&'^') {
        output.push('^');
        at += 1;
    }
    // A bracket at the very beginning is a plain one.
    if chars.get(at) == Some(&']') {
        output.push_str("\\]");
        at += 1;
    }
    let mut depth = 1;
    while at < chars.len() {
        match chars[at] {
            '\\' => {
                at = escape(chars, at, output);
                continue;
            }
            ']' => {
                output.push(']');
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            '-' if chars.get(at + 1) == Some(&'[') => {
                output.push_str("--[");
                depth += 1;
                at += 1;
                if chars.get(at + 1) == Some(&'^') {
                    output.push('^');
                    at += 1;
                }
            }
            '-' if chars.get(at + 1) == Some(&'-') => output.push_str("\\-"),
            c @ ('[' | '&' | '~') => output.extend(['\\', c]),
            c => output.push(c),
        }
        at += 1;
    }
    at
}

/// Whether a `{` begins `{n}`, `{n,}` or `{n,m}`; anything else is a plain brace.
fn is_quantifier(chars: &[char]) -> bool {
    let Some(length) = chars.iter().position(|c| *c == '}') else { return false };
    let inner = &chars[1..length];
    inner.first().is_some_and(char::is_ascii_digit)
        && inner.iter().all(|c| c.is_ascii_digit() || *c == ',')
        && inner.iter().filter(|c| **c == ',').count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_that_mean_something_else_elsewhere_are_plain_characters() {
        let pattern = compile(r"([\/\\\[\]\:\;\|\=\,\+\*\?\<\>])").unwrap();
        assert_eq!(pattern.replace_all(r"a<b>c[d]e\f", ""), "abcdef");
        assert!(compile(r"\<x\>").unwrap().is_match("<x>"));
    }

    #[test]
    fn a_class_is_read_as_dotnet_reads_it() {
        assert!(compile("[[a]").unwrap().is_match("["));
        assert!(compile("[a&&b]").unwrap().is_match("&"));
        assert!(!compile("^[a-z-[aeiou]]$").unwrap().is_match("e"));
        assert!(compile("^[a-z-[aeiou]]$").unwrap().is_match("f"));
        assert!(compile("[]x]").unwrap().is_match("]"));
    }

    #[test]
    fn categories_and_blocks_of_characters_are_known_by_their_names() {
        for (pattern, text, expected) in [
            (r"\p{Lu}", "aBÉ1", "a--1"),
            (r"\p{L}{2}", "abé", "-é"),
            (r"\P{L}", "a1é", "a-é"),
            (r"[^\p{L}\p{Nd}]", "a1 é", "a1-é"),
            (r"[^\p{IsBasicLatin}]", "aéЖ", "a--"),
            (r"\P{IsBasicLatin}", "aéЖ", "a--"),
            (r"[\P{IsCyrillic}x]", "aЖ", "-Ж"),
            (r"\p{IsLatin-1Supplement}|\p{IsGreek}", "aéα", "a--"),
            (r"\p{Mn}", "e\u{301}", "e-"),
        ] {
            assert_eq!(compile(pattern).unwrap().replace_all(text, "-"), expected, "{pattern}");
        }
        assert!(compile(r"\p{Nope}").is_err() && compile(r"\p{L").is_err() && compile(r"\p").is_err());
    }

    #[test]
    fn a_comment_means_nothing() {
        assert!(compile("^a(?# letter )b$").unwrap().is_match("ab"));
        assert!(compile("a(?#").is_err());
    }

    #[test]
    fn braces_that_are_no_quantifier_are_plain() {
        assert!(compile("^{id}$").unwrap().is_match("{id}"));
        assert!(compile("^x{2,}$").unwrap().is_match("xxx"));
    }

    #[test]
    fn what_needs_backtracking_or_too_much_room_is_refused() {
        assert!(compile("(?=x)").unwrap_err().contains("look-around"));
        assert!(compile(r"(a)\1").is_err());
        assert!(compile(r"(\w{200}){200}").unwrap_err().contains("too large"));
        assert!(compile(&"a".repeat(2_001)).is_err());
    }

    #[test]
    fn a_whole_match_leaves_nothing_over() {
        let pattern = whole("a|b[0-9]").unwrap();
        assert!(pattern.is_match("b7") && !pattern.is_match("b77") && !pattern.is_match("ab"));
        assert!(whole("a)(b").is_err());
    }
}
