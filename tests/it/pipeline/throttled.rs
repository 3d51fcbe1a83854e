//! Stores that refuse calls for a while: work is late, and nothing else.

use super::driver::{Company, TARGET};
use super::people::{person, report, team};
use fakes::Throttle;
use messages::Mode;
use ports::{Queue, QueueName};
use std::time::Duration;

/// A returned message is delivered again after this many minutes.
const VISIBILITY: u64 = 6;

fn before_changes() -> Company {
    let mut company = Company::of(team(12));
    company.batch_size = 4;
    company.full();
    company.source.upsert(report(2, 3).with("department", "Spinning"));
    company.source.upsert(report(4, 1).with("status", "leaver"));
    company.source.upsert(person(5));
    company.source.upsert(report(13, 2));
    company.source.upsert(report(14, 13));
    company
}

fn minute(company: &mut Company, number: u64) -> usize {
    let wake = messages::encode(&messages::Write { v: 1, target: TARGET.to_owned(), continuation: 0 });
    fakes::run_ready(company.ports.queue.send(QueueName::Write, &[wake], Duration::ZERO)).unwrap();
    if number.is_multiple_of(VISIBILITY) {
        company.world.queue.release_all();
    }
    let failed = company.deliver_visible();
    company.world.clock.advance(Duration::from_mins(1));
    failed
}

/// The schedule of a job, and every message that is still under way.
fn catch_up(company: &mut Company) {
    company.world.queue.release_all();
    for _ in 0..3 {
        company.full();
        company.world.clock.advance(Duration::from_hours(1));
    }
    assert!(company.open().is_empty(), "{:?}", company.open());
    company.assert_quiet();
}

#[test]
fn a_share_of_refused_calls_delays_and_loses_nothing() {
    let mut plain = before_changes();
    plain.full();
    for percent in [1, 5, 20, 50] {
        for throttles in [(true, false), (false, true), (true, true)] {
            let mut company = before_changes();
            let stores = [
                (throttles.0, company.world.table.throttle.clone()),
                (throttles.1, company.world.blobs.throttle.clone()),
            ];
            let on: Vec<&Throttle> = stores.iter().filter(|(on, _)| *on).map(|(_, throttle)| throttle).collect();
            for throttle in &on {
                throttle.refuse(percent);
            }
            company.start(Mode::Full);
            for number in 1..=60 {
                minute(&mut company, number);
            }
            assert!(percent < 5 || on.iter().all(|throttle| throttle.refused() > 0));
            for throttle in &on {
                throttle.end();
            }
            catch_up(&mut company);
            assert_eq!(company.accounts(), plain.accounts(), "{percent} % of {throttles:?}");
        }
    }
}

#[test]
fn ten_minutes_without_a_store_at_any_point_of_a_cycle_lose_nothing() {
    let mut plain = before_changes();
    plain.full();
    for of_table in [true, false] {
        for passes in 0..90 {
            let mut company = before_changes();
            let world = company.world.clone();
            let throttle = if of_table { &world.table.throttle } else { &world.blobs.throttle };
            throttle.refuse_all_after(passes);
            company.start(Mode::Full);
            for number in 1..=10 {
                let (refused, sent) = (throttle.refused(), company.world.queue.sends());
                let writes = company.target.received().writes();
                minute(&mut company, number);
                assert!(throttle.refused() - refused <= 12, "a busy loop: {}", throttle.refused() - refused);
                let lasting = number > 1 && of_table;
                assert!(!lasting || company.target.received().writes() == writes, "a write without a lease");
                assert!(!lasting || company.world.queue.sends() - sent <= 1, "messages that make messages");
            }
            throttle.end();
            catch_up(&mut company);
            assert_eq!(company.accounts(), plain.accounts(), "after {passes} calls, table: {of_table}");
        }
    }
}

#[test]
fn a_webhook_during_an_outage_is_answered_after_it() {
    let mut company = Company::of(team(3));
    company.full();
    company.source.upsert(report(2, 1).with("status", "leaver"));
    company.ask("E0002");
    company.world.table.throttle.refuse_all_after(0);
    for number in 1..=10 {
        minute(&mut company, number);
    }
    company.world.table.throttle.end();
    company.world.queue.release_all();
    company.rest();
    assert_eq!(company.has("E0002", "accountEnabled"), "False");
    company.full();
    company.assert_quiet();
}
