//! What happens from outside: HR states facts, schedules fire, people ask and approve. Made from a seed, and shrinkable.

use crate::chance::Chance;
use crate::faults::Faults;
use crate::people::Statement;
use crate::world::{Instant, SECOND};
use messages::Mode;
use planning::OutOfScope;

/// The largest company of a run.
pub const PEOPLE_MAX: u64 = 20;
/// How long things go wrong.
pub const CHAOS: Instant = 1800 * SECOND;

/// Something that happens from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// HR states something about somebody.
    Stated(u64, Statement),
    /// HR takes its last statement about somebody back: what it stated before holds again.
    TakenBack(u64),
    /// The schedule of a job fires.
    Fetch(Mode),
    /// Somebody asks for one record.
    Ask(u64),
    /// A person releases whatever is held.
    Approve,
    /// The operator deploys the other edition of the rules.
    Rules(usize),
    /// Somebody else made an account with a name that a person of this last name would get.
    Foreign(u64),
    /// An account with the person's employee id was there before Tenure.
    Known(u64),
}

/// All of it.
#[derive(Clone, Debug)]
pub struct Script {
    /// The seed of everything that is not written here.
    pub seed: u64,
    /// What happens when, in order.
    pub lines: Vec<(Instant, Line)>,
    /// What goes wrong.
    pub faults: Faults,
    /// Records in a batch.
    pub batch_size: usize,
    /// Records on a page of the source.
    pub page_size: usize,
    /// Milliseconds that an invocation of fetch may take.
    pub fetch_time: u64,
    /// Seconds that an invocation of write may take.
    pub write_time: u64,
    /// Requests that travel together.
    pub group_max: usize,
    /// What becomes of the accounts of those who are from outside.
    pub out_of_scope: OutOfScope,
}

impl Script {
    /// The script of a seed: at most 20 people, 3 cycles.
    pub fn of(seed: u64) -> Self {
        let chance = Chance::of(seed);
        let mut versions = 0;
        let people = chance.between(2, 12);
        let mut lines: Vec<(Instant, Line)> = Vec::new();
        for person in 1..=people {
            lines.push((0, Line::Stated(person, stated(&chance, &mut versions, person, people, 100))));
        }
        if chance.is(300) {
            lines.push((0, Line::Foreign(chance.between(1, 6))));
        }
        if chance.is(200) {
            lines.push((0, Line::Known(chance.between(1, people))));
        }
        lines.push((0, Line::Fetch(Mode::Full)));
        // A name that was free when it was looked up, and is not when it is sent.
        if chance.is(400) {
            lines.push((chance.below(90 * SECOND), Line::Foreign(chance.between(1, 6))));
        }
        let mut known = people;
        for _ in 0..chance.between(3, 24) {
            let at = chance.below(CHAOS);
            let is_hire = known < PEOPLE_MAX && chance.is(150);
            known += u64::from(is_hire);
            let person = if is_hire { known } else { chance.between(1, known) };
            lines.push((at, Line::Stated(person, stated(&chance, &mut versions, person, known, 300))));
            if chance.is(250) {
                lines.push((at + chance.below(20 * SECOND), Line::Ask(person)));
            }
        }
        if chance.is(250) {
            let at = chance.below(CHAOS);
            for person in 1..=chance.between(2, 5).min(known) {
                let leaver = Statement { active: false, ..stated(&chance, &mut versions, person, known, 0) };
                lines.push((at, Line::Stated(person, leaver)));
            }
        }
        // Somebody about whom HR cannot make up its mind, asked for each time.
        for _ in 0..chance.below(3) {
            let (mut at, person) = (chance.below(CHAOS), chance.between(1, known));
            for _ in 0..chance.between(2, 3) {
                lines.push((at, Line::Stated(person, stated(&chance, &mut versions, person, known, 300))));
                lines.push((at + 10_000, Line::Ask(person)));
                at += chance.between(SECOND, 12 * SECOND);
            }
        }
        for _ in 0..2 {
            let mode = [Mode::Full, Mode::Incremental, Mode::Incremental, Mode::Open][chance.index(4)];
            lines.push((chance.below(CHAOS), Line::Fetch(mode)));
        }
        for _ in 0..chance.below(3) {
            lines.push((chance.below(CHAOS), Line::Approve));
        }
        if chance.is(250) {
            lines.push((chance.below(CHAOS), Line::Rules(1)));
        }
        let out_of_scope = second_thoughts(seed, known, &mut lines);
        lines.sort_by_key(|(at, _)| *at);
        renumber(&mut lines);
        Self {
            seed,
            lines,
            faults: Faults::drawn(&chance),
            batch_size: chance.index(6) + 1,
            page_size: chance.index(8) + 2,
            fetch_time: [0, 100, 300_000][chance.index(3)],
            write_time: [1, 5, 40][chance.index(3)],
            group_max: [1, 3, 20][chance.index(3)],
            out_of_scope,
        }
    }
}

fn stated(chance: &Chance, versions: &mut u64, person: u64, people: u64, leavers: u64) -> Statement {
    *versions += 1;
    Statement {
        version: *versions,
        last: chance.between(1, 6),
        active: !chance.is(leavers),
        manager: chance.is(500).then(|| chance.between(1, people)).filter(|manager| *manager != person),
        outside: false,
    }
}

/// In a part of the runs HR takes statements back, and in a part people leave the scope and come back. Drawn apart from
/// everything else, so that all other runs stay what they are.
fn second_thoughts(seed: u64, people: u64, lines: &mut Vec<(Instant, Line)>) -> OutOfScope {
    let chance = Chance::of(seed ^ 0x5ec0_4d71);
    if chance.is(400) {
        for _ in 0..chance.between(1, 6) {
            let (at, person) = (chance.below(CHAOS), chance.between(1, people));
            lines.push((at, Line::TakenBack(person)));
            if chance.is(600) {
                lines.push((at + chance.below(20 * SECOND), Line::Ask(person)));
            }
        }
    }
    if chance.is(400) {
        for (at, line) in lines.iter_mut() {
            if let Line::Stated(_, statement) = line {
                statement.outside = chance.is(if *at == 0 { 60 } else { 250 });
            }
        }
    }
    [OutOfScope::Disable, OutOfScope::Delete, OutOfScope::Delete, OutOfScope::Leave][chance.index(4)]
}

/// Statements are numbered in the order in which they are made.
fn renumber(lines: &mut [(Instant, Line)]) {
    let mut version = 0;
    for (_, line) in lines {
        if let Line::Stated(_, statement) = line {
            version += 1;
            statement.version = version;
        }
    }
}
