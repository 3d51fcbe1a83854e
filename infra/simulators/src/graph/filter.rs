//! `$filter`, as far as users are looked for: `eq`, `in`, `ge`, `le`, `startswith`, `and`, `or` and parentheses.

use super::answer::Answer;
use super::filter_text;
use super::state::{State, User, indexed};
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Equal,
    StartsWith,
    AtLeast,
    AtMost,
}

/// An understood filter. Text is compared without case, as Graph does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    Compare(String, Test, Value),
    And(Box<Filter>, Box<Filter>),
    Or(Vec<Filter>),
}

impl Filter {
    pub fn parse(text: &str) -> Result<Self, Answer> {
        filter_text::parse(text)
    }

    pub fn matches(&self, user: &User) -> bool {
        match self {
            Self::And(left, right) => left.matches(user) && right.matches(user),
            Self::Or(filters) => filters.iter().any(|filter| filter.matches(user)),
            Self::Compare(path, test, wanted) => compare(&at(user, path), *test, wanted),
        }
    }

    /// The rows among which all matches are, when they can be looked up.
    pub fn candidates(&self, state: &State) -> Option<BTreeSet<u64>> {
        match self {
            Self::Compare(path, Test::Equal, Value::String(text)) => {
                indexed(path)?;
                Some(state.having(path, text).cloned().unwrap_or_default())
            }
            Self::Compare(..) => None,
            Self::And(left, right) => left.candidates(state).or_else(|| right.candidates(state)),
            Self::Or(filters) => {
                let sets: Option<Vec<_>> = filters.iter().map(|filter| filter.candidates(state)).collect();
                Some(sets?.into_iter().flatten().collect())
            }
        }
    }
}

fn at(user: &User, path: &str) -> Value {
    let outer = path.split('/').next().unwrap_or_default();
    let found = match path.split_once('/') {
        None if path == "id" => return Value::from(user.id.as_str()),
        None => user.fields.get(path),
        Some((_, inner)) => user.fields.get(outer).and_then(|outer| outer.get(inner)),
    };
    found.cloned().unwrap_or(Value::Null)
}

fn compare(found: &Value, test: Test, wanted: &Value) -> bool {
    match (found, wanted) {
        (Value::String(found), Value::String(wanted)) => {
            let (found, wanted) = (found.to_lowercase(), wanted.to_lowercase());
            match test {
                Test::Equal => found == wanted,
                Test::StartsWith => found.starts_with(&wanted),
                Test::AtLeast => found >= wanted,
                Test::AtMost => found <= wanted,
            }
        }
        (Value::Array(items), wanted) => items.iter().any(|item| compare(item, test, wanted)),
        (found, wanted) => test == Test::Equal && found == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn user(fields: &Value) -> User {
        User { id: "1".to_owned(), fields: fields.as_object().unwrap().clone(), deleted_at: None }
    }

    fn matches(filter: &str, fields: &Value) -> bool {
        Filter::parse(filter).unwrap().matches(&user(fields))
    }

    #[test]
    fn texts_are_compared_without_case_and_quotes_are_doubled() {
        assert!(matches("displayName eq 'o''brien'", &json!({ "displayName": "O'Brien" })));
        assert!(matches("startswith(displayName,'ZO')", &json!({ "displayName": "Zoë" })));
        assert!(!matches("displayName eq 'Zo'", &json!({ "displayName": "Zoë" })));
        let nested = json!({ "onPremisesExtensionAttributes": { "extensionAttribute7": "x" } });
        assert!(matches("onPremisesExtensionAttributes/extensionAttribute7 eq 'X'", &nested));
    }

    #[test]
    fn and_binds_closer_than_or() {
        let filter = "employeeId eq '1' or employeeId eq '2' and accountEnabled eq true";
        assert!(matches(filter, &json!({ "employeeId": "1", "accountEnabled": false })));
        assert!(!matches(filter, &json!({ "employeeId": "2", "accountEnabled": false })));
        let filter = "(employeeId eq '1' or employeeId eq '2') and accountEnabled eq true";
        assert!(!matches(filter, &json!({ "employeeId": "1", "accountEnabled": false })));
    }

    #[test]
    fn fifteen_values_are_taken_and_sixteen_are_not() {
        let list = |count: usize| vec!["'a'"; count].join(",");
        assert!(Filter::parse(&format!("employeeId in ({})", list(15))).is_ok());
        assert_eq!(Filter::parse(&format!("employeeId in ({})", list(16))).unwrap_err().status, 400);
        assert!(Filter::parse(&vec!["employeeId eq 'a'"; 16].join(" or ")).is_err());
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for text in [
            "",
            "employeeId",
            "employeeId eq",
            "employeeId eq 'a",
            "employeeId eq 'a' or",
            "nobody eq 'a'",
            "accountEnabled eq 'x'",
            "employeeId ne 'a'",
            "(employeeId eq 'a'",
            "employeeId eq 'a')",
            "employeeHireDate ge 2026-01-05",
        ] {
            assert!(Filter::parse(text).is_err(), "{text}");
        }
        assert!(matches(
            "employeeHireDate ge 2026-01-05T00:00:00Z",
            &json!({ "employeeHireDate": "2026-01-06T00:00:00Z" })
        ));
        assert!(matches("department eq null", &json!({})));
    }
}
