//! What every table does.

use super::{contract, dynamodb};
use ports::{Condition, Edit, Field, Item, Key, PortError, Table, Write};
use std::collections::BTreeMap;

contract! {
    rules: [
        a_put_replaces_the_whole_item,
        a_condition_decides_whether_a_write_happens,
        comparisons_with_another_type_do_not_hold,
        edits_change_only_their_fields,
        an_update_makes_the_item_unless_forbidden,
        including_twice_is_including_once,
        a_transaction_is_all_or_nothing,
        a_transaction_takes_a_hundred_writes,
        a_query_is_ordered_by_bytes_and_paged_by_key,
        many_items_are_read_together,
        what_no_table_takes_is_refused,
        every_kind_of_field_comes_back_as_it_went,
        many_writers_lose_nothing,
        a_transaction_whose_conditions_fail_twice_is_a_conflict,
        a_query_goes_on_over_all_pages,
        an_item_may_have_four_kibibytes,
    ],
    fake: Some(crate::contract::Real::alone(fakes::World::new(1).table)),
    embedded: super::dynamodb::embedded().await.map(crate::contract::Real::into_port),
    ministack: super::dynamodb::ministack(RULE).await.map(crate::contract::Real::into_port),
}

fn key(sort: &str) -> Key {
    Key::new("p", sort)
}

fn number(n: i64) -> Item {
    Item::from([("n".to_owned(), Field::Number(n))])
}

fn is_conflict<T>(outcome: Result<T, PortError>) -> bool {
    outcome.is_err_and(|error| error.is_conflict())
}

fn is_permanent<T>(outcome: &Result<T, PortError>) -> bool {
    matches!(outcome, Err(PortError::Permanent { .. }))
}

async fn a_put_replaces_the_whole_item(table: &impl Table) {
    assert_eq!(table.get(&key("a")).await.unwrap(), None);
    let two = Item::from([("n".to_owned(), Field::Number(1)), ("old".to_owned(), Field::Flag(true))]);
    table.put(&key("a"), two, Condition::Always).await.unwrap();
    table.put(&key("a"), number(2), Condition::Always).await.unwrap();
    assert_eq!(table.get(&key("a")).await.unwrap(), Some(number(2)));
    table.delete(&key("a"), Condition::Always).await.unwrap();
    table.delete(&key("a"), Condition::Always).await.unwrap();
    assert_eq!(table.get(&key("a")).await.unwrap(), None);
}

async fn a_condition_decides_whether_a_write_happens(table: &impl Table) {
    let equals = |n| Condition::Equals("n", Field::Number(n));
    let without = Condition::Without("gone");
    table.put(&key("there"), number(5), Condition::Absent).await.unwrap();
    for (condition, there, nowhere) in [
        (Condition::Always, true, true),
        (Condition::Absent, false, true),
        (Condition::Present, true, false),
        (equals(5), true, false),
        (equals(6), false, false),
        (without.clone(), true, true),
        (Condition::Without("n"), false, true),
        (Condition::AtMost("n", 5), true, false),
        (Condition::AtMost("n", 4), false, false),
        (Condition::All(vec![]), true, true),
        (Condition::Any(vec![]), false, false),
        (Condition::All(vec![without.clone(), equals(5)]), true, false),
        (Condition::Any(vec![Condition::Absent, equals(6)]), false, true),
        (Condition::Any(vec![Condition::Always, equals(6)]), true, true),
        (Condition::All(vec![Condition::Any(vec![Condition::Absent, Condition::AtMost("n", 9)]), without]), true, true),
    ] {
        let put = table.put(&key("there"), number(5), condition.clone()).await;
        assert_eq!(put.is_ok(), there, "{condition:?} on an item");
        let delete = table.delete(&key("nowhere"), condition.clone()).await;
        assert_eq!(delete.is_ok(), nowhere, "{condition:?} on nothing");
        assert!(put.is_ok() || is_conflict(put));
        assert!(delete.is_ok() || is_conflict(delete));
        let check = table.transact(vec![Write::Check(key("there"), condition.clone())]).await;
        assert_eq!(check.is_ok(), there, "{condition:?} in a transaction");
    }
}

