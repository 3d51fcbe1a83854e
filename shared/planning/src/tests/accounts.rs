//! Which account is whose: matching and taking over.

use super::*;
use insta::assert_snapshot;

#[test]
fn without_a_value_to_match_nobody_is_created() {
    assert_eq!(reason(&rules(), subject(&rules(), ada().with("id", ""))), Reason::NothingToMatch);
}

#[test]
fn several_matches_are_never_guessed() {
    let anchors = vec![Anchor("a-1".to_owned()), Anchor("a-2".to_owned())];
    let several = Subject {
        matches: Matches::Several { attribute: "employeeId".to_owned(), anchors },
        ..subject(&rules(), ada())
    };
    assert_snapshot!(shown(&rules(), several), @"! escrow  E1: 2 accounts match by employeeId (a-1, a-2); make it unique in the target");
}

#[test]
fn an_account_that_another_record_has_is_not_shared() {
    let mut taken = found(&rules(), ada(), account(&[]));
    if let Matches::One { claimed, .. } = &mut taken.matches {
        *claimed = true;
    }
    assert_eq!(reason(&rules(), taken), Reason::AccountClaimed { attribute: "employeeId".to_owned() });
}

const EQUAL: [(&str, &str); 6] = [
    ("accountEnabled", "True"),
    ("displayName", "ada muster"),
    ("department", "Weaving"),
    ("mailNickname", "E1"),
    ("userPrincipalName", "e1@example.com"),
    ("employeeId", "E1"),
];

#[test]
fn an_account_that_is_as_it_should_be_is_only_linked() {
    let Verdict::Change(change) = verdict(&rules(), found(&rules(), ada(), account(&EQUAL))) else { panic!() };
    assert!(change.adopts && change.is_link_only());
    assert_eq!(change.equal.len(), EQUAL.len());
}

#[test]
fn an_account_that_differs_gets_what_differs() {
    let mut has = EQUAL;
    has[0].1 = "False";
    has[2].1 = "Dyeing";
    assert_snapshot!(shown(&rules(), found(&rules(), ada(), account(&has))), @r#"
    ^ enable  E1 (takes over an account that is there, found by employeeId)
        accountEnabled               "False" → "True"  (line 7)
        department                   "Dyeing" → "Weaving"  (line 7)
    "#);
}

#[test]
fn what_is_only_for_new_accounts_is_not_written_to_one_that_is_there() {
    let mut rules = rules();
    rules.mappings[2].apply = Apply::OnCreate;
    let mut has = EQUAL;
    has[2].1 = "Dyeing";
    let Verdict::Change(change) = verdict(&rules, found(&rules, ada(), account(&has))) else { panic!() };
    assert!(change.attributes.is_empty());
}

#[test]
fn what_is_only_for_empty_attributes_never_replaces_a_value() {
    let mut rules = rules();
    rules.mappings[2].apply = Apply::WhenEmpty;
    let mut has = EQUAL;
    has[2].1 = "Dyeing";
    let taken = found(&rules, ada(), account(&has));
    let Verdict::Change(change) = verdict(&rules, taken.clone()) else { panic!() };
    assert!(change.attributes.is_empty());
    let marks = change
        .equal
        .iter()
        .map(|(name, fingerprint)| (name.clone(), Mark { fingerprint: *fingerprint, cycle: 4, batch: 1 }));
    let link = Link { marks: marks.collect(), anchor: Anchor("a-9".to_owned()), ..linked(&rules, ada()) };
    let later = Subject { link: Some(link), matches: Matches::NotLooked, names: BTreeMap::new(), ..taken };
    assert_eq!(verdict(&rules, later), Verdict::Nothing, "the link remembers that there is a value");
    let lacking: Vec<_> = EQUAL.into_iter().filter(|(name, _)| *name != "department").collect();
    assert_snapshot!(shown(&rules, found(&rules, ada(), account(&lacking))), @r#"
    ~ update  E1 (takes over an account that is there, found by employeeId)
        department                   "Weaving"  (line 7)
    "#);
}

#[test]
fn what_is_not_known_is_written_again() {
    let mut unsure = changed(&rules(), ada(), ada());
    assert_eq!(verdict(&rules(), unsure.clone()), Verdict::Nothing);
    if let Some(mark) = unsure.link.as_mut().and_then(|link| link.marks.get_mut("department")) {
        mark.fingerprint = Mark::UNKNOWN;
    }
    assert_snapshot!(shown(&rules(), unsure), @r#"
    ~ update  E1
        department                   (set in cycle 2) → "Weaving"  (line 7)
    "#);
}

#[test]
fn without_a_free_name_nobody_is_created() {
    let mut nameless = subject(&rules(), ada());
    nameless.names.insert("userPrincipalName".to_owned(), Name::Exhausted);
    assert_eq!(reason(&rules(), nameless), Reason::NamesExhausted { attribute: "userPrincipalName".to_owned() });
}

#[test]
fn a_linked_record_keeps_any_candidate_that_it_has() {
    let rules = rules();
    let mut link = linked(&rules, ada());
    let attribute = rules.schema.attribute("userPrincipalName").unwrap();
    let second = fingerprint(&secret(), attribute, Some(&"E1.2@example.com".into()));
    link.marks.insert("userPrincipalName", Mark { fingerprint: second, cycle: 2, batch: 1 });
    let now = Timestamp::from_second(NOW).unwrap();
    assert!(crate::name_questions(&rules, &secret(), &ada(), Some(&link), now, &[0; 16]).is_empty());
    let renamed = ada().with("id", "E7");
    let asked = crate::name_questions(&rules, &secret(), &renamed, Some(&link), now, &[0; 16]);
    assert_eq!(asked[0].candidates, ["E7@example.com", "E7.2@example.com"]);
}
