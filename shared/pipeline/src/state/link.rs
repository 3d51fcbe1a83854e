//! Links: at most 1 KB each, so that writing one costs one unit.

use super::fields::{Fields, count, text};
use crate::StepError;
use planning::{Link, Mark, Marks, Read, Status};
use ports::{Field, Item, Key, Table};
use record::{Anchor, RecordId, RecordKey};
use std::collections::BTreeMap;
use std::pin::Pin;

/// Where a record's link stands.
pub fn link_key(job: &str, record: RecordId) -> Key {
    Key::new(format!("LINK#{job}#{record}"), "LINK")
}

/// A link as an item. Marks are packed: name, 0, fingerprint, cycle and batch as variable-length numbers.
pub fn link_item(link: &Link) -> Item {
    let mut marks = Vec::with_capacity(link.marks.len() * 28);
    for (name, mark) in link.marks.iter() {
        marks.extend_from_slice(name.as_bytes());
        marks.push(0);
        marks.extend_from_slice(&mark.fingerprint);
        push_number(&mut marks, mark.cycle);
        push_number(&mut marks, mark.batch);
    }
    let mut item = Item::from([
        ("key".to_owned(), text(link.key.as_str())),
        ("anchor".to_owned(), text(&link.anchor.0)),
        ("version".to_owned(), count(link.version)),
        ("cycle".to_owned(), count(link.cycle)),
        ("read".to_owned(), count(link.read_in.from)),
        ("seen".to_owned(), count(link.read_in.until)),
        ("status".to_owned(), text(status_name(link.status))),
        ("marks".to_owned(), Field::Bytes(marks)),
    ]);
    if !link.in_scope {
        item.insert("out".to_owned(), Field::Flag(true));
    }
    if link.deleting {
        item.insert("deleting".to_owned(), Field::Flag(true));
    }
    item
}

/// An item as a link.
pub fn link_from(record: RecordId, item: &Item) -> Result<Link, StepError> {
    let fields = Fields::new(item, "a link");
    let status = match fields.text("status")? {
        "e" => Status::Enabled,
        "d" => Status::Disabled,
        "p" => Status::Enabling,
        "u" => Status::Unmanaged,
        "x" => Status::Deleted,
        _ => return Err(StepError::Broken { what: "a link", source: None }),
    };
    Ok(Link {
        record,
        key: RecordKey::from(fields.text("key")?),
        anchor: Anchor(fields.text("anchor")?.to_owned()),
        version: fields.count("version")?,
        cycle: fields.count("cycle")?,
        read_in: Read { from: fields.count("read")?, until: fields.count("seen")? },
        status,
        in_scope: !fields.flag("out")?,
        deleting: fields.flag("deleting")?,
        marks: unpack(fields.bytes("marks")?).ok_or(StepError::Broken { what: "a link", source: None })?,
    })
}

/// What a look for links found.
type Found = Result<BTreeMap<RecordId, Link>, StepError>;

/// The links of many records; those without one are left out.
///
/// The future is boxed so that it does not hold the iterator's type: closures in it would keep it from being `Send`.
pub fn get_links<'t, T: Table>(
    table: &'t T,
    job: &str,
    records: impl IntoIterator<Item = RecordId>,
) -> Pin<Box<dyn Future<Output = Found> + Send + 't>> {
    let keys: BTreeMap<Key, RecordId> = records.into_iter().map(|record| (link_key(job, record), record)).collect();
    Box::pin(async move {
        let list: Vec<Key> = keys.keys().cloned().collect();
        if list.is_empty() {
            return Ok(BTreeMap::new());
        }
        let items = table.get_many(&list).await?;
        items.iter().map(|(key, item)| Ok((keys[key], link_from(keys[key], item)?))).collect()
    })
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Enabled => "e",
        Status::Disabled => "d",
        Status::Enabling => "p",
        Status::Unmanaged => "u",
        Status::Deleted => "x",
    }
}

fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 127 {
        bytes.push(u8::try_from(number & 127).unwrap_or(0) | 128);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).unwrap_or(0));
}

fn take_number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 127) << shift;
        if first & 128 == 0 {
            return Some(number);
        }
    }
    None
}

fn unpack(mut bytes: &[u8]) -> Option<Marks> {
    let next = std::iter::from_fn(|| if bytes.is_empty() { None } else { Some(take_mark(&mut bytes).ok_or(())) });
    Marks::try_from_pairs(next).ok()
}

fn take_mark<'b>(bytes: &mut &'b [u8]) -> Option<(&'b str, Mark)> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    let name = std::str::from_utf8(&bytes[..end]).ok()?;
    let (fingerprint, rest) = bytes[end + 1..].split_at_checked(8)?;
    *bytes = rest;
    let (cycle, batch) = (take_number(bytes)?, take_number(bytes)?);
    Some((name, Mark { fingerprint: fingerprint.try_into().ok()?, cycle, batch }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        let mark = |n: u8| Mark { fingerprint: [n; 8], cycle: 300 * u64::from(n), batch: u64::from(n) };
        Link {
            record: RecordId([7; 16]),
            key: "00471".into(),
            anchor: Anchor("5f6b3c1e-0000-4000-8000-000000000000".to_owned()),
            version: 3,
            cycle: 12,
            read_in: Read { from: 11, until: 14 },
            status: Status::Enabled,
            in_scope: true,
            deleting: false,
            marks: (0..25).map(|n| (format!("attributeNumber{n:02}"), mark(n))).collect(),
        }
    }

    #[test]
    fn a_link_survives_its_item() {
        let link = link();
        assert_eq!(link_from(link.record, &link_item(&link)).unwrap(), link);
    }

    #[test]
    fn a_link_with_25_attributes_is_within_one_write_unit() {
        let item = link_item(&link());
        let size: usize = item
            .iter()
            .map(|(name, field)| {
                name.len()
                    + match field {
                        Field::Text(text) => text.len(),
                        Field::Bytes(bytes) => bytes.len(),
                        _ => 11,
                    }
            })
            .sum();
        assert!(size + 80 < 1024, "{size}");
    }

    #[test]
    fn damaged_marks_are_an_error() {
        let mut item = link_item(&link());
        item.insert("marks".to_owned(), Field::Bytes(b"name\x00123".to_vec()));
        assert!(link_from(RecordId([7; 16]), &item).is_err());
    }
}
