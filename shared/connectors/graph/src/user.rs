//! A user between Graph's JSON and our attributes: `a/b` is a nested property, flags are `True` and `False`.

use crate::odata::{QueryValue, Segment};
use crate::schema::SCHEMA;
use record::{Account, Anchor, AttributeKind, TargetAttribute, Value};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// An attribute that is not written together with the others: there is none of this name, or it is a reference.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotWritable;

/// The request body for attributes by target name; `None` clears.
pub(crate) fn body<'a>(
    attributes: impl IntoIterator<Item = (&'a String, Option<&'a Value>)>,
) -> Result<Map<String, Json>, NotWritable> {
    let mut body = Map::new();
    for (name, value) in attributes {
        let attribute = SCHEMA.attribute(name).filter(|attribute| attribute.kind != AttributeKind::Reference);
        let json = json_of(attribute.ok_or(NotWritable)?, value);
        let (outer, inner) = name.split_once('/').map_or((name.as_str(), None), |(outer, inner)| (outer, Some(inner)));
        match inner {
            None => body.insert(outer.to_owned(), json),
            Some(inner) => {
                let nested = body.entry(outer).or_insert_with(|| Json::Object(Map::new()));
                nested.as_object_mut().and_then(|nested| nested.insert(inner.to_owned(), json))
            }
        };
    }
    Ok(body)
}

fn json_of(attribute: &TargetAttribute, value: Option<&Value>) -> Json {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return if attribute.kind == AttributeKind::Texts { Json::Array(Vec::new()) } else { Json::Null };
    };
    let text = value.text();
    match attribute.kind {
        AttributeKind::Flag if text.eq_ignore_ascii_case("true") => Json::Bool(true),
        AttributeKind::Flag if text.eq_ignore_ascii_case("false") => Json::Bool(false),
        AttributeKind::Texts => value.values().iter().map(|text| Json::from(text.as_str())).collect(),
        AttributeKind::Instant => Json::from(instant(text)),
        // A flag that is neither goes out as it is and is refused: nobody is disabled by a typing error.
        AttributeKind::Flag | AttributeKind::Text | AttributeKind::Reference => Json::from(text),
    }
}

/// Graph wants a time of day and an offset in every instant; where they are missing, midnight and UTC are meant.
fn instant(text: &str) -> String {
    if text.parse::<jiff::Timestamp>().is_ok() {
        return text.to_owned();
    }
    match text.parse::<jiff::civil::DateTime>() {
        Ok(at) => format!("{at}Z"),
        Err(_) => text.to_owned(),
    }
}

/// The query options that ask for the id and these attributes. A manager is not selected but expanded.
pub(crate) fn selection(attributes: &[String]) -> String {
    let (references, properties): (Vec<&str>, Vec<&str>) = attributes
        .iter()
        .map(|name| name.split_once('/').map_or(name.as_str(), |(outer, _)| outer))
        .partition(|name| SCHEMA.attribute(name).is_some_and(|attribute| attribute.kind == AttributeKind::Reference));
    let names: BTreeSet<&str> = properties.into_iter().chain(["id"]).collect();
    let names: Vec<&str> = names.into_iter().collect();
    let expanded = if references.is_empty() { "" } else { "&$expand=manager($select=id)" };
    format!("$select={}{expanded}", QueryValue::of(&names.join(",")))
}

