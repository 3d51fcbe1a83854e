//! The simulation finds nothing, and it would find what is wrong.

#![expect(clippy::print_stdout, reason = "a test says what it found")]

use simulation::{Bug, KINDS, Report, Script, run, shrunk};
use std::collections::BTreeMap;

/// A number from the environment, for more seeds than usual or for one of them.
fn number(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "how much is tested is said from outside")]
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

fn fail(seed: u64, report: &Report) -> ! {
    let small = shrunk(&Script::of(seed), None);
    let again = run(&small, None, true);
    panic!(
        "seed {seed}: {:?}\nshrunk to {:?} with {small:?}\n{}\nrun it alone: TENURE_SEED={seed} cargo test -p simulation",
        report.violations,
        again.violations,
        again.lines[..again.lines.len().min(500)].join("\n")
    );
}

/// Runs some seeds; how often each kind of fault fired in how many of them.
fn seeds(share: u64, of: u64) {
    if let Some(seed) = number("TENURE_SEED") {
        let report = run(&Script::of(seed), None, true);
        println!("{}", report.lines.join("\n"));
        if !report.violations.is_empty() {
            fail(seed, &report);
        }
        return;
    }
    let count = number("TENURE_SEEDS").unwrap_or(200);
    let mut fired: BTreeMap<&str, u64> = BTreeMap::new();
    let mut steps = 0;
    let mine = (1..=count).filter(|seed| seed % of == share);
    let runs = mine.clone().count() as u64;
    for seed in mine {
        let report = run(&Script::of(seed), None, false);
        if !report.violations.is_empty() {
            fail(seed, &report);
        }
        steps += report.steps;
        for name in report.fired.keys() {
            *fired.entry(name).or_default() += 1;
        }
    }
    println!("{runs} seeds, {steps} steps, seeds in which a fault fired: {fired:?}");
    for (name, _, _) in KINDS.iter().filter(|(name, ..)| *name != "skew") {
        assert!(runs < 100 || fired.get(name).copied().unwrap_or(0) * 20 >= runs, "{name} fires too rarely: {fired:?}");
    }
}

#[test]
fn whatever_goes_wrong_all_agree_in_the_end_first_half() {
    seeds(0, 2);
}

#[test]
fn whatever_goes_wrong_all_agree_in_the_end_second_half() {
    seeds(1, 2);
}

#[test]
fn a_seed_runs_the_same_way_twice() {
    for seed in 1..=20 {
        let script = Script::of(seed);
        assert_eq!(run(&script, None, false).digest, run(&script, None, false).digest, "seed {seed}");
    }
}

/// Seeds within which a mistake must be found.
const SEEDS_MAX: u64 = 2_000;

/// The first seed that finds a mistake, and what it finds.
fn found(bug: Bug) -> Option<(u64, String)> {
    (1..=SEEDS_MAX).find_map(|seed| {
        let report = run(&Script::of(seed), Some(bug), false);
        report.violations.first().map(|violation| (seed, violation.clone()))
    })
}

#[test]
fn the_model_reads_whole_histories_and_refuses_those_of_a_wrong_writer() {
    let mut landed = 0;
    for seed in 1..=40 {
        let replayed = run(&Script::of(seed), None, false).replayed.expect("the protocol allows it");
        landed += replayed.landed;
        assert!(replayed.settled > 0, "seed {seed}");
    }
    assert!(landed > 400, "{landed}");
    let refuses = |seed| run(&Script::of(seed), Some(Bug::LeaseUnconditional), false).replayed.is_err();
    let first = (1..=SEEDS_MAX).find(|seed| refuses(*seed));
    println!("a lease that anybody may take is refused by the model at seed {first:?}");
    assert!(first.is_some());
}

/// A quarter of the mistakes, so that they are looked for side by side.
fn planted(share: usize) {
    let mut missed = Vec::new();
    for bug in Bug::ALL.into_iter().skip(share).step_by(4) {
        match found(bug) {
            Some((seed, violation)) => println!("{bug:?}: seed {seed}: {violation}"),
            None => missed.push(bug),
        }
    }
    assert!(missed.is_empty(), "not found within {SEEDS_MAX} seeds: {missed:?}");
}

#[test]
fn every_planted_mistake_is_found_first_quarter() {
    planted(0);
}

#[test]
fn every_planted_mistake_is_found_second_quarter() {
    planted(1);
}

#[test]
fn every_planted_mistake_is_found_third_quarter() {
    planted(2);
}

#[test]
fn every_planted_mistake_is_found_last_quarter() {
    planted(3);
}
