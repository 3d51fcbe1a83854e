//! Histories that the protocol allows, and histories that it does not.

use model::protocol::Refused;
use model::settlement;
use model::trace::{Constants, Event, Kind, Reply, TraceError, Why, replay};

fn taken(writer: u64, at: i64) -> Event {
    Event::LeaseTaken { writer, at, until: at + 30_000 }
}

fn update(writer: u64, request: u64, at: i64) -> Event {
    Event::Sent { writer, record: "r".to_owned(), request, kind: Kind::Update, at }
}

fn create(writer: u64, request: u64, at: i64, stamped: bool) -> Event {
    let kind = Kind::Create { names: vec!["n".to_owned()], stamped };
    Event::Sent { writer, record: "r".to_owned(), request, kind, at }
}

fn reserved(record: &str) -> Event {
    Event::NameReserved { name: "n".to_owned(), record: record.to_owned() }
}

fn link(writer: u64, version: u64, read_in: u64) -> Event {
    Event::LinkWritten { record: "r".to_owned(), version, read_in, is_live: true, writer }
}

fn landed(request: u64, at: i64) -> Event {
    Event::Landed { request, at }
}

fn replied(request: u64, at: i64, answer: Reply) -> Event {
    Event::Replied { request, at, answer }
}

fn refused(events: &[Event]) -> TraceError {
    replay(events, Constants::default()).expect_err("not a history of the protocol")
}

#[test]
fn a_create_an_unanswered_update_and_a_handover_are_a_history() {
    let history = [
        reserved("r"),
        taken(1, 1_000),
        create(1, 1, 1_100, true),
        landed(1, 1_300),
        replied(1, 1_350, Reply::Done),
        link(1, 1, 1),
        update(1, 2, 2_000),
        replied(2, 10_000, Reply::Unknown),
        landed(2, 11_500),
        Event::LeaseReleased { writer: 1, at: 11_000 + 600, drained_until: Some(14_000) },
        taken(2, 16_000),
        update(2, 3, 16_100),
        replied(3, 16_200, Reply::Throttled),
        Event::WriterDied { writer: 2 },
        taken(3, 48_100),
        update(3, 4, 48_200),
        landed(4, 48_300),
        replied(4, 48_350, Reply::Done),
        link(3, 2, 2),
        Event::LeaseReleased { writer: 3, at: 48_500, drained_until: None },
    ];
    let replayed = replay(&history, Constants::default()).expect("a history of the protocol");
    assert_eq!((replayed.leases, replayed.sent, replayed.landed, replayed.links), (3, 4, 3, 2));
}

#[test]
fn a_request_by_a_writer_without_the_lease_is_refused() {
    assert_eq!(refused(&[update(1, 1, 0)]).why, Why::NotTheHolder);
    let error = refused(&[taken(1, 0), taken(2, 33_000), update(1, 1, 33_100)]);
    assert_eq!(error, TraceError { index: 2, why: Why::NotTheHolder });
}

#[test]
fn a_request_that_could_outlive_the_lease_is_refused() {
    assert_eq!(refused(&[taken(1, 0), update(1, 1, 20_500)]).why, Why::Protocol(Refused::OutlivesLease));
}

#[test]
fn a_lease_is_not_taken_before_its_end_nor_before_what_may_land_is_over() {
    assert_eq!(refused(&[taken(1, 0), taken(2, 29_000)]).why, Why::Protocol(Refused::LeaseIsHeld));
    let early = [
        taken(1, 0),
        update(1, 1, 1_000),
        replied(1, 9_000, Reply::Unknown),
        Event::LeaseReleased { writer: 1, at: 9_100, drained_until: None },
    ];
    assert_eq!(refused(&early).why, Why::Protocol(Refused::NotDrained));
}

#[test]
fn two_requests_for_one_record_are_refused() {
    let history = [taken(1, 0), update(1, 1, 1_000), replied(1, 2_000, Reply::Unknown), update(1, 2, 5_000)];
    assert_eq!(refused(&history).why, Why::TwoInFlight);
}

#[test]
fn an_account_needs_a_reserved_name_and_a_stamp_and_is_made_once() {
    assert_eq!(refused(&[taken(1, 0), create(1, 1, 10, true)]).why, Why::Protocol(Refused::NameNotReserved));
    assert_eq!(refused(&[reserved("r"), taken(1, 0), create(1, 1, 10, false)]).why, Why::Protocol(Refused::NoStamp));
    assert_eq!(refused(&[reserved("s"), reserved("r")]).why, Why::Protocol(Refused::NameIsAnothers));
    let again = [
        reserved("r"),
        taken(1, 0),
        create(1, 1, 10, true),
        landed(1, 20),
        replied(1, 30, Reply::Done),
        link(1, 1, 1),
        create(1, 2, 100, true),
    ];
    assert_eq!(refused(&again).why, Why::Protocol(Refused::HasAccount));
}

#[test]
fn a_link_neither_skips_a_version_nor_goes_back_to_an_older_statement() {
    assert_eq!(refused(&[taken(1, 0), link(1, 2, 1)]).why, Why::Protocol(Refused::LinkMovedOn));
    assert_eq!(refused(&[taken(1, 0), link(1, 1, 5), link(1, 2, 4)]).why, Why::Protocol(Refused::LinkGoesBack));
}

#[test]
fn a_request_lands_once_and_within_its_life() {
    let sent = [taken(1, 0), update(1, 1, 0)];
    let late = [&sent[..], &[landed(1, 10_500)]].concat();
    assert_eq!(refused(&late).why, Why::Protocol(Refused::LandsTooLate));
    let twice = [&sent[..], &[landed(1, 10), landed(1, 20)]].concat();
    assert_eq!(refused(&twice).why, Why::Protocol(Refused::LandedAlready));
}

#[test]
fn the_dead_do_nothing_any_more() {
    let history = [taken(1, 0), Event::WriterDied { writer: 1 }, update(1, 1, 10)];
    assert_eq!(refused(&history).why, Why::Protocol(Refused::NoSuchWriter));
}

#[test]
fn a_cycle_settles_once_and_after_its_batches_are_written() {
    let cycle = || "c".to_owned();
    let until_judged = [
        Event::CycleExpected { cycle: cycle(), batches: 1 },
        Event::CyclePlanned { cycle: cycle(), batch: 1 },
        Event::CyclePlanned { cycle: cycle(), batch: 1 },
        Event::CycleJudged { cycle: cycle(), to_write: 1 },
        Event::CycleReleased { cycle: cycle() },
    ];
    let settled = Event::CycleSettled { cycle: cycle() };
    let early = [&until_judged[..], std::slice::from_ref(&settled)].concat();
    assert_eq!(refused(&early).why, Why::Settlement(settlement::Refused::NotAllWritten));
    let written = Event::BatchWritten { cycle: cycle(), batch: 1 };
    let whole = [&until_judged[..], &[written, settled.clone()]].concat();
    assert_eq!(replay(&whole, Constants::default()).expect("a history").settled, 1);
    let twice = [&whole[..], &[settled]].concat();
    assert_eq!(refused(&twice).why, Why::Settlement(settlement::Refused::NotAllWritten));
    let unplanned =
        [Event::CycleExpected { cycle: cycle(), batches: 2 }, Event::CycleJudged { cycle: cycle(), to_write: 0 }];
    assert_eq!(refused(&unplanned).why, Why::Settlement(settlement::Refused::NotAllPlanned));
}
