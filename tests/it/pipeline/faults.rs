//! A target that lies, is late, is slow, is down or refuses everybody.

use super::driver::{Company, TARGET};
use super::people::{person, report, team};
use fakes::{Fault, run_ready};
use messages::Mode;
use pipeline::WriteOutcome;
use pipeline::state::Lease;
use ports::QueueName;
use std::time::Duration;

/// Everything that one request may meet and that passes by itself.
pub const PASSING: [Fault; 9] = [
    Fault::LostReply,
    Fault::Dropped,
    Fault::Late(0),
    Fault::Late(1),
    Fault::Late(1_000),
    Fault::Throttled,
    Fault::ThrottledApplied,
    Fault::LyingTaken,
    Fault::Denied("Authorization_RequestDenied"),
];

/// Runs cycles until everybody is as they should be and a further one does nothing.
fn until_quiet(company: &mut Company) {
    for _ in 0..6 {
        company.rest();
        if company.open().is_empty() {
            break;
        }
        company.world.clock.advance(Duration::from_hours(1));
        company.full();
    }
    company.full();
    assert!(company.open().is_empty(), "{:?}", company.open());
    company.assert_quiet();
}

#[test]
fn each_fault_of_each_request_of_a_load_ends_with_one_account_each() {
    let mut plain = Company::of(team(4));
    plain.full();
    let requests = plain.target.received().writes();
    for fault in PASSING {
        for request in 1..=requests {
            let mut company = Company::of(team(4));
            company.target.fail_next(request, fault);
            company.full();
            company.target.land_late();
            until_quiet(&mut company);
            assert_eq!(company.accounts(), plain.accounts(), "{fault:?} at request {request}");
        }
    }
}

/// A company of five with every kind of change before it.
fn before_changes() -> Company {
    let mut company = Company::of(team(5));
    company.full();
    company.source.upsert(report(2, 1).with("department", "Dyeing"));
    company.source.upsert(report(3, 1).with("last", "Neu"));
    company.source.upsert(report(4, 1).with("status", "leaver"));
    company.source.upsert(report(5, 2));
    company.full();
    company.source.upsert(report(2, 3).with("department", "Spinning"));
    company.source.upsert(report(4, 1));
    company.source.upsert(person(5));
    company
}

#[test]
fn each_fault_of_each_request_of_changes_ends_as_the_source_says() {
    let mut plain = before_changes();
    let before = plain.target.received().writes();
    plain.full();
    let requests = plain.target.received().writes() - before;
    for fault in PASSING {
        for request in 1..=requests {
            let mut company = before_changes();
            company.target.fail_next(request, fault);
            company.full();
            company.target.land_late();
            until_quiet(&mut company);
            assert_eq!(company.accounts(), plain.accounts(), "{fault:?} at request {request}");
        }
    }
}

#[test]
fn a_late_update_does_not_come_after_a_newer_one() {
    for fault in [Fault::Late(1), Fault::Late(1_000), Fault::LostReply, Fault::ThrottledApplied] {
        let mut company = Company::of(team(3));
        company.full();
        company.source.upsert(report(2, 1).with("department", "Dyeing"));
        company.target.fail_next(1, fault);
        company.start(Mode::Full);
        for queue in [QueueName::Fetch, QueueName::Transform, QueueName::Write] {
            company.deliver_once(queue);
        }
        // The update is under way; HR takes it back.
        company.source.upsert(report(2, 1));
        company.ask("E0002");
        company.rest();
        company.target.land_late();
        company.full();
        assert_eq!(company.has("E0002", "department"), "Weaving", "{fault:?}");
        company.full();
        company.assert_quiet();
    }
}

#[test]
fn an_update_that_a_dead_writer_sent_is_not_forgotten() {
    let company = Company::of(team(3));
    let points = company.world.faults.count();
    assert_eq!(points, 0);
    for point in 1..60 {
        let mut company = Company::of(team(3));
        company.full();
        company.source.upsert(report(2, 1).with("department", "Dyeing"));
        company.start(Mode::Full);
        company.deliver_once(QueueName::Fetch);
        company.deliver_once(QueueName::Transform);
        company.world.faults.arm(point);
        let _ = company.write(0);
        company.world.faults.disarm();
        company.source.upsert(report(2, 1));
        company.ask("E0002");
        company.world.clock.advance(Duration::from_mins(1));
        company.rest();
        company.full();
        company.full();
        assert_eq!(company.has("E0002", "department"), "Weaving", "point {point}");
        company.assert_quiet();
    }
}

