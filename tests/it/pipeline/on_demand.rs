//! Cycles of one record, beside others, and plans that nobody carries out.

use super::driver::{Company, JOB, TARGET};
use super::people::{person, report, team};
use fakes::run_ready;
use messages::Mode;
use pipeline::state::{CycleState, Lease, Ready};
use pipeline::{CapturedQueue, FetchOutcome, OverlayBlobs, OverlayTable, Pace, Ports};
use planning::Plan;
use ports::{Clock, QueueName, TargetRead};
use record::RecordKey;
use std::time::Duration;

#[test]
fn one_record_goes_all_the_way_by_itself() {
    let mut company = Company::of(team(3));
    company.full();
    company.source.upsert(report(4, 1));
    company.ask("E0004");
    company.rest();
    assert_eq!(company.has("E0004", "manager"), "E0001");
    assert_eq!(company.newest_cycle().state, CycleState::Settled);
    let writes = company.target.received().writes();
    company.full();
    assert_eq!(company.target.received().writes(), writes, "the next cycle finds it done");
    assert_eq!(company.state().population, Some(4));
    company.assert_quiet();
}

#[test]
fn going_back_to_what_the_manifest_knows_is_a_change_too() {
    let mut company = Company::of(team(3));
    company.full();
    company.source.upsert(report(2, 1).with("status", "leaver"));
    company.ask("E0002");
    company.rest();
    assert_eq!(company.has("E0002", "accountEnabled"), "False");
    company.source.upsert(report(2, 1));
    company.cycle(Mode::Open);
    company.full();
    assert_eq!(company.has("E0002", "accountEnabled"), "True");
    company.assert_quiet();
}

#[test]
fn who_is_not_in_the_source_is_left_alone() {
    let mut company = Company::of(team(3));
    company.full();
    company.source.remove(&RecordKey::from("E0003"));
    company.ask("E0003");
    company.rest();
    assert_eq!(company.has("E0003", "accountEnabled"), "True");
    company.full();
    company.assert_quiet();
}

#[test]
fn a_webhook_during_a_full_cycle_wins_over_the_older_read() {
    let mut company = Company::of(team(10));
    company.full();
    company.source.upsert(report(5, 1).with("department", "Dyeing"));
    company.start(Mode::Full);
    company.deliver_once(QueueName::Fetch);
    company.deliver_once(QueueName::Transform);
    // Planned with the old content and not yet written; now HR says that they have left.
    company.source.upsert(report(5, 1).with("department", "Dyeing").with("status", "leaver"));
    company.ask("E0005");
    company.deliver_once(QueueName::OnDemand);
    assert_eq!(company.has("E0005", "accountEnabled"), "False");
    company.rest();
    assert_eq!(company.has("E0005", "accountEnabled"), "False");
    company.full();
    assert_eq!(company.has("E0005", "accountEnabled"), "False");
    assert_eq!(company.has("E0005", "department"), "Dyeing");
    company.full();
    company.assert_quiet();
}

#[test]
fn a_hire_by_webhook_during_the_first_load_makes_one_account() {
    let mut company = Company::of(team(10));
    company.start(Mode::Full);
    company.deliver_once(QueueName::Fetch);
    company.deliver_once(QueueName::Transform);
    company.ask("E0005");
    company.rest();
    assert_eq!(company.accounts().len(), 10);
    assert_eq!(company.target.received().creates, 10);
    company.full();
    assert!(company.open().is_empty());
    assert_eq!(company.has("E0005", "manager"), "E0001");
    company.full();
    company.assert_quiet();
}

#[test]
fn a_record_that_is_asked_for_while_another_holds_the_lease_waits_for_that_one() {
    let mut company = Company::of(team(3));
    company.full();
    let mut pace = Pace::new(3_000, 150, 20, company.now());
    let held = run_ready(Lease::acquire(
        &company.ports.table,
        TARGET,
        "other",
        company.now(),
        &mut pace,
        Duration::ZERO,
        None,
    ))
    .unwrap();
    company.source.upsert(report(4, 1));
    company.ask("E0004");
    company.deliver_once(QueueName::OnDemand);
    assert_eq!(company.accounts().len(), 3);
    assert_eq!(run_ready(Ready::first(&company.ports.table, TARGET, 9)).unwrap().len(), 1);
    run_ready(held.unwrap().release(&company.ports.table, company.now(), None, &pace)).unwrap();
    company.rest();
    assert_eq!(company.has("E0004", "manager"), "E0001");
    company.full();
    company.assert_quiet();
}

