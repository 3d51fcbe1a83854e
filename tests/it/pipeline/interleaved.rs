//! Duplicates, reorderings, deaths, lying targets and a source that moves, in seeded disorder: in the end all agree.

use super::driver::Company;
use super::faults::PASSING;
use super::people::{person, report, rules, team};
use fakes::FakeEntropy;
use messages::Mode;
use record::Record;
use std::collections::BTreeMap;
use std::time::Duration;

const PEOPLE: u64 = 8;

/// Choices that repeat with their seed.
struct Chance(FakeEntropy);

impl Chance {
    fn below(&self, most: u64) -> u64 {
        self.0.next_number() % most
    }

    fn number(&self, most: u64) -> usize {
        usize::try_from(self.below(most)).unwrap()
    }
}

fn anybody(chance: &Chance) -> Record {
    let number = 1 + chance.number(PEOPLE);
    let base = if number == 1 { person(1) } else { report(number, [1, 1, 2, 3][chance.number(4)]) };
    base.with("department", ["Weaving", "Weaving", "Dyeing", "Spinning"][chance.number(4)])
        .with("status", ["active", "active", "leaver"][chance.number(3)])
        .with("last", [format!("Muster{number}"), "Neu".to_owned()][chance.number(2)].clone())
}

fn act(company: &mut Company, chance: &Chance, now: &mut BTreeMap<String, Record>) {
    match chance.below(12) {
        0..3 => {
            let record = anybody(chance);
            now.insert(record.key.as_str().to_owned(), record.clone());
            company.source.upsert(record);
        }
        3 => company.start([Mode::Full, Mode::Incremental, Mode::Open][chance.number(3)]),
        4 => company.ask(&format!("E{:04}", 1 + chance.number(PEOPLE))),
        5 => company.target.fail_next(1 + chance.below(3), PASSING[chance.number(PASSING.len() as u64)]),
        6 if chance.below(3) == 0 => company.world.faults.arm(1 + chance.below(60)),
        7 => company.world.clock.advance(Duration::from_secs(chance.below(40))),
        _ => company.deliver_some(|most| chance.number(most), chance.below(4) == 0),
    }
    if company.world.faults.is_dead() {
        company.world.faults.disarm();
        company.world.queue.release_all();
        company.world.clock.advance(Duration::from_mins(1));
    }
}

fn come_to_rest(company: &mut Company) {
    company.world.faults.disarm();
    company.world.queue.release_all();
    company.world.clock.advance(Duration::from_mins(30));
    company.rest();
    for _ in 0..12 {
        company.full();
        company.target.land_late();
        company.world.clock.advance(Duration::from_hours(12));
    }
}

#[test]
fn whatever_happens_in_whatever_order_all_agree_in_the_end() {
    let seeds: u64 = 200;
    for seed in 1..=seeds {
        let chance = Chance(FakeEntropy::seeded(seed));
        let mut company = Company::with_rules(team(8), rules());
        company.source.set_page_size(1 + chance.number(8));
        (company.batch_size, company.fetch_seconds) = (1 + chance.number(5), 0);
        company.write_seconds = [1, 5, 60][chance.number(3)];
        let mut now: BTreeMap<String, Record> =
            team(8).into_iter().map(|record| (record.key.as_str().to_owned(), record)).collect();
        for _ in 0..120 {
            act(&mut company, &chance, &mut now);
        }
        come_to_rest(&mut company);
        let accounts = company.accounts();
        assert_eq!(accounts.len(), 8, "seed {seed}");
        for (id, record) in &now {
            let text = |name: &str| record.get(name).map(|value| value.text().to_owned()).unwrap_or_default();
            let enabled = if text("status") == "leaver" { "False" } else { "True" };
            let manager = if text("manager") == *id { String::new() } else { text("manager") };
            let has = |name: &str| accounts[id].get(name).cloned().unwrap_or_default();
            assert_eq!(has("accountEnabled"), enabled, "seed {seed}, {id}");
            assert_eq!(has("department"), text("department"), "seed {seed}, {id}");
            assert_eq!(has("surname"), text("last"), "seed {seed}, {id}");
            assert_eq!(has("manager"), manager, "seed {seed}, {id}");
        }
        assert!(company.open().is_empty(), "seed {seed}: {:?}", company.open());
        company.fetch_seconds = 600;
        company.assert_quiet();
    }
}
