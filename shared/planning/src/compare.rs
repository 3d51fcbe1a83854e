//! When two contents are the same for a target, and the digest that the link keeps of one.

use record::{AttributeKind, Secret, TargetAttribute, Value};

/// The content in the form in which it is compared: case folded unless the target is exact, several values sorted,
/// instants without a redundant time of day.
fn compared(attribute: &TargetAttribute, value: &Value) -> Vec<String> {
    let mut texts: Vec<String> = value
        .values()
        .iter()
        .map(|text| match attribute.kind {
            AttributeKind::Instant => instant(text),
            _ if attribute.case_exact => text.clone(),
            _ => text.to_lowercase(),
        })
        .collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// `2026-01-05`, `2026-01-05T00:00:00Z` and `2026-01-05T00:00:00.000Z` are the same instant to a target.
fn instant(text: &str) -> String {
    let text = text.trim_end_matches('Z');
    let text = text.split_once('.').map_or(text, |(whole, _)| whole);
    text.strip_suffix("T00:00:00").unwrap_or(text).to_owned()
}

/// True when writing one over the other would change nothing.
pub fn same_content(attribute: &TargetAttribute, one: Option<&Value>, other: Option<&Value>) -> bool {
    let content = |value: Option<&Value>| value.map(|value| compared(attribute, value)).unwrap_or_default();
    content(one) == content(other)
}

/// What the link keeps of a value: the first 8 bytes of a keyed hash, all zeros for no value.
pub fn fingerprint(secret: &Secret, attribute: &TargetAttribute, value: Option<&Value>) -> [u8; 8] {
    let Some(value) = value.filter(|value| !value.is_empty()) else { return [0; 8] };
    let mut hasher = secret.hasher("fingerprint");
    hasher.part(attribute.name.as_bytes());
    for text in compared(attribute, value) {
        hasher.part(text.as_bytes());
    }
    let mut short = [0; 8];
    short.copy_from_slice(&hasher.finish()[..8]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: TargetAttribute = TargetAttribute {
        name: "department",
        kind: AttributeKind::Text,
        unique: false,
        required: false,
        clearable: true,
        length_max: 64,
        matchable: false,
        case_exact: false,
    };

    #[test]
    fn case_alone_is_no_difference_unless_the_target_is_exact() {
        let exact = TargetAttribute { case_exact: true, ..TEXT };
        let (one, other) = (Value::from("Sales"), Value::from("SALES"));
        assert!(same_content(&TEXT, Some(&one), Some(&other)));
        assert!(!same_content(&exact, Some(&one), Some(&other)));
        assert_eq!(
            fingerprint(&Secret::new(b"s"), &TEXT, Some(&one)),
            fingerprint(&Secret::new(b"s"), &TEXT, Some(&other))
        );
    }

    #[test]
    fn a_date_equals_its_midnight() {
        let date = TargetAttribute { kind: AttributeKind::Instant, ..TEXT };
        let (one, other) = (Value::from("2026-01-05"), Value::from("2026-01-05T00:00:00Z"));
        assert!(same_content(&date, Some(&one), Some(&other)));
    }

    #[test]
    fn no_value_and_an_empty_one_are_the_same_to_a_target() {
        assert!(same_content(&TEXT, None, Some(&Value::from(""))));
        assert_eq!(fingerprint(&Secret::new(b"s"), &TEXT, Some(&Value::from(""))), [0; 8]);
    }
}
