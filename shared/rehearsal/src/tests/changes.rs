//! The effect of other rules on the same people.

use super::{mapping, rules};
use crate::{Compared, Difference};
use mapping::Apply;
use planning::{Counted, OutOfScope, Rules};
use record::Record;

fn people() -> Vec<Record> {
    let person = |id: &str, department: &str, company: &str| {
        let record = Record::new(id).with("id", id).with("name", format!("Person {id}")).with("status", "active");
        record.with("department", department).with("company", company)
    };
    vec![person("1", "W", "Loom"), person("2", "Sales", "Loom"), person("3", "Sales", "Other")]
}

fn difference(old: &Rules, new: &Rules) -> Difference {
    let slices = ["department".to_owned()];
    let now = "2026-01-05T06:00:00Z".parse().unwrap();
    let compared = Compared { old, new, now, slices: &slices, samples: 1 };
    let mut sum = compared.nothing();
    for record in people() {
        compared.add(&mut sum, compared.of(vec![record.clone()], None));
    }
    let at_once = compared.of(people(), None);
    assert_eq!(serde_json::to_value(&at_once).unwrap(), serde_json::to_value(&sum).unwrap());
    sum
}

/// The rules with one mapping instead of that for the same attribute.
fn with(mapping: mapping::Mapping) -> Rules {
    let mut rules = rules();
    rules.mappings.retain(|known| known.target != mapping.target);
    rules.mappings.push(mapping);
    rules
}

#[test]
fn the_same_rules_change_nobody() {
    let difference = difference(&rules(), &rules());
    assert_eq!((difference.records, difference.accounts, difference.changed), (3, 2, 0));
    assert!(difference.attributes.is_empty() && difference.new_only.is_empty() && difference.left.is_empty());
}

#[test]
fn changes_are_counted_by_attribute_and_slice() {
    let difference = difference(&rules(), &with(mapping("department", "[department]")));
    assert_eq!(difference.changed, 1);
    assert_eq!(difference.attributes["department"].changed, 1);
    assert_eq!(difference.slices["department"].get("W"), Some(&1));
    assert_eq!(difference.census.count(&Counted::Update), 1);
    assert!(difference.samples[0].contains("\"Weaving\" → \"W\""), "{}", difference.samples[0]);
}

#[test]
fn what_is_written_on_create_only_counts_for_hires_alone() {
    let mut name = mapping("userPrincipalName", r#"SelectUniqueValue(Append([id], "@example.org"), "x@example.org")"#);
    name.apply = Apply::OnCreate;
    let difference = difference(&rules(), &with(name));
    assert_eq!(difference.changed, 0);
    assert_eq!(difference.new_only["userPrincipalName"], 2);
}

#[test]
fn who_falls_out_of_scope_is_disabled_or_left_and_who_comes_in_is_created() {
    let mut open = rules();
    open.scope = mapping::Filter::default().compile().unwrap();
    let closing = difference(&open, &rules());
    assert_eq!((closing.in_scope_before, closing.in_scope_after), (3, 2));
    assert_eq!(closing.census.count(&Counted::Disable), 1);
    let leaving = Rules { out_of_scope: OutOfScope::Leave, ..rules() };
    assert_eq!(difference(&open, &leaving).changed, 0);
    assert_eq!(difference(&rules(), &open).census.count(&Counted::Create), 1);
}

#[test]
fn an_attribute_that_is_no_longer_mapped_is_named() {
    let mut less = rules();
    less.mappings.retain(|mapping| mapping.target != "department");
    let difference = difference(&rules(), &less);
    assert_eq!(difference.changed, 0);
    assert!(difference.left.contains("department"));
}

#[test]
fn who_can_no_longer_be_decided_is_counted_by_reason() {
    let difference = difference(&rules(), &with(mapping("displayName", "Item([name], 2)")));
    assert_eq!(difference.escrowed.values().sum::<u64>(), 2);
    assert!(difference.escrowed.keys().all(|reason| reason.contains("displayName")), "{:?}", difference.escrowed);
}
