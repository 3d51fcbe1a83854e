//! What happens to people between two cycles: hires, moves, names, leavers, returns.

use super::driver::{Company, JOB, TARGET};
use super::people::{hashed, mapping, person, report, rules, team, with};
use messages::{Mode, Transform, Write, encode};
use pipeline::FetchOutcome;
use planning::{OutOfScope, Reason};
use ports::QueueName;
use record::RecordKey;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

#[test]
fn a_day_of_changes_ends_as_the_source_says() {
    let mut company = Company::of(team(20));
    company.full();
    let before = company.target.received();
    company.source.upsert(report(21, 1));
    company.source.upsert(report(3, 1).with("department", "Dyeing"));
    company.source.upsert(report(4, 1).with("last", "Neu"));
    company.source.upsert(report(5, 1).with("status", "leaver"));
    company.source.upsert(report(6, 1).with("company", "Other"));
    company.source.upsert(report(7, 2));
    company.source.upsert(person(8));
    company.full();
    assert_eq!(company.has("E0021", "manager"), "E0001");
    assert_eq!(company.has("E0003", "department"), "Dyeing");
    assert_eq!(company.has("E0004", "userPrincipalName"), "edda.neu@example.com");
    assert_eq!(company.has("E0004", "displayName"), "Edda Neu");
    assert_eq!(company.has("E0005", "accountEnabled"), "False");
    assert_eq!(company.has("E0006", "accountEnabled"), "False");
    assert_eq!(company.has("E0007", "manager"), "E0002");
    assert_eq!(company.has("E0008", "manager"), "", "nobody leads them any more");
    let received = company.target.received();
    assert_eq!(received.creates - before.creates, 1);
    assert_eq!(received.updates - before.updates, 4);
    assert_eq!(received.refers - before.refers, 3);
    let done = company.newest_cycle().summary.done;
    assert_eq!((done["create"], done["update"], done["disable"]), (1, 4, 2));
    company.assert_quiet();

    company.source.upsert(report(5, 1));
    company.source.upsert(report(6, 1));
    company.full();
    assert_eq!(company.has("E0005", "accountEnabled"), "True", "a rehire");
    assert_eq!(company.has("E0006", "accountEnabled"), "True", "back in scope");
    assert_eq!(company.newest_cycle().summary.done["enable"], 2);
    assert_eq!(company.state().population, Some(21));
    company.assert_quiet();
}

#[test]
fn an_old_name_comes_back_to_whom_it_was_given() {
    let mut company = Company::of(vec![person(1)]);
    company.full();
    company.source.upsert(person(1).with("last", "Neu"));
    company.full();
    company.source.upsert(person(2).with("first", "Bela").with("last", "Muster1"));
    company.full();
    assert_eq!(
        company.has("E0002", "userPrincipalName"),
        "bela.muster12@example.com",
        "a name is never given to another"
    );
    company.source.upsert(person(1));
    company.full();
    assert_eq!(company.has("E0001", "userPrincipalName"), "bela.muster1@example.com");
    company.assert_quiet();
}