async fn comparisons_with_another_type_do_not_hold(table: &impl Table) {
    let item = Item::from([("n".to_owned(), Field::Text("5".to_owned()))]);
    table.put(&key("a"), item, Condition::Always).await.unwrap();
    assert!(is_conflict(table.delete(&key("a"), Condition::AtMost("n", 9)).await));
    assert!(is_conflict(table.delete(&key("a"), Condition::Equals("n", Field::Number(5))).await));
    assert!(is_conflict(table.delete(&key("a"), Condition::Equals("n", Field::Flag(true))).await));
}

async fn edits_change_only_their_fields(table: &impl Table) {
    let before = Item::from([
        ("kept".to_owned(), Field::Flag(true)),
        ("gone".to_owned(), Field::Flag(true)),
        ("count".to_owned(), Field::Number(40)),
    ]);
    table.put(&key("a"), before, Condition::Always).await.unwrap();
    let edits = vec![
        Edit::Set("new", Field::Text("text".to_owned())),
        Edit::Remove("gone"),
        Edit::Remove("never-there"),
        Edit::Add("count", 2),
        Edit::Add("fresh", -1),
        Edit::Include("set", 9),
    ];
    let after = Item::from([
        ("kept".to_owned(), Field::Flag(true)),
        ("new".to_owned(), Field::Text("text".to_owned())),
        ("count".to_owned(), Field::Number(42)),
        ("fresh".to_owned(), Field::Number(-1)),
        ("set".to_owned(), Field::Numbers([9].into())),
    ]);
    assert_eq!(table.update(&key("a"), edits, Condition::Present).await.unwrap(), after);
    assert_eq!(table.get(&key("a")).await.unwrap(), Some(after.clone()));
    assert_eq!(table.update(&key("a"), Vec::new(), Condition::Always).await.unwrap(), after);
}

async fn an_update_makes_the_item_unless_forbidden(table: &impl Table) {
    assert!(is_conflict(table.update(&key("a"), vec![Edit::Add("n", 1)], Condition::Present).await));
    assert_eq!(table.get(&key("a")).await.unwrap(), None);
    assert_eq!(table.update(&key("a"), vec![Edit::Add("n", 1)], Condition::Absent).await.unwrap(), number(1));
    assert_eq!(table.update(&key("b"), Vec::new(), Condition::Always).await.unwrap(), Item::new());
    assert_eq!(table.get(&key("b")).await.unwrap(), Some(Item::new()));
}

async fn including_twice_is_including_once(table: &impl Table) {
    for member in [3, 1, 3, u64::MAX] {
        table.update(&key("a"), vec![Edit::Include("planned", member)], Condition::Always).await.unwrap();
    }
    let set = Field::Numbers([1, 3, u64::MAX].into());
    assert_eq!(table.get(&key("a")).await.unwrap().unwrap()["planned"], set);
    table.delete(&key("a"), Condition::Equals("planned", set)).await.unwrap();
}

async fn a_transaction_is_all_or_nothing(table: &impl Table) {
    table.put(&key("old"), number(1), Condition::Always).await.unwrap();
    let writes = |condition: Condition| {
        vec![
            Write::Put(key("new"), number(7), Condition::Absent),
            Write::Update(key("count"), vec![Edit::Add("n", 1)], Condition::Always),
            Write::Delete(key("old"), Condition::Present),
            Write::Check(key("other"), condition),
        ]
    };
    assert!(is_conflict(table.transact(writes(Condition::Present)).await));
    assert_eq!(table.query("p", "", None, 9).await.unwrap(), [(key("old"), number(1))]);
    table.transact(writes(Condition::Absent)).await.unwrap();
    let after = [(key("count"), number(1)), (key("new"), number(7))];
    assert_eq!(table.query("p", "", None, 9).await.unwrap(), after);
    table.transact(Vec::new()).await.unwrap();
}

