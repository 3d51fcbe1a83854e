//! Reads that cannot be trusted, reads of what changed, and rows that cannot be read.

use super::driver::Company;
use super::people::{person, report, team};
use messages::Mode;
use pipeline::state::CycleState;
use pipeline::{Approval, FetchOutcome, Manifest};
use ports::{Completeness, Place, Rejected};
use record::RecordKey;

fn place() -> Place {
    Place { within: "workers.csv".to_owned(), line: 3, attribute: None }
}

/// A company of 40 whose file then has only 20 rows, one of them changed.
fn truncated() -> (Company, String) {
    let mut company = Company::of(team(40));
    company.source.set_completeness(Some(Completeness::Unproven));
    company.full();
    let mut half = team(20);
    half[4] = report(5, 1).with("department", "Dyeing");
    company.source.set_records(half);
    let outcome = company.full();
    let FetchOutcome::Held { hash, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(company.has("E0005", "department"), "Weaving", "nothing of it is used");
    assert_eq!(company.newest_cycle().state, CycleState::HeldReading);
    (company, hash)
}

fn missing(company: &Company) -> usize {
    let state = company.state();
    let manifest = fakes::run_ready(Manifest::load(&company.ports, state.manifest.as_deref())).unwrap();
    manifest.entries().iter().filter(|entry| entry.missing).count()
}

fn approve(company: &Company, hash: &str) -> Approval {
    fakes::run_ready(pipeline::approve(&company.ports, &company.job(), hash)).unwrap()
}

fn reject(company: &Company, hash: &str) -> Approval {
    fakes::run_ready(pipeline::reject(&company.ports, &company.job(), hash)).unwrap()
}

#[test]
fn a_truncated_file_goes_ahead_when_released_and_nobody_is_missing_by_it() {
    let (mut company, hash) = truncated();
    assert!(matches!(approve(&company, &hash[..8]), Approval::Reading { .. }));
    company.rest();
    assert_eq!(company.has("E0005", "department"), "Dyeing");
    assert_eq!(company.accounts().len(), 40);
    assert_eq!(missing(&company), 0);
    assert_eq!(approve(&company, &hash), Approval::NoSuchHold);
    company.assert_quiet();
    assert_eq!(missing(&company), 0);
}

#[test]
fn a_truncated_file_without_a_change_goes_ahead_too() {
    let mut company = Company::of(team(40));
    company.source.set_completeness(Some(Completeness::Unproven));
    company.full();
    company.source.set_records(team(20));
    let FetchOutcome::Held { hash, .. } = company.full() else { panic!() };
    approve(&company, &hash);
    company.rest();
    assert_eq!(company.newest_cycle().state, CycleState::Settled);
    assert_eq!((company.state().rows, missing(&company)), (20, 0));
    company.assert_quiet();
}

#[test]
fn a_rejected_read_leaves_everything_as_it_was() {
    let (mut company, hash) = truncated();
    assert!(matches!(reject(&company, &hash), Approval::Reading { .. }));
    company.rest();
    assert_eq!(company.state().open, None);
    assert_eq!(company.has("E0005", "department"), "Weaving");
    assert_eq!(approve(&company, &hash), Approval::NoSuchHold);
    company.source.set_records(team(40));
    company.assert_quiet();
}

#[test]
fn the_next_good_read_takes_the_place_of_a_held_one() {
    let (mut company, hash) = truncated();
    let held = company.newest_cycle().number;
    company.cycle(Mode::Open);
    assert_eq!(
        company.newest_cycle().state,
        CycleState::HeldReading,
        "a cycle without a read decides nothing about it"
    );
    assert!(
        matches!(company.full(), FetchOutcome::Held { hash: again, .. } if again == hash),
        "the same read, the same hash"
    );
    company.source.set_records(team(40));
    company.source.upsert(report(5, 1).with("department", "Spinning"));
    company.full();
    assert_eq!(company.has("E0005", "department"), "Spinning");
    assert_eq!(approve(&company, &hash), Approval::NoSuchHold);
    let old =
        fakes::run_ready(pipeline::state::Cycle::get(&company.ports.table, "hr-to-graph", held)).unwrap().unwrap();
    assert_eq!(old.state, CycleState::Superseded);
    company.assert_quiet();
}

#[test]
fn a_broken_read_is_held_whatever_is_in_it() {
    let mut company = Company::of(team(10));
    company.full();
    let reason = "the trailer says 11 rows".to_owned();
    company.source.set_completeness(Some(Completeness::Broken { reason, place: place() }));
    company.source.upsert(report(5, 1).with("department", "Dyeing"));
    assert!(matches!(company.full(), FetchOutcome::Held { .. }));
    assert_eq!(company.has("E0005", "department"), "Weaving");
    assert_eq!(company.newest_cycle().why, ["workers.csv, line 3: the trailer says 11 rows"]);
    company.source.set_completeness(None);
    assert!(matches!(company.full(), FetchOutcome::Held { .. }), "a read that says nothing about itself");
    company.source.set_completeness(Some(Completeness::Proven { by: "trailer".to_owned() }));
    company.full();
    assert_eq!(company.has("E0005", "department"), "Dyeing");
    company.assert_quiet();
}

#[test]
fn other_columns_are_held() {
    let mut company = Company::of(team(10));
    company.source.set_structure(Some("a;b".to_owned()));
    company.full();
    company.source.set_structure(Some("a;c".to_owned()));
    assert!(matches!(company.full(), FetchOutcome::Held { .. }));
}

#[test]
fn an_unproven_read_within_the_limits_flags_nobody_as_missing_and_asks_only_once() {
    let mut company = Company::of(team(40));
    company.source.set_completeness(Some(Completeness::Unproven));
    company.full();
    for key in ["E0010", "E0011", "E0012"] {
        company.source.remove(&RecordKey::from(key));
    }
    company.full();
    assert_eq!(missing(&company), 0, "absence is told by proof only");
    for key in ["E0013", "E0014", "E0015", "E0016"] {
        company.source.remove(&RecordKey::from(key));
    }
    assert!(matches!(company.full(), FetchOutcome::Settled { .. } | FetchOutcome::Held { .. }));
    company.source.set_completeness(Some(Completeness::Proven { by: "trailer".to_owned() }));
    company.full();
    assert_eq!(missing(&company), 7);
    company.assert_quiet();
}

#[test]
fn a_source_that_tells_changes_is_asked_for_them() {
    let mut company = Company::of(team(30));
    company.full();
    company.source.upsert(report(5, 1).with("department", "Dyeing"));
    company.source.upsert(report(31, 1));
    company.cycle(Mode::Incremental);
    assert_eq!(company.newest_cycle().summary.rows, 2);
    assert_eq!(company.has("E0005", "department"), "Dyeing");
    assert_eq!(company.has("E0031", "manager"), "E0001");
    assert_eq!(company.state().population, Some(31));
    assert_eq!(missing(&company), 0);
    let writes = company.target.received().writes();
    company.cycle(Mode::Incremental);
    assert_eq!((company.newest_cycle().summary.rows, company.target.received().writes()), (0, writes));
    company.assert_quiet();
}

#[test]
fn a_change_of_the_source_during_a_read_starts_it_anew() {
    let mut company = Company::of(team(10));
    company.source.set_page_size(4);
    company.fetch_seconds = 0;
    company.start(Mode::Full);
    company.deliver_once(ports::QueueName::Fetch);
    company.source.upsert(person(11));
    company.rest();
    assert_eq!(company.newest_cycle().state, CycleState::Superseded);
    assert!(company.accounts().is_empty());
    company.fetch_seconds = 600;
    company.full();
    assert_eq!(company.accounts().len(), 11);
    company.assert_quiet();
}

#[test]
fn a_row_that_cannot_be_read_is_not_missing() {
    let mut company = Company::of(team(10));
    company.full();
    company.source.remove(&RecordKey::from("E0007"));
    let row = Rejected { place: place(), key: Some("E0007".into()), reason: "two fields too many".to_owned() };
    company.source.set_rejected(vec![row]);
    company.full();
    assert_eq!((missing(&company), company.newest_cycle().summary.rejected), (0, 1));
    assert_eq!(company.has("E0007", "accountEnabled"), "True");
    company.assert_quiet();
}
