//! What must be looked up or reserved before a record can be decided.

use crate::compare::fingerprint;
use crate::link::Link;
use crate::rules::Rules;
use jiff::Timestamp;
use mapping::{Apply, Context, Flow, Mapping};
use record::{Record, Secret, TargetAttribute, Value};

/// A unique attribute that needs a name: the first candidate that nobody else has is to be reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameQuestion {
    /// Target attribute.
    pub attribute: String,
    /// Candidates in the operator's order.
    pub candidates: Vec<String>,
}

/// The names that the record needs. A linked record keeps what it has while any candidate equals it.
pub fn name_questions(
    rules: &Rules,
    secret: &Secret,
    record: &Record,
    link: Option<&Link>,
    now: Timestamp,
    seed: &[u8],
) -> Vec<NameQuestion> {
    if !wants_lookup(rules, record, now, seed) {
        return Vec::new();
    }
    let mut questions = Vec::new();
    for mapping in &rules.mappings {
        let Some(attribute) = rules.schema.attribute(&mapping.target) else { continue };
        if !needs_name(mapping, attribute) || (link.is_some() && mapping.apply != Apply::Always) {
            continue;
        }
        let candidates = match evaluate(rules, mapping, record, now, seed) {
            Ok(Flow::Candidates(candidates)) => candidates,
            Ok(Flow::Set(value)) => vec![value.text().to_owned()],
            _ => continue,
        };
        let mark = link.and_then(|link| link.marks.get(&mapping.target));
        let kept = mark.is_some_and(|mark| {
            candidates.iter().any(|candidate| {
                fingerprint(secret, attribute, Some(&Value::from(candidate.as_str()))) == mark.fingerprint
            })
        });
        if !kept {
            questions.push(NameQuestion { attribute: mapping.target.clone(), candidates });
        }
    }
    questions
}

/// Whether the record is to be looked up at all: it is in scope, and no rule says to leave it alone for now.
pub fn wants_lookup(rules: &Rules, record: &Record, now: Timestamp, seed: &[u8]) -> bool {
    // The word stands in the text of every expression that can give it; all others need not be asked.
    let may_skip = |mapping: &&Mapping| mapping.expression.text().to_lowercase().contains("ignoreobjectflow");
    rules.admits(record)
        && !rules
            .mappings
            .iter()
            .filter(may_skip)
            .any(|mapping| evaluate(rules, mapping, record, now, seed) == Ok(Flow::SkipObject))
}

/// Whether a value of this mapping is reserved before it is planned.
pub(crate) fn needs_name(mapping: &Mapping, attribute: &TargetAttribute) -> bool {
    attribute.unique || mapping.expression.unique()
}

/// The values by which an account of this record would be recognised, in the order in which they are tried.
pub fn matching_values(rules: &Rules, record: &Record, now: Timestamp, seed: &[u8]) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for target in &rules.matching {
        let Some(mapping) = rules.mappings.iter().find(|mapping| &mapping.target == target) else { continue };
        if let Ok(Flow::Set(value)) = evaluate(rules, mapping, record, now, seed) {
            values.push((target.clone(), value.text().to_owned()));
        }
    }
    values
}

/// What the mapping says; the seed differs for each record and attribute, so that no two draw the same.
pub(crate) fn evaluate(
    rules: &Rules,
    mapping: &Mapping,
    record: &Record,
    now: Timestamp,
    seed: &[u8],
) -> Result<Flow, mapping::EvaluateError> {
    let mut own = seed.to_vec();
    own.extend_from_slice(record.key.as_str().as_bytes());
    own.push(0);
    own.extend_from_slice(mapping.target.as_bytes());
    mapping.evaluate(&Context { record, now, seed: &own, default_domain: rules.default_domain.as_deref() })
}
