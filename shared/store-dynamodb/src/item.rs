//! Items and keys as the service has them.

use crate::error::malformed;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use ports::{Field, Item, Key, PortError};
use std::collections::HashMap;

/// The name of the partition key.
pub(crate) const PARTITION: &str = "pk";
/// The name of the sort key.
pub(crate) const SORT: &str = "sk";

/// What the service takes and gives for an item or a key.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

pub(crate) fn to_key(key: &Key) -> Attributes {
    HashMap::from([
        (PARTITION.to_owned(), AttributeValue::S(key.partition.clone())),
        (SORT.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

pub(crate) fn to_attributes(key: &Key, item: Item) -> Result<Attributes, PortError> {
    if item.contains_key(PARTITION) || item.contains_key(SORT) {
        return Err(malformed("an item has a field named like a part of its key"));
    }
    let mut attributes = to_key(key);
    attributes.extend(item.into_iter().map(|(name, field)| (name, to_attribute(field))));
    Ok(attributes)
}

pub(crate) fn to_attribute(field: Field) -> AttributeValue {
    match field {
        Field::Text(text) => AttributeValue::S(text),
        Field::Number(number) => AttributeValue::N(number.to_string()),
        Field::Flag(flag) => AttributeValue::Bool(flag),
        Field::Bytes(bytes) => AttributeValue::B(Blob::new(bytes)),
        Field::Numbers(numbers) => AttributeValue::Ns(numbers.iter().map(u64::to_string).collect()),
    }
}

pub(crate) fn from_attributes(mut attributes: Attributes) -> Result<(Key, Item), PortError> {
    let mut part = |name| match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(malformed("the table's keys are not the texts pk and sk; deploy the stack or correct TABLE_NAME")),
    };
    let key = Key { partition: part(PARTITION)?, sort: part(SORT)? };
    let fields = attributes.into_iter().map(|(name, attribute)| Some((name, from_attribute(attribute)?)));
    let item = fields.collect::<Option<Item>>();
    Ok((key, item.ok_or_else(|| malformed("an item of the table has a field of a type that is never written"))?))
}

fn from_attribute(attribute: AttributeValue) -> Option<Field> {
    Some(match attribute {
        AttributeValue::S(text) => Field::Text(text),
        AttributeValue::N(number) => Field::Number(number.parse().ok()?),
        AttributeValue::Bool(flag) => Field::Flag(flag),
        AttributeValue::B(bytes) => Field::Bytes(bytes.into_inner()),
        AttributeValue::Ns(numbers) => {
            Field::Numbers(numbers.iter().map(|number| number.parse().ok()).collect::<Option<_>>()?)
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_survives_the_way_there_and_back() {
        let item = Item::from([
            ("text".to_owned(), Field::Text(String::new())),
            ("number".to_owned(), Field::Number(i64::MIN)),
            ("flag".to_owned(), Field::Flag(true)),
            ("bytes".to_owned(), Field::Bytes(vec![0, 255])),
            ("numbers".to_owned(), Field::Numbers([0, u64::MAX].into())),
        ]);
        let key = Key::new("p", "s");
        let back = from_attributes(to_attributes(&key, item.clone()).unwrap()).unwrap();
        assert_eq!(back, (key, item));
    }

    #[test]
    fn what_we_never_write_is_an_error_not_a_panic() {
        for odd in [AttributeValue::Null(true), AttributeValue::N("1.5".to_owned())] {
            let mut attributes = to_key(&Key::new("p", "s"));
            attributes.insert("odd".to_owned(), odd);
            assert!(matches!(from_attributes(attributes), Err(PortError::Permanent { .. })));
        }
        assert!(from_attributes(HashMap::new()).is_err());
    }
}
