//! Several values.

use super::{Arguments, End, Given, Step, Tree, World};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Step<Given>> {
    Some(match name {
        "Join" => join(arguments),
        "Split" => split(arguments),
        "Item" => item(arguments),
        "Count" => arguments.given(0).map(|given| Given::Text(values(given).len().to_string())),
        "RemoveDuplicates" => arguments.given(0).map(distinct),
        "SingleAppRoleAssignment" => arguments.given(0).map(|given| match given {
            Given::List(texts) => texts.into_iter().find(|text| !text.is_empty()).map_or(Given::Null, Given::Text),
            other => other,
        }),
        "AppRoleAssignments"
        | "AppRoleAssignmentsComplex"
        | "AssertiveAppRoleAssignmentsComplex"
        | "CStr"
        | "CRef"
        | "Redact" => arguments.given(0),
        _ => return None,
    })
}

/// All values; `""` is one.
fn values(given: Given) -> Vec<String> {
    match given {
        Given::Null => Vec::new(),
        Given::Text(text) => vec![text],
        Given::List(texts) => texts,
    }
}

fn join(arguments: &Arguments<'_>) -> Step<Given> {
    let separator = arguments.text(0)?;
    let mut parts = Vec::new();
    for index in 1..arguments.trees.len() {
        parts.extend(values(arguments.given(index)?));
    }
    parts.retain(|part| !part.is_empty());
    Ok(Given::Text(parts.join(&separator)))
}

fn split(arguments: &Arguments<'_>) -> Step<Given> {
    let source = arguments.given(0)?;
    if source == Given::Null {
        return Ok(Given::Null);
    }
    let delimiter = arguments.text(1)?;
    if delimiter.is_empty() {
        return Err(End::Failure);
    }
    // Of `""` there are no parts.
    let texts = if source == Given::Text(String::new()) { Vec::new() } else { values(source) };
    let parts = texts.iter().flat_map(|text| text.split(&delimiter)).map(|part| part.trim().to_owned());
    Ok(Given::List(parts.collect()))
}

fn item(arguments: &Arguments<'_>) -> Step<Given> {
    let source = arguments.given(0)?;
    if source == Given::Null {
        return Ok(Given::Null);
    }
    let index = arguments.whole(1)?;
    let place = usize::try_from(index).ok().and_then(|index| index.checked_sub(1)).ok_or(End::Failure)?;
    values(source).get(place).cloned().map(Given::Text).ok_or(End::Failure)
}

fn distinct(given: Given) -> Given {
    let Given::List(texts) = given else { return given };
    let mut kept = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    Given::List(kept)
}

/// The candidates of `SelectUniqueValue`: what fails ends them, unless there is none before it.
pub(crate) fn candidates(trees: &[Tree], world: &World) -> Step<Vec<String>> {
    let arguments = Arguments { world, trees };
    let mut found = Vec::new();
    for index in 0..arguments.trees.len() {
        match arguments.text(index) {
            Ok(text) if text.is_empty() || found.contains(&text) => {}
            Ok(text) => found.push(text),
            Err(end) if found.is_empty() => return Err(end),
            Err(_) => break,
        }
    }
    Ok(found)
}
