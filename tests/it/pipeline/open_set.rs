//! Records whose last outcome is not final.

use super::driver::Company;
use super::people::{mapping, person, rules, team, with};
use fakes::Fault;
use messages::Mode;
use planning::Reason;
use std::time::Duration;

#[test]
fn a_mapping_that_fails_keeps_the_record_until_its_content_changes() {
    let strict = with(rules(), mapping("officeLocation", r#"FormatDateTime([hired], , "yyyy-MM-dd", "yyyy")"#));
    let mut people = team(4);
    people[2] = people[2].clone().with("hired", "not a date");
    let mut company = Company::with_rules(people, strict);
    company.full();
    assert_eq!(company.accounts().len(), 3);
    let open = company.open();
    assert!(matches!(open[&company.id("E0003")].reason, Reason::MappingFailed { .. }), "{open:?}");
    company.assert_quiet();
    company.world.clock.advance(Duration::from_hours(200));
    company.assert_quiet();
    let fixed = super::people::report(3, 1).with("hired", "2020-05-01");
    company.source.upsert(fixed);
    company.full();
    assert_eq!(company.has("E0003", "officeLocation"), "2020");
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn what_the_target_refuses_is_tried_again_when_its_time_has_come_and_ever_less_often() {
    let mut company = Company::of(vec![person(1), person(2)]);
    for _ in 0..2 {
        company.target.fail_next(1, Fault::Refused("Request_BadRequest"));
        company.full();
        assert_eq!(company.accounts().len(), 1);
        let open = company.open().into_values().next().unwrap();
        assert!(matches!(open.reason, Reason::Refused { .. }));
        let due = open.due.unwrap();
        company.assert_quiet();
        company.world.clock.set(jiff::Timestamp::from_second(due).unwrap());
    }
    assert_eq!(company.open().into_values().next().unwrap().attempts, 1);
    company.cycle(Mode::Open);
    assert_eq!(company.accounts().len(), 2);
    company.full();
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn an_enable_that_fails_is_not_taken_for_done() {
    let mut company = Company::of(vec![person(1).with("status", "leaver")]);
    company.full();
    company.source.upsert(person(1));
    company.target.fail_next(1, Fault::Refused("Request_BadRequest"));
    company.full();
    assert_eq!(company.has("E0001", "accountEnabled"), "False");
    company.world.clock.advance(Duration::from_hours(1));
    company.full();
    assert_eq!(company.has("E0001", "accountEnabled"), "True");
    company.assert_quiet();
}

#[test]
fn a_reference_that_is_refused_is_tried_again() {
    let mut company = Company::of(team(2));
    company.target.fail_next(3, Fault::Refused("Request_BadRequest"));
    company.full();
    assert_eq!(company.has("E0002", "manager"), "");
    company.world.clock.advance(Duration::from_hours(1));
    company.full();
    assert_eq!(company.has("E0002", "manager"), "E0001");
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn an_account_that_is_gone_is_told_and_not_made_again() {
    let mut company = Company::of(team(3));
    company.full();
    let gone = company.target.account("employeeId", "E0003").unwrap();
    company.target.remove(&gone.anchor);
    company.source.upsert(super::people::report(3, 1).with("department", "Dyeing"));
    company.full();
    assert_eq!(company.target.received().creates, 3);
    let open = company.open();
    assert!(matches!(open[&company.id("E0003")].reason, Reason::AccountGone), "{open:?}");
}