async fn a_transaction_takes_a_hundred_writes(table: &impl Table) {
    let writes = |count: i64| {
        (0..count).map(|n| Write::Put(key(&format!("{n:03}")), number(n), Condition::Absent)).collect::<Vec<_>>()
    };
    assert!(is_permanent(&table.transact(writes(101)).await));
    table.transact(writes(100)).await.unwrap();
    assert_eq!(table.query("p", "", None, 1000).await.unwrap().len(), 100);
    let twice = vec![Write::Delete(key("000"), Condition::Always), Write::Check(key("000"), Condition::Present)];
    assert!(is_permanent(&table.transact(twice).await));
}

async fn a_query_is_ordered_by_bytes_and_paged_by_key(table: &impl Table) {
    for sort in ["b#2", "b#10", "B", "a", "b#é", "b#", "b", "c"] {
        table.put(&key(sort), number(0), Condition::Always).await.unwrap();
    }
    table.put(&Key::new("q", "b#1"), number(0), Condition::Always).await.unwrap();
    for (prefix, after, limit, expected) in [
        ("", None, 99, &["B", "a", "b", "b#", "b#10", "b#2", "b#é", "c"][..]),
        ("b#", None, 99, &["b#", "b#10", "b#2", "b#é"]),
        ("b#", Some("b#10"), 99, &["b#2", "b#é"]),
        ("b#", Some("b#11"), 1, &["b#2"]),
        ("b#", Some("b#"), 2, &["b#10", "b#2"]),
        ("b#", Some("a"), 1, &["b#"]),
        ("b#", Some("c"), 99, &[]),
        ("b#", Some("b#é"), 99, &[]),
        ("", Some(""), 1, &["B"]),
        ("", Some("b#2"), 99, &["b#é", "c"]),
        ("b#", None, 0, &[]),
        ("z", None, 99, &[]),
    ] {
        let found = table.query("p", prefix, after, limit).await.unwrap();
        let sorts: Vec<&str> = found.iter().map(|(key, _)| key.sort.as_str()).collect();
        assert_eq!(sorts, expected, "{prefix} {after:?} {limit}");
    }
}

async fn many_items_are_read_together(table: &impl Table) {
    let keys: Vec<Key> = (0..250).map(|n| key(&format!("{n:03}"))).collect();
    for (n, key) in keys.iter().enumerate().step_by(2) {
        table.put(key, number(i64::try_from(n).unwrap()), Condition::Always).await.unwrap();
    }
    let found = table.get_many(&keys).await.unwrap();
    assert_eq!(found.len(), 125);
    assert_eq!(found[&keys[248]], number(248));
    assert_eq!(table.get_many(&[]).await.unwrap(), BTreeMap::new());
    assert!(is_permanent(&table.get_many(&[key("1"), key("2"), key("1")]).await));
}

async fn what_no_table_takes_is_refused(table: &impl Table) {
    let empty_set = Item::from([("set".to_owned(), Field::Numbers([].into()))]);
    assert!(is_permanent(&table.put(&key("a"), empty_set, Condition::Always).await));
    let key_field = Item::from([("pk".to_owned(), Field::Flag(true))]);
    assert!(is_permanent(&table.put(&key("a"), key_field, Condition::Always).await));
    assert!(is_permanent(&table.put(&key(""), number(1), Condition::Always).await));
    assert!(is_permanent(&table.get(&Key::new("", "a")).await));
    let twice = vec![Edit::Add("n", 1), Edit::Set("n", Field::Number(1))];
    assert!(is_permanent(&table.update(&key("a"), twice, Condition::Always).await));
    let text = Item::from([("n".to_owned(), Field::Text(String::new()))]);
    table.put(&key("a"), text, Condition::Always).await.unwrap();
    assert!(is_permanent(&table.update(&key("a"), vec![Edit::Add("n", 1)], Condition::Always).await));
    assert!(is_permanent(&table.update(&key("a"), vec![Edit::Include("n", 1)], Condition::Always).await));
}

