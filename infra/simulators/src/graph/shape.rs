//! Users as Graph shows them: the properties that were selected, unset ones as `null` or as an empty list.

use super::answer::Answer;
use super::clock::written;
use super::properties::{DEFAULT, Kind, property};
use super::query::Query;
use super::state::{State, User};
use serde_json::{Map, Value, json};

/// What of a user is shown.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    names: Vec<String>,
    /// The selection as it was asked for, for the context address.
    pub selected: bool,
    /// What of the manager is shown with it.
    manager: Option<Vec<String>>,
}

impl Shape {
    /// From `$select` and `$expand`.
    pub fn of(query: &Query) -> Result<Self, Answer> {
        let select = query.get("$select").map(selection).transpose()?;
        let manager = query.get("$expand").map(expansion).transpose()?;
        Ok(Self { selected: select.is_some(), names: select.unwrap_or_else(default), manager })
    }

    /// The selected names, parenthesized, for the context address.
    pub fn context(&self) -> String {
        if self.selected { format!("({})", self.names.join(",")) } else { String::new() }
    }

    pub fn show(&self, state: &State, user: &User) -> Value {
        let mut shown = properties(user, &self.names);
        if let Some(names) = &self.manager
            && let Some(manager) = user.text("manager").and_then(|id| state.user(id))
        {
            let mut nested = properties(manager, names);
            nested.insert("@odata.type".to_owned(), Value::from("#microsoft.graph.user"));
            shown.insert("manager".to_owned(), Value::Object(nested));
        }
        Value::Object(shown)
    }

    /// The same as an object of the directory, with its type.
    pub fn show_object(&self, state: &State, user: &User) -> Value {
        let mut shown = self.show(state, user);
        shown["@odata.type"] = Value::from("#microsoft.graph.user");
        shown
    }
}

fn default() -> Vec<String> {
    DEFAULT.iter().map(|name| (*name).to_owned()).collect()
}

/// The names of a `$select`. `manager` selects nothing by itself.
pub(super) fn selection(text: &str) -> Result<Vec<String>, Answer> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    for name in &names {
        if name != "manager" && property(name).is_none() {
            let message = format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.user'."
            );
            return Err(Answer::malformed(&message));
        }
    }
    Ok(names)
}

/// `manager` or `manager($select=…)`.
fn expansion(text: &str) -> Result<Vec<String>, Answer> {
    match text.split_once('(') {
        None if text == "manager" => Ok(default()),
        Some(("manager", inner)) => match inner.strip_suffix(')').and_then(|inner| inner.strip_prefix("$select=")) {
            Some(names) => selection(names),
            None => Err(Answer::unsupported_query()),
        },
        _ => Err(Answer::unsupported_query()),
    }
}

fn properties(user: &User, names: &[String]) -> Map<String, Value> {
    let shown = names.iter().filter(|name| *name != "manager").map(|name| (name.clone(), shown(user, name)));
    shown.collect()
}

/// One property as it is shown.
pub(super) fn shown(user: &User, name: &str) -> Value {
    match (name, user.fields.get(name)) {
        ("id", _) => Value::from(user.id.as_str()),
        ("deletedDateTime", _) => user.deleted_at.map_or(Value::Null, |at| Value::from(written(at))),
        ("identities", _) => {
            let name = user.text("userPrincipalName").unwrap_or_default();
            let issuer = name.rsplit_once('@').map_or("", |(_, domain)| domain);
            json!([{ "signInType": "userPrincipalName", "issuer": issuer, "issuerAssignedId": name }])
        }
        ("onPremisesExtensionAttributes", found) => {
            let mut all: Map<String, Value> =
                (1..=15).map(|n| (format!("extensionAttribute{n}"), Value::Null)).collect();
            all.extend(
                found
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
            Value::Object(all)
        }
        (_, Some(value)) => value.clone(),
        (name, None) => match property(name).map(|property| property.kind) {
            Some(Kind::Texts(..) | Kind::ReadOnlyList) => json!([]),
            _ => Value::Null,
        },
    }
}
