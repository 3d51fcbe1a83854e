//! When two contents are the same for a target, and the digest that the link keeps of one.

use record::{AttributeKind, Fingerprinter, Secret, TargetAttribute, Value};
use std::borrow::Cow;

/// The fingerprint of no value.
pub(crate) const NOTHING: [u8; 8] = [0; 8];

/// One text in the form in which it is compared: case folded unless the target is exact, instants without a redundant
/// time of day.
fn compared<'a>(attribute: &TargetAttribute, text: &'a str) -> Cow<'a, str> {
    if attribute.kind == AttributeKind::Instant {
        return Cow::Borrowed(instant(text));
    }
    let folded = attribute.case_exact || text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if folded { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Several texts as they are compared: sorted, each once.
fn all_compared<'a>(attribute: &TargetAttribute, texts: impl Iterator<Item = &'a str>) -> Vec<Cow<'a, str>> {
    let mut texts: Vec<_> = texts.map(|text| compared(attribute, text)).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// `2026-01-05`, `2026-01-05T00:00:00Z` and `2026-01-05T00:00:00.000Z` are the same instant to a target.
fn instant(text: &str) -> &str {
    let text = text.trim_end_matches('Z');
    let text = text.split_once('.').map_or(text, |(whole, _)| whole);
    text.strip_suffix("T00:00:00").unwrap_or(text)
}

/// True when writing one over the other would change nothing.
pub fn same_content(attribute: &TargetAttribute, one: Option<&Value>, other: Option<&Value>) -> bool {
    let content = |value: Option<&'_ Value>| -> Vec<String> {
        let texts = value.map(|value| all_compared(attribute, value.values().iter().map(String::as_str)));
        texts.unwrap_or_default().into_iter().map(Cow::into_owned).collect()
    };
    content(one) == content(other)
}

/// What the link keeps of a value: 8 bytes of a keyed hash, all zeros for no value.
pub fn fingerprint(secret: &Secret, attribute: &TargetAttribute, value: Option<&Value>) -> [u8; 8] {
    let printer = secret.fingerprinter(attribute.name);
    match value {
        None => NOTHING,
        Some(Value::One(text)) => fingerprint_of_one(&printer, attribute, text),
        Some(Value::Many(texts)) => fingerprint_of_all(&printer, attribute, texts.iter().map(String::as_str)),
    }
}

/// The fingerprint of one text; `printer` knows the attribute's name.
#[inline]
pub(crate) fn fingerprint_of_one(printer: &Fingerprinter, attribute: &TargetAttribute, text: &str) -> [u8; 8] {
    if text.is_empty() {
        return NOTHING;
    }
    // What comparing folds is folded on the way, without a copy, for what most texts consist of.
    if attribute.kind != AttributeKind::Instant && !attribute.case_exact && text.is_ascii() {
        printer.one_in_lower_case(text)
    } else {
        printer.one(&compared(attribute, text))
    }
}

/// The fingerprint of several texts; `printer` knows the attribute's name.
pub(crate) fn fingerprint_of_all<'a>(
    printer: &Fingerprinter,
    attribute: &TargetAttribute,
    texts: impl ExactSizeIterator<Item = &'a str> + Clone,
) -> [u8; 8] {
    // Most lists have one text: there is nothing to sort, and it hashes as a text that is no list.
    if texts.len() == 1
        && let Some(text) = texts.clone().next().filter(|text| !text.is_empty())
    {
        return fingerprint_of_one(printer, attribute, text);
    }
    let texts = all_compared(attribute, texts);
    if texts.is_empty() { NOTHING } else { printer.all(texts.iter().map(|text| &**text)) }
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
    fn a_list_of_one_text_has_the_fingerprint_that_several_the_same_have() {
        let printer = Secret::new(b"s").fingerprinter("department");
        for text in
            ["Sales", "Küche", "", "a text that is longer than what is hashed without a copy of its own, by far"]
        {
            let (once, twice) = ([text], [text, text]);
            assert_eq!(
                fingerprint_of_all(&printer, &TEXT, once.into_iter()),
                fingerprint_of_all(&printer, &TEXT, twice.into_iter()),
                "{text}"
            );
        }
    }

    #[test]
    fn no_value_and_an_empty_one_are_the_same_to_a_target() {
        assert!(same_content(&TEXT, None, Some(&Value::from(""))));
        assert_eq!(fingerprint(&Secret::new(b"s"), &TEXT, Some(&Value::from(""))), NOTHING);
    }
}
