//! What a target takes, and what a mapping says when there is nothing.

use super::*;
use insta::assert_snapshot;

#[test]
fn a_new_account_without_a_required_value_is_not_tried() {
    assert_snapshot!(shown(&rules(), subject(&rules(), ada().with("name", ""))), @"! escrow  E1: displayName is required for a new account and has no value");
}

#[test]
fn a_value_that_is_too_long_is_not_cut_but_told() {
    let long = subject(&rules(), ada().with("department", "x".repeat(65)));
    assert_snapshot!(shown(&rules(), long), @"! escrow  E1: the value for department has 65 characters, 64 are allowed; cut it with Mid");
    let letters = subject(&rules(), ada().with("department", "é".repeat(64)));
    assert!(matches!(verdict(&rules(), letters), Verdict::Change(_)), "characters count, not bytes");
}

#[test]
fn a_name_that_is_too_long_is_told_too() {
    let mut long = subject(&rules(), ada());
    long.names.insert("userPrincipalName".to_owned(), Name::Reserved("x".repeat(114)));
    assert!(matches!(reason(&rules(), long), Reason::TooLong { length: 114, length_max: 113, .. }));
}

#[test]
fn several_values_do_not_fit_one_place_and_a_flag_is_a_flag() {
    let two = ada().with("department", vec!["Weaving".to_owned(), "Dyeing".to_owned()]);
    assert_eq!(
        reason(&rules(), subject(&rules(), two)),
        Reason::Several { attribute: "department".to_owned(), count: 2 }
    );
    let rules = with(mapping("accountEnabled", "[status]"));
    assert_eq!(reason(&rules, subject(&rules, ada())), Reason::NotAFlag { attribute: "accountEnabled".to_owned() });
    let Verdict::Change(change) = verdict(&rules, subject(&rules, ada().with("status", "TRUE"))) else { panic!() };
    assert_eq!(change.attributes["accountEnabled"].after, Some("True".into()));
}

#[test]
fn a_mapping_that_fails_names_its_line_and_no_value() {
    let rules = with(mapping("officeLocation", r#"FormatDateTime([hired], , "yyyy-MM-dd", "yyyy")"#));
    let text = shown(&rules, subject(&rules, ada().with("hired", "someday")));
    assert!(text.contains("officeLocation (line 7) failed") && !text.contains("someday"), "{text}");
}

#[test]
fn nothing_clears_stays_or_gives_the_default_as_the_mapping_says() {
    let empty = ada().with("department", "");
    assert_snapshot!(shown(&rules(), changed(&rules(), ada(), empty.clone())), @"
    ~ update  E1
        department                   (set in cycle 2) → nothing  (line 7)
    ");
    let mut keeps = rules();
    keeps.mappings[2].clear = false;
    assert_eq!(verdict(&keeps, changed(&keeps, ada(), empty.clone())), Verdict::Nothing);
    let mut fills = rules();
    fills.mappings[2].default = Some("Unassigned".into());
    assert_snapshot!(shown(&fills, changed(&fills, ada(), empty)), @r#"
    ~ update  E1
        department                   (set in cycle 2) → "Unassigned"  (line 7)
    "#);
}

#[test]
fn what_is_for_new_accounts_or_empty_attributes_is_not_changed_later() {
    for apply in [Apply::OnCreate, Apply::WhenEmpty] {
        let mut rules = rules();
        rules.mappings[2].apply = apply;
        let moved = changed(&rules, ada(), ada().with("department", "Dyeing"));
        assert_eq!(verdict(&rules, moved), Verdict::Nothing, "{apply:?}");
    }
    let mut rules = rules();
    rules.mappings[2].apply = Apply::WhenEmpty;
    let filled = changed(&rules, ada().with("department", ""), ada());
    assert_snapshot!(shown(&rules, filled), @r#"
    ~ update  E1
        department                   "Weaving"  (line 7)
    "#);
}

#[test]
fn what_is_for_new_accounts_or_only_fills_or_adds_never_clears() {
    let empty = ada().with("department", "");
    for apply in [Apply::OnCreate, Apply::WhenEmpty, Apply::WhenAdding, Apply::AddOnly] {
        let mut rules = rules();
        rules.mappings[2].apply = apply;
        assert_eq!(verdict(&rules, changed(&rules, ada(), empty.clone())), Verdict::Nothing, "{apply:?}");
        let taken = found(&rules, empty.clone(), account(&[("department", "Weaving")]));
        let Verdict::Change(change) = verdict(&rules, taken) else { panic!("{apply:?}") };
        assert!(!change.attributes.contains_key("department"), "{apply:?}");
    }
    let taken = found(&rules(), empty, account(&[("department", "Weaving")]));
    let Verdict::Change(change) = verdict(&rules(), taken) else { panic!("it is taken over") };
    assert_eq!(change.attributes["department"].after, None);
}

#[test]
fn a_new_account_gets_the_default_and_nothing_that_a_flow_word_leaves_out() {
    let mut rules = rules();
    rules.mappings[2].default = Some("Unassigned".into());
    let Verdict::Change(change) = verdict(&rules, subject(&rules, ada().with("department", ""))) else { panic!() };
    assert_eq!(change.attributes["department"].after, Some("Unassigned".into()));
    for word in ["IgnoreAttributeFlow", r#"IgnoreFlowIfNullOrEmpty("")"#] {
        rules.mappings[2].expression = mapping("department", word).expression;
        let Verdict::Change(change) = verdict(&rules, subject(&rules, ada())) else { panic!("{word}") };
        assert!(!change.attributes.contains_key("department"), "{word}");
    }
}

#[test]
fn a_redacted_value_flows_and_is_not_shown() {
    let rules = with(mapping("department", "Redact([department])"));
    let mut moved = changed(&rules, ada(), ada().with("department", "Secret"));
    moved.before.insert("department".to_owned(), "Weaving".into());
    let Verdict::Change(change) = verdict(&rules, moved.clone()) else { panic!() };
    assert_eq!(change.attributes["department"].after, Some("Secret".into()));
    assert_snapshot!(shown(&rules, moved), @"
    ~ update  E1
        department                   [Redact]  (line 7)
    ");
}

#[test]
fn a_hostile_value_cannot_write_on_the_terminal() {
    let hostile = Record { key: "E\u{1b}[2J".into(), ..ada().with("department", "\u{1b}[31mred\n+ create E9") };
    let text = shown(&rules(), subject(&rules(), hostile));
    assert!(!text.contains('\u{1b}') && !text.contains("\n+ create E9"), "{text}");
}
