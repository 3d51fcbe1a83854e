//! Runs a file of test vectors: expressions with their attributes and what has to come of them.

use crate::casing::{Culture, lower};
use crate::{Context, Expression, Outcome};
use jiff::{Timestamp, tz::Offset};
use record::{Record, Value};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What came of one vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorResult {
    /// The vector's id.
    pub id: String,
    /// The function it is about.
    pub function: String,
    /// The expression it evaluates.
    pub expression: String,
    /// Whether the outcome is the expected one.
    pub passed: bool,
    /// The outcome, as JSON.
    pub got: String,
    /// The expectation, as JSON.
    pub expected: String,
}

/// One vector as it stands in a file; `null` is as good as nothing everywhere.
#[derive(Deserialize)]
struct Vector {
    #[serde(default)]
    id: Json,
    #[serde(default)]
    function: Option<String>,
    expression: String,
    #[serde(default)]
    attributes: Option<BTreeMap<String, Json>>,
    #[serde(default)]
    expected: Json,
    #[serde(default)]
    now: Option<String>,
    #[serde(default)]
    existing_values: Json,
    #[serde(default)]
    default_domain: Option<String>,
}

/// Runs every vector of a file and says what came of each.
///
/// An expectation is a text, a list of texts, `null`, `{"$regex": …}`, `{"$ignore": "attribute" | "object"}` or
/// `{"$error": …}`, for which any failure will do. A vector that cannot be read fails by itself.
pub fn run(json: &str) -> Result<Vec<VectorResult>, serde_json::Error> {
    let vectors: Vec<Json> = serde_json::from_str(json.trim_start_matches('\u{feff}'))?;
    Ok(vectors
        .iter()
        .map(|json| Vector::deserialize(json).map_or_else(|error| unread(json, &error), Vector::run))
        .collect())
}

/// What comes of something that is no vector.
fn unread(json: &Json, error: &serde_json::Error) -> VectorResult {
    let field = |name| json.get(name).and_then(text_of).unwrap_or_default();
    VectorResult {
        id: field("id"),
        function: field("function"),
        expression: field("expression"),
        passed: false,
        got: format!("no vector: {error}"),
        expected: json.get("expected").unwrap_or(&Json::Null).to_string(),
    }
}

impl Vector {
    fn run(self) -> VectorResult {
        let got = self.outcome();
        let passed = matches(&self.expected, &got);
        VectorResult {
            id: self.name(),
            function: self.function.unwrap_or_default(),
            expression: self.expression,
            passed,
            got: got.to_string(),
            expected: self.expected.to_string(),
        }
    }

    fn name(&self) -> String {
        text_of(&self.id).unwrap_or_default()
    }

    /// The clock of the vector, in UTC unless it says an offset; 1970 where it says nothing.
    fn clock(&self) -> Option<Timestamp> {
        let Some(text) = &self.now else { return Some(Timestamp::UNIX_EPOCH) };
        text.parse().ok().or_else(|| Offset::UTC.to_timestamp(crate::date_text::read(text)?).ok())
    }

