//! Functions about several values.

use super::{ANY, Function, function, integer_constant};
use crate::code::{Code, code, number};
use crate::compile::Call;
use crate::evaluation::{LIST_MAX, Operand, TEXT_MAX};
use std::borrow::Cow;
use std::collections::HashSet;

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "Join",
        "Join(separator, source1, source2, ...)",
        "Joins all values that are not empty, with a separator between them.",
        (2, 0, ANY),
        join,
    ),
    function("Split", "Split(source, delimiter)", "Makes a list of the parts of a text.", (2, 2, 2), split),
    function("Item", "Item(source, index)", "Takes one value of a list, counted from 1.", (2, 2, 2), item),
    function("Count", "Count(source)", "Says how many values there are.", (1, 1, 1), count),
    function(
        "RemoveDuplicates",
        "RemoveDuplicates(source)",
        "Keeps each value once, in the order of their first appearance.",
        (1, 1, 1),
        remove_duplicates,
    ),
    function(
        "SingleAppRoleAssignment",
        "SingleAppRoleAssignment(roles)",
        "Gives the first of several roles.",
        (1, 1, 1),
        first,
    ),
    function("AppRoleAssignments", "AppRoleAssignments(roles)", "Gives all roles.", (1, 1, 1), all),
    function(
        "AppRoleAssignmentsComplex",
        "AppRoleAssignmentsComplex(roles)",
        "Gives all roles, to be added to those that are there.",
        (1, 1, 1),
        all,
    ),
    function(
        "AssertiveAppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex(roles)",
        "Gives all roles, to take the place of those that are there.",
        (1, 1, 1),
        all,
    ),
];

/// Room for what is usually joined, made at once.
const JOINED: usize = 48;

fn join(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let separator = call.code(0);
    let sources = call.rest(1);
    code(move |scope| {
        let separator = separator.text_or_empty(scope, site)?;
        // Looked at on the way, so that no more than one text too many is ever held.
        let bounded = |output: &String| {
            if output.len() > TEXT_MAX { scope.spend_text(site, output.len()) } else { Ok(()) }
        };
        let mut output = String::new();
        for source in &sources {
            match source.run(scope) {
                Ok(Operand::Text(Cow::Borrowed(text))) => add(&mut output, &separator, text),
                // The room that the first text has is taken over.
                Ok(Operand::Text(Cow::Owned(text))) if output.is_empty() => output = text,
                Ok(Operand::Text(Cow::Owned(text))) => add(&mut output, &separator, &text),
                Ok(Operand::List(texts)) => {
                    for text in texts {
                        add(&mut output, &separator, &text);
                        bounded(&output)?;
                    }
                }
                Ok(Operand::Null) => {}
                Err(stop) => return Err(stop),
            }
            bounded(&output)?;
        }
        scope.made(site, output)
    })
}

/// Adds a text that is not empty.
#[inline]
fn add(output: &mut String, separator: &str, text: &str) {
    if text.is_empty() {
        return;
    }
    if output.is_empty() {
        *output = String::with_capacity(text.len().max(JOINED));
    } else {
        output.push_str(separator);
    }
    output.push_str(text);
}

/// White space around the parts is taken away, as in the documented example.
fn split(call: &mut Call<'_>) -> Code {
    super::bad_constant(call, 1, |delimiter| {
        if delimiter.is_empty() {
            return Err(("the delimiter is empty".to_owned(), "write one character, such as \",\"".to_owned()));
        }
        Ok(())
    });
    let site = call.site;
    let (source, delimiter) = (call.code(0), call.code(1));
    code(move |scope| {
        let operand = source.run(scope)?;
        if matches!(operand, Operand::Null) {
            return Ok(Operand::Null);
        }
        let delimiter = delimiter.text_or_empty(scope, site)?;
        if delimiter.is_empty() {
            return Err(site.fault("the delimiter is empty"));
        }
        let mut parts: Vec<Cow<'_, str>> = Vec::new();
        for value in operand.values() {
            // To search for a long delimiter takes time even where it cannot be.
            let whole = delimiter.len() > value.len();
            let found = if whole { 1 } else { value.matches(&*delimiter).count() + 1 };
            if parts.len() + found > LIST_MAX {
                return Err(site.fault("the list would have more than 100,000 values"));
            }
            scope.spend(site, found * 64 + value.len())?;
            if whole {
                parts.push(trimmed(value));
            } else if let Cow::Borrowed(text) = value {
                parts.extend(text.split(&*delimiter).map(|part| Cow::Borrowed(part.trim())));
            } else {
                parts.extend(value.split(&*delimiter).map(|part| Cow::Owned(part.trim().to_owned())));
            }
        }
        Ok(Operand::List(parts))
    })
}

fn trimmed(mut text: Cow<'_, str>) -> Cow<'_, str> {
    super::trim(&mut text);
    text
}

fn item(call: &mut Call<'_>) -> Code {
    integer_constant(call, 1);
    let site = call.site;
    let (source, index) = (call.code(0), call.code(1));
    code(move |scope| {
        let place = || {
            let index = index.integer(scope, site, "the index")?;
            Ok(usize::try_from(index).ok().and_then(|index| index.checked_sub(1)).unwrap_or(usize::MAX))
        };
        let found = if let Code::Attribute(attribute) = &source {
            // No list of all values is made for one of them.
            let Some(texts) = attribute.texts(scope)? else { return Ok(Operand::Null) };
            let place = place()?;
            match texts.single() {
                Some(text) => (place == 0).then_some(Cow::Borrowed(text)),
                None => texts.values().nth(place).map(Cow::Borrowed),
            }
        } else {
            let operand = source.run(scope)?;
            if matches!(operand, Operand::Null) {
                return Ok(Operand::Null);
            }
            let place = place()?;
            // `""` is a value, as it is in an attribute.
            let mut values = match operand {
                Operand::Text(text) => vec![text],
                other => other.values(),
            };
            if place < values.len() { Some(values.swap_remove(place)) } else { None }
        };
        found.map(Operand::Text).ok_or_else(|| site.fault("the index is out of bounds"))
    })
}

fn count(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let source = call.code(0);
    number(site, move |scope| {
        Ok(match source.run(scope)? {
            Operand::Null => 0,
            Operand::Text(_) => 1,
            Operand::List(texts) => i64::try_from(texts.len()).unwrap_or(i64::MAX),
        })
    })
}

/// One role of several: the first one that is not empty, so that the same one is given each time. Microsoft does not
/// say which it is. How a role is written for a target is up to the target's connector.
fn first(call: &mut Call<'_>) -> Code {
    let source = call.code(0);
    code(move |scope| match source.run(scope)? {
        Operand::List(texts) => {
            Ok(texts.into_iter().find(|text| !text.is_empty()).map_or(Operand::Null, Operand::Text))
        }
        other => Ok(other),
    })
}

/// All roles as they are. The shape that SCIM wants, and whether roles are added or replaced, is up to the target's
/// connector.
fn all(call: &mut Call<'_>) -> Code {
    call.code(0)
}

fn remove_duplicates(call: &mut Call<'_>) -> Code {
    let site = call.site;
    let source = call.code(0);
    code(move |scope| match source.run(scope)? {
        Operand::List(texts) => {
            scope.spend(site, texts.len() * 32)?;
            let mut seen = HashSet::with_capacity(texts.len());
            let first: Vec<bool> = texts.iter().map(|text| seen.insert(text.clone())).collect();
            Ok(Operand::List(texts.into_iter().zip(first).filter(|(_, first)| *first).map(|(text, _)| text).collect()))
        }
        other => Ok(other),
    })
}
