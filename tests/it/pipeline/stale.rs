//! Messages that come late, often, out of order, or from somewhere else.

use super::driver::{Company, JOB, TARGET};
use super::people::{report, team};
use fakes::Units;
use messages::{Fetch, Mode, OnDemand, Transform, Write, encode};
use ports::QueueName;
use std::time::Duration;

fn calls(units: Units) -> u64 {
    units.gets + units.get_manys + units.puts + units.updates + units.deletes + units.transacts + units.queries
}

fn transform(cycle: u64, batch: u64) -> (QueueName, String) {
    (QueueName::Transform, encode(&Transform { v: 1, job: JOB.to_owned(), cycle, batch }))
}

fn going_on(cycle: u64, continuation: u32) -> (QueueName, String) {
    let fetch = Fetch { v: 1, job: JOB.to_owned(), mode: Mode::Full, cycle: Some(cycle), continuation };
    (QueueName::Fetch, encode(&fetch))
}

fn hint(number: u64) -> (QueueName, String) {
    (QueueName::OnDemand, encode(&OnDemand { v: 1, job: JOB.to_owned(), hint: format!("{number:032x}") }))
}

fn wake(continuation: u32) -> (QueueName, String) {
    (QueueName::Write, encode(&Write { v: 1, target: TARGET.to_owned(), continuation }))
}

/// Some stale message: of cycles that are over and of some that never were, of batches that are done and of some that never were.
fn stale(number: u64) -> (QueueName, String) {
    match number % 3 {
        0 => transform(number % 7, number % 5),
        1 => going_on(number % 7, u32::try_from(number % 4).unwrap()),
        _ => hint(number),
    }
}

fn settled() -> Company {
    let mut company = Company::of(team(12));
    company.batch_size = 4;
    company.fetch_seconds = 0;
    company.source.set_page_size(3);
    company.full();
    company.source.upsert(report(2, 1).with("department", "Dyeing"));
    company.full();
    company.full();
    company.world.clock.advance(Duration::from_hours(1));
    company
}

#[test]
fn a_hundred_thousand_stale_messages_cost_one_read_each_and_do_nothing() {
    let mut company = settled();
    let before = (company.accounts(), company.world.table.items(), company.world.blobs.objects());
    let sends = company.world.queue.sends();
    let (received, gets) = (company.target.received(), company.world.blobs.gets());
    company.world.table.reset_units();
    for number in 0..100_000 {
        let (queue, body) = stale(number * 7_919 % 50_021);
        company.deliver(queue, &body).unwrap();
    }
    let units = company.world.table.units();
    assert_eq!((units.gets, calls(units), units.write), (100_000, 100_000, 0));
    assert!(units.read <= 100_000, "{units:?}");
    assert_eq!(company.world.blobs.gets(), gets);
    assert_eq!(company.world.queue.sends(), sends);
    assert_eq!(company.target.received(), received);
    assert_eq!((company.accounts(), company.world.table.items(), company.world.blobs.objects()), before);
    company.fetch_seconds = 600;
    company.assert_quiet();
}

#[test]
fn ten_thousand_stale_wakes_cost_six_small_requests_each_and_send_nothing() {
    let mut company = settled();
    let (writes, sends) = (company.target.received().writes(), company.world.queue.sends());
    company.world.table.reset_units();
    for number in 0..10_000 {
        let (queue, body) = wake(number % 9);
        company.deliver(queue, &body).unwrap();
    }
    assert_eq!(calls(company.world.table.units()), 60_000);
    assert_eq!((company.target.received().writes(), company.world.queue.sends()), (writes, sends));
}

#[test]
fn late_starts_cost_one_quiet_cycle_each() {
    let mut company = settled();
    company.fetch_seconds = 600;
    let (writes, puts) = (company.target.received().writes(), company.world.blobs.puts());
    company.world.table.reset_units();
    for _ in 0..200 {
        let fetch = Fetch { v: 1, job: JOB.to_owned(), mode: Mode::Full, cycle: None, continuation: 0 };
        company.deliver(QueueName::Fetch, &encode(&fetch)).unwrap();
    }
    assert!(calls(company.world.table.units()) <= 6 * 200, "{:?}", company.world.table.units());
    assert_eq!((company.target.received().writes(), company.world.blobs.puts()), (writes, puts));
    company.assert_quiet();
}

#[test]
fn stale_messages_between_the_messages_of_a_cycle_change_nothing_about_it() {
    let changed = |company: &Company| {
        company.source.upsert(report(3, 1).with("department", "Spinning"));
        company.source.upsert(report(4, 1).with("status", "leaver"));
        company.source.upsert(report(13, 1));
        company.source.upsert(report(14, 13));
    };
    let mut plain = settled();
    changed(&plain);
    plain.full();
    let mut company = settled();
    changed(&company);
    let (sends, number) = (company.world.queue.sends(), company.state().last_cycle + 1);
    company.start(Mode::Full);
    let mut delivered = 0;
    for round in 0..60 {
        for stale_one in 0..50 {
            // Of cycles that are over, and of the one that is on: doubled, early, and past its end.
            let of_it =
                [transform(number, 9), transform(number, 0), transform(number, 1), going_on(number, 0), wake(0)];
            let (queue, body) = if stale_one % 2 == 0 {
                stale(round * 50 + stale_one)
            } else {
                of_it[(stale_one / 2 % 5) as usize].clone()
            };
            company.deliver(queue, &body).unwrap();
            delivered += 1;
        }
        company.deliver_visible();
    }
    assert_eq!(delivered, 3_000);
    company.rest();
    assert!(company.world.queue.sends() - sends < 200, "{} messages", company.world.queue.sends() - sends);
    assert_eq!(company.accounts(), plain.accounts());
    company.fetch_seconds = 600;
    company.full();
    company.assert_quiet();
}

#[test]
fn a_foreign_body_is_an_error_before_anything_is_asked() {
    let bodies = [
        "",
        "{",
        "null",
        "[]",
        "{}",
        "\u{0}",
        r#"{"v":1,"job":7,"cycle":1,"batch":1}"#,
        r#"{"v":1,"job":"x","cycle":-1,"batch":1}"#,
    ];
    for body in bodies {
        assert!(messages::decode::<Fetch>(body).is_err(), "{body}");
        assert!(messages::decode::<Transform>(body).is_err(), "{body}");
        assert!(messages::decode::<Write>(body).is_err(), "{body}");
        assert!(messages::decode::<OnDemand>(body).is_err(), "{body}");
    }
}

#[test]
fn numbers_at_their_ends_are_nobodys() {
    let mut company = settled();
    let items = company.world.table.items();
    for (queue, body) in [
        transform(u64::MAX, u64::MAX),
        transform(1, u64::MAX),
        transform(0, 0),
        going_on(u64::MAX, u32::MAX),
        going_on(1, u32::MAX),
    ] {
        company.deliver(queue, &body).unwrap();
    }
    assert_eq!(company.world.table.items(), items);
}
