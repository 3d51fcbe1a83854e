//! Every way that a record goes: what schedules, people and other systems start.

mod special;

use crate::pipeline::driver::{Company, JOB};
use crate::pipeline::people::{at_most_disables, person, report, rules, team};
use fakes::run_ready;
use messages::Mode;
use pipeline::state::Held;
use record::Record;
use special::{collision, deletion, future_hire, overtaken, rehire, released_read, replaced_read};

/// One thing that happens, and what is then started. After a death it is started again.
pub struct Step {
    pub before: fn(&mut Company),
    pub trigger: fn(&mut Company),
}

/// Things that happen to a company one after the other.
pub struct Flow {
    pub name: &'static str,
    /// The company before it, without any death.
    pub begin: fn() -> Company,
    pub steps: Vec<Step>,
    /// What a calm run has to have come to: a flow that does not do what it is for proves nothing.
    pub check: fn(&Company),
}

pub fn flows() -> Vec<Flow> {
    vec![
        day(),
        rejected(),
        hire(),
        change_and_leaver(),
        pending_manager(),
        linked(),
        overtaken(),
        replaced_read(),
        released_read(),
        future_hire(),
        collision(),
        rehire(),
        deletion(),
    ]
}

fn step(before: fn(&mut Company), trigger: fn(&mut Company)) -> Step {
    Step { before, trigger }
}

fn nothing(_: &mut Company) {}

fn full(company: &mut Company) {
    company.start(Mode::Full);
}

fn leaver(number: usize) -> Record {
    report(number, 1).with("status", "leaver")
}

fn upsert<const N: usize>(company: &Company, records: [Record; N]) {
    for record in records {
        company.source.upsert(record);
    }
}

/// A company whose load is over.
fn loaded(people: Vec<Record>) -> Company {
    let mut company = Company::of(people);
    company.full();
    company
}

/// What an operator does to everything that is held.
fn decide(company: &Company, approves: bool) {
    let Ok(holds) = run_ready(Held::all(&company.ports.table, JOB)) else { return };
    for hold in holds {
        let _ = if approves {
            run_ready(pipeline::approve(&company.ports, &company.job(), &hold.hash))
        } else {
            run_ready(pipeline::reject(&company.ports, &company.job(), &hold.hash))
        };
    }
}

/// A load, a day of changes, a return, a breach with its approval, and a leaver by webhook.
fn day() -> Flow {
    Flow {
        name: "a day: load, changes, breach, approval, leaver by webhook",
        begin: || {
            let mut company = Company::with_rules(team(12), at_most_disables(rules(), 2));
            company.batch_size = 5;
            company.source.set_page_size(8);
            (company.fetch_seconds, company.write_seconds) = (0, 20);
            company
        },
        steps: vec![
            step(nothing, full),
            step(
                |company| {
                    let moved = [report(3, 1).with("department", "Dyeing"), report(4, 1).with("last", "Neu")];
                    upsert(company, moved);
                    upsert(company, [leaver(2), report(13, 14)]);
                },
                |company| company.start(Mode::Incremental),
            ),
            step(
                |company| {
                    let back = [report(2, 1), leaver(5), leaver(6), leaver(7), report(8, 3), person(10), person(14)];
                    upsert(company, back);
                },
                full,
            ),
            step(nothing, |company| decide(company, true)),
            step(|company| company.source.upsert(leaver(9).with("department", "Gone")), |company| company.ask("E0009")),
            step(nothing, full),
        ],
        check: |company| {
            assert_eq!(company.state().population, Some(14));
            assert_eq!(company.has("E0013", "manager"), "E0014");
            assert_eq!(company.has("E0007", "accountEnabled"), "False");
        },
    }
}

fn rejected() -> Flow {
    Flow {
        name: "breach, rejected",
        begin: || {
            let mut company = Company::with_rules(team(5), at_most_disables(rules(), 1));
            company.full();
            company
        },
        steps: vec![
            step(
                |company| {
                    upsert(company, [leaver(2), leaver(3), report(4, 1).with("department", "Dyeing")]);
                },
                full,
            ),
            step(nothing, |company| decide(company, false)),
            step(nothing, full),
        ],
        check: |company| {
            assert_eq!(company.has("E0002", "accountEnabled"), "True");
            assert_eq!(company.open().len(), 2);
        },
    }
}

fn hire() -> Flow {
    Flow {
        name: "hire by webhook",
        begin: || loaded(team(3)),
        steps: vec![
            step(|company| company.source.upsert(report(4, 1)), |company| company.ask("E0004")),
            step(nothing, full),
        ],
        check: |company| assert_eq!(company.has("E0004", "manager"), "E0001"),
    }
}

fn change_and_leaver() -> Flow {
    Flow {
        name: "change and leaver by webhook",
        begin: || loaded(team(3)),
        steps: vec![
            step(|company| company.source.upsert(report(2, 3).with("last", "Neu")), |company| company.ask("E0002")),
            step(|company| company.source.upsert(leaver(3)), |company| company.ask("E0003")),
            step(nothing, full),
        ],
        check: |company| {
            assert_eq!(company.has("E0002", "manager"), "E0003");
            assert_eq!(company.has("E0003", "accountEnabled"), "False");
        },
    }
}

fn pending_manager() -> Flow {
    Flow {
        name: "manager not there yet, then hired",
        begin: || Company::of(vec![person(1), report(2, 9), report(3, 1)]),
        steps: vec![
            step(nothing, full),
            step(|company| company.source.upsert(person(9)), |company| company.start(Mode::Incremental)),
            step(nothing, |company| company.start(Mode::Open)),
        ],
        check: |company| assert_eq!(company.has("E0002", "manager"), "E0009"),
    }
}

fn linked() -> Flow {
    Flow {
        name: "accounts that are there are linked",
        begin: || {
            let company = Company::of(vec![person(1), report(2, 1), report(3, 1)]);
            company.target.insert([
                ("accountEnabled", "True"),
                ("department", "Spinning"),
                ("mailNickname", "bela.muster1"),
                ("userPrincipalName", "bela.muster1@example.com"),
                ("employeeId", "E0001"),
            ]);
            company.target.insert([
                ("accountEnabled", "True"),
                ("displayName", "Cleo Muster2"),
                ("givenName", "Cleo"),
                ("surname", "Muster2"),
                ("department", "Weaving"),
                ("mailNickname", "cleo.muster2"),
                ("userPrincipalName", "cleo.muster2@example.com"),
                ("employeeId", "E0002"),
            ]);
            company
        },
        steps: vec![step(nothing, full)],
        check: |company| {
            assert_eq!(company.target.received().creates, 1);
            assert_eq!(company.has("E0001", "department"), "Weaving");
        },
    }
}
