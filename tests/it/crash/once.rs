//! Trouble once, at each point of each flow, before and after every effect: the process ends, or one call fails.

use super::ending::End;
use super::flows::{Flow, flows};
use super::is_full;
use crate::pipeline::driver::Company;
use crate::pipeline::people::{rules, team};
use crate::pipeline::shown::Shown;
use fakes::Flaw;
use messages::Mode;
use std::time::Duration;

/// The next process starts: messages come again, and the lease of the dead one runs out.
pub fn recover<T: Shown>(company: &mut Company<T>) {
    company.world.faults.disarm();
    company.world.queue.release_all();
    company.world.clock.advance(Duration::from_mins(1));
    company.rest();
}

/// What happens at a point.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    /// The process ends.
    Death,
    /// One call meets this, and the process goes on.
    Call(Flaw),
}

impl Flow {
    /// Runs the flow with trouble at a point, counted from its first step. Gives the company, how many points there were,
    /// and whether the trouble was met. What it kept a schedule or a person from doing they do again.
    fn run(&self, trouble: Option<(u64, Trouble)>) -> (Company, u64, bool) {
        let mut company = (self.begin)();
        let faults = company.world.faults.clone();
        let before = faults.count();
        match trouble {
            Some((point, Trouble::Death)) => faults.arm(point),
            Some((point, Trouble::Call(flaw))) => faults.spoil(point, flaw),
            None => {}
        }
        let mut deaths = 0;
        for step in &self.steps {
            (step.before)(&mut company);
            let is_ahead = faults.has_flaw();
            (step.trigger)(&mut company);
            if is_ahead && !faults.has_flaw() {
                (step.trigger)(&mut company);
            }
            company.rest();
            if faults.is_dead() {
                deaths += 1;
                recover(&mut company);
                (step.trigger)(&mut company);
                company.rest();
            }
        }
        let points = faults.count() - before;
        let is_met = match trouble {
            Some((_, Trouble::Death)) => deaths == 1,
            Some((_, Trouble::Call(_))) => !faults.forget_flaw(),
            None => true,
        };
        faults.disarm();
        (company, points, is_met)
    }

    /// Runs the flow once for each point of a share of them; how many met their trouble.
    fn meet_at_each(&self, trouble: Trouble, share: u64, of: u64) -> u64 {
        let (mut calm, points, _) = self.run(None);
        let end = End::of(&calm);
        if share == 0 {
            println!("{}: {points} points", self.name);
            (self.check)(&calm);
            end.reached_by(&mut calm, &format!("{} without trouble", self.name));
        }
        let mut met = 0;
        for point in (1..=points).filter(|point| point % of == share) {
            let (mut company, _, is_met) = self.run(Some((point, trouble)));
            let case = format!("{}, {trouble:?} at point {point}", self.name);
            if is_met {
                end.reached_by(&mut company, &case);
                met += 1;
            } else {
                assert!(matches!(trouble, Trouble::Call(Flaw::Resent)), "{case} was not met");
            }
        }
        met
    }
}

/// A share of all points of all flows.
fn share(trouble: Trouble, share: u64, of: u64) {
    let met: u64 = flows().iter().map(|flow| flow.meet_at_each(trouble, share, of)).sum();
    println!("{met} x {trouble:?} in this one of {of} shares of all points of {} flows", flows().len());
    assert!(met > 100, "{met}");
}

/// Every point, or a quarter of them: a call fails before its effect at odd points and after it at even ones, so two
/// neighbours of each eight.
fn failures(first: u64) {
    let rounds = if is_full() { 4 } else { 1 };
    for round in 0..rounds {
        share(Trouble::Call(Flaw::Failed), 2 * round + first, 8);
    }
}

#[test]
fn a_call_that_fails_at_any_point_changes_nothing_about_the_end_first_half() {
    failures(0);
}

#[test]
fn a_call_that_fails_at_any_point_changes_nothing_about_the_end_second_half() {
    failures(1);
}

#[test]
fn a_write_of_the_table_that_is_sent_twice_changes_nothing_about_the_end() {
    share(Trouble::Call(Flaw::Resent), 0, 1);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_first_quarter() {
    share(Trouble::Death, 0, 4);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_second_quarter() {
    share(Trouble::Death, 1, 4);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_third_quarter() {
    share(Trouble::Death, 2, 4);
}

#[test]
fn a_death_at_any_point_changes_nothing_about_the_end_last_quarter() {
    share(Trouble::Death, 3, 4);
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