    /// The outcome in the notation of expectations.
    fn outcome(&self) -> Json {
        let failed = |text: String| serde_json::json!({ "$error": text });
        let expression = match Expression::parse_lazily(&self.expression) {
            Ok(expression) => expression,
            Err(mistakes) => {
                return failed(mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "));
            }
        };
        let Some(now) = self.clock() else { return failed("the vector's clock is no date".to_owned()) };
        let name = self.name();
        let mut record = Record::new(name.as_str());
        for (name, value) in self.attributes.iter().flatten() {
            if let Some(value) = value_of(value) {
                record = record.with(name, value);
            }
        }
        let context =
            Context { record: &record, now, seed: name.as_bytes(), default_domain: self.default_domain.as_deref() };
        match expression.evaluate(&context) {
            Ok(Outcome::Null) => Json::Null,
            Ok(Outcome::Value(Value::One(text))) => Json::String(text),
            Ok(Outcome::Value(Value::Many(texts))) => Json::from(texts),
            Ok(Outcome::IgnoreAttribute) => serde_json::json!({ "$ignore": "attribute" }),
            Ok(Outcome::IgnoreObject) => serde_json::json!({ "$ignore": "object" }),
            Ok(Outcome::Candidates(candidates)) => {
                // A directory compares without case.
                let existing: Vec<String> = values_of(&self.existing_values).iter().map(|text| folded(text)).collect();
                let free = candidates.into_iter().find(|candidate| !existing.contains(&folded(candidate)));
                free.map_or_else(|| failed("no candidate is free".to_owned()), Json::String)
            }
            Err(error) => failed(error.to_string()),
        }
    }
}

/// What an attribute of a vector says; `null` is an absent one.
fn value_of(json: &Json) -> Option<Value> {
    match json {
        Json::Array(values) => Some(Value::Many(values.iter().filter_map(text_of).collect())),
        other => text_of(other).map(Value::One),
    }
}

fn text_of(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Bool(true) => Some("True".to_owned()),
        Json::Bool(false) => Some("False".to_owned()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn folded(text: &str) -> String {
    lower(text, Culture::Invariant)
}

fn matches(expected: &Json, got: &Json) -> bool {
    if let Json::Object(expectation) = expected {
        if expectation.contains_key("$error") {
            return got.get("$error").is_some();
        }
        if let Some(Json::String(pattern)) = expectation.get("$regex") {
            let values = if got.is_object() { Vec::new() } else { values_of(got) };
            let [text] = values.as_slice() else { return false };
            return fancy_regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(text).unwrap_or(false));
        }
        if let Some(word) = expectation.get("$ignore") {
            return got.get("$ignore") == Some(word);
        }
        return expected == got;
    }
    match (expected, got) {
        (_, Json::Object(_)) => false,
        (Json::Array(wanted), Json::Array(given)) => {
            wanted.len() == given.len() && wanted.iter().zip(given).all(|(wanted, given)| matches(wanted, given))
        }
        // One value and a list of one are the same thing, and so are no value and a list of none.
        (Json::Array(wanted), _) if wanted.len() > 1 => false,
        (Json::Array(wanted), _) => matches(wanted.first().unwrap_or(&Json::Null), got),
        _ => values_of(expected) == values_of(got),
    }
}

fn values_of(json: &Json) -> Vec<String> {
    match json {
        Json::Array(values) => values.iter().filter_map(text_of).collect(),
        other => text_of(other).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(vector: &str) -> bool {
        run(&format!("[{vector}]")).unwrap()[0].passed
    }

    #[test]
    fn every_kind_of_expectation_can_be_met_and_missed() {
        assert!(passed(r#"{"expression": "[a]", "attributes": {"a": 1}, "expected": "1"}"#));
        assert!(!passed(r#"{"expression": "[a]", "attributes": {}, "expected": ""}"#));
        assert!(!passed(r#"{"expression": "[a]", "attributes": {"a": ""}, "expected": null}"#));
        for (attributes, expected) in
            [(r#"{"a": []}"#, "null"), (r#"{"a": null}"#, "[]"), (r#"{"a": ["x"]}"#, r#""x""#)]
        {
            assert!(passed(&format!(r#"{{"expression": "[a]", "attributes": {attributes}, "expected": {expected}}}"#)));
        }
        assert!(!passed(r#"{"expression": "Nope()", "expected": null}"#));
        assert!(passed(r#"{"expression": "[a]", "attributes": {"a": ["x", 7]}, "expected": [{"$regex": "x"}, 7]}"#));
        assert!(!passed(r#"{"expression": "[a]", "attributes": {}, "expected": [{"$regex": "x"}]}"#));
        assert!(!passed(r#"{"expression": "[a]", "attributes": {"a": ["x", "y"]}, "expected": ["y", "x"]}"#));
        assert!(!passed(r#"{"expression": "Split([a], \",\")", "attributes": {"a": "x, y"}, "expected": "x, y"}"#));
        assert!(passed(r#"{"expression": "[a]", "attributes": {"a": null}, "expected": null}"#));
        assert!(passed(r#"{"expression": "Nope()", "expected": {"$error": "unknown"}}"#));
        assert!(passed(r#"{"expression": "Guid()", "expected": {"$regex": "^(?=.{36}$)"}}"#));
        assert!(passed(r#"{"expression": "Trim(IgnoreObjectFlow)", "expected": {"$ignore": "object"}}"#));
        assert!(!passed(r#"{"expression": "IgnoreAttributeFlow", "expected": {"$ignore": "object"}}"#));
        assert!(passed(
            r#"{"expression": "DefaultDomain()", "default_domain": "example.com", "expected": "example.com"}"#
        ));
    }

    #[test]
    fn the_first_candidate_that_does_not_exist_is_selected() {
        let vector = |existing: &str, expected: &str| {
            format!(
                r#"{{"expression": "SelectUniqueValue(\"a\", \"b\")", "existing_values": {existing}, "expected": {expected}}}"#
            )
        };
        assert!(passed(&vector(r#"["a"]"#, r#""b""#)));
        assert!(passed(&vector(r#"["A"]"#, r#""b""#)));
        assert!(passed(&vector("null", r#""a""#)));
        assert!(passed(&vector(r#"["a", "b"]"#, r#"{"$error": "taken"}"#)));
    }

    #[test]
    fn a_clock_without_an_offset_is_in_utc() {
        for now in ["2025-07-30T12:00:00Z", "2025-07-30 12:00:00", "2025-07-30T14:00:00+02:00", "7/30/2025 12:00:00 PM"]
        {
            assert!(passed(&format!(
                r#"{{"id": 7, "attributes": null, "expression": "Now()", "now": "{now}", "expected": "7/30/2025 12:00:00 PM"}}"#
            )));
        }
        assert!(passed(r#"{"expression": "Now()", "now": "soon", "expected": {"$error": "no clock"}}"#));
    }

    #[test]
    fn half_a_pair_of_surrogates_is_an_error_with_its_place() {
        let error = run(r#"[{"expression": "[a]", "attributes": {"a": "\ud800"}}]"#).unwrap_err();
        assert!(error.line() == 1 && error.column() > 50, "{error}");
        let error = run("[{\"expression\": \"[a]\", \"attributes\": {\"a\": \"\\ud800\\ud800\"}}]").unwrap_err();
        assert!(error.to_string().contains("column"), "{error}");
    }

    #[test]
    fn a_file_that_is_no_list_of_vectors_is_an_error() {
        assert!(run("{}").is_err());
        assert!(run("[{\"expression\": \"[a]\"]").is_err());
    }

    #[test]
    fn one_vector_that_cannot_be_read_fails_alone() {
        let broken = r#"{"id": 7, "expression": "[a]", "attributes": ["a"], "expected": {"$error": "any"}}"#;
        let results = run(&format!(r#"[{{}}, 7, {broken}, {{"expression": "[a]", "expected": null}}]"#)).unwrap();
        assert_eq!(results.iter().map(|result| result.passed).collect::<Vec<_>>(), [false, false, false, true]);
        assert!(results[2].id == "7" && results[2].got.starts_with("no vector"), "{results:?}");
    }
}