#[test]
fn a_hire_in_the_future_is_left_alone_until_the_day() {
    let soon = r#"IIF(DateDiff("d", Now(), CDate([start])) > 3, IgnoreObjectFlow, "x")"#;
    let mut company = Company::with_rules(
        vec![person(1).with("start", "2025-01-01"), person(2).with("start", "2026-01-20")],
        with(rules(), mapping("objectFilter", soon)),
    );
    company.full();
    assert_eq!(company.accounts().len(), 1);
    let names = company.world.table.items().keys().filter(|key| key.partition.starts_with("NAME#")).count();
    assert_eq!(names, 1, "no name is reserved before the day");
    company.assert_quiet();
    company.world.clock.advance(9 * DAY);
    company.assert_quiet();
    company.world.clock.advance(3 * DAY);
    company.full();
    assert_eq!(company.accounts().len(), 2);
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn an_account_made_in_advance_is_enabled_on_the_day_by_the_open_set_alone() {
    let enabled = r#"IIF(DateDiff("d", Now(), CDate([start])) > 0, "False", "True")"#;
    let mut company = Company::with_rules(
        vec![person(1).with("start", "2026-01-10")],
        with(rules(), mapping("accountEnabled", enabled)),
    );
    company.full();
    assert_eq!(company.has("E0001", "accountEnabled"), "False");
    assert!(matches!(company.open().into_values().next().unwrap().reason, Reason::Due));
    company.world.clock.advance(7 * DAY);
    company.cycle(Mode::Open);
    assert_eq!(company.has("E0001", "accountEnabled"), "True");
    assert!(company.open().is_empty(), "nothing is due any more");
    let reads = company.source.reads();
    company.cycle(Mode::Open);
    assert_eq!(company.source.reads(), reads);
    company.assert_quiet();
}

#[test]
fn who_leaves_the_scope_keeps_the_account_where_the_rules_say_so() {
    let mut rules = rules();
    rules.out_of_scope = OutOfScope::Leave;
    let mut company = Company::with_rules(team(3), hashed(rules));
    company.full();
    company.source.upsert(report(2, 1).with("company", "Other").with("department", "Gone"));
    company.full();
    assert_eq!(company.has("E0002", "accountEnabled"), "True");
    assert_eq!(company.has("E0002", "department"), "Weaving");
    assert_eq!(company.state().population, Some(2), "only who is in scope counts");
    company.assert_quiet();
}

fn deleting() -> planning::Rules {
    planning::Rules { out_of_scope: OutOfScope::Delete, ..rules() }
}

#[test]
fn who_leaves_the_scope_is_deleted_where_the_rules_say_so_and_comes_back_with_a_new_account() {
    let mut company = Company::with_rules(team(3), deleting());
    company.full();
    let first = company.links()[&company.id("E0002")].anchor.clone();
    company.source.upsert(report(2, 1).with("company", "Other"));
    company.full();
    assert_eq!(company.newest_cycle().summary.done["delete"], 1);
    assert_eq!(company.accounts().len(), 2);
    assert_eq!(company.state().population, Some(2));
    company.source.upsert(report(2, 1).with("company", "Other").with("department", "Elsewhere"));
    company.full();
    assert_eq!(company.target.received().deletes, 1, "what is gone is not deleted again");
    company.source.upsert(report(2, 1).with("department", "Dyeing"));
    company.full();
    assert_eq!(company.has("E0002", "department"), "Dyeing");
    assert_eq!(company.has("E0002", "manager"), "E0001");
    assert_ne!(company.links()[&company.id("E0002")].anchor, first);
    company.source.upsert(report(2, 1).with("department", "Spinning"));
    company.full();
    assert_eq!(company.has("E0002", "department"), "Spinning");
    company.assert_quiet();
}

#[test]
fn what_comes_late_does_not_make_a_deleted_account_again() {
    let mut company = Company::with_rules(team(3), deleting());
    company.full();
    company.source.upsert(report(2, 1).with("company", "Other"));
    company.full();
    for queue in [QueueName::Transform, QueueName::Write] {
        for cycle in 1..=company.newest_cycle().number {
            let body = match queue {
                QueueName::Write => encode(&Write { v: 1, target: TARGET.to_owned(), continuation: 0 }),
                _ => encode(&Transform { v: 1, job: JOB.to_owned(), cycle, batch: 0 }),
            };
            company.deliver(queue, &body).expect("a stale message is nobody's trouble");
        }
    }
    assert_eq!(company.accounts().len(), 2);
    company.assert_quiet();
}

#[test]
fn a_manager_who_is_deleted_is_waited_for_again() {
    let mut company = Company::with_rules(team(3), deleting());
    company.full();
    company.source.upsert(person(1).with("company", "Other"));
    company.full();
    company.source.upsert(report(4, 1));
    company.full();
    assert_eq!(company.newest_cycle().summary.pending, 1);
    company.source.upsert(person(1));
    company.full();
    assert_eq!(company.has("E0004", "manager"), "E0001");
}

fn phones(company: &Company) -> Vec<String> {
    let account = company.target.account("employeeId", "E0002").unwrap();
    account.attributes.get("businessPhones").map(|value| value.values().to_vec()).unwrap_or_default()
}

#[test]
fn what_is_only_added_to_takes_nothing_away_not_even_from_an_account_that_is_taken_over() {
    let mut adding = mapping("businessPhones", "[phones]");
    adding.apply = mapping::Apply::AddOnly;
    let with_phones = |numbers: &[&str]| {
        report(2, 1).with("phones", numbers.iter().map(|number| (*number).to_owned()).collect::<Vec<_>>())
    };
    let mut company = Company::with_rules(vec![person(1), with_phones(&["1"])], with(rules(), adding));
    company.full();
    for (stated, expected) in
        [(vec!["2"], vec!["1", "2"]), (vec!["1"], vec!["1", "2"]), (vec!["3", "2"], vec!["1", "2", "3"])]
    {
        company.source.upsert(with_phones(&stated));
        company.full();
        assert_eq!(phones(&company), expected, "{stated:?}");
    }
    let before = company.target.received().updates;
    company.source.upsert(with_phones(&[]));
    company.full();
    assert_eq!(
        (phones(&company), company.target.received().updates),
        (vec!["1".into(), "2".into(), "3".into()], before)
    );
    company.assert_quiet();
}

#[test]
fn who_is_left_out_of_the_input_keeps_everything_and_counts_on() {
    let mut company = Company::with_rules(team(3), rules());
    company.full();
    let scope = rules().scope;
    company.rules = hashed(planning::Rules { input_scope: scope, ..rules() });
    company.source.upsert(report(2, 1).with("company", "Other").with("department", "Gone"));
    company.full();
    assert_eq!(
        (company.has("E0002", "accountEnabled"), company.has("E0002", "department")),
        ("True".into(), "Weaving".into())
    );
    assert_eq!(company.state().population, Some(3));
    company.assert_quiet();
}

#[test]
fn who_returns_to_the_scope_is_enabled_although_no_mapping_says_so() {
    let mut company = Company::with_rules(team(3), rules());
    company.full();
    let mut unmapped = rules();
    unmapped.mappings.retain(|mapping| mapping.target != "accountEnabled");
    company.rules = hashed(unmapped);
    company.source.upsert(report(2, 1).with("company", "Other"));
    company.full();
    assert_eq!(company.has("E0002", "accountEnabled"), "False");
    company.source.upsert(report(2, 1));
    company.full();
    assert_eq!(company.has("E0002", "accountEnabled"), "True");
    company.assert_quiet();
}

#[test]
fn a_manager_who_is_not_there_yet_is_set_when_they_arrive() {
    let mut company = Company::of(vec![report(2, 9), person(1)]);
    company.full();
    assert_eq!(company.has("E0002", "manager"), "");
    assert_eq!(company.newest_cycle().summary.pending, 1);
    company.assert_quiet();
    company.source.upsert(person(9));
    company.full();
    assert_eq!(company.has("E0002", "manager"), "E0009");
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn people_who_lead_each_other_are_no_obstacle() {
    let mut company = Company::of(vec![report(1, 2), report(2, 3), report(3, 1), report(4, 4)]);
    company.batch_size = 1;
    company.full();
    let managers: Vec<String> = (1..=4).map(|n| company.has(&format!("E000{n}"), "manager")).collect();
    assert_eq!(managers, ["E0002", "E0003", "E0001", ""], "nobody is their own manager");
    company.assert_quiet();
}

#[test]
fn a_key_that_appears_twice_is_kept_until_one_row_is_left() {
    let mut company = Company::of(team(5));
    company.full();
    company.source.push(report(3, 1).with("department", "Dyeing"));
    company.full();
    assert_eq!(company.has("E0003", "department"), "Weaving");
    let open = company.open();
    assert!(matches!(open[&company.id("E0003")].reason, Reason::RepeatedKey { count: 2 }));
    company.assert_quiet();
    company.source.set_page_size(2);
    company.fetch_seconds = 0;
    let outcome = company.full();
    assert!(matches!(outcome, FetchOutcome::Continues { .. }));
    assert_eq!(company.newest_cycle().summary.evaluated, 0, "rows that wait travel with the checkpoint");
    company.fetch_seconds = 600;
    company.source.remove(&RecordKey::from("E0003"));
    company.source.push(report(3, 1).with("department", "Dyeing"));
    company.full();
    assert_eq!(company.has("E0003", "department"), "Dyeing");
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn the_same_row_twice_is_one_row() {
    let mut company = Company::of(team(3));
    company.source.push(report(2, 1));
    company.full();
    assert_eq!(company.accounts().len(), 3);
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn absence_ends_nobody() {
    let mut company = Company::of(team(40));
    company.full();
    company.source.remove(&RecordKey::from("E0007"));
    company.full();
    assert_eq!(company.has("E0007", "accountEnabled"), "True");
    assert_eq!(company.newest_cycle().summary.missing, 1);
    company.assert_quiet();
    assert_eq!(company.newest_cycle().summary.missing, 0, "missing is told once");
}
