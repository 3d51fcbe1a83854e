//! The process ends once, at each point of each flow: before and after every effect.

use super::ending::End;
use super::flows::{Flow, flows};
use crate::pipeline::driver::Company;
use crate::pipeline::people::{rules, team};
use crate::pipeline::shown::Shown;
use messages::Mode;
use std::time::Duration;

/// The next process starts: messages come again, and the lease of the dead one runs out.
pub fn recover<T: Shown>(company: &mut Company<T>) {
    company.world.faults.disarm();
    company.world.queue.release_all();
    company.world.clock.advance(Duration::from_mins(1));
    company.rest();
}

impl Flow {
    /// Runs the flow; the process ends at point `fatal`, counted from its first step. Gives the company and how many
    /// points there were. Whatever the process died of, a schedule or a person does again.
    fn run(&self, fatal: Option<u64>) -> (Company, u64) {
        let mut company = (self.begin)();
        let before = company.world.faults.count();
        if let Some(fatal) = fatal {
            company.world.faults.arm(fatal);
        }
        let mut deaths = 0;
        for step in &self.steps {
            (step.before)(&mut company);
            (step.trigger)(&mut company);
            company.rest();
            if company.world.faults.is_dead() {
                deaths += 1;
                recover(&mut company);
                (step.trigger)(&mut company);
                company.rest();
            }
        }
        let points = company.world.faults.count() - before;
        assert_eq!(deaths, u32::from(fatal.is_some()), "{}: the process ends once, where it is told to", self.name);
        company.world.faults.disarm();
        (company, points)
    }

    /// Runs the flow once for each point of a share of them; how many that were.
    fn die_at_each(&self, share: u64, of: u64) -> u64 {
        let (mut calm, points) = self.run(None);
        let end = End::of(&calm);
        if share == 0 {
            println!("{}: {points} points", self.name);
            (self.check)(&calm);
            end.reached_by(&mut calm, &format!("{} without a death", self.name));
        }
        let mut died = 0;
        for point in (1..=points).filter(|point| point % of == share) {
            let (mut company, _) = self.run(Some(point));
            end.reached_by(&mut company, &format!("{} at point {point}", self.name));
            died += 1;
        }
        died
    }
}

/// A share of all points of all flows.
fn share(share: u64, of: u64) {
    let died: u64 = flows().iter().map(|flow| flow.die_at_each(share, of)).sum();
    println!("{died} deaths in this one of {of} shares of all points of {} flows", flows().len());
    assert!(died > 300, "{died}");
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_first_quarter() {
    share(0, 4);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_second_quarter() {
    share(1, 4);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_third_quarter() {
    share(2, 4);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_last_quarter() {
    share(3, 4);
}

#[test]
fn a_process_that_dies_again_and_again_comes_to_the_same_end() {
    for stride in [7, 13, 29, 53, 101] {
        let mut company = Company::with_rules(team(12), rules());
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
