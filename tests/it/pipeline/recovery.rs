//! A table that was lost, or restored from an earlier day, while accounts and objects are newer.

use super::driver::{Company, JOB};
use super::people::{person, report, team};
use fakes::run_ready;
use pipeline::state::{Held, Recovery};
use pipeline::{Approval, FetchOutcome, approve, reject};
use std::time::Duration;

pub fn holds(company: &Company) -> Vec<Held> {
    run_ready(Held::all(&company.ports.table, JOB)).unwrap()
}

/// Releases the one hold, and lets a read of everybody follow.
pub fn release(company: &mut Company) {
    let hash = holds(company).pop().expect("a hold").hash;
    let answer = run_ready(approve(&company.ports, &company.job(), &hash)).unwrap();
    assert!(matches!(answer, Approval::Plan { .. }), "{answer:?}");
    company.rest();
    assert_eq!(company.state().recovery, None);
    company.full();
    assert!(company.open().is_empty(), "{:?}", company.open());
}

/// A company of eight with a leaver, a mover, and a name that a second person of the same name did not get.
fn settled() -> Company {
    let mut company = Company::of(team(8));
    company.batch_size = 3;
    company.full();
    company.source.upsert(report(2, 1).with("status", "leaver"));
    company.source.upsert(report(3, 1).with("department", "Dyeing"));
    company.source.upsert(report(9, 1).with("first", "Bela").with("last", "Muster1"));
    company.full();
    company.full();
    company
}

#[test]
fn a_first_run_is_not_held_and_looks_for_a_history_once() {
    let mut company = Company::of(team(3));
    company.full();
    assert_eq!((company.accounts().len(), holds(&company).len()), (3, 0));
    assert_eq!(company.state().recovery, None);
    let gets = company.world.blobs.gets();
    company.assert_quiet();
    assert_eq!(company.world.blobs.gets() - gets, 1, "the manifest alone");
}

#[test]
fn after_a_lost_table_nothing_is_written_before_an_approval() {
    let mut company = settled();
    let (before, writes) = (company.accounts(), company.target.received().writes());
    company.world.table.lose();
    company.source.upsert(report(10, 1));
    company.source.upsert(report(4, 1).with("department", "Dyeing"));
    company.full();
    assert_eq!(company.target.received().writes(), writes);
    assert_eq!(company.accounts(), before);
    let held = holds(&company);
    assert_eq!(held.len(), 1);
    assert_eq!((held[0].changes, held[0].recovers), (10, true));
    assert!(held[0].why[0].contains("the table was lost") && held[0].why[0].contains("approve"), "{:?}", held[0].why);
    assert_eq!(company.state().recovery, Some(Recovery::Lost));
    // Nobody is planned anew while the plan waits.
    let cycle = company.newest_cycle().number;
    assert!(matches!(company.full(), FetchOutcome::Settled { .. }));
    assert_eq!(holds(&company), held);
    assert!(company.state().last_cycle > cycle && company.target.received().writes() == writes);
}

#[test]
fn after_a_lost_table_accounts_are_adopted_and_nobody_is_doubled() {
    let mut company = settled();
    let before = company.accounts();
    company.world.table.lose();
    company.source.upsert(report(10, 1));
    // A third person of that name: the first two names are those of living accounts.
    company.source.upsert(report(11, 1).with("first", "Bela").with("last", "Muster1"));
    company.full();
    release(&mut company);
    let after = company.accounts();
    assert_eq!(after.len(), 11);
    assert!(before.iter().all(|(id, account)| after[id] == *account), "what was there is as it was");
    assert_eq!(company.has("E0002", "accountEnabled"), "False");
    assert_eq!(company.has("E0001", "userPrincipalName"), "bela.muster1@example.com");
    assert_eq!(company.has("E0009", "userPrincipalName"), "bela.muster12@example.com");
    assert_eq!(company.has("E0011", "userPrincipalName"), "bela.muster13@example.com");
    company.assert_quiet();
}

#[test]
fn after_a_lost_table_whoever_is_missing_keeps_the_account() {
    let mut company = settled();
    company.world.table.lose();
    company.source.remove(&"E0005".into());
    company.full();
    release(&mut company);
    assert_eq!(company.has("E0005", "accountEnabled"), "True");
    assert_eq!(company.links().len(), 8);
}

#[test]
fn a_webhook_that_comes_first_after_the_loss_is_held_too() {
    let mut company = settled();
    let writes = company.target.received().writes();
    company.world.table.lose();
    company.source.upsert(report(10, 1));
    company.ask("E0010");
    company.rest();
    assert_eq!(company.target.received().writes(), writes);
    assert!(!holds(&company)[0].recovers, "one record is not everybody");
    company.full();
    assert_eq!(company.target.received().writes(), writes);
    let whole = holds(&company).into_iter().find(|held| held.recovers).unwrap();
    run_ready(approve(&company.ports, &company.job(), &whole.hash)).unwrap();
    company.rest();
    company.full();
    assert_eq!(company.accounts().len(), 10);
    company.assert_quiet();
}

#[test]
fn a_rejected_plan_leaves_the_job_read_only() {
    let mut company = settled();
    let writes = company.target.received().writes();
    company.world.table.lose();
    company.full();
    let hash = holds(&company)[0].hash.clone();
    run_ready(reject(&company.ports, &company.job(), &hash)).unwrap();
    company.source.upsert(report(10, 1));
    company.full();
    assert_eq!(company.target.received().writes(), writes);
    assert_eq!(company.state().recovery, Some(Recovery::Lost));
    release_some(&mut company);
    assert_eq!(company.accounts().len(), 10);
}

