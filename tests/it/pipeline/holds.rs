//! Guards: what is over a limit is held, the rest goes ahead, and a person decides.

use super::driver::{Company, JOB};
use super::people::{at_most_disables, hashed, person, report, rules, team};
use fakes::run_ready;
use pipeline::state::{Budget, Held};
use pipeline::{Approval, approve, reject};
use planning::{Counted, Limit, Reason};
use std::time::Duration;

fn leaver(number: usize) -> record::Record {
    report(number, 1).with("status", "leaver")
}

/// Ten people of whom four leave, one moves and one comes, where at most three may leave.
fn breached() -> (Company, String) {
    let mut company = Company::with_rules(team(10), at_most_disables(rules(), 3));
    company.batch_size = 3;
    company.full();
    (2..=5).for_each(|number| company.source.upsert(leaver(number)));
    company.source.upsert(report(6, 1).with("department", "Dyeing"));
    company.source.upsert(report(11, 1));
    company.full();
    let hash = holds(&company)[0].hash.clone();
    (company, hash)
}

fn holds(company: &Company) -> Vec<Held> {
    run_ready(Held::all(&company.ports.table, JOB)).unwrap()
}

fn disabled(company: &Company) -> usize {
    company.accounts().values().filter(|account| account["accountEnabled"] == "False").count()
}

#[test]
fn what_is_over_the_limit_is_held_and_the_rest_goes_ahead() {
    let (mut company, hash) = breached();
    assert_eq!(disabled(&company), 0);
    assert_eq!(company.has("E0006", "department"), "Dyeing");
    assert_eq!(company.has("E0011", "manager"), "E0001");
    assert_eq!(holds(&company)[0].changes, 4);
    assert_eq!(company.newest_cycle().summary.held, 4);
    company.assert_quiet();
    assert_eq!(holds(&company).len(), 1);
    assert_eq!(holds(&company)[0].hash, hash);
}

#[test]
fn an_approval_releases_once() {
    let (mut company, hash) = breached();
    let answer = run_ready(approve(&company.ports, &company.job(), &hash[..6])).unwrap();
    assert!(matches!(answer, Approval::Plan { changes: 4, .. }), "{answer:?}");
    company.rest();
    assert_eq!(disabled(&company), 4);
    assert!(company.open().values().all(|open| open.reason == Reason::Ahead));
    assert_eq!(run_ready(approve(&company.ports, &company.job(), &hash)).unwrap(), Approval::NoSuchHold);
    let spent = run_ready(Budget::get(&company.ports.table, JOB)).unwrap().spent(company.now());
    assert_eq!(spent.count(&Counted::Disable), 4);
    let writes = company.target.received().writes();
    company.full();
    assert_eq!(company.target.received().writes(), writes);
    company.assert_quiet();
}

#[test]
fn a_rejected_part_is_planned_again_only_when_its_record_changes() {
    let (mut company, hash) = breached();
    assert!(matches!(run_ready(reject(&company.ports, &company.job(), &hash)).unwrap(), Approval::Plan { .. }));
    company.rest();
    assert_eq!((disabled(&company), holds(&company).len()), (0, 0));
    assert!(company.open().values().all(|open| open.reason == Reason::Rejected));
    company.assert_quiet();
    company.source.upsert(leaver(2).with("department", "Gone"));
    company.full();
    assert_eq!(disabled(&company), 1);
    company.assert_quiet();
}

#[test]
fn the_same_changes_have_the_same_hash_however_they_are_cut() {
    let (mut company, hash) = breached();
    company.batch_size = 50;
    // Other rules by their digest, the same by what they say: everybody is planned again.
    company.rules.hash = [9; 16];
    company.full();
    assert_eq!(holds(&company).len(), 1);
    assert_eq!(holds(&company)[0].hash, hash);
    assert_eq!(holds(&company)[0].cycle, company.state().last_cycle);
    run_ready(approve(&company.ports, &company.job(), &hash)).unwrap();
    company.rest();
    assert_eq!(disabled(&company), 4);
}

#[test]
fn an_approval_does_not_disable_who_came_back_in_the_meantime() {
    let (mut company, hash) = breached();
    company.source.upsert(report(3, 1));
    company.source.upsert(leaver(4).with("department", "Gone"));
    company.full();
    run_ready(approve(&company.ports, &company.job(), &hash)).unwrap();
    company.rest();
    assert_eq!(company.has("E0003", "accountEnabled"), "True");
    assert_eq!(company.has("E0004", "department"), "Gone");
    assert_eq!(disabled(&company), 3, "the second, the fourth by the later cycle, and the fifth");
    company.full();
    assert!(company.open().is_empty(), "{:?}", company.open());
    company.assert_quiet();
}

#[test]
fn who_comes_back_after_an_approval_is_enabled_again() {
    let (mut company, hash) = breached();
    run_ready(approve(&company.ports, &company.job(), &hash)).unwrap();
    company.rest();
    // Exactly what the last manifest knows of them.
    company.source.upsert(report(3, 1));
    company.full();
    assert_eq!(company.has("E0003", "accountEnabled"), "True");
    company.assert_quiet();
}

#[test]
fn a_slow_drip_ends_at_the_budget_of_the_day() {
    let mut rules = rules();
    let counted = Counted::Disable;
    rules.guards.limits = vec![Limit { counted, count: None, percent: None, at_least: 0, per_day: Some(3), line: 1 }];
    let mut company = Company::with_rules(team(10), hashed(rules));
    company.full();
    for number in 2..=5 {
        company.source.upsert(leaver(number));
        company.full();
        company.world.clock.advance(Duration::from_hours(1));
    }
    assert_eq!(disabled(&company), 3);
    assert_eq!(holds(&company).len(), 1);
    company.world.clock.advance(Duration::from_hours(24));
    company.source.upsert(leaver(6));
    company.full();
    assert_eq!(disabled(&company), 4, "another day");
    assert_eq!(holds(&company).len(), 1, "what is held stays held");
}

#[test]
fn an_unknown_population_holds_a_share() {
    let mut rules = rules();
    let counted = Counted::Create;
    rules.guards.limits =
        vec![Limit { counted, count: None, percent: Some(50.0), at_least: 2, per_day: None, line: 1 }];
    let mut company = Company::with_rules((1..=3).map(person).collect(), hashed(rules));
    company.full();
    assert!(company.accounts().is_empty());
    let hash = holds(&company)[0].hash.clone();
    run_ready(approve(&company.ports, &company.job(), &hash)).unwrap();
    company.rest();
    assert_eq!(company.accounts().len(), 3);
    company.full();
    assert_eq!(company.state().population, Some(3));
    company.assert_quiet();
}

#[test]
fn a_protected_account_is_neither_disabled_nor_renamed() {
    let mut rules = rules();
    rules.protected = vec!["Bela.Muster1@example.com".to_owned(), "E0002".to_owned()];
    let mut company = Company::with_rules(team(3), hashed(rules));
    company.full();
    company.source.upsert(person(1).with("last", "Neu"));
    company.source.upsert(report(2, 1).with("company", "Other"));
    company.source.upsert(leaver(3));
    company.full();
    assert_eq!(company.has("E0001", "userPrincipalName"), "bela.muster1@example.com");
    assert_eq!(company.has("E0002", "accountEnabled"), "True");
    assert_eq!(company.has("E0003", "accountEnabled"), "False");
    assert!(company.open().values().all(|open| open.reason == Reason::Protected));
    company.assert_quiet();
}
