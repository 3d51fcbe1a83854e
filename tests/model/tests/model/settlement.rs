//! A cycle settles once, and only when everything is planned and written.

use model::goal::reach;
use model::settlement::{Fate, Safeguard, Scenario};
use stateright::{Checker, Model};

fn cycle(without: Option<Safeguard>) -> Scenario {
    let batches = vec![vec![Fate::Done, Fate::Held], vec![Fate::Unsure, Fate::Nothing]];
    Scenario { batches, deaths: 2, without }
}

#[expect(clippy::print_stdout, reason = "the length of a counterexample is worth seeing")]
fn fails(safeguard: Safeguard, property: &'static str) {
    let checker = cycle(Some(safeguard)).checker().spawn_bfs().join();
    let path = checker.assert_any_discovery(property);
    println!("without {safeguard:?}: {property:?} broken after {} steps", path.into_actions().len());
}

#[test]
fn a_cycle_settles_once_and_hides_nothing() {
    let checker = cycle(None).checker().threads(2).spawn_bfs().join();
    println!("{} unique states", checker.unique_state_count());
    checker.assert_properties();
}

#[test]
fn a_cycle_can_always_still_settle() {
    let cycle = cycle(None);
    let reach = reach(&cycle, |world| cycle.is_goal(world));
    println!("{reach:?}");
    assert_eq!(reach.lost, 0);
}

#[test]
fn without_the_barrier_a_cycle_settles_before_every_batch_is_planned() {
    fails(Safeguard::Barrier, "settles after every batch is planned and written");
}

#[test]
fn settling_before_all_is_written_leaves_changes_out() {
    fails(Safeguard::WrittenFirst, "settles after every batch is planned and written");
}

#[test]
fn without_conditional_steps_a_cycle_settles_twice() {
    fails(Safeguard::StepCondition, "settles at most once");
}

#[test]
fn a_manifest_that_takes_every_hash_hides_what_failed() {
    fails(Safeguard::FinalOnly, "the manifest hides nothing that is not final");
}

#[test]
fn without_the_hold_held_changes_are_written() {
    fails(Safeguard::Hold, "what is held is not written");
}
