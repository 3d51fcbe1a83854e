//! One line of JSON Lines as attributes: nested names joined with `.`, numbers as they are written.

use crate::field;
use record::Value;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::fmt;

/// How deep objects may stand in each other.
pub(crate) const DEPTH_MAX: usize = 8;

/// How many attributes a record may have.
pub(crate) const ATTRIBUTES_MAX: usize = 4_096;

/// The reason for a repeated attribute: nobody knows which of the two is meant.
const TWICE: &str = "the attribute stands twice in the record";

/// Why a line is no record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoRecord {
    pub(crate) reason: &'static str,
    /// The attribute to blame, if it is known.
    pub(crate) attribute: Option<String>,
    /// Whether the line is no JSON object at all.
    pub(crate) misfit: bool,
}

/// The attributes of a line. `null` is empty, a missing name is absent, an object without names states nothing.
pub(crate) fn attributes(line: &str) -> Result<BTreeMap<String, Value>, NoRecord> {
    let misfit = |_| NoRecord { reason: "the line is no JSON object", attribute: None, misfit: true };
    let members: Members<'_> = serde_json::from_str(line).map_err(misfit)?;
    let mut flat = BTreeMap::new();
    flatten(members, None, 1, &mut flat)?;
    Ok(flat)
}

fn flatten(
    members: Members<'_>,
    within: Option<&str>,
    depth: usize,
    flat: &mut BTreeMap<String, Value>,
) -> Result<(), NoRecord> {
    let mut seen = HashSet::new();
    for (name, raw) in members.0 {
        if !field::is_name(&name) {
            let reason = "the name of an attribute is empty, too long or holds a control character";
            return Err(NoRecord { reason, attribute: within.map(str::to_owned), misfit: false });
        }
        let path = within.map_or_else(|| name.clone(), |within| format!("{within}.{name}"));
        let refused = |reason| NoRecord { reason, attribute: Some(path.clone()), misfit: false };
        // Objects leave no trace under their own name, so that names are compared before they are taken apart.
        if !seen.insert(name) {
            return Err(refused(TWICE));
        }
        let text = raw.get();
        if text.starts_with('{') {
            if depth == DEPTH_MAX {
                return Err(refused("objects stand in each other more than 8 deep"));
            }
            let inner = serde_json::from_str(text).map_err(|_| refused("the value cannot be read"))?;
            flatten(inner, Some(&path), depth + 1, flat)?;
            continue;
        }
        let value = value(text).map_err(refused)?;
        if flat.len() == ATTRIBUTES_MAX {
            return Err(refused("the record has more than 4,096 attributes"));
        }
        match flat.entry(path.clone()) {
            Entry::Vacant(place) => place.insert(value),
            Entry::Occupied(_) => return Err(refused(TWICE)),
        };
    }
    Ok(())
}

fn value(raw: &str) -> Result<Value, &'static str> {
    if !raw.starts_with('[') {
        return scalar(raw).map(Value::One);
    }
    let unreadable = |_| "the list cannot be read";
    let items: Vec<&RawValue> = serde_json::from_str(raw).map_err(unreadable)?;
    let texts = items.iter().map(|item| match item.get() {
        text if text.starts_with(['{', '[']) || text == "null" => Err("the list holds something else than texts"),
        text => scalar(text),
    });
    Ok(Value::Many(texts.collect::<Result<_, _>>()?))
}

fn scalar(raw: &str) -> Result<String, &'static str> {
    Ok(match raw {
        "null" => String::new(),
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        _ if raw.starts_with('"') => serde_json::from_str(raw).map_err(|_| "the text cannot be read")?,
        number => number.to_owned(),
    })
}

/// The members of an object in order, repeated names included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(line: &str) -> (&'static str, Option<String>) {
        let error = attributes(line).unwrap_err();
        (error.reason, error.attribute)
    }

    #[test]
    fn every_kind_of_value_becomes_text() {
        let flat = attributes(
            r#" {"id":12345678901234567890123,"rate":1234.0,"on":true,"off":false,"none":null,"list":["a",1],
                "manager":{"key":"7","site":{"city":"Trier"}},"nothing":{}} "#,
        )
        .unwrap();
        let expected: BTreeMap<String, Value> = [
            ("id", "12345678901234567890123".into()),
            ("rate", "1234.0".into()),
            ("on", "True".into()),
            ("off", "False".into()),
            ("none", "".into()),
            ("list", vec!["a".to_owned(), "1".to_owned()].into()),
            ("manager.key", "7".into()),
            ("manager.site.city", "Trier".into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        assert!(flat == expected, "{:?}", flat.keys());
    }

    #[test]
    fn an_attribute_that_stands_twice_is_refused_wherever_it_stands() {
        for (line, name) in [
            (r#"{"a":1,"a":1}"#, "a"),
            (r#"{"a":{"b":1,"b":2}}"#, "a.b"),
            (r#"{"a.b":1,"a":{"b":2}}"#, "a.b"),
            (r#"{"a":1,"\u0061":2}"#, "a"),
            (r#"{"a":{"b":1},"a":{"c":1}}"#, "a"),
            (r#"{"a":{},"a":1}"#, "a"),
        ] {
            assert_eq!(refused(line), (TWICE, Some(name.to_owned())), "{line}");
        }
    }

    #[test]
    fn lists_of_lists_and_deep_objects_are_refused() {
        assert_eq!(refused(r#"{"a":[["b"]]}"#).1.as_deref(), Some("a"));
        assert_eq!(refused(r#"{"a":[null]}"#).1.as_deref(), Some("a"));
        let deep = format!("{}1{}", r#"{"a":"#.repeat(5_000), "}".repeat(5_000));
        assert_eq!(refused(&deep).0, "objects stand in each other more than 8 deep");
    }

    #[test]
    fn what_is_no_object_is_a_misfit() {
        for line in ["[1]", "1", "null", r#"{"a":1"#, r#"{"a":1} {"a":2}"#, "a,b", r#"{"a":1e}"#] {
            assert!(attributes(line).is_err_and(|error| error.misfit), "{line}");
        }
    }
}
