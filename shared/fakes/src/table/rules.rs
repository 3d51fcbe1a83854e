//! What an edit does, how large an item is and what no table would take.

use crate::refused;
use ports::{Edit, Field, Item, Key, PortError, Write};
use std::collections::BTreeSet;

/// No item that the steps keep is larger; the real limit is 400 KB, but every started KB is paid.
const ITEM_BYTES_MAX: usize = 4096;

/// The item as it is after the edits.
pub(super) fn edited(before: Option<&Item>, edits: Vec<Edit>) -> Result<Item, PortError> {
    let mut item = before.cloned().unwrap_or_default();
    for edit in edits {
        match edit {
            Edit::Set(name, field) => {
                item.insert(name.to_owned(), field);
            }
            Edit::Remove(name) => {
                item.remove(name);
            }
            Edit::Add(name, by) => match item.entry(name.to_owned()).or_insert(Field::Number(0)) {
                Field::Number(number) => {
                    *number =
                        number.checked_add(by).ok_or_else(|| refused("a number of the table has grown too large"))?;
                }
                _ => return Err(refused("an update adds to a field that is no number")),
            },
            Edit::Include(name, member) => {
                match item.entry(name.to_owned()).or_insert_with(|| Field::Numbers(BTreeSet::new())) {
                    Field::Numbers(numbers) => {
                        numbers.insert(member);
                    }
                    _ => return Err(refused("an update puts a number into a field that is no set of numbers")),
                }
            }
        }
    }
    Ok(item)
}

/// Refuses keys that no table takes.
pub(super) fn check_key(key: &Key) -> Result<(), PortError> {
    if key.partition.is_empty() || key.sort.is_empty() {
        return Err(refused("a part of an item's key is empty"));
    }
    if key.partition.len() > 2048 || key.sort.len() > 1024 {
        return Err(refused("a part of an item's key is too long"));
    }
    Ok(())
}

/// Refuses writes that no table takes, whatever stands there: this is found before any condition is looked at.
pub(super) fn check_write(write: &Write) -> Result<(), PortError> {
    let empty_set = |field: &Field| matches!(field, Field::Numbers(numbers) if numbers.is_empty());
    let (mut names, mut fields) = (Vec::new(), Vec::new());
    let key = match write {
        Write::Put(key, item, _) => {
            names.extend(item.keys().map(String::as_str));
            fields.extend(item.values());
            key
        }
        Write::Update(key, edits, _) => {
            for edit in edits {
                let (Edit::Set(name, _) | Edit::Remove(name) | Edit::Add(name, _) | Edit::Include(name, _)) = edit;
                names.push(name);
                if let Edit::Set(_, field) = edit {
                    fields.push(field);
                }
            }
            key
        }
        Write::Delete(key, _) | Write::Check(key, _) => key,
    };
    check_key(key)?;
    if names.contains(&"pk") || names.contains(&"sk") {
        return Err(refused("an item has a field named like a part of its key"));
    }
    if names.iter().collect::<BTreeSet<_>>().len() < names.len() {
        return Err(refused("one update edits a field twice"));
    }
    if fields.into_iter().any(empty_set) {
        return Err(refused("an item has an empty set of numbers"));
    }
    Ok(())
}

/// Refuses items that cost too much.
pub(super) fn check_size(key: &Key, item: &Item) -> Result<(), PortError> {
    if size(key, item) > ITEM_BYTES_MAX {
        return Err(refused("an item is larger than 4 KiB; keep large things in the blob store"));
    }
    Ok(())
}

/// The size that is paid: names, contents and the key (`DynamoDB` developer guide, "item sizes and formats").
pub(super) fn size(key: &Key, item: &Item) -> usize {
    let fields: usize = item.iter().map(|(name, field)| name.len() + field_size(field)).sum();
    "pk".len() + key.partition.len() + "sk".len() + key.sort.len() + fields
}

fn field_size(field: &Field) -> usize {
    match field {
        Field::Text(text) => text.len(),
        Field::Number(number) => number_size(number.unsigned_abs()) + usize::from(*number < 0),
        Field::Flag(_) => 1,
        Field::Bytes(bytes) => bytes.len(),
        Field::Numbers(numbers) => numbers.iter().map(|number| number_size(*number)).sum(),
    }
}

/// One byte for two significant digits, and one more.
fn number_size(number: u64) -> usize {
    let digits = number.to_string();
    digits.trim_end_matches('0').len().div_ceil(2) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_pays_for_its_key_its_names_and_its_contents() {
        let item = Item::from([
            ("state".to_owned(), Field::Text("open".to_owned())),
            ("n".to_owned(), Field::Number(-1200)),
            ("flag".to_owned(), Field::Flag(true)),
            ("set".to_owned(), Field::Numbers([1, 222].into())),
        ]);
        assert_eq!(size(&Key::new("p", "s"), &item), 4 + 2 + 9 + (1 + 3) + 5 + (3 + 2 + 3));
    }
}
