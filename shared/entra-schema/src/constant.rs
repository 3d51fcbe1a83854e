//! `IsSoftDeleted`: the provisioning service computes it, so no file of HR has it.

use mapping::{Context, Expression, Outcome};
use record::{Record, Value};

/// True for who is not assigned, out of scope, deleted softly or disabled in the source.
pub(crate) const SOFT_DELETED: &str = "IsSoftDeleted";

/// What the expression gives for people in scope, when it reads nothing but `IsSoftDeleted`. Those out of scope are
/// disabled by `out_of_scope`, and enabled again by this very mapping when they return.
pub(crate) fn in_scope(expression: &Expression) -> Option<String> {
    if expression.attributes().len() != 1 || !expression.attributes().contains(SOFT_DELETED) {
        return None;
    }
    let record = Record::new("in scope").with(SOFT_DELETED, "False");
    let now = jiff::Timestamp::UNIX_EPOCH;
    let outcome = expression.evaluate(&Context { record: &record, now, seed: &[], default_domain: None });
    match outcome.ok()? {
        Outcome::Value(Value::One(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}
