//! Items of the table: the first byte says what it is to be, the rest is JSON of its fields. A list of numbers stands
//! for a set, a number in a list of one list for a byte.

use crate::stored::{shown, store};
use fakes::{FakeTable, run_ready};
use pipeline::StepError;
use pipeline::state::{
    Budget, Cycle, Held, JobState, Lease, Ready, headers, link_from, link_item, open_set, owner_of, ready_partition,
};
use ports::{Condition, Field, Item, Key, Table};
use record::RecordId;
use serde_json::{Map, Value};

const ID: RecordId = RecordId([7; 16]);

/// An item: it is read or refused, and what is read survives being stored.
pub fn item(bytes: &[u8]) {
    let Some((kind, text)) = bytes.split_first() else { return };
    let Ok(Value::Object(fields)) = serde_json::from_slice::<Value>(text) else { return };
    let Some(item) = item_of(fields) else { return };
    match kind & 15 {
        0 => link(&item),
        1 => ready(item),
        2 => looked(&item, &JobState::key("hr"), |table| run_ready(JobState::get(table, "hr"))),
        3 => looked(&item, &Cycle::key("hr", 1), |table| run_ready(Cycle::get(table, "hr", 1))),
        4 => looked(&item, &Held::key("hr", "h"), |table| run_ready(Held::all(table, "hr"))),
        5 => looked(&item, &Key::new("JOB#hr", "BUDGET"), |table| run_ready(Budget::get(table, "hr"))),
        6 => looked(&item, &Key::new("TARGET#entra", "LEASE"), |table| run_ready(Lease::paused(table, "entra"))),
        7 => {
            let key = Key::new("JOB#hr#CYCLE#0000000001", "BATCH#000001");
            looked(&item, &key, |table| run_ready(headers(table, "hr", 1)));
        }
        8 => {
            let key = Key::new("JOB#hr#OPEN", ID.to_string());
            looked(&item, &key, |table| run_ready(open_set(table, "hr")));
        }
        _ => {
            if let Err(error) = owner_of(Some(&item)) {
                shown(&error);
            }
        }
    }
}

fn item_of(fields: Map<String, Value>) -> Option<Item> {
    let field = |value| match value {
        Value::String(text) => Some(Field::Text(text)),
        Value::Number(number) => number.as_i64().map(Field::Number),
        Value::Bool(flag) => Some(Field::Flag(flag)),
        Value::Array(values) => match values.first()? {
            Value::Array(bytes) => {
                let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
                Some(Field::Bytes(bytes.iter().map(byte).collect::<Option<_>>()?))
            }
            _ => Some(Field::Numbers(values.iter().map(Value::as_u64).collect::<Option<_>>()?)),
        },
        Value::Null | Value::Object(_) => None,
    };
    fields.into_iter().map(|(name, value)| Some((name, field(value)?))).collect()
}

/// Reads an item twice where it stands in an otherwise empty table.
fn looked<T: PartialEq>(item: &Item, key: &Key, read: impl Fn(&FakeTable) -> Result<T, StepError>) {
    let store = store();
    if run_ready(store.table.put(key, item.clone(), Condition::Always)).is_err() {
        return;
    }
    match read(&store.table) {
        Ok(found) => assert!(read(&store.table).is_ok_and(|again| again == found), "another value another time"),
        Err(error) => shown(&error),
    }
}

fn link(item: &Item) {
    match link_from(ID, item) {
        Ok(link) => assert_eq!(link_from(ID, &link_item(&link)).expect("it was just written"), link),
        Err(error) => shown(&error),
    }
}

fn ready(item: Item) {
    let store = store();
    let key = Key::new(ready_partition("entra"), "0#x");
    if run_ready(store.table.put(&key, item, Condition::Always)).is_err() {
        return;
    }
    match run_ready(Ready::first(&store.table, "entra", 5)) {
        Ok(found) => {
            let [ready] = found.as_slice() else { panic!("one item stands there") };
            let again = self::store();
            let put = run_ready(again.table.put(&ready.key("entra"), ready.item(), Condition::Always));
            if put.is_ok() {
                assert_eq!(run_ready(Ready::first(&again.table, "entra", 5)).expect("just written"), found);
            }
        }
        Err(error) => shown(&error),
    }
}
