//! What the fake promises beyond the contract that it shares with the real table: the bill and the crash points.

use super::*;
use crate::{World, run_ready};

fn item(bytes: usize) -> Item {
    Item::from([("body".to_owned(), Field::Text("x".repeat(bytes)))])
}

#[test]
fn every_started_kilobyte_is_paid_twice_in_a_transaction() {
    let table = World::new(1).table;
    let key = Key::new("p", "s");
    run_ready(table.put(&key, item(1000), Condition::Always)).unwrap();
    assert_eq!(table.units().write, 1);
    run_ready(table.put(&key, item(1020), Condition::Always)).unwrap();
    assert_eq!(table.units().write, 3, "names and the key count too");
    run_ready(table.delete(&key, Condition::Always)).unwrap();
    assert_eq!(table.units().write, 5);
    let writes = vec![
        Write::Put(Key::new("p", "a"), item(1), Condition::Absent),
        Write::Put(Key::new("p", "b"), item(1), Condition::Absent),
    ];
    run_ready(table.transact(writes.clone())).unwrap();
    assert_eq!(table.units().write, 9);
    assert!(run_ready(table.transact(writes)).is_err_and(|error| error.is_conflict()));
    assert_eq!(table.units().write, 13, "a condition that fails is paid too");
}

#[test]
fn an_item_over_4_kib_is_refused() {
    let table = World::new(1).table;
    let put = run_ready(table.put(&Key::new("p", "s"), item(4096), Condition::Always));
    assert!(matches!(put, Err(PortError::Permanent { .. })));
    assert!(table.items().is_empty());
}

#[test]
fn a_crash_after_the_effect_leaves_the_effect() {
    let world = World::new(1);
    let key = Key::new("p", "s");
    for (point, there) in [(1, false), (2, true)] {
        world.faults.arm(point);
        assert!(run_ready(world.table.put(&key, item(1), Condition::Always)).is_err());
        assert!(run_ready(world.table.get(&key)).is_err(), "the process has ended");
        world.faults.disarm();
        assert_eq!(run_ready(world.table.get(&key)).unwrap().is_some(), there);
    }
}

#[test]
fn a_sweep_drops_what_has_passed_its_time() {
    let table = World::new(1).table;
    let with_ttl = |ttl| Item::from([("ttl".to_owned(), Field::Number(ttl))]);
    run_ready(table.put(&Key::new("p", "old"), with_ttl(100), Condition::Always)).unwrap();
    run_ready(table.put(&Key::new("p", "new"), with_ttl(300), Condition::Always)).unwrap();
    let before = table.snapshot();
    table.sweep(jiff::Timestamp::from_second(200).unwrap());
    assert_eq!(table.items().into_keys().collect::<Vec<_>>(), [Key::new("p", "new")]);
    table.restore(&before);
    assert_eq!(table.items().len(), 2);
}
