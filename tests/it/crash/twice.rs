//! The writer ends twice: at each point of one invocation and at each point of the next.

use super::ending::End;
use super::is_full;
use super::once::recover;
use crate::pipeline::driver::Company;
use crate::pipeline::people::{person, report, team};
use fakes::Fault;
use messages::Mode;
use ports::QueueName;
use std::time::Duration;

/// What a writer has before it, and what it meets first.
struct Writing {
    name: &'static str,
    /// The company with everything planned, and nothing written.
    begin: fn() -> Company,
}

/// Plans a full cycle and writes nothing.
fn planned(mut company: Company) -> Company {
    company.start(Mode::Full);
    company.deliver_once(QueueName::Fetch);
    company.deliver_once(QueueName::Transform);
    company
}

/// A company of four, one of them off, with every kind of change before it.
fn everything() -> Company {
    let mut company = Company::of(team(4));
    company.source.upsert(report(4, 1).with("status", "leaver"));
    company.full();
    company.source.upsert(report(2, 3).with("department", "Dyeing"));
    company.source.upsert(report(3, 1).with("status", "leaver"));
    company.source.upsert(report(4, 1));
    company.source.upsert(report(5, 2));
    planned(company)
}

/// Before the first invocation another one sent a group, got no answer and put it off.
fn after_silence(fault: Fault) -> Company {
    let mut company = everything();
    company.target.fail_next(1, fault);
    company.deliver_once(QueueName::Write);
    company.world.clock.advance(Duration::from_mins(1));
    company
}

fn writings() -> Vec<Writing> {
    vec![
        Writing { name: "a load of three", begin: || planned(Company::of(team(3))) },
        Writing { name: "every kind of change", begin: everything },
        Writing { name: "a reply was lost before", begin: || after_silence(Fault::LostReply) },
        Writing { name: "a request is still under way", begin: || after_silence(Fault::Late(1_000)) },
        Writing {
            name: "a hire without an answer before",
            begin: || {
                let mut company = Company::of(vec![person(1)]);
                company.full();
                company.source.upsert(report(2, 1));
                let mut company = planned(company);
                company.target.fail_next(1, Fault::LostReply);
                company.deliver_once(QueueName::Write);
                company.world.clock.advance(Duration::from_mins(1));
                company
            },
        },
    ]
}

impl Writing {
    /// Two invocations of the writer, each ended at its point, unless it is done before; then the rest.
    fn run(&self, deaths: [Option<u64>; 2]) -> (Company, [u64; 2]) {
        let mut company = (self.begin)();
        let points = deaths.map(|fatal| {
            let before = company.world.faults.count();
            if let Some(fatal) = fatal {
                company.world.faults.arm(fatal);
            }
            let _ = company.write(0);
            let passed = company.world.faults.count() - before;
            company.world.faults.disarm();
            if fatal.is_some() {
                company.world.clock.advance(Duration::from_mins(1));
            }
            passed
        });
        recover(&mut company);
        (company, points)
    }

    /// Every pair of points, or of a share of them; how many were tried and how many there are.
    fn die_at_each_pair(&self, every: u64, share: u64, of: u64) -> (u64, u64) {
        let (calm, [first, _]) = self.run([None, None]);
        let end = End::of(&calm);
        let (mut tried, mut all) = (0, 0);
        for i in 1..=first {
            // How long the second invocation is depends on where the first one ended.
            let (mut company, [_, second]) = self.run([Some(i), None]);
            if i % of == share {
                end.reached_by(&mut company, &format!("{}: {i}", self.name));
            }
            all += second;
            for j in (1..=second).filter(|j| (i + j) % every == 0 && j / every % of == share) {
                let (mut company, _) = self.run([Some(i), Some(j)]);
                end.reached_by(&mut company, &format!("{}: {i}, then {j}", self.name));
                tried += 1;
            }
        }
        println!("{}: {first} points, {tried} of {all} pairs", self.name);
        (tried, all)
    }
}

/// Every pair, or every sixth: each point of each invocation is in some pair all the same.
fn half(share: u64) {
    let every = if is_full() { 1 } else { 6 };
    let counts = writings().iter().map(|writing| writing.die_at_each_pair(every, share, 2)).collect::<Vec<_>>();
    let (tried, all) = counts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("{tried} of {all} pairs of deaths of the writer in this one of 2 shares");
    assert!(tried > 1_000, "{tried}");
}

#[test]
fn two_deaths_in_a_row_change_nothing_about_the_end_first_half() {
    half(0);
}

#[test]
fn two_deaths_in_a_row_change_nothing_about_the_end_second_half() {
    half(1);
}
