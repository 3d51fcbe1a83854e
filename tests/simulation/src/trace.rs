//! What an observer of the store and of the target writes down, for the model of the protocol to check.

use crate::checks::id_of;
use crate::world::Instant;
use model::trace::{Event, Kind, Reply};
use ports::{Condition, Edit, Field, Item, Key, Write, WriteAction};

/// Milliseconds of an instant.
pub fn milliseconds(at: Instant) -> i64 {
    i64::try_from(at / 1000).unwrap_or(i64::MAX)
}

fn number(item: &Item, name: &str) -> Option<u64> {
    match item.get(name)? {
        Field::Number(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    match item.get(name)? {
        Field::Text(text) => Some(text),
        _ => None,
    }
}

/// The events of one successful write. Stored instants are made relative to `start`, in milliseconds since 1970.
pub fn of_write(at: Instant, start: i64, writer: u64, write: &Write) -> Vec<Event> {
    match write {
        Write::Put(key, item, _) if key.sort.starts_with("CYCLE#") => of_whole_cycle(&key.sort, item),
        Write::Put(key, item, condition) => of_put(key, item, condition, writer).into_iter().collect(),
        Write::Update(key, edits, _) if key.sort == "LEASE" => {
            of_lease(milliseconds(at), start, writer, edits).into_iter().collect()
        }
        Write::Update(key, edits, _) if key.sort.starts_with("CYCLE#") => {
            of_cycle(&key.sort, edits).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn of_put(key: &Key, item: &Item, condition: &Condition, writer: u64) -> Option<Event> {
    match key.sort.as_str() {
        "LINK" => Some(Event::LinkWritten {
            record: key.partition.rsplit('#').next()?.to_owned(),
            version: number(item, "version")?,
            read_in: number(item, "read")?,
            is_live: text(item, "status") != Some("x"),
            writer,
        }),
        "NAME" => {
            let name = text(item, "name")?.to_lowercase();
            match (text(item, "record"), condition) {
                (Some(record), _) => Some(Event::NameReserved { name, record: record.to_owned() }),
                (None, Condition::Equals("record", Field::Text(record))) => {
                    Some(Event::NameGivenUp { name, record: record.clone() })
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// A cycle that is stored as a whole has come as far as it says: one of one record is not seen before it is written, or
/// left to somebody.
fn of_whole_cycle(sort: &str, item: &Item) -> Vec<Event> {
    let cycle = || sort.to_owned();
    let state = text(item, "state");
    let is_one = item.contains_key("urgent") && item.contains_key("planned");
    if state != Some("planning") && !is_one {
        return Vec::new();
    }
    let mut events = vec![Event::CycleExpected { cycle: cycle(), batches: number(item, "batches").unwrap_or(0) }];
    if is_one {
        let to_write = number(item, "to_write").unwrap_or(0);
        events.push(Event::CyclePlanned { cycle: cycle(), batch: 1 });
        events.push(Event::CycleJudged { cycle: cycle(), to_write });
        events.push(Event::CycleReleased { cycle: cycle() });
        if state == Some("settled") {
            events.extend((1..=to_write).map(|batch| Event::BatchWritten { cycle: cycle(), batch }));
            events.push(Event::CycleSettled { cycle: cycle() });
        }
    }
    events
}

fn of_cycle(sort: &str, edits: &[Edit]) -> Option<Event> {
    let cycle = sort.to_owned();
    let state = edits.iter().find_map(|edit| match edit {
        Edit::Set("state", Field::Text(state)) => Some(state.as_str()),
        _ => None,
    });
    let to_write = edits.iter().find_map(|edit| match edit {
        Edit::Set("to_write", Field::Number(count)) => u64::try_from(*count).ok(),
        _ => None,
    });
    match (state, to_write, edits.first()?) {
        (Some("writing"), Some(to_write), _) => Some(Event::CycleJudged { cycle, to_write }),
        (Some("settled"), ..) => Some(Event::CycleSettled { cycle }),
        (None, _, Edit::Include("planned", batch)) => Some(Event::CyclePlanned { cycle, batch: *batch }),
        (None, _, Edit::Include("written", batch)) => Some(Event::BatchWritten { cycle, batch: *batch }),
        (None, _, Edit::Set("released", _)) => Some(Event::CycleReleased { cycle }),
        _ => None,
    }
}

fn of_lease(at: i64, start: i64, writer: u64, edits: &[Edit]) -> Option<Event> {
    let until = edits.iter().find_map(|edit| match edit {
        Edit::Set("until", Field::Number(until)) => Some(until - start),
        _ => None,
    });
    if edits.iter().any(|edit| matches!(edit, Edit::Set("holder", _))) {
        Some(Event::LeaseTaken { writer, at, until: until? })
    } else if edits.contains(&Edit::Remove("holder")) {
        Some(Event::LeaseReleased { writer, at, drained_until: until })
    } else {
        Some(Event::LeaseRenewed { writer, at, until: until? })
    }
}

/// A request on its way; `id` is the employee id of the account that it is for.
pub fn of_request(at: Instant, writer: u64, request: u64, action: &WriteAction, id: &str) -> Event {
    let kind = match action {
        WriteAction::Create { attributes } => Kind::Create {
            names: attributes.get("userPrincipalName").map(|name| name.text().to_lowercase()).into_iter().collect(),
            stamped: attributes.contains_key("employeeId"),
        },
        WriteAction::Delete { .. } => Kind::Delete,
        WriteAction::Update { .. } | WriteAction::Refer { .. } => Kind::Update,
    };
    Event::Sent { writer, record: id_of(id).to_string(), request, kind, at: milliseconds(at) }
}

/// What the client heard of a request.
pub fn of_reply(at: Instant, request: u64, reply: &ports::Reply) -> Event {
    let answer = match reply {
        ports::Reply::Done(_) => Reply::Done,
        ports::Reply::Taken => Reply::Taken,
        ports::Reply::Throttled(_) => Reply::Throttled,
        ports::Reply::Unknown => Reply::Unknown,
        ports::Reply::Missing | ports::Reply::Refused { .. } | ports::Reply::Denied { .. } => Reply::Refused,
    };
    Event::Replied { request, at: milliseconds(at), answer }
}
