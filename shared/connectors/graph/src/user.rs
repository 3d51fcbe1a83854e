//! A user between Graph's JSON and our attributes: `a/b` is a nested property, flags are `True` and `False`.

use crate::schema::SCHEMA;
use record::{Account, Anchor, AttributeKind, TargetAttribute, Value};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The JSON of one attribute's content; `None` clears it.
fn json_of(attribute: &TargetAttribute, value: Option<&Value>) -> Json {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return if attribute.kind == AttributeKind::Texts { Json::Array(Vec::new()) } else { Json::Null };
    };
    match attribute.kind {
        AttributeKind::Flag => Json::Bool(value.text().eq_ignore_ascii_case("true")),
        AttributeKind::Texts => value.values().iter().map(|text| Json::from(text.as_str())).collect(),
        AttributeKind::Instant => Json::from(instant(value.text())),
        AttributeKind::Text | AttributeKind::Reference => Json::from(value.text()),
    }
}

/// Graph wants a time of day in every `DateTimeOffset`.
fn instant(text: &str) -> String {
    if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() }
}

/// The request body for attributes by target name.
pub(crate) fn body<'a>(attributes: impl IntoIterator<Item = (&'a String, Option<&'a Value>)>) -> Map<String, Json> {
    let mut body = Map::new();
    for (name, value) in attributes {
        let Some(attribute) = SCHEMA.attribute(name) else { continue };
        let json = json_of(attribute, value);
        match name.split_once('/') {
            None => {
                body.insert(name.clone(), json);
            }
            Some((outer, inner)) => {
                let nested = body.entry(outer).or_insert_with(|| Json::Object(Map::new()));
                if let Json::Object(nested) = nested {
                    nested.insert(inner.to_owned(), json);
                }
            }
        }
    }
    body
}

/// What `$select` asks for: the id, and the outer property of each attribute.
pub(crate) fn selection(attributes: &[String]) -> String {
    let outer = attributes.iter().map(|name| name.split_once('/').map_or(name.as_str(), |(outer, _)| outer));
    let names: BTreeSet<&str> = outer.chain(["id"]).collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

/// An account from Graph's JSON with the attributes that were asked for; `None` without an id.
pub(crate) fn account(user: &Json, attributes: &[String]) -> Option<Account> {
    let anchor = Anchor(user.get("id")?.as_str()?.to_owned());
    let mut found = BTreeMap::new();
    for name in attributes {
        let json = match name.split_once('/') {
            None => user.get(name),
            Some((outer, inner)) => user.get(outer).and_then(|outer| outer.get(inner)),
        };
        if let Some(value) = json.and_then(value_of) {
            found.insert(name.clone(), value);
        }
    }
    Some(Account { anchor, attributes: found })
}

fn value_of(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) if !text.is_empty() => Some(Value::from(text.as_str())),
        Json::Bool(true) => Some(Value::from("True")),
        Json::Bool(false) => Some(Value::from("False")),
        Json::Number(number) => Some(Value::from(number.to_string())),
        Json::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
            (!texts.is_empty()).then_some(Value::Many(texts))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_is_typed_by_the_schema() {
        let attributes = BTreeMap::from([
            ("accountEnabled".to_owned(), Some(Value::from("True"))),
            ("employeeHireDate".to_owned(), Some(Value::from("2026-01-05"))),
            ("employeeOrgData/costCenter".to_owned(), Some(Value::from("4711"))),
            ("employeeOrgData/division".to_owned(), None),
            ("businessPhones".to_owned(), None),
        ]);
        let body = body(attributes.iter().map(|(name, value)| (name, value.as_ref())));
        assert_eq!(
            Json::Object(body),
            json!({
                "accountEnabled": true,
                "employeeHireDate": "2026-01-05T00:00:00Z",
                "employeeOrgData": { "costCenter": "4711", "division": null },
                "businessPhones": [],
            })
        );
    }

    #[test]
    fn an_account_has_what_was_asked_for_and_no_empty_values() {
        let names: Vec<String> = ["accountEnabled", "department", "employeeOrgData/costCenter"].map(str::to_owned).into();
        let user = json!({ "id": "1", "accountEnabled": false, "department": null, "employeeOrgData": { "costCenter": "4711" } });
        let account = account(&user, &names).unwrap();
        assert_eq!(account.attributes.len(), 2);
        assert_eq!(account.attributes["accountEnabled"], Value::from("False"));
        assert_eq!(selection(&names), "accountEnabled,department,employeeOrgData,id");
    }
}