#[test]
fn a_target_that_is_down_is_left_in_peace_and_caught_up_with() {
    let mut company = Company::of(team(60));
    company.target.fail_next(30, Fault::Down);
    company.start(Mode::Full);
    for _ in 0..3 {
        for queue in QueueName::ALL {
            company.deliver_once(queue);
        }
    }
    company.world.clock.advance(Duration::from_mins(1));
    company.write(0).unwrap();
    company.world.clock.advance(Duration::from_mins(1));
    let outcome = company.write(0).unwrap();
    assert!(matches!(outcome, WriteOutcome::Paused { .. }), "{outcome:?}");
    let received = company.target.received().writes();
    company.write(0).unwrap();
    assert_eq!(company.target.received().writes(), received, "nobody asks while it is paused");
    company.target.set_down(false);
    company.rest();
    assert_eq!(company.accounts().len(), 60);
    assert_eq!(run_ready(Lease::paused(&company.ports.table, TARGET)).unwrap(), None);
    until_quiet(&mut company);
}

#[test]
fn a_target_that_is_down_when_it_is_read_as_a_whole_is_read_again() {
    let mut company = Company::of((1..=1_001).map(person).collect());
    company.batch_size = 600;
    for (id, name) in [("E0007", "hugo.muster7@example.com"), ("E0700", "edda.muster700@example.com")] {
        company.target.insert([("employeeId", id), ("userPrincipalName", name), ("department", "Old")]);
    }
    company.start(Mode::Full);
    company.deliver_once(QueueName::Fetch);
    // The first batch finds it down when it reads everybody, the second one when it reads who matches.
    for _ in 0..2 {
        company.target.set_down(true);
        company.deliver_some(|most| usize::from(most == 4), false);
        company.target.set_down(false);
        company.deliver_some(|most| usize::from(most == 4), false);
    }
    company.rest();
    let received = company.target.received();
    assert_eq!((received.creates, received.finds, received.read_alls, received.reads), (999, 0, 2, 3));
    assert_eq!(company.has("E0007", "department"), "Weaving");
    assert_eq!(company.has("E0700", "department"), "Weaving");
    company.assert_quiet();
}

#[test]
fn refused_credentials_are_nobodys_fault() {
    let mut company = Company::of(team(3));
    for request in 1..=40 {
        company.target.fail_next(request, Fault::Denied("Authorization_RequestDenied"));
    }
    company.full();
    assert_eq!(company.accounts().len(), 3);
    assert!(company.open().is_empty(), "{:?}", company.open());
    let paused = company.wrote.iter().filter(|outcome| matches!(outcome, WriteOutcome::Paused { .. })).count();
    assert!(paused >= 12, "{paused}");
    company.assert_quiet();
}

#[test]
fn a_target_that_lags_is_waited_for() {
    for lag in [1, 5, 20, 100] {
        let mut company = Company::of(team(6));
        company.target.set_lag(lag);
        company.target.fail_next(2, Fault::LostReply);
        company.target.fail_next(4, Fault::ThrottledApplied);
        company.full();
        company.target.set_lag(0);
        until_quiet(&mut company);
        assert_eq!(company.accounts().len(), 6, "lag {lag}");
    }
}

#[test]
fn work_that_takes_many_invocations_is_not_taken_for_failed() {
    let mut company = Company::of(team(60));
    company.target.set_group_max(1);
    company.write_seconds = 0;
    company.start(Mode::Full);
    company.deliver_once(QueueName::Fetch);
    company.deliver_once(QueueName::Transform);
    for _ in 0..30 {
        company.deliver_once(QueueName::Write);
    }
    assert!(company.open().is_empty());
    company.write_seconds = 60;
    company.rest();
    assert_eq!(company.accounts().len(), 60);
    assert!(company.open().is_empty());
    company.assert_quiet();
}

#[test]
fn a_long_wait_that_the_target_asks_for_keeps_the_lease_or_pauses() {
    let mut company = Company::of(team(3));
    company.write_seconds = 5;
    company.target.fail_next(1, Fault::Throttled);
    company.start(Mode::Full);
    for queue in [QueueName::Fetch, QueueName::Transform, QueueName::Write] {
        company.deliver_once(queue);
    }
    let paused = run_ready(Lease::paused(&company.ports.table, TARGET)).unwrap();
    assert!(paused.is_some_and(|(until, ..)| until > company.now()));
    company.rest();
    assert_eq!(company.accounts().len(), 3);
    until_quiet(&mut company);
}
