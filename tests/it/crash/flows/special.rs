//! Flows in which something comes between, or late.

use super::{Flow, decide, full, leaver, loaded, nothing, step};
use crate::pipeline::driver::Company;
use crate::pipeline::people::{mapping, person, report, rules, team, with};
use messages::Mode;
use planning::OutOfScope;
use ports::{Completeness, QueueName};
use std::time::Duration;

/// Delivers what lies in one queue, as far as the process lives.
fn deliver(company: &mut Company, queue: QueueName) {
    company.deliver_some(
        |most| if most == 4 { QueueName::ALL.iter().position(|one| *one == queue).unwrap() } else { 0 },
        false,
    );
}

pub fn overtaken() -> Flow {
    Flow {
        name: "a planned change is overtaken by a webhook",
        begin: || loaded(team(3)),
        steps: vec![
            step(nothing, |company| {
                company.source.upsert(report(2, 1).with("department", "Dyeing"));
                company.source.upsert(report(4, 1));
                company.start(Mode::Full);
                deliver(company, QueueName::Fetch);
                deliver(company, QueueName::Transform);
                // Planned and not yet written; now HR says otherwise.
                company.source.upsert(report(2, 3).with("department", "Spinning"));
                company.source.upsert(report(4, 1).with("last", "Neu"));
                company.ask("E0002");
                company.ask("E0004");
            }),
            step(nothing, full),
        ],
        check: |company| {
            assert_eq!(company.has("E0002", "department"), "Spinning");
            assert_eq!(company.has("E0004", "surname"), "Neu");
        },
    }
}

fn unproven(people: usize) -> Company {
    let mut company = Company::of(team(people));
    company.source.set_completeness(Some(Completeness::Unproven));
    company.full();
    company
}

/// Half of the file, with one change.
fn half(company: &mut Company) {
    let mut half = team(5);
    half[4] = report(5, 1).with("department", "Dyeing");
    company.source.set_records(half);
}

pub fn replaced_read() -> Flow {
    Flow {
        name: "a suspicious read is held, a newer one takes its place",
        begin: || unproven(10),
        steps: vec![
            step(half, full),
            step(|company| company.source.set_records([team(10), vec![report(11, 1)]].concat()), full),
        ],
        check: |company| {
            assert_eq!(company.has("E0005", "department"), "Weaving");
            assert_eq!(company.accounts().len(), 11);
        },
    }
}

pub fn released_read() -> Flow {
    Flow {
        name: "a suspicious read is held and released",
        begin: || unproven(10),
        steps: vec![step(half, full), step(nothing, |company| decide(company, true))],
        check: |company| {
            assert_eq!(company.has("E0005", "department"), "Dyeing");
            assert_eq!(company.accounts().len(), 10);
        },
    }
}

pub fn future_hire() -> Flow {
    Flow {
        name: "a hire in the future, until the day",
        begin: || {
            let soon = r#"IIF(DateDiff("d", Now(), CDate([start])) > 3, IgnoreObjectFlow, "x")"#;
            let people = vec![person(1).with("start", "2025-01-01"), report(2, 1).with("start", "2026-01-20")];
            Company::with_rules(people, with(rules(), mapping("objectFilter", soon)))
        },
        steps: vec![
            step(nothing, full),
            step(
                |company| company.world.clock.advance(Duration::from_hours(12 * 24)),
                |company| company.start(Mode::Open),
            ),
            step(nothing, full),
        ],
        check: |company| {
            assert_eq!(company.has("E0002", "manager"), "E0001");
            assert!(company.open().is_empty());
        },
    }
}

pub fn collision() -> Flow {
    Flow {
        name: "somebody else takes the name between plan and write",
        begin: || Company::of(team(2)),
        steps: vec![
            step(nothing, |company| {
                company.start(Mode::Full);
                deliver(company, QueueName::Fetch);
                deliver(company, QueueName::Transform);
                if company.target.account("employeeId", "X1").is_none() {
                    let name = ("userPrincipalName", "cleo.muster2@example.com");
                    company.target.insert([("employeeId", "X1"), name]);
                }
            }),
            step(|company| company.world.clock.advance(Duration::from_hours(1)), full),
        ],
        check: |company| assert_eq!(company.has("E0002", "userPrincipalName"), "cleo.muster22@example.com"),
    }
}

pub fn rehire() -> Flow {
    Flow {
        name: "leaver and rehire",
        begin: || {
            let mut company = loaded(team(3));
            company.source.upsert(leaver(2));
            company.full();
            company
        },
        steps: vec![
            step(|company| company.source.upsert(report(2, 3).with("department", "Dyeing")), full),
            step(nothing, full),
        ],
        check: |company| {
            assert_eq!(company.has("E0002", "accountEnabled"), "True");
            assert_eq!(company.has("E0002", "manager"), "E0003");
        },
    }
}

pub fn deletion() -> Flow {
    Flow {
        name: "out of scope and deleted, and back with a new account",
        begin: || {
            let rules = planning::Rules { out_of_scope: OutOfScope::Delete, ..rules() };
            let mut company = Company::with_rules(team(3), rules);
            company.full();
            company
        },
        steps: vec![
            step(|company| company.source.upsert(report(2, 1).with("company", "Other")), full),
            step(|company| company.source.upsert(report(2, 3).with("department", "Dyeing")), full),
            step(nothing, full),
        ],
        check: |company| {
            assert_eq!(company.has("E0002", "department"), "Dyeing");
            assert_eq!(company.has("E0002", "manager"), "E0003");
            assert_eq!(company.accounts().len(), 3);
        },
    }
}