#[test]
fn the_lease_of_a_dead_writer_runs_out() {
    let mut company = Company::of(team(3));
    let mut pace = Pace::new(3_000, 150, 20, company.now());
    run_ready(Lease::acquire(&company.ports.table, TARGET, "dead", company.now(), &mut pace, Duration::ZERO, None))
        .unwrap()
        .unwrap();
    let start = company.now();
    company.full();
    assert_eq!(company.accounts().len(), 3);
    assert!(company.now() >= start + jiff::SignedDuration::from_secs(30));
    company.assert_quiet();
}

#[test]
fn a_cycle_of_one_record_that_died_half_way_is_ended_by_the_schedule() {
    let mut company = Company::of(team(3));
    company.full();
    company.source.upsert(report(4, 9));
    let start = company.world.faults.count();
    company.ask("E0004");
    company.rest();
    let points = company.world.faults.count() - start;
    for point in 1..=points {
        let mut company = Company::of(team(3));
        company.full();
        company.source.upsert(report(4, 9));
        company.world.faults.arm(point);
        company.ask("E0004");
        company.rest();
        company.world.faults.disarm();
        // The message is lost for good: only the schedule of the job is left.
        company.world.queue.pop_all(QueueName::OnDemand);
        company.world.queue.release_all();
        company.world.clock.advance(Duration::from_mins(30));
        company.full();
        company.full();
        company.rest();
        company.source.upsert(person(9));
        company.full();
        assert_eq!(company.has("E0004", "manager"), "E0009", "point {point}");
        company.full();
        company.assert_quiet();
        let last = company.state().last_cycle;
        let all = run_ready(pipeline::state::Cycle::newest(&company.ports.table, JOB, last, 50)).unwrap();
        assert!(all.iter().all(|cycle| cycle.state.is_over()), "point {point}");
    }
}

#[test]
fn a_plan_that_nobody_carries_out_leaves_the_world_as_it_is_and_equals_the_real_one() {
    let mut company = Company::of(team(10));
    company.full();
    company.source.upsert(report(3, 1).with("department", "Dyeing"));
    company.source.upsert(report(4, 1).with("status", "leaver"));
    company.source.upsert(report(11, 1));
    let (table, blobs) = (company.world.table.snapshot(), company.world.blobs.objects());
    let (sends, writes) = (company.world.queue.sends(), company.target.received().writes());
    let dry = dry_plan(&company);
    assert_eq!(company.world.table.snapshot(), table);
    assert_eq!(company.world.blobs.objects(), blobs);
    assert_eq!((company.world.queue.sends(), company.target.received().writes()), (sends, writes));
    company.full();
    let cycle = company.newest_cycle();
    let path = pipeline::paths::plan(&pipeline::paths::cycle(JOB, cycle.number, &cycle.token), 1);
    let real: Plan = run_ready(pipeline::Stored::get(&company.ports, &path, "a plan")).unwrap();
    assert_eq!(real.decisions, dry.decisions);
    assert_eq!(real.changes().count(), 3);
}

/// The plan that a cycle would make, over memory.
fn dry_plan(company: &Company) -> Plan {
    let env = Ports {
        table: OverlayTable::new(company.world.table.clone()),
        queue: CapturedQueue::default(),
        blobs: OverlayBlobs::new(company.world.blobs.clone()),
        clock: company.world.clock.clone(),
        entropy: company.world.entropy.clone(),
        secret: company.ports.secret.clone(),
    };
    let fetch = messages::Fetch { v: 1, job: JOB.to_owned(), mode: Mode::Full, cycle: None, continuation: 0 };
    let deadline = env.clock.now() + jiff::SignedDuration::from_hours(1);
    let outcome = run_ready(pipeline::fetch(&env, &company.source, &company.job(), &fetch, deadline)).unwrap();
    let FetchOutcome::Planning { cycle, batches: 1 } = outcome else { panic!("{outcome:?}") };
    assert_eq!(company.target.schema().target, "graph");
    for (queue, body) in env.queue.take() {
        assert_eq!(queue, QueueName::Transform);
        let message: messages::Transform = messages::decode(&body).unwrap();
        run_ready(pipeline::transform(&env, &company.target, &company.job(), cycle, message.batch)).unwrap();
    }
    let cycle = run_ready(pipeline::state::Cycle::get(&env.table, JOB, cycle)).unwrap().unwrap();
    let path = pipeline::paths::plan(&pipeline::paths::cycle(JOB, cycle.number, &cycle.token), 1);
    run_ready(pipeline::Stored::get(&env, &path, "a plan")).unwrap()
}
