//! The cut of Graph's metadata as a judge over requests and answers.

use jsonschema::Validator;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The cut, with the validators that were needed so far.
pub(crate) struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

pub(crate) fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let text = include_str!("../../contract/graph-provisioning.openapi.yaml");
        Contract { document: serde_yaml_ng::from_str(text).unwrap(), validators: Mutex::default() }
    })
}

impl Contract {
    /// The template of a path below `/v1.0`: the one with the most literal segments.
    pub(crate) fn template(&self, method: &str, path: &str) -> Option<&str> {
        let path = path.split('?').next().unwrap().trim_start_matches('/');
        let segments: Vec<&str> = path.split('/').map(canonical).collect();
        let fits = |template: &&String| {
            let parts: Vec<&str> = template.trim_start_matches('/').split('/').collect();
            let same = |(part, segment): (&&str, &&str)| part.starts_with('{') || part == segment;
            parts.len() == segments.len() && parts.iter().zip(&segments).all(same)
        };
        let known = self.document["paths"].as_object().unwrap();
        let known = known.iter().filter(|(_, item)| item.get(method.to_lowercase()).is_some()).map(|(path, _)| path);
        known.filter(fits).min_by_key(|template| template.matches('{').count()).map(String::as_str)
    }

    /// What is wrong with a request's body; nothing when the operation takes none.
    pub(crate) fn request_faults(&self, method: &str, path: &str, body: &Value) -> Vec<String> {
        let Some(template) = self.template(method, path) else { return vec![format!("no operation {method} {path}")] };
        let operation = &self.document["paths"][template][method.to_lowercase()];
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        self.faults(&format!("{method} {template} request"), schema, body)
    }

    /// What is wrong with an answer.
    pub(crate) fn answer_faults(&self, method: &str, path: &str, status: u16, body: &Value) -> Vec<String> {
        let Some(template) = self.template(method, path) else { return vec![format!("no operation {method} {path}")] };
        let responses = &self.document["paths"][template][method.to_lowercase()]["responses"];
        let found = match responses.get(status.to_string()) {
            Some(found) => found,
            None if status >= 400 => &self.document["components"]["responses"]["error"],
            None => return vec![format!("{method} {template} does not answer {status}")],
        };
        let schema = &found["content"]["application/json"]["schema"];
        self.faults(&format!("{method} {template} {status}"), schema, &without_delta_annotations(body))
    }

    fn faults(&self, name: &str, schema: &Value, body: &Value) -> Vec<String> {
        if schema.is_null() {
            return Vec::new();
        }
        let mut validators = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = validators.entry(name.to_owned()).or_insert_with(|| {
            let mut whole = schema.clone();
            whole["components"] = json!({ "schemas": self.document["components"]["schemas"] });
            Arc::new(jsonschema::options().should_validate_formats(true).build(&whole).unwrap())
        });
        validator.iter_errors(body).map(|error| format!("{name}: {}: {error}", error.instance_path())).collect()
    }
}

/// `manager@delta` and the like are documented, and no part of the metadata that the cut is made from.
fn without_delta_annotations(body: &Value) -> Value {
    let mut body = body.clone();
    for user in body.get_mut("value").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(user) = user {
            user.retain(|name, _| !name.ends_with("@delta"));
        }
    }
    body
}

/// Other spellings of the same segment.
fn canonical(segment: &str) -> &str {
    match segment {
        "delta" | "microsoft.graph.delta()" => "delta()",
        "microsoft.graph.user" => "graph.user",
        other => other,
    }
}

#[test]
fn a_misspelt_property_is_noticed() {
    let contract = contract();
    assert!(!contract.request_faults("POST", "/users", &json!({ "mailNicname": "x" })).is_empty());
    assert!(contract.request_faults("POST", "/users", &json!({ "mailNickname": "x" })).is_empty());
    assert!(!contract.answer_faults("GET", "/users/1", 200, &json!({ "createdDateTime": "today" })).is_empty());
    assert_eq!(contract.template("GET", "/users/delta?$select=id"), Some("/users/delta()"));
    assert_eq!(contract.template("GET", "/users/1?$select=id"), Some("/users/{user-id}"));
}