/// An account from Graph's JSON with the attributes that were asked for; `None` without an id.
pub(crate) fn account(user: &Json, attributes: &[String]) -> Option<Account> {
    let anchor = anchor(user)?;
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

/// The id in Graph's JSON; `None` for one that no request can be addressed with.
pub(crate) fn anchor(user: &Json) -> Option<Anchor> {
    let id = user.get("id")?.as_str()?;
    Segment::of(id).map(|_| Anchor(id.to_owned()))
}

fn value_of(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) if !text.is_empty() => Some(Value::from(text.as_str())),
        Json::Bool(true) => Some(Value::from("True")),
        Json::Bool(false) => Some(Value::from("False")),
        Json::Number(number) => Some(Value::from(number.to_string())),
        Json::Array(items) => {
            let texts = items.iter().filter_map(Json::as_str).filter(|text| !text.is_empty());
            let texts: Vec<String> = texts.map(str::to_owned).collect();
            (!texts.is_empty()).then_some(Value::Many(texts))
        }
        // A reference that was expanded.
        Json::Object(_) => anchor(json).map(|anchor| Value::from(anchor.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body_of(pairs: &[(&str, Option<&str>)]) -> Result<Json, NotWritable> {
        let attributes: BTreeMap<String, Option<Value>> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), value.map(Value::from))).collect();
        body(attributes.iter().map(|(name, value)| (name, value.as_ref()))).map(Json::Object)
    }

    #[test]
    fn a_body_is_typed_by_the_schema() {
        let body = body_of(&[
            ("accountEnabled", Some("True")),
            ("employeeHireDate", Some("2026-01-05")),
            ("employeeOrgData/costCenter", Some("4711")),
            ("employeeOrgData/division", None),
            ("businessPhones", None),
            ("otherMails", Some("zoe@contoso.example")),
            ("jobTitle", Some("")),
        ]);
        let expected = json!({
            "accountEnabled": true,
            "employeeHireDate": "2026-01-05T00:00:00Z",
            "employeeOrgData": { "costCenter": "4711", "division": null },
            "businessPhones": [],
            "otherMails": ["zoe@contoso.example"],
            "jobTitle": null,
        });
        assert_eq!(body, Ok(expected));
    }

    #[test]
    fn a_flag_that_is_neither_is_left_for_graph_to_refuse() {
        assert_eq!(body_of(&[("accountEnabled", Some("1"))]), Ok(json!({ "accountEnabled": "1" })));
        assert_eq!(body_of(&[("accountEnabled", Some("false"))]), Ok(json!({ "accountEnabled": false })));
    }

    #[test]
    fn an_unknown_attribute_or_a_reference_is_no_part_of_a_body() {
        assert_eq!(body_of(&[("mailNicname", Some("zoe"))]), Err(NotWritable));
        assert_eq!(body_of(&[("manager", Some("1"))]), Err(NotWritable));
    }

    #[test]
    fn every_instant_has_a_time_of_day_and_an_offset() {
        for (given, sent) in [
            ("2026-01-05", "2026-01-05T00:00:00Z"),
            ("2026-01-05T08:30:00", "2026-01-05T08:30:00Z"),
            ("2026-01-05T08:30:00+01:00", "2026-01-05T08:30:00+01:00"),
            ("2026-01-05T08:30:00.5Z", "2026-01-05T08:30:00.5Z"),
            ("soon", "soon"),
        ] {
            assert_eq!(instant(given), sent);
        }
    }

    #[test]
    fn an_account_has_what_was_asked_for_and_no_empty_values() {
        let names: Vec<String> =
            ["accountEnabled", "department", "employeeOrgData/costCenter", "manager"].map(str::to_owned).into();
        let user = json!({
            "id": "1", "accountEnabled": false, "department": null, "jobTitle": "x",
            "employeeOrgData": { "costCenter": "4711" }, "manager": { "id": "2" },
        });
        let account = account(&user, &names).unwrap();
        assert_eq!(account.attributes.len(), 3);
        assert_eq!(account.attributes["accountEnabled"], Value::from("False"));
        assert_eq!(account.attributes["manager"], Value::from("2"));
        assert_eq!(
            selection(&names),
            "$select=accountEnabled%2Cdepartment%2CemployeeOrgData%2Cid&$expand=manager($select=id)"
        );
    }

    #[test]
    fn an_id_that_addresses_nothing_is_none() {
        for id in ["", ".", ".."] {
            assert!(account(&json!({ "id": id }), &[]).is_none());
        }
        let names: Vec<String> = ["manager", "otherMails"].map(str::to_owned).into();
        let user = json!({ "id": "1", "manager": { "id": "" }, "otherMails": ["", ""] });
        assert!(account(&user, &names).unwrap().attributes.is_empty());
    }
}
