//! The digest of a job's rules: the same for the same rules however they are laid out, another one for other rules.

use mapping::Apply;
use planning::{OutOfScope, Rules};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use toml::de::DeValue;

/// Digest over everything in the rules but the hash itself. `scope` and `input_scope` are filters as they are written, because a compiled
/// one no longer shows its values. Comments, blanks, the order of keys and of mappings, and lines do not count.
pub(crate) fn digest(rules: &Rules, scope: Option<&DeValue<'_>>, input_scope: Option<&DeValue<'_>>) -> [u8; 16] {
    let mut mappings: Vec<_> = rules.mappings.iter().collect();
    mappings.sort_by(|one, other| one.target.cmp(&other.target));
    let mappings: Vec<_> = mappings
        .into_iter()
        .map(|mapping| {
            let apply: Apply = mapping.apply;
            let (target, expression) = (&mapping.target, mapping.expression.text());
            json!([target, expression, mapping.default, apply, mapping.clear])
        })
        .collect();
    let limits: Vec<_> = rules
        .guards
        .limits
        .iter()
        .map(|limit| json!([limit.counted, limit.count, limit.percent, limit.at_least, limit.per_day]))
        .collect();
    let mut written = json!({
        "version": 1,
        "target": rules.schema.target,
        "scope": scope.map(canonical),
        "out_of_scope": match rules.out_of_scope {
            OutOfScope::Disable => json!(true),
            OutOfScope::Leave => json!(false),
            OutOfScope::Delete => json!("delete"),
        },
        "mappings": mappings,
        "matching": rules.matching,
        "default_domain": rules.default_domain,
        "protected": rules.protected,
        "limits": limits,
        "rows_min": rules.guards.rows_min,
        "missing_max": rules.guards.missing_max,
    });
    if let Some(filter) = input_scope {
        written["input_scope"] = canonical(filter);
    }
    if let Some(namespace) = &rules.namespace {
        written["namespace"] = json!(namespace);
    }
    let mut short = [0; 16];
    short.copy_from_slice(&Sha256::digest(written.to_string())[..16]);
    short
}

fn canonical(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => json!(number.to_string()),
        DeValue::Float(number) => json!(number.to_string()),
        DeValue::Boolean(flag) => json!(if *flag { "True" } else { "False" }),
        DeValue::Datetime(instant) => json!(instant.to_string()),
        DeValue::Array(values) => values.iter().map(|value| canonical(value.get_ref())).collect(),
        DeValue::Table(table) => {
            table.iter().map(|(key, value)| (key.get_ref().to_string(), canonical(value.get_ref()))).collect()
        }
    }
}