async fn every_kind_of_field_comes_back_as_it_went(table: &impl Table) {
    let item = Item::from([
        ("text".to_owned(), Field::Text("ä\u{0}\n😀".to_owned())),
        ("empty".to_owned(), Field::Text(String::new())),
        ("least".to_owned(), Field::Number(i64::MIN)),
        ("most".to_owned(), Field::Number(i64::MAX)),
        ("flag".to_owned(), Field::Flag(false)),
        ("bytes".to_owned(), Field::Bytes(vec![0, 159, 255])),
        ("numbers".to_owned(), Field::Numbers([0, u64::MAX].into())),
        ("a.b-c #1 size".to_owned(), Field::Number(0)),
    ]);
    table.put(&key("a"), item.clone(), Condition::Always).await.unwrap();
    assert_eq!(table.get(&key("a")).await.unwrap(), Some(item.clone()));
    assert_eq!(table.query("p", "a", None, 1).await.unwrap(), [(key("a"), item)]);
}

async fn many_writers_lose_nothing(table: &impl Table) {
    let (counter, one) = (key("count"), key("first"));
    let count = |n: u64| table.update(&counter, vec![Edit::Add("n", 1), Edit::Include("who", n)], Condition::Always);
    let first = |n: i64| table.put(&one, number(n), Condition::Absent);
    for from in [0, 4, 8, 12, 16] {
        let outcomes = tokio::join!(count(from), count(from + 1), count(from + 2), count(from + 3));
        assert!(<[_; 4]>::from(outcomes).iter().all(Result::is_ok));
    }
    let after = table.get(&counter).await.unwrap().unwrap();
    assert_eq!((&after["n"], &after["who"]), (&Field::Number(20), &Field::Numbers((0..20).collect())));
    let outcomes = <[_; 4]>::from(tokio::join!(first(0), first(1), first(2), first(3)));
    let winner = outcomes.iter().position(Result::is_ok).unwrap();
    assert_eq!(table.get(&one).await.unwrap(), Some(number(i64::try_from(winner).unwrap())));
    assert_eq!(outcomes.into_iter().filter_map(Result::err).filter(PortError::is_conflict).count(), 3);
}

async fn a_transaction_whose_conditions_fail_twice_is_a_conflict(table: &impl Table) {
    table.put(&key("a"), number(1), Condition::Always).await.unwrap();
    let writes = vec![
        Write::Check(key("a"), Condition::Equals("n", Field::Number(2))),
        Write::Update(key("b"), vec![Edit::Add("n", 1)], Condition::Always),
        Write::Delete(key("a"), Condition::Without("n")),
    ];
    // The same item twice is a mistake whatever the conditions say.
    assert!(is_permanent(&table.transact(writes.clone()).await));
    let [check, update, _] = <[Write; 3]>::try_from(writes).unwrap();
    let other = Write::Put(key("c"), number(1), Condition::Present);
    assert!(is_conflict(table.transact(vec![check, update, other]).await));
    assert_eq!(table.query("p", "", None, 9).await.unwrap(), [(key("a"), number(1))]);
}

/// Together more than the megabyte that the service gives at a time.
async fn a_query_goes_on_over_all_pages(table: &impl Table) {
    let item = || Item::from([("text".to_owned(), Field::Text("x".repeat(3900)))]);
    let keys: Vec<Key> = (0..300).map(|n| key(&format!("batch#{n:04}"))).collect();
    for chunk in keys.chunks(100) {
        let writes = chunk.iter().map(|key| Write::Put(key.clone(), item(), Condition::Absent)).collect();
        table.transact(writes).await.unwrap();
    }
    let sorts = |found: Vec<(Key, Item)>| found.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
    assert_eq!(sorts(table.query("p", "batch#", None, 1000).await.unwrap()), keys);
    let (mut walked, mut after) = (Vec::<Key>::new(), None::<String>);
    loop {
        let page = sorts(table.query("p", "batch#", after.as_deref(), 77).await.unwrap());
        let Some(last) = page.last() else { break };
        after = Some(last.sort.clone());
        walked.extend(page);
    }
    assert_eq!(walked, keys);
}

async fn an_item_may_have_four_kibibytes(table: &impl Table) {
    // The key's names and contents, and the field's name, count as well.
    let bytes = 4096 - "pkpska".len() - "text".len();
    let item = Item::from([("text".to_owned(), Field::Text("x".repeat(bytes)))]);
    table.put(&key("a"), item.clone(), Condition::Always).await.unwrap();
    assert_eq!(table.get(&key("a")).await.unwrap(), Some(item));
}
