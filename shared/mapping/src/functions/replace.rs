//! `Replace` with its five modes. Which one is meant follows from the arguments that are given.

use super::{Function, function};
use crate::code::{Code, code};
use crate::compile::{Argument, Call, null};
use crate::evaluation::{Operand, Scope, Site, Step, Stop, TEXT_MAX};
use crate::replacement::{Replacement, group, replace_all, replace_group};
use crate::{Mistake, pattern};
use memchr::memmem;
use regex::Regex;
use std::borrow::Cow;
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[function(
    "Replace",
    "Replace(source, oldValue, regexPattern, regexGroupName, replacementValue, replacementAttributeName, template)",
    "Replaces texts or matches of a regular expression, in the source or in a template.",
    (2, 1, 7),
    replace,
)];

/// A search may take time in the square of the text's length, so that no longer text is searched.
const SEARCHED_MAX: usize = 16 << 10;

fn replace(call: &mut Call<'_>) -> Code {
    let [source, old, pattern, group, value, other, template]: [Option<Argument>; 7] =
        std::array::from_fn(|index| call.take(index));
    let Some(source) = source.map(|source| source.code) else { return null() };
    match (old, pattern, group, value, other, template) {
        (Some(old), None, None, _, None, Some(template)) => in_template(call.site, source, old.code, template.code),
        (Some(old), None, None, Some(value), None, None) => plain(call.site, source, old.code, value.code),
        (None, Some(pattern), None, Some(value), None, _) => by_pattern(call, source, pattern, value),
        (None, Some(pattern), Some(group), Some(value), None, _) => {
            let finder = Finder::of(call, pattern, group);
            in_group(source, finder, value.code)
        }
        (None, Some(pattern), Some(group), _, Some(other), _) => {
            let finder = Finder::of(call, pattern, group);
            from_other(source, finder, other.code)
        }
        _ => {
            let mistake = Mistake::new("Replace cannot work with this choice of arguments", call.start, call.end);
            call.mistakes.push(mistake.hint(
                "give oldValue and replacementValue, oldValue and template, regexPattern and replacementValue, or \
                 regexPattern, regexGroupName and one of replacementValue and replacementAttributeName",
            ));
            null()
        }
    }
}

/// All occurrences of a text.
fn plain(site: Site, source: Code, old: Code, value: Code) -> Code {
    code(move |scope| {
        let Some(text) = source.text(scope, site)? else { return Ok(Operand::Null) };
        let old = old.text_or_empty(scope, site)?;
        let value = value.text_or_empty(scope, site)?;
        if old.is_empty() || memmem::find(text.as_bytes(), old.as_bytes()).is_none() {
            return Ok(Operand::Text(text));
        }
        substituted(scope, site, &text, (&old, &value))
    })
}

/// The source in the place of a text of the template.
fn in_template(site: Site, source: Code, old: Code, template: Code) -> Code {
    code(move |scope| {
        let Some(text) = source.text(scope, site)? else { return Ok(Operand::Null) };
        let old = old.text_or_empty(scope, site)?;
        let template = template.text_or_empty(scope, site)?;
        if old.is_empty() {
            return Ok(Operand::Text(template));
        }
        substituted(scope, site, &template, (&old, &text))
    })
}

fn substituted<'a>(scope: &Scope<'a>, site: Site, text: &str, (old, value): (&str, &str)) -> Step<'a> {
    let length =
        text.len() + memmem::find_iter(text.as_bytes(), old.as_bytes()).count() * value.len().saturating_sub(old.len());
    scope.spend_text(site, length)?;
    let mut output = String::with_capacity(length);
    let mut copied = 0;
    for at in memmem::find_iter(text.as_bytes(), old.as_bytes()) {
        output.push_str(&text[copied..at]);
        output.push_str(value);
        copied = at + old.len();
    }
    output.push_str(&text[copied..]);
    scope.made(site, output)
}

/// A pattern that was compiled beforehand where it is a constant.
enum Pattern {
    Ready(Regex),
    Code(Code),
}

impl Pattern {
    fn of(argument: Argument, call: &mut Call<'_>) -> Self {
        let Some(text) = &argument.constant else { return Self::Code(argument.code) };
        match pattern::compile(text) {
            Ok(regex) => Self::Ready(regex),
            Err(message) => {
                call.mistakes.push(Mistake::of_constant(message, argument.start, argument.end));
                let site = call.site;
                Self::Code(code(move |_| Err(site.fault("the regular expression cannot be used"))))
            }
        }
    }

    fn ready(&self) -> Option<&Regex> {
        if let Self::Ready(regex) = self { Some(regex) } else { None }
    }

