//! Four designs and eleven weakened ones fail; the one that is built holds.

use model::goal::reach;
use model::protocol::{Name, Safeguard, Time, Timing};
use model::writers::{
    DIVERGENCE, DOUBLE, Design, IN_FLIGHT, Person, REACHED, REVIVED, Scenario, Statement, Troubles, WRONG,
};
use stateright::{Checker, Model};
use std::time::Duration;

const TIMING: Timing = Timing { lease: 5, skew: 1, life: 2, lag: 2, tolerance: 0, rounding: 0 };

fn person(linked: bool, statements: &[([u8; 2], &[u64])]) -> Person {
    let statements = statements
        .iter()
        .map(|(content, names)| Statement { content: *content, names: names.iter().copied().map(Name).collect() })
        .collect();
    Person { statements, linked }
}

fn scenario(people: Vec<Person>, clocks: &[Time], troubles: Troubles) -> Scenario {
    Scenario {
        design: Design::LeaseWithDrain,
        without: None,
        timing: TIMING,
        clocks: clocks.to_vec(),
        people,
        foreign: vec![Name(1)],
        troubles,
    }
}

/// A mover who leaves: three statements about an account that is there.
fn changes(troubles: Troubles) -> Scenario {
    scenario(vec![person(true, &[([1, 0], &[]), ([1, 1], &[]), ([0, 0], &[])])], &[0, 2], troubles)
}

/// Somebody disabled who comes back and leaves again.
fn rehire(troubles: Troubles) -> Scenario {
    scenario(vec![person(true, &[([0, 0], &[]), ([1, 1], &[]), ([0, 1], &[])])], &[0, 2], troubles)
}

/// A joiner whose first name is a foreign account's.
fn joiner(troubles: Troubles) -> Scenario {
    scenario(vec![person(false, &[([1, 0], &[1, 2, 3])])], &[0, 2], troubles)
}

/// A joiner who is renamed before the account is made.
fn renamed(troubles: Troubles) -> Scenario {
    scenario(vec![person(false, &[([1, 0], &[2, 3]), ([1, 1], &[4, 5])])], &[0, 2], troubles)
}

fn troubles(deaths: u8, unsure: u8, again: u8) -> Troubles {
    Troubles { deaths, unsure, again }
}

#[expect(clippy::print_stdout, reason = "the length of a counterexample is worth seeing")]
fn holds(name: &str, scenario: Scenario) -> usize {
    let checker = scenario.checker().threads(2).timeout(Duration::from_mins(3)).spawn_bfs().join();
    println!(
        "{name}: {} unique states, {} in all, depth {}",
        checker.unique_state_count(),
        checker.state_count(),
        checker.max_depth()
    );
    for (property, path) in checker.discoveries() {
        assert_eq!(property, REACHED, "{name}: {:#?}", path.into_actions());
    }
    checker.assert_any_discovery(REACHED);
    checker.unique_state_count()
}

#[expect(clippy::print_stdout, reason = "the length of a counterexample is worth seeing")]
fn fails(scenario: Scenario, property: &'static str) {
    let (design, without) = (scenario.design, scenario.without);
    let found = stateright::HasDiscoveries::AnyOf([property].into_iter().collect());
    let checker = scenario.checker().finish_when(found).timeout(Duration::from_mins(2)).spawn_bfs().join();
    let path = checker.discovery(property);
    let states = checker.unique_state_count();
    let path = path.unwrap_or_else(|| panic!("{design:?} without {without:?}: no counterexample in {states} states"));
    println!(
        "{design:?} without {without:?}: {property} broken after {} steps, {states} states",
        path.into_actions().len()
    );
}

fn without(scenario: Scenario, safeguard: Safeguard) -> Scenario {
    Scenario { without: Some(safeguard), ..scenario }
}

fn as_design(scenario: Scenario, design: Design) -> Scenario {
    Scenario { design, ..scenario }
}

