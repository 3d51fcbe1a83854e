//! The JSON Schema of `tenure.toml`, for editors that complete and check while somebody types.

use crate::mappings::APPLY;
use crate::scope::OPERATORS;
use serde_json::{Value, json};

/// The schema, draft 2020-12. It knows shapes and words; what only the whole configuration shows, `load` checks.
pub fn json_schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tenure.toml",
        "type": "object",
        "additionalProperties": false,
        "required": ["connectors", "jobs"],
        "properties": {
            "connectors": {
                "description": "The outside systems by name.",
                "type": "object",
                "propertyNames": { "pattern": "^[A-Za-z0-9_-]{1,64}$" },
                "additionalProperties": { "oneOf": [files(), graph(), active_directory()] },
            },
            "jobs": {
                "description": "The jobs by name.",
                "type": "object",
                "propertyNames": { "pattern": "^[A-Za-z0-9_-]{1,64}$" },
                "additionalProperties": job(),
            },
        },
    })
}

fn table(required: &[&str], properties: Value) -> Value {
    let mut schema = json!({ "type": "object", "additionalProperties": false, "required": required });
    schema["properties"] = properties;
    schema
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn words(words: &[&str], description: &str) -> Value {
    json!({ "enum": words, "description": description })
}

fn whole(least: u64, most: Option<u64>, description: &str) -> Value {
    let mut schema = json!({ "type": "integer", "minimum": least, "description": description });
    if let Some(most) = most {
        schema["maximum"] = json!(most);
    }
    schema
}

fn texts(description: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": description })
}

fn files() -> Value {
    let proof = table(
        &[],
        json!({
            "trailer": text("How the last line starts; the delimiter and the number of records follow."),
            "final_newline": { "type": "boolean", "default": true },
        }),
    );
    table(
        &["type", "url", "key"],
        json!({
            "type": { "const": "files" },
            "url": text("A path, relative to this file, or s3://bucket/key."),
            "format": words(&["csv", "json-lines"], "How the file is written; csv unless said otherwise."),
            "delimiter": text("The character between fields, `,` unless said otherwise."),
            "quote": text("The character around fields that hold delimiters or line ends."),
            "encoding": words(&["utf-8", "UTF-8"], "Nothing else is read."),
            "trim": { "type": "boolean", "default": false },
            "page_size": whole(1, Some(100_000), "Records on one page, 1000 unless said otherwise."),
            "key": text("The attribute that is the record's key."),
            "semantics": words(&["full", "delta"], "Whether the file holds everybody or changes only."),
            "dates": { "type": "object", "additionalProperties": text("The format of the date, e.g. %d.%m.%Y.") },
            "empty": texts("Texts that mean that there is no value."),
            "proof": proof,
        }),
    )
}

fn graph() -> Value {
    let secret = json!({
        "type": "string",
        "pattern": "^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+|secret:arn:.+)$",
        "description": "Where the client's secret is: env:NAME, file:PATH or secret:ARN.",
    });
    table(
        &["type", "tenant", "client_id", "client_secret"],
        json!({
            "type": { "const": "graph" },
            "base_url": text("Leave it out for Microsoft's own; `simulator` for the local stack's."),
            "authority": text("The token service; leave it out for Microsoft's own."),
            "tenant": text("Tenant id or domain."),
            "client_id": text("Application (client) id."),
            "client_secret": secret,
            "writes": whole(1, Some(1_000_000), "Writes allowed within the window, 3000 unless said otherwise."),
            "window_seconds": whole(1, Some(3600), "Length of the window, 150 unless said otherwise."),
            "timeout_seconds": whole(1, Some(20), "Longest time for one request, 10 unless said otherwise."),
        }),
    )
}

fn active_directory() -> Value {
    table(
        &["type", "domain", "container"],
        json!({
            "type": { "const": "active-directory" },
            "domain": text("The domain's DNS name, e.g. corp.example."),
            "container": text("Where new accounts are made, e.g. OU=People,DC=corp,DC=example."),
        }),
    )
}

fn job() -> Value {
    let group = table(
        &["clauses"],
        json!({
            "name": text("What the group is called in explanations."),
            "clauses": { "type": "array", "minItems": 1, "items": clause() },
        }),
    );
    table(
        &["source", "target", "matching", "mappings"],
        json!({
            "source": text("The connector that is read."),
            "target": text("The connector that is written."),
            "default_domain": text("What DefaultDomain() gives."),
            "matching": { "type": "array", "minItems": 1, "items": { "type": "string" },
                "description": "Target attributes by which accounts are recognised, tried in this order." },
            "out_of_scope": words(&["disable", "leave", "delete"], "What becomes of a linked record that falls out of scope."),
            "every": text("How often a cycle starts by itself, e.g. 40m."),
            "batch_size": whole(1, Some(1000), "Records that travel together, 500 unless said otherwise."),
            "absence": words(&["report"], "What is done about records that are missing from a complete read."),
            "namespace": text("A ledger of names that jobs share: a name belongs to one record in all of them."),
            "protected": texts("Accounts, by a matching attribute, that no plan may disable, delete or rename."),
            "input_scope": { "type": "array", "items": group.clone(),
                "description": "Like scope, but who falls out of it is left as it is." },
            "scope": { "type": "array", "items": group, "description": "Groups of clauses; passing one is enough." },
            "mappings": { "type": "array", "minItems": 1, "items": mapping() },
            "guards": guards(),
        }),
    )
}

fn clause() -> Value {
    // The portal's spelling is accepted beside ours; case and the kind of blank do not count when it is read.
    let ours = OPERATORS.iter().map(|operator| operator.name().to_owned());
    let portal = OPERATORS.iter().map(|operator| operator.name().to_uppercase().replace('-', " "));
    let operators: Vec<String> = ours.chain(portal).collect();
    table(
        &["attribute", "operator"],
        json!({
            "attribute": text("The source attribute."),
            "operator": { "enum": operators },
            "value": { "type": ["string", "integer", "boolean"] },
        }),
    )
}

fn mapping() -> Value {
    let apply: Vec<&str> = APPLY.iter().map(|(word, _)| *word).collect();
    let scalar = json!(["string", "integer", "boolean"]);
    let mut schema = table(
        &["target"],
        json!({
            "target": text("The target's attribute."),
            "expression": text("What it is made of, in Entra's mapping language."),
            "constant": { "type": scalar },
            "default": { "type": ["string", "integer", "boolean", "array"] },
            "apply": words(&apply, "When it is written; always unless said otherwise."),
            "clear": { "type": "boolean", "default": false },
        }),
    );
    schema["oneOf"] = json!([{ "required": ["expression"] }, { "required": ["constant"] }]);
    schema
}

fn guards() -> Value {
    let percent = json!({ "type": "number", "minimum": 0, "maximum": 100 });
    let mut limit = table(
        &[],
        json!({
            "count": whole(0, None, "At most this many in one plan."),
            "percent": percent,
            "at_least": whole(0, None, "Up to this many, percent is not looked at."),
            "per_day": whole(0, None, "At most this many in any 24 hours."),
        }),
    );
    limit["anyOf"] = json!([{ "required": ["count"] }, { "required": ["percent"] }, { "required": ["per_day"] }]);
    let limit = json!({ "anyOf": [{ "const": "unlimited" }, limit] });
    let mut properties = json!({
        "attributes": { "type": "object", "additionalProperties": limit },
        "rows_min": { "type": "number", "minimum": 0, "maximum": 1 },
        "missing_max": table(&[], json!({ "count": whole(0, None, "Missing records."), "percent": percent })),
    });
    for key in ["create", "update", "disable", "enable", "delete", "adopt", "clear"] {
        properties[key] = limit.clone();
    }
    table(&[], properties)
}
