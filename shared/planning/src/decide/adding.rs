//! Mappings that only ever add: what an account is to have when nothing may be taken from it.

use super::Deciding;
use crate::compare::{NOTHING, fingerprint, same_content};
use crate::ready::ReadyMapping;
use mapping::Apply;
use record::{AttributeKind, TargetAttribute, Value};

/// What is written over `has`; `None` where nothing would be added.
pub(super) fn added(apply: Apply, attribute: &TargetAttribute, has: Option<&Value>, wanted: &Value) -> Option<Value> {
    let held = has.map(Value::values).unwrap_or_default();
    let is_held = |text: &String| {
        let one = Value::One(text.clone());
        held.iter().any(|other| same_content(attribute, Some(&one), Some(&Value::One(other.clone()))))
    };
    let new: Vec<String> = wanted.values().iter().filter(|text| !is_held(text)).cloned().collect();
    if new.is_empty() {
        return None;
    }
    match apply {
        Apply::WhenAdding => Some(wanted.clone()),
        // One value cannot be added to another.
        _ if attribute.kind != AttributeKind::Texts => held.is_empty().then(|| wanted.clone()),
        _ => Some(Value::Many(held.iter().cloned().chain(new).collect())),
    }
}

impl Deciding<'_> {
    /// What a linked account is to have, with its fingerprint. What it has is known from an earlier plan; as long as that
    /// was not looked for, the whole value is planned, so that it is.
    pub(super) fn adds(
        &self,
        ready: &ReadyMapping<'_>,
        attribute: &TargetAttribute,
        mark: [u8; 8],
        wanted: Option<Value>,
    ) -> Option<(Value, [u8; 8])> {
        let wanted = wanted?;
        let after = match self.subject.before.get(&ready.mapping.target) {
            None if mark != NOTHING && self.subject.before_sought => return None,
            None if mark != NOTHING => wanted,
            has => added(ready.mapping.apply, attribute, has, &wanted)?,
        };
        let print = fingerprint(self.secret, attribute, Some(&after));
        Some((after, print))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(apply: Apply, kind: AttributeKind, has: &[&str], wanted: &[&str]) -> Option<Vec<String>> {
        let attribute = TargetAttribute {
            name: "any",
            kind,
            unique: false,
            required: false,
            clearable: true,
            length_max: 0,
            matchable: false,
            case_exact: false,
        };
        let value = |texts: &[&str]| Value::Many(texts.iter().map(|text| (*text).to_owned()).collect());
        let has = (!has.is_empty()).then(|| value(has));
        added(apply, &attribute, has.as_ref(), &value(wanted)).map(|value| value.values().to_vec())
    }

    #[test]
    fn values_are_added_and_none_is_removed() {
        let texts = AttributeKind::Texts;
        assert_eq!(after(Apply::AddOnly, texts, &["a", "b"], &["c", "A"]).unwrap(), ["a", "b", "c"]);
        assert_eq!(after(Apply::AddOnly, texts, &["a", "b"], &["B"]), None);
        assert_eq!(after(Apply::WhenAdding, texts, &["a", "b"], &["c"]).unwrap(), ["c"]);
        assert_eq!(after(Apply::WhenAdding, texts, &["a", "b"], &["a"]), None);
        assert_eq!(after(Apply::AddOnly, texts, &[], &["a"]).unwrap(), ["a"]);
    }

    #[test]
    fn one_value_is_only_set_where_there_is_none() {
        assert_eq!(after(Apply::AddOnly, AttributeKind::Text, &["a"], &["b"]), None);
        assert_eq!(after(Apply::AddOnly, AttributeKind::Text, &[], &["b"]).unwrap(), ["b"]);
        assert_eq!(after(Apply::WhenAdding, AttributeKind::Text, &["a"], &["b"]).unwrap(), ["b"]);
    }
}
