//! The process may end at any point: whatever is done again, the end is the same.

use crate::pipeline::driver::{Company, JOB};
use crate::pipeline::people::{at_most_disables, person, report, rules, team};
use fakes::run_ready;
use messages::Mode;
use pipeline::state::{CycleState, Held};
use ports::WriteAction;
use record::Record;
use std::collections::BTreeSet;
use std::time::Duration;

/// Who is disabled at some time; nobody else ever may be.
const LEAVERS: [&str; 5] = ["E0002", "E0005", "E0006", "E0007", "E0009"];

fn leaver(number: usize) -> Record {
    report(number, 1).with("status", "leaver")
}

/// The next process starts: messages come again, and the lease of the dead one runs out.
fn recover(company: &mut Company) {
    company.world.faults.disarm();
    company.world.queue.release_all();
    company.world.clock.advance(Duration::from_mins(1));
    company.rest();
}

/// Does something that a schedule or a person does, and does it again if the process died of it. How often it died.
fn step(company: &mut Company, trigger: impl Fn(&mut Company)) -> u32 {
    trigger(company);
    company.rest();
    if !company.world.faults.is_dead() {
        return 0;
    }
    recover(company);
    trigger(company);
    company.rest();
    1
}

fn approve_all(company: &mut Company) {
    let Ok(holds) = run_ready(Held::all(&company.ports.table, JOB)) else { return };
    for hold in holds {
        let _ = run_ready(pipeline::approve(&company.ports, &company.job(), &hold.hash));
    }
}

/// A load, a day of changes, a return, a breach with its approval, and a leaver by webhook. The process ends at point
/// `fatal`, counted from the start. Gives the company and how many points there were.
fn scenario(fatal: Option<u64>) -> (Company, u64) {
    let mut company = Company::with_rules(team(12), at_most_disables(rules(), 2));
    company.batch_size = 5;
    company.source.set_page_size(8);
    (company.fetch_seconds, company.write_seconds) = (0, 20);
    if let Some(fatal) = fatal {
        company.world.faults.arm(fatal);
    }
    let mut deaths = step(&mut company, |company| company.start(Mode::Full));
    for record in [leaver(2), report(3, 1).with("department", "Dyeing"), report(4, 1).with("last", "Neu")] {
        company.source.upsert(record);
    }
    company.source.upsert(report(13, 14));
    deaths += step(&mut company, |company| company.start(Mode::Incremental));
    for record in [report(2, 1), leaver(5), leaver(6), leaver(7), report(8, 3), person(10), person(14)] {
        company.source.upsert(record);
    }
    deaths += step(&mut company, |company| company.start(Mode::Full));
    deaths += step(&mut company, approve_all);
    company.source.upsert(leaver(9).with("department", "Gone"));
    deaths += step(&mut company, |company| company.ask("E0009"));
    deaths += step(&mut company, |company| company.start(Mode::Full));
    let points = company.world.faults.count();
    assert_eq!(deaths, u32::from(fatal.is_some()), "the process ends once, where it is told to");
    company.world.faults.disarm();
    (company, points)
}

/// What is the same however often the process died on the way.
fn check(company: &mut Company, expected: &Company, point: u64) {
    // Records that are looked at again a little later are given that time.
    for _ in 0..4 {
        if company.open().is_empty() {
            break;
        }
        company.world.clock.advance(Duration::from_hours(1));
        company.full();
    }
    assert_eq!(company.accounts(), expected.accounts(), "point {point}");
    assert!(company.open().is_empty(), "point {point}: {:?}", company.open());
    assert!(run_ready(Held::all(&company.ports.table, JOB)).unwrap().is_empty(), "point {point}: a hold is left");
    assert_eq!(company.state().population, Some(14), "point {point}");
    let accounts = company.target.accounts();
    let disabled: BTreeSet<String> = company
        .target
        .history()
        .iter()
        .filter_map(|action| match action {
            WriteAction::Update { anchor, attributes } => {
                let off = attributes.get("accountEnabled")?.as_ref()?.text() == "False";
                off.then(|| accounts[anchor]["employeeId"].text().to_owned())
            }
            _ => None,
        })
        .collect();
    assert!(disabled.iter().all(|id| LEAVERS.contains(&id.as_str())), "point {point}: {disabled:?}");
    company.full();
    assert_eq!(company.newest_cycle().state, CycleState::Settled, "point {point}");
    company.fetch_seconds = 600;
    company.assert_quiet();
}

/// Runs the scenario once for each point of a share of them.
fn die_at_each(share: u64, of: u64) {
    let (mut plain, points) = scenario(None);
    assert!(points > 300, "{points}");
    println!("{points} points");
    let mut died = 0;
    for point in (1..=points).filter(|point| point % of == share) {
        let (mut company, _) = scenario(Some(point));
        died += 1;
        check(&mut company, &plain, point);
    }
    assert_eq!(died, (1..=points).filter(|point| point % of == share).count());
    let expected = scenario(None).0;
    check(&mut plain, &expected, 0);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_first_third() {
    die_at_each(0, 3);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_second_third() {
    die_at_each(1, 3);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_last_third() {
    die_at_each(2, 3);
}

#[test]
fn a_process_that_dies_again_and_again_comes_to_the_same_end() {
    for stride in [7, 13, 29, 53, 101] {
        let mut company = Company::with_rules(team(12), at_most_disables(rules(), 2));
        company.batch_size = 5;
        for _ in 0..400 {
            company.world.faults.arm(stride);
            company.start(Mode::Full);
            company.rest();
            if !company.world.faults.is_dead() {
                break;
            }
            company.world.faults.disarm();
            company.world.queue.release_all();
            company.world.clock.advance(Duration::from_mins(1));
        }
        recover(&mut company);
        company.full();
        company.full();
        assert_eq!(company.accounts().len(), 12, "every {stride} points");
        assert!(company.accounts().iter().all(|(id, one)| id == "E0001" || one["manager"] == "E0001"));
        company.assert_quiet();
    }
}
