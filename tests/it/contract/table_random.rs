//! The fake beside the real table under the same random work: same outcomes, same items, same bill.

use super::{Real, dynamodb};
use fakes::{FakeEntropy, World};
use ports::{Condition, Edit, Field, Item, Key, PortError, Table, Write};
use store_dynamodb::DynamoTable;

const FIELDS: [&str; 4] = ["state", "count", "done", "until"];

/// Draws keys and contents from so few that they meet all the time.
struct Dice(FakeEntropy);

impl Dice {
    fn below(&self, sides: u64) -> u64 {
        self.0.next_number() % sides
    }

    fn name(&self) -> &'static str {
        FIELDS[usize::try_from(self.below(4)).unwrap()]
    }

    fn key(&self) -> Key {
        Key::new(format!("p{}", self.below(2)), format!("s{}", self.below(4)))
    }

    fn field(&self) -> Field {
        match self.below(5) {
            0 => Field::Text("x".repeat(usize::try_from(self.below(4) * 400).unwrap())),
            1 => Field::Flag(self.below(2) == 0),
            2 => Field::Numbers([self.below(3), 7].into()),
            3 => Field::Bytes(vec![1; 3]),
            _ => self.number(),
        }
    }

    fn number(&self) -> Field {
        Field::Number(i64::try_from(self.below(6)).unwrap() - 2)
    }

    fn item(&self) -> Item {
        (0..self.below(4)).map(|_| (self.name().to_owned(), self.field())).collect()
    }

    fn condition(&self, depth: u64) -> Condition {
        let parts = || (0..self.below(3)).map(|_| self.condition(depth - 1)).collect();
        match self.below(if depth == 0 { 8 } else { 10 }) {
            0..=2 => Condition::Always,
            3 => Condition::Absent,
            4 => Condition::Present,
            5 => Condition::Equals(self.name(), self.field()),
            6 => Condition::Without(self.name()),
            7 => Condition::AtMost(self.name(), 1),
            8 => Condition::All(parts()),
            _ => Condition::Any(parts()),
        }
    }

    fn edits(&self) -> Vec<Edit> {
        let edit = |name| match self.below(4) {
            0 => Edit::Set(name, self.field()),
            1 => Edit::Remove(name),
            2 => Edit::Add(name, 3),
            _ => Edit::Include(name, self.below(5)),
        };
        (0..self.below(4)).map(|_| edit(self.name())).collect()
    }

    fn write(&self) -> Write {
        match self.below(4) {
            0 => Write::Put(self.key(), self.item(), self.condition(2)),
            1 => Write::Update(self.key(), self.edits(), self.condition(2)),
            2 => Write::Delete(self.key(), self.condition(2)),
            _ => Write::Check(self.key(), self.condition(2)),
        }
    }
}

/// An outcome without the words, which may differ.
fn class<T>(outcome: Result<T, PortError>) -> Result<T, &'static str> {
    outcome.map_err(|error| match error {
        PortError::Transient { .. } => "transient",
        PortError::Conflict { .. } => "conflict",
        PortError::Permanent { .. } => "permanent",
    })
}

async fn work(table: &impl Table, dice: &Dice) -> Result<Option<Item>, &'static str> {
    match dice.below(5) {
        0 => class(table.put(&dice.key(), dice.item(), dice.condition(2)).await.map(|()| None)),
        1 | 2 => class(table.update(&dice.key(), dice.edits(), dice.condition(2)).await.map(Some)),
        3 => class(table.delete(&dice.key(), dice.condition(2)).await.map(|()| None)),
        _ => {
            let writes = (0..=dice.below(3)).map(|_| dice.write()).collect();
            class(table.transact(writes).await.map(|()| None))
        }
    }
}

async fn everything(table: &impl Table) -> Vec<(Key, Item)> {
    let mut all = table.query("p0", "", None, 100).await.unwrap();
    all.extend(table.query("p1", "", None, 100).await.unwrap());
    all
}

/// A bill of a few units.
fn same(fake: u64, paid: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "a bill of a few units")]
    let difference = fake as f64 - paid;
    difference.abs() < 0.01
}

/// The same work on the fake and on a real table.
async fn side_by_side(seed: u64, real: &DynamoTable) {
    let fake = World::new(seed).table;
    let (one, two) = (Dice(FakeEntropy::seeded(seed)), Dice(FakeEntropy::seeded(seed)));
    let mut outcomes = std::collections::BTreeMap::<&str, u64>::new();
    for step in 0..150 {
        let before = (fake.units().write, real.units().write);
        let expected = work(real, &two).await;
        assert_eq!(work(&fake, &one).await, expected, "seed {seed}, step {step}");
        *outcomes.entry(expected.as_ref().map_or_else(|error| *error, |_| "done")).or_default() += 1;
        // What fails is paid too, but the service tells the price only of what it did.
        if expected.is_ok() {
            let paid = (fake.units().write - before.0, real.units().write - before.1);
            assert!(same(paid.0, paid.1), "seed {seed}, step {step}: the fake says {}, the table {}", paid.0, paid.1);
        }
    }
    assert_eq!(everything(&fake).await, everything(real).await, "seed {seed}");
    assert!(["done", "conflict", "permanent"].iter().all(|outcome| outcomes[outcome] > 5), "{outcomes:?}");
}

async fn reading(real: &DynamoTable) {
    let fake = World::new(1).table;
    let keys: Vec<Key> = (0..5).map(|n| Key::new("p", format!("s{n}"))).collect();
    for key in &keys[..4] {
        let item = Item::from([("text".to_owned(), Field::Text("x".repeat(3000)))]);
        fake.put(key, item.clone(), Condition::Always).await.unwrap();
        real.put(key, item, Condition::Always).await.unwrap();
    }
    for limit in [1, 2, 4] {
        fake.query("p", "s", None, limit).await.unwrap();
        real.query("p", "s", None, limit).await.unwrap();
    }
    fake.get(&keys[0]).await.unwrap();
    real.get(&keys[0]).await.unwrap();
    fake.get_many(&keys).await.unwrap();
    real.get_many(&keys).await.unwrap();
    let (expected, paid) = (fake.units().read, real.units().read);
    assert!(same(expected, paid), "the fake says {expected}, the table {paid}");
}

#[tokio::test]
async fn the_fake_does_what_the_embedded_table_does() {
    for seed in 0..6 {
        let one = dynamodb::embedded().await.map(Real::into_port).unwrap();
        side_by_side(seed, &one.port).await;
    }
}

#[tokio::test]
async fn the_fake_does_what_the_independent_table_does() {
    let rule = "the_fake_does_what_the_independent_table_does";
    for seed in 10..16 {
        let Some(one) = dynamodb::ministack(rule).await.map(Real::into_port) else { return };
        side_by_side(seed, &one.port).await;
    }
}

#[tokio::test]
async fn reading_costs_the_same_on_the_fake_and_on_the_embedded_table() {
    reading(&dynamodb::embedded().await.map(Real::into_port).unwrap().port).await;
}

#[tokio::test]
async fn reading_costs_the_same_on_the_fake_and_on_the_independent_table() {
    let Some(one) = dynamodb::ministack("reading_costs_by_what_is_read").await.map(Real::into_port) else { return };
    reading(&one.port).await;
}
