//! Rules that read the clock: left alone until the day, and told when to look again.
//! `DateDiff` counts whole days, so that less than one day is none.

use super::*;

fn revisit(rules: &Rules, record: Record) -> (Verdict, Option<String>) {
    let decision = decide(rules, vec![subject(rules, record)]).decisions.remove(0);
    let at = decision.revisit.map(|second| Timestamp::from_second(second).unwrap().to_string());
    (decision.verdict, at)
}

#[test]
fn a_hire_in_the_future_is_left_alone_and_looked_at_on_the_day() {
    let rules =
        with(mapping("objectFilter", r#"IIF(DateDiff("d", Now(), CDate([start])) > 3, IgnoreObjectFlow, "x")"#));
    let (verdict, at) = revisit(&rules, ada().with("start", "2026-01-20"));
    assert_eq!(verdict, Verdict::Skip(Reason::Ignored { line: 7 }));
    assert_eq!(at.as_deref(), Some("2026-01-16T00:01:00Z"));
    let (verdict, at) = revisit(&rules, ada().with("start", "2026-01-07"));
    assert!(matches!(verdict, Verdict::Change(_)) && at.is_none());
}

#[test]
fn an_account_made_in_advance_is_looked_at_when_it_is_to_be_enabled_and_again_when_it_ends() {
    let expression = r#"IIF(DateDiff("d", Now(), CDate([start])) > 0, "False", IIF(DateDiff("d", Now(), CDate([end])) < 0, "False", "True"))"#;
    let rules = with(mapping("accountEnabled", expression));
    let hire = ada().with("start", "2026-02-01").with("end", "2026-12-31");
    assert_eq!(revisit(&rules, hire.clone()).1.as_deref(), Some("2026-01-31T00:01:00Z"));
    assert_eq!(revisit(&rules, hire.with("start", "2025-02-01")).1.as_deref(), Some("2027-01-01T00:00:00Z"));
}

#[test]
fn a_date_in_another_form_is_a_date_too() {
    let expression = r#"IIF(DateDiff("d", Now(), CDate(FormatDateTime([start], , "dd.MM.yyyy", "yyyy-MM-dd"))) > 0, "False", "True")"#;
    let rules = with(mapping("accountEnabled", expression));
    assert_eq!(revisit(&rules, ada().with("start", "20.01.2026")).1.as_deref(), Some("2026-01-19T00:01:00Z"));
}

#[test]
fn who_was_hired_long_ago_is_never_looked_at_again() {
    let rules = with(mapping("accountEnabled", r#"IIF(DateDiff("d", Now(), CDate([start])) > 0, "False", "True")"#));
    assert_eq!(revisit(&rules, ada().with("start", "2019-03-01")).1, None);
    assert_eq!(revisit(&rules, ada().with("start", "2025-12-01")).1, None);
}

#[test]
fn no_name_is_asked_for_before_the_day() {
    let rules =
        with(mapping("objectFilter", r#"IIF(DateDiff("d", Now(), CDate([start])) > 3, IgnoreObjectFlow, "x")"#));
    assert!(subject(&rules, ada().with("start", "2026-01-20")).names.is_empty());
    assert_eq!(subject(&rules, ada().with("start", "2026-01-07")).names.len(), 1);
}
