//! Files that nobody meant: wrong shapes, hostile names, and very many mappings.

use crate::world::{FIXTURES, import, loaded};
use config::Level;
use entra_schema::ImportError;
use proptest::prelude::*;
use serde_json::{Value, json};

fn schema(mappings: &Value) -> Value {
    json!({ "synchronizationRules": [{
        "name": "job", "sourceDirectoryName": "HR", "targetDirectoryName": "Azure AD",
        "objectMappings": [{ "sourceObjectName": "Worker", "targetObjectName": "User", "attributeMappings": mappings }],
    }] })
}

fn complete() -> Vec<Value> {
    let direct = |target: &str, priority: u64| json!({ "targetAttributeName": target, "matchingPriority": priority, "source": { "expression": "[x]", "type": "Attribute" } });
    let mut all: Vec<Value> = ["userPrincipalName", "mailNickname", "displayName", "accountEnabled"]
        .into_iter()
        .map(|target| direct(target, 0))
        .collect();
    all.push(direct("employeeId", 1));
    all
}

#[test]
fn a_wrong_type_is_refused_with_its_place() {
    for (path, wrong) in [
        ("$.synchronizationRules", json!({ "synchronizationRules": 5 })),
        ("$.schema.synchronizationRules[0]", json!({ "schema": { "synchronizationRules": ["x"] } })),
        ("$.value[0].synchronizationRules[0].name", json!({ "value": [{ "synchronizationRules": [{ "name": [] }] }] })),
        (
            "$.synchronizationRules[0].objectMappings[0].attributeMappings[0].matchingPriority",
            schema(&json!([{ "targetAttributeName": "x", "matchingPriority": "first" }])),
        ),
        (
            "$.synchronizationRules[0].objectMappings[0].attributeMappings[0].source",
            schema(&json!([{ "source": "x" }])),
        ),
        (
            "$.synchronizationRules[0].objectMappings[0].attributeMappings[0].source.parameters[0].value",
            schema(&json!([{ "source": { "name": "Trim", "type": "Function", "parameters": [{ "value": 5 }] } }])),
        ),
    ] {
        match import(wrong.to_string().as_bytes()) {
            Err(ImportError::Shape { path: found, .. }) => assert_eq!(found, path),
            other => panic!("{path}: {other:?}"),
        }
    }
    assert!(matches!(import(b"[]"), Err(ImportError::NoSchema { .. })));
    assert!(matches!(import(b"5"), Err(ImportError::Shape { .. })));
}

#[test]
fn ten_thousand_mappings_are_no_trouble() {
    let mut mappings = complete();
    mappings.extend((0..10_000).map(|number| {
        let text = format!("Switch([column{number}], \"none\", \"a\", \"]] \\\"b\")");
        json!({ "targetAttributeName": format!("attribute{number}"), "source": { "expression": text, "type": "Function" } })
    }));
    let import = import(schema(&json!(mappings)).to_string().as_bytes()).expect("a schema");
    assert_eq!(import.toml.matches("# left out: ").count(), 10_000);
    assert_eq!(loaded(&import.toml).jobs["job"].rules.mappings.len(), 5);
}

#[test]
fn whatever_is_cut_off_is_refused() {
    let (_, bytes) = FIXTURES[4];
    for length in (0..bytes.len() - 1).step_by(7) {
        assert!(matches!(import(&bytes[..length]), Err(ImportError::Json { .. })), "{length}");
    }
}