#[test]
fn the_last_writer_wins_and_the_account_diverges() {
    fails(as_design(changes(troubles(0, 1, 0)), Design::LastWriterWins), DIVERGENCE);
}

#[test]
fn checking_the_version_before_writing_diverges() {
    fails(as_design(changes(troubles(0, 1, 0)), Design::CheckVersionThenWrite), DIVERGENCE);
}

#[test]
fn claiming_the_version_before_writing_diverges() {
    fails(as_design(changes(troubles(0, 1, 0)), Design::ClaimThenWrite), DIVERGENCE);
}

#[test]
fn the_next_name_after_a_conflict_makes_two_accounts() {
    fails(as_design(joiner(troubles(1, 1, 0)), Design::NextNameOnConflict), DOUBLE);
}

#[test]
fn each_safeguard_of_the_lease_is_needed() {
    for safeguard in [
        Safeguard::Drain,
        Safeguard::SkewMargin,
        Safeguard::LeaseCheck,
        Safeguard::RequestFits,
        Safeguard::LeaseCondition,
        Safeguard::OneInFlight,
    ] {
        fails(without(changes(troubles(1, 1, 0)), safeguard), IN_FLIGHT);
    }
}

#[test]
fn without_the_lease_checked_before_each_send_the_account_diverges() {
    fails(without(changes(troubles(1, 1, 0)), Safeguard::LeaseCheck), DIVERGENCE);
    fails(without(changes(troubles(1, 1, 0)), Safeguard::Drain), DIVERGENCE);
}

#[test]
fn an_account_adopted_without_its_stamp_is_a_strangers() {
    fails(without(joiner(troubles(0, 1, 0)), Safeguard::Stamp), WRONG);
}

#[test]
fn a_record_that_takes_another_name_before_it_has_an_account_gets_two() {
    fails(without(renamed(troubles(0, 1, 0)), Safeguard::NameKept), DOUBLE);
}

#[test]
fn an_unconditional_reservation_makes_two_accounts() {
    let two = vec![person(false, &[([1, 0], &[2, 3]), ([1, 1], &[2, 3])]), person(false, &[([1, 0], &[2, 3])])];
    fails(without(scenario(two, &[0], troubles(0, 1, 0)), Safeguard::ReservationCondition), DOUBLE);
}

#[test]
fn what_was_sent_without_an_answer_is_noted_or_it_diverges() {
    fails(without(changes(troubles(0, 1, 0)), Safeguard::UnsureNoted), DIVERGENCE);
}

#[test]
fn a_writer_that_records_after_its_lease_claims_what_its_successor_has_changed() {
    fails(without(changes(troubles(1, 1, 0)), Safeguard::RecordInTime), DIVERGENCE);
}

#[test]
fn an_older_enabling_that_goes_before_a_leaver_brings_them_back() {
    fails(without(rehire(troubles(1, 1, 0)), Safeguard::LatestFirst), REVIVED);
}

#[test]
fn the_lease_with_drain_holds_for_changes() {
    let all = [("changes", changes(troubles(1, 1, 0))), ("rehire", rehire(troubles(1, 1, 0)))];
    let states: usize = all.into_iter().map(|(name, scenario)| holds(name, scenario)).sum();
    assert!(states >= 1_000_000, "{states}");
}

#[test]
fn the_lease_with_drain_holds_for_a_joiner() {
    holds("joiner", joiner(troubles(1, 1, 0)));
}

#[test]
fn the_lease_with_drain_holds_for_a_joiner_who_is_renamed() {
    holds("renamed", renamed(troubles(0, 1, 0)));
}

#[test]
fn the_goal_stays_within_reach_from_every_state() {
    let mover = scenario(vec![person(true, &[([1, 0], &[]), ([1, 1], &[])])], &[0, 2], troubles(1, 1, 0));
    for scenario in [mover, joiner(troubles(0, 1, 0))] {
        let reach = reach(&scenario, |world| scenario.is_goal(world));
        println!("{reach:?}");
        assert!(reach.goals > 0);
        assert_eq!(reach.lost, 0);
    }
}