    /// The pattern, ready to search a text of that length.
    fn get(&self, scope: &Scope<'_>, site: Site, length: usize) -> Result<Cow<'_, Regex>, Stop> {
        afford_search(scope, site, length)?;
        match self {
            Self::Ready(regex) => Ok(Cow::Borrowed(regex)),
            Self::Code(code) => {
                let text = code.text_or_empty(scope, site)?;
                scope.spend(site, 256 << 10)?;
                // The reason may quote the pattern, which was computed from the record.
                let computed = pattern::compile(&text);
                computed.map(Cow::Owned).map_err(|_| site.fault("the computed regular expression cannot be used"))
            }
        }
    }
}

/// Pays for searching a text of that length.
fn afford_search(scope: &Scope<'_>, site: Site, length: usize) -> Result<(), Stop> {
    if length > SEARCHED_MAX {
        return Err(site.fault("the text is too long for a regular expression, 16 KiB at the most"));
    }
    scope.spend(site, length * length / 16)
}

fn by_pattern(call: &mut Call<'_>, source: Code, pattern: Argument, value: Argument) -> Code {
    let site = call.site;
    let regex_text = &pattern.constant.clone().unwrap_or_default();
    let pattern = Pattern::of(pattern, call);
    // Taken apart beforehand where both are constants.
    let ready = match (pattern.ready(), &value.constant) {
        (Some(regex), Some(text)) => Some(Arc::new(Replacement::parse(text, regex))),
        _ => None,
    };
    let characters = match (pattern.ready(), ready.as_deref().and_then(Replacement::literal)) {
        (Some(regex), Some(literal)) if pattern::is_class(regex_text) => {
            Some((Characters::of(regex), literal.to_owned()))
        }
        _ => None,
    };
    code(move |scope| {
        let Some(text) = source.text(scope, site)? else { return Ok(Operand::Null) };
        if let Some((characters, literal)) = &characters
            && text.is_ascii()
            && text.len() * literal.len().max(1) <= TEXT_MAX
        {
            afford_search(scope, site, text.len())?;
            return match characters.replace(&text, literal) {
                Some(output) => scope.made(site, output),
                None => Ok(Operand::Text(text)),
            };
        }
        let regex = pattern.get(scope, site, text.len())?;
        let replacement = match &ready {
            Some(ready) => Arc::clone(ready),
            None => Arc::new(Replacement::parse(&value.code.text_or_empty(scope, site)?, &regex)),
        };
        finished(scope, site, replace_all(&regex, &text, &replacement, TEXT_MAX))
    })
}

/// Which ASCII characters a pattern of one character matches: most patterns of operators only name what is to go.
struct Characters([bool; 128]);

impl Characters {
    fn of(regex: &Regex) -> Self {
        let mut one = [0; 1];
        Self(std::array::from_fn(|code| {
            one[0] = u8::try_from(code).unwrap_or_default();
            regex.is_match(std::str::from_utf8(&one).unwrap_or_default())
        }))
    }

    /// An ASCII text with those characters replaced; nothing where there is none of them.
    fn replace(&self, text: &str, literal: &str) -> Option<String> {
        let matched = |byte: u8| self.0[usize::from(byte & 0x7f)];
        let first = text.bytes().position(matched)?;
        if literal.is_empty() {
            // Written without a branch, which the processor could only guess: numbers and names are all different.
            let mut kept = text.as_bytes().to_vec();
            let mut count = first;
            for byte in text[first..].bytes() {
                kept[count] = byte;
                count += usize::from(!matched(byte));
            }
            kept.truncate(count);
            return String::from_utf8(kept).ok();
        }
        let mut output = String::with_capacity(text.len());
        output.push_str(&text[..first]);
        for byte in text[first..].bytes() {
            if matched(byte) { output.push_str(literal) } else { output.push(char::from(byte)) }
        }
        Some(output)
    }
}

fn finished<'a>(scope: &Scope<'a>, site: Site, output: Option<String>) -> Step<'a> {
    scope.made(site, output.ok_or_else(|| site.fault("the text would be longer than 1 MiB"))?)
}

/// A pattern and one of its groups.
struct Finder {
    site: Site,
    pattern: Pattern,
    group: Code,
}

impl Finder {
    fn of(call: &mut Call<'_>, pattern: Argument, name: Argument) -> Self {
        let pattern = Pattern::of(pattern, call);
        if let (Some(regex), Some(wanted)) = (pattern.ready(), &name.constant)
            && group(regex, wanted).is_none()
        {
            let mistake =
                Mistake::of_constant("the regular expression has no group of this name", name.start, name.end);
            call.mistakes.push(mistake.hint("name the group in the pattern: (?<name>...)"));
        }
        Self { site: call.site, pattern, group: name.code }
    }

    /// The pattern and the group's index, for a text of that length.
    fn get(&self, scope: &Scope<'_>, length: usize) -> Result<(Cow<'_, Regex>, usize), Stop> {
        let regex = self.pattern.get(scope, self.site, length)?;
        let name = self.group.text_or_empty(scope, self.site)?;
        let index = group(&regex, &name).ok_or_else(|| self.site.fault("the regular expression has no such group"))?;
        Ok((regex, index))
    }
}

/// The text of one group only.
fn in_group(source: Code, finder: Finder, value: Code) -> Code {
    let site = finder.site;
    code(move |scope| {
        let Some(text) = source.text(scope, site)? else { return Ok(Operand::Null) };
        let (regex, index) = finder.get(scope, text.len())?;
        let value = value.text_or_empty(scope, site)?;
        finished(scope, site, replace_group(&regex, &text, index, &value, TEXT_MAX))
    })
}

/// The source itself, or what the group finds in another attribute when the source has no value.
fn from_other(source: Code, finder: Finder, other: Code) -> Code {
    let site = finder.site;
    code(move |scope| {
        let source = source.run(scope)?;
        if !source.is_empty() {
            return Ok(source);
        }
        let Some(text) = other.text(scope, site)? else { return Ok(Operand::Null) };
        let (regex, index) = finder.get(scope, text.len())?;
        match regex.captures(&text).and_then(|captures| captures.get(index)) {
            Some(found) => scope.made(site, found.as_str().to_owned()),
            None => Ok(Operand::Null),
        }
    })
}