/// Texts that would end a text, a comment, a bracket or a line if they were not written with care.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\""),
        Just("'''"),
        Just("'"),
        Just("\\"),
        Just("\n"),
        Just("\r\n"),
        Just("\u{0}"),
        Just("\u{7f}"),
        Just("]"),
        Just("[jobs.x]"),
        Just("\n[[jobs.job.mappings]]\ntarget = \"x\"\n"),
        Just("#"),
        Just("= "),
        Just("é🧶"),
        Just("x"),
        Just("Trim("),
        Just(")"),
        Just("[a]"),
        Just(","),
        Just("\u{2028}"),
        Just("\u{85}"),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "synchronizationRules",
        "objectMappings",
        "attributeMappings",
        "schema",
        "value",
        "source",
        "parameters",
        "key",
        "name",
        "type",
        "expression",
        "Function",
        "Attribute",
        "Constant",
        "targetAttributeName",
        "targetDirectoryName",
        "Azure AD",
        "targetObjectName",
        "User",
        "scope",
        "groups",
        "clauses",
        "operatorName",
        "EQUALS",
        "targetOperand",
        "values",
        "matchingPriority",
        "1",
        "defaultValue",
        "flowTypes",
        "directories",
        "objects",
        "attributes",
        "anchor",
        "metadata",
        "secrets",
        "SkipOutOfScopeDeletions",
        "[x]",
        "Switch",
        "employeeId",
        "manager",
        "accountEnabled",
        "[IsSoftDeleted]",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        hostile().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 200, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..8)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Value>()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn hostile_names_stay_names(
        job in hostile(), from in hostile(), target in hostile(), text in hostile(), column in hostile(), default in hostile(),
        clause in hostile(), source in prop::sample::select(vec!["Attribute", "Constant", "Function"]),
    ) {
        let mut mappings = complete();
        mappings.push(json!({ "targetAttributeName": target, "source": { "expression": text }, "defaultValue": default }));
        mappings.push(json!({ "targetAttributeName": "city", "source": { "name": column, "type": source, "parameters": [] } }));
        mappings.push(json!({ "targetAttributeName": "state", "source": null, "defaultValue": default }));
        mappings.push(json!({ "targetAttributeName": "department", "source": { "expression": "[x]" }, "defaultValue": default }));
        let mut schema = schema(&json!(mappings));
        schema["synchronizationRules"][0]["name"] = json!(job);
        schema["synchronizationRules"][0]["sourceDirectoryName"] = json!(from);
        schema["directories"] = json!([{ "name": from, "objects": [{ "name": "Worker", "attributes": [{ "name": column, "anchor": true }] }] }]);
        schema["synchronizationRules"][0]["objectMappings"][0]["scope"] = json!({ "groups": [
            { "name": job, "clauses": [{ "sourceOperandName": column, "operatorName": "EQUALS", "targetOperand": { "values": [clause] } }] },
        ] });
        let import = import(schema.to_string().as_bytes()).expect("a schema");
        let config = loaded(&import.toml);
        prop_assert_eq!((config.jobs.len(), config.connectors.len()), (1, 2));
        let job = config.jobs.values().next().expect("a job");
        for mapping in &job.rules.mappings {
            if mapping.target == "state" {
                let quoted = format!("\"{}\"", default.replace('\\', "\\\\").replace('"', "\\\""));
                prop_assert_eq!(mapping.expression.text(), quoted);
            }
        }
    }

    #[test]
    fn no_json_is_too_strange(value in any_json(), rules in any_json(), mappings in any_json()) {
        for value in [value, json!({ "synchronizationRules": rules }), schema(&mappings), schema(&json!([mappings]))] {
            if let Ok(import) = import(value.to_string().as_bytes())
                && let Err(mistakes) = config::load(&import.toml, "tenure.toml", &bootstrap::schemas)
            {
                // What is missing in the schema stays missing, but what is written is well formed, and all of it is told.
                for mistake in mistakes.iter().filter(|mistake| mistake.level == Level::Error) {
                    prop_assert!(import.report.iter().any(|note| note.what == mistake.message), "{mistake}\n{}", import.toml);
                }
            }
        }
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200), at in any::<prop::sample::Index>()) {
        let _ = import(&bytes);
        let (_, whole) = FIXTURES[at.index(FIXTURES.len())];
        let place = at.index(whole.len());
        let _ = import(&[&whole[..place], &bytes, &whole[place..]].concat());
    }
}
