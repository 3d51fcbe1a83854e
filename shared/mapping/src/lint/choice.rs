//! `IIF`, `Switch`, `Coalesce` and `SelectUniqueValue`: branches that nobody takes, and keys that nothing meets.

use super::comparison::{asks_for_presence, never};
use super::known::{
    contains, is_call, is_cased, is_condition, is_constant, is_foreign, is_never_null, letters, same, text,
};
use super::{Call, Findings};
use crate::casing::{Culture, lower};
use crate::{Node, NodeKind};
use std::collections::{HashMap, HashSet};

pub(super) fn look(call: Call<'_>, findings: &mut Findings) {
    match call.name {
        "IIF" => iif(call, findings),
        "Switch" => switch(call, findings),
        "Coalesce" => coalesce(call, findings),
        "SelectUniqueValue" => select(call, findings),
        _ => {}
    }
}

fn iif(call: Call<'_>, findings: &mut Findings) {
    let [condition, arms @ ..] = call.arguments else { return };
    if let [chosen, other] = arms
        && same(chosen, other)
    {
        findings.doubt(call.node, "both branches are the same: the condition changes nothing", "");
    }
    // The sides of a comparison are looked at where it stands.
    if is_constant(condition) && !matches!(condition.kind, NodeKind::Compare { .. }) {
        findings.doubt(condition, "the condition reads no attribute: the same branch is always taken", "");
    }
    if asks_for_presence(condition) {
        findings.dispute(
            condition,
            "here a condition may ask whether there is a value; Microsoft both advises it and calls it unsupported",
            "Switch([attribute], value when there is one, \"\", value when there is none) works in both",
        );
    }
}

fn switch(call: Call<'_>, findings: &mut Findings) {
    let [source, default, cases @ ..] = call.arguments else { return };
    if is_constant(source) {
        findings.doubt(source, "the source reads no attribute: the same branch is always taken", "");
    }
    if is_call(source, &["IsNull", "IsNullOrEmpty", "IsPresent"]) {
        findings.dispute(
            source,
            "here Switch is given True or False; Microsoft both shows it and advises against it",
            "Switch([attribute], value when there is one, \"\", value when there is none) works in both",
        );
    }
    let empty = Node { kind: NodeKind::Empty, start: 0, end: 0 };
    // A value that was left out at the end is no node of its own.
    let cases: Vec<(&Node, &Node)> = cases.chunks(2).map(|case| (&case[0], case.get(1).unwrap_or(&empty))).collect();
    if cases.is_empty() {
        findings.doubt(call.node, "there is no key: the default is always taken", "");
    }
    keys(source, &cases, findings);
    if !cases.is_empty() && cases.iter().all(|(_, value)| same(value, default)) {
        findings.doubt(call.node, "every key gives the same as the default: the keys change nothing", "");
    }
    let constant = text(default).filter(|constant| !constant.is_empty());
    if let Some((key, _)) = cases.iter().find(|(key, _)| constant.is_some() && text(key) == constant) {
        let hint = "the default is the second argument; leave its place empty for none: Switch([a], , \"key\", …)";
        findings.doubt(key, "this key is the same text as the default, which may stand in the wrong place", hint);
    }
    let with_letters = |key: &Node| text(key).is_some_and(|key| key.chars().any(char::is_alphabetic));
    if !is_cased(source) && !both_ways(&cases) && cases.iter().any(|(key, _)| with_letters(key)) {
        let hint = "Switch(ToLower(source, ), …) with keys in lower case takes them all";
        findings.doubt(source, "keys are compared with case: \"abc\" does not meet the key \"ABC\"", hint);
    }
}

/// Whether there are keys that differ in case only: whoever wrote them knows that case counts.
fn both_ways(cases: &[(&Node, &Node)]) -> bool {
    let keys: HashSet<&str> = cases.iter().filter_map(|(key, _)| text(key)).collect();
    let folded: HashSet<String> = keys.iter().map(|key| lower(key, Culture::Invariant)).collect();
    folded.len() < keys.len()
}

/// Each key of a `Switch` by itself and beside those before it.
fn keys(source: &Node, cases: &[(&Node, &Node)], findings: &mut Findings) {
    let mut before = HashSet::new();
    let mut folded: HashMap<String, &Node> = HashMap::new();
    for (key, value) in cases {
        let Some(constant) = text(key) else { continue };
        if let Some(case) = letters(source).filter(|case| is_foreign(constant, *case)) {
            findings.doubt(key, never(case), "write the key as the source is written");
        } else if is_condition(source) && !matches!(constant, "True" | "False") {
            findings.doubt(key, "the source gives True or False and never meets this key", "");
        }
        if !before.insert(constant) {
            findings.doubt(key, "this key stands before already: only the first one counts", "");
            continue;
        }
        let twin = folded.insert(lower(constant, Culture::Invariant), value);
        if twin.is_some_and(|other| !same(value, other)) {
            findings.doubt(key, "this key differs from one before it in case only, and gives another value", "");
        }
    }
}

/// What stands behind a value that is never null is never asked for.
fn coalesce(call: Call<'_>, findings: &mut Findings) {
    let never = call.arguments.iter().position(is_never_null);
    if let Some(dead) = never.and_then(|index| call.arguments.get(index + 1)) {
        let hint = "an empty text is not null; Switch(value, value, \"\", other) takes the other one for it";
        findings.doubt(dead, "what stands before this is never null: this is never asked for", hint);
    }
}

/// Whether an attribute in it is likely a person's name: ids and numbers have no diacritics.
fn names_somebody(node: &Node) -> bool {
    let is_name = |name: &str| {
        let name = name.to_lowercase();
        ["name", "first", "last", "given", "family"].iter().any(|word| name.contains(word))
    };
    match &node.kind {
        NodeKind::Attribute(name) => is_name(name),
        _ => node.below().into_iter().any(names_somebody),
    }
}

fn select(call: Call<'_>, findings: &mut Findings) {
    for (index, candidate) in call.arguments.iter().enumerate() {
        if call.arguments[..index].iter().any(|other| same(candidate, other)) {
            findings.doubt(candidate, "this candidate stands before already: it is offered once", "");
        }
        let plain = ["NormalizeDiacritics", "Replace", "RandomString", "Guid"];
        if names_somebody(candidate) && !contains(candidate, &plain) {
            let hint = "put NormalizeDiacritics around names that become user names";
            findings.doubt(candidate, "letters with diacritics stay, which user names mostly may not have", hint);
        }
    }
}