fn release_some(company: &mut Company) {
    let hash = holds(company)[0].hash.clone();
    run_ready(approve(&company.ports, &company.job(), &hash)).unwrap();
    company.rest();
}

#[test]
fn a_table_may_be_lost_twice_and_at_every_moment_of_the_recovery() {
    let plain = {
        let mut company = settled();
        company.source.upsert(report(10, 1));
        company.full();
        company.accounts()
    };
    let points = {
        let mut company = settled();
        company.world.table.lose();
        company.source.upsert(report(10, 1));
        let before = company.world.faults.count();
        company.full();
        company.world.faults.count() - before
    };
    for point in (1..points).step_by(7) {
        let mut company = settled();
        company.world.table.lose();
        company.source.upsert(report(10, 1));
        company.world.faults.arm(point);
        company.full_or_dead();
        company.world.faults.disarm();
        company.world.queue.release_all();
        if point % 2 == 0 {
            company.world.table.lose();
        }
        company.world.clock.advance(Duration::from_mins(5));
        company.rest();
        company.full();
        company.full();
        assert_eq!(company.accounts().len(), 9, "nothing before the word, point {point}");
        release(&mut company);
        assert_eq!(company.accounts(), plain, "point {point}");
        company.assert_quiet();
    }
}

/// Hires, moves, a leaver and a return, of which the restored table knows nothing.
fn lived_on(company: &mut Company) {
    company.source.upsert(report(10, 1));
    company.source.upsert(report(4, 1).with("status", "leaver"));
    company.source.upsert(report(2, 1));
    company.source.upsert(report(5, 1).with("department", "Dyeing"));
    company.source.upsert(person(6).with("manager", "E0002"));
    company.full();
    company.full();
    company.world.clock.advance(Duration::from_hours(1));
}

#[test]
fn after_a_restore_the_next_change_shows_it_and_what_is_stale_is_held() {
    let mut company = settled();
    let yesterday = company.world.table.snapshot();
    lived_on(&mut company);
    company.world.table.restore(&yesterday);
    // HR takes back the move and lets the one who came back go again: exactly what the old manifest knows.
    company.source.upsert(report(5, 1));
    company.source.upsert(report(2, 1).with("status", "leaver"));
    company.source.upsert(report(11, 1));
    company.full();
    assert_eq!(company.state().recovery, Some(Recovery::Restored));
    assert_eq!(company.has("E0004", "accountEnabled"), "False", "the leaver stays disabled");
    let writes = company.target.received().writes();
    company.full();
    assert_eq!(company.target.received().writes(), writes);
    assert!(holds(&company)[0].why[0].contains("restored"), "{:?}", holds(&company));
    release(&mut company);
    assert_eq!(company.accounts().len(), 11);
    assert_eq!(company.has("E0005", "department"), "Weaving", "the update that the table had forgotten");
    assert_eq!(company.has("E0002", "accountEnabled"), "False");
    assert_eq!(company.has("E0004", "accountEnabled"), "False");
    assert_eq!(company.has("E0006", "manager"), "E0002");
    assert_eq!(company.has("E0010", "manager"), "E0001");
    company.assert_quiet();
}

#[test]
fn after_a_restore_with_a_declaration_nothing_is_written_before_the_word() {
    let mut company = settled();
    let yesterday = company.world.table.snapshot();
    lived_on(&mut company);
    company.world.table.restore(&yesterday);
    assert!(run_ready(pipeline::recover(&company.ports, &company.job())).unwrap());
    let writes = company.target.received().writes();
    company.source.upsert(report(5, 1));
    company.source.upsert(report(2, 1).with("status", "leaver"));
    company.full();
    assert_eq!(company.target.received().writes(), writes);
    assert!(holds(&company)[0].why[0].contains("an operator said"));
    release(&mut company);
    assert_eq!(company.accounts().len(), 10);
    assert_eq!(company.has("E0005", "department"), "Weaving");
    assert_eq!(company.has("E0002", "accountEnabled"), "False");
    company.assert_quiet();
}

#[test]
fn a_table_of_any_moment_of_a_cycle_may_be_restored() {
    let points = {
        let mut company = settled();
        let before = company.world.faults.count();
        company.source.upsert(report(5, 1).with("department", "Spinning"));
        company.source.upsert(report(12, 1));
        company.full();
        company.world.faults.count() - before
    };
    for point in 1..=points {
        let mut company = settled();
        company.source.upsert(report(5, 1).with("department", "Spinning"));
        company.source.upsert(report(12, 1));
        company.world.faults.arm(point);
        company.full_or_dead();
        company.world.faults.disarm();
        let then = company.world.table.snapshot();
        company.world.queue.release_all();
        company.rest();
        company.world.clock.advance(Duration::from_mins(5));
        company.full();
        lived_on(&mut company);
        company.world.table.restore(&then);
        company.source.upsert(report(5, 1));
        company.source.upsert(report(13, 1));
        for _ in 0..4 {
            company.world.clock.advance(Duration::from_hours(1));
            company.full();
            company.rest();
            if !holds(&company).is_empty() {
                release(&mut company);
            }
        }
        assert_eq!(company.accounts().len(), 12, "point {point}");
        assert_eq!(company.has("E0002", "accountEnabled"), "True", "point {point}");
        assert_eq!(company.has("E0004", "accountEnabled"), "False", "point {point}");
        assert_eq!(company.has("E0005", "department"), "Weaving", "point {point}");
        company.assert_quiet();
    }
}
