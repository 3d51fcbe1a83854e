//! Joiners, movers, leavers, returns, and who is out of scope.

use super::*;
use insta::assert_snapshot;

#[test]
fn a_joiner_is_created_with_everything_that_has_a_value() {
    assert_snapshot!(shown(&rules(), subject(&rules(), ada().with("manager", "E2"))), @r#"
    + create  E1
        accountEnabled               "True"  (line 7)
        department                   "Weaving"  (line 7)
        displayName                  "Ada Muster"  (line 7)
        employeeId                   "E1"  (line 7)
        mailNickname                 "E1"  (line 7)
        userPrincipalName            "E1@example.com"  (line 7)
        manager                      → E2  (line 7)
    "#);
}

#[test]
fn a_mover_changes_only_what_differs() {
    let moved = changed(&rules(), ada(), ada().with("department", "Dyeing").with("manager", "E2"));
    assert_snapshot!(shown(&rules(), moved), @r#"
    ~ update  E1
        department                   (set in cycle 2) → "Dyeing"  (line 7)
        manager                      → E2  (line 7)
    "#);
}

#[test]
fn a_value_that_is_known_is_shown_before_and_after() {
    let mut moved = changed(&rules(), ada(), ada().with("department", "Dyeing"));
    moved.before.insert("department".to_owned(), "Weaving".into());
    assert_snapshot!(shown(&rules(), moved), @r#"
    ~ update  E1
        department                   "Weaving" → "Dyeing"  (line 7)
    "#);
}

#[test]
fn a_leaver_is_disabled_and_keeps_the_rest() {
    let left = changed(&rules(), ada(), ada().with("status", "leaver"));
    assert_snapshot!(shown(&rules(), left), @r#"
    - disable E1
        accountEnabled               (set in cycle 2) → "False"  (line 7)
    "#);
}

#[test]
fn a_rehire_is_enabled() {
    let back = changed(&rules(), ada().with("status", "leaver"), ada());
    assert_snapshot!(shown(&rules(), back), @r#"
    ^ enable  E1
        accountEnabled               (set in cycle 2) → "True"  (line 7)
    "#);
}

#[test]
fn who_leaves_the_scope_is_disabled_or_left_alone_as_the_rules_say() {
    let mut rules = rules();
    let away = changed(&rules, ada(), ada().with("company", "Other").with("department", "Gone"));
    assert_snapshot!(shown(&rules, away.clone()), @r#"
    - disable E1
        accountEnabled               (set in cycle 2) → "False"  (out-of-scope)
    "#);
    rules.out_of_scope = OutOfScope::Leave;
    assert_eq!(reason(&rules, away), Reason::OutOfScope);
}

#[test]
fn who_was_never_in_scope_is_skipped() {
    let stranger = subject(&rules(), ada().with("company", "Other"));
    assert_eq!(reason(&rules(), stranger), Reason::OutOfScope);
}

#[test]
fn who_is_out_of_scope_and_disabled_already_is_skipped() {
    let left = ada().with("status", "leaver");
    let away = changed(&rules(), left.clone(), left.with("company", "Other"));
    assert_eq!(reason(&rules(), away), Reason::OutOfScope);
}

#[test]
fn who_returns_to_the_scope_is_enabled_also_without_a_mapping() {
    let mut unmapped = rules();
    let mut back = changed(&unmapped, ada().with("status", "leaver"), ada());
    unmapped.mappings.retain(|mapping| mapping.target != "accountEnabled");
    if let Some(link) = &mut back.link {
        link.in_scope = false;
    }
    assert_snapshot!(shown(&unmapped, back.clone()), @r#"
    ^ enable  E1
        accountEnabled               (set in cycle 2) → "True"  (out-of-scope)
    "#);
    if let Some(link) = &mut back.link {
        link.in_scope = true;
    }
    assert_eq!(verdict(&unmapped, back), Verdict::Nothing, "somebody else disabled them");
}

#[test]
fn a_manager_is_a_reference_by_key_and_nobody_is_their_own() {
    let led = subject(&rules(), ada().with("manager", "E2"));
    let Verdict::Change(change) = verdict(&rules(), led) else { panic!() };
    assert_eq!(change.references[0].to, Some(RecordId::of(&secret(), &"E2".into())));
    assert!(!change.attributes.contains_key("manager"));
    let own = subject(&rules(), ada().with("manager", "E1"));
    let Verdict::Change(change) = verdict(&rules(), own) else { panic!() };
    assert!(change.references.is_empty());
}

#[test]
fn a_manager_who_goes_is_taken_away() {
    let alone = changed(&rules(), ada().with("manager", "E2"), ada().with("manager", ""));
    assert_snapshot!(shown(&rules(), alone), @"
    ~ update  E1
        manager                      → nobody  (line 7)
    ");
}

#[test]
fn a_key_that_repeats_is_not_decided() {
    let twice = Subject { times: 2, ..subject(&rules(), ada()) };
    assert_snapshot!(shown(&rules(), twice), @"! escrow  E1: the key stands in the source 2 times with different content; nothing is decided until one is left");
}

#[test]
fn a_protected_account_is_neither_disabled_nor_renamed_by_any_way() {
    let mut rules = rules();
    rules.protected = vec!["e1@EXAMPLE.com".to_owned()];
    for after in [ada().with("status", "leaver"), ada().with("company", "Other"), ada().with("id", "E7")] {
        assert_eq!(reason(&rules, changed(&rules, ada(), after)), Reason::Protected);
    }
    let moved = changed(&rules, ada(), ada().with("department", "Dyeing"));
    assert!(matches!(verdict(&rules, moved), Verdict::Change(_)), "the rest of it may change");
    let has = account(&[("userPrincipalName", "E1@example.com"), ("employeeId", "E7")]);
    let taken = found(&rules, ada().with("id", "E7").with("status", "leaver"), has);
    assert_eq!(reason(&rules, taken), Reason::Protected);
}

#[test]
fn a_flag_that_says_the_opposite_disables_with_its_own_word() {
    let mut inverted = rules();
    let opposite = record::TargetSchema { disabling: "True", ..*inverted.schema };
    inverted.schema = Box::leak(Box::new(opposite));
    // Their mapping says `False`, which means here that they may sign in.
    let active = ada().with("status", "leaver");
    let away = changed(&inverted, active.clone(), active.with("company", "Other"));
    assert_snapshot!(shown(&inverted, away), @r#"
    - disable E1
        accountEnabled               (set in cycle 2) → "True"  (out-of-scope)
    "#);
    let back = changed(&inverted, ada().with("status", "leaver"), ada());
    let Verdict::Change(change) = verdict(&inverted, back) else { panic!() };
    assert_eq!(change.kind, crate::Kind::Disable, "the mapping says `True`");
}
