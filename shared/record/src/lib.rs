//! What a source states about one object, and the small words that every other crate shares.
//!
//! PURE: no clock, no environment, no I/O. Nothing here may print a value that came from HR.

mod account;
mod attributes;
mod builder;
mod by_name;
mod hasher;
mod id;
mod names;
mod personal;
mod schema;
mod texts;
mod value;

pub use account::{Account, Anchor};
pub use attributes::Attributes;
pub use builder::{RecordBuilder, Repeated, Slot, Spot};
pub use by_name::ByName;
pub use hasher::{ContentHasher, Fingerprinter, KeyedHasher, Secret};
pub use id::{RecordId, RecordKey};
pub use names::Hint;
pub use personal::Personal;
pub use schema::{AttributeKind, TargetAttribute, TargetSchema};
pub use texts::Texts;
pub use value::{State, Value};

use serde::{Deserialize, Serialize};
use std::fmt;

/// One object as its source states it: attributes by source name, each three-valued.
///
/// An attribute that is not in the map is *absent* (the source said nothing about it), one that is
/// there without content is *empty* (the source said that there is nothing), everything else is *set*.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The source anchor: the value of the key attribute, exactly as the source wrote it.
    pub key: RecordKey,
    /// Attributes by source name.
    pub attributes: Attributes,
}

impl Record {
    /// A record without attributes.
    pub fn new(key: impl Into<RecordKey>) -> Self {
        Self { key: key.into(), attributes: Attributes::new() }
    }

    /// The same record with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(name, value);
        self
    }

    /// The attribute's value, `None` when it is absent.
    pub fn get(&self, name: &str) -> Option<Texts<'_>> {
        self.attributes.get(name)
    }

    /// The attribute's state: absent, empty or set.
    pub fn state(&self, name: &str) -> State<'_> {
        self.attributes.get(name).map_or(State::Absent, Texts::state)
    }

    /// A keyed hash of everything the source stated, together with `salt` (the hash of the rules), so that new rules
    /// make every record count as changed. 16 bytes.
    pub fn content_hash(&self, secret: &Secret, salt: &[u8; 16]) -> [u8; 16] {
        let mut hasher = secret.content_hasher();
        hasher.fixed(salt);
        hasher.text(self.key.as_str());
        hasher.fixed(&self.attributes.names_digest());
        self.attributes.hash_values(&mut hasher);
        hasher.finish()
    }
}

/// Names attributes, never values: a record is somebody's personal data.
impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("attributes", &self.attributes).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_attribute_differs_from_an_empty_one() {
        let secret = Secret::new(b"test");
        let absent = Record::new("1");
        let empty = Record::new("1").with("department", "");
        assert_eq!(absent.state("department"), State::Absent);
        assert_eq!(empty.state("department"), State::Empty);
        assert_ne!(absent.content_hash(&secret, &[0; 16]), empty.content_hash(&secret, &[0; 16]));
    }

    #[test]
    fn moving_text_between_attributes_changes_the_content_hash() {
        let secret = Secret::new(b"test");
        let one = Record::new("1").with("a", "bc").with("d", "");
        let other = Record::new("1").with("a", "b").with("d", "c");
        assert_ne!(one.content_hash(&secret, &[0; 16]), other.content_hash(&secret, &[0; 16]));
        let list = Record::new("1").with("a", vec!["b".to_owned(), "c".to_owned()]);
        let text = Record::new("1").with("a", "bc");
        assert_ne!(list.content_hash(&secret, &[0; 16]), text.content_hash(&secret, &[0; 16]));
    }

    #[test]
    fn other_rules_change_the_content_hash() {
        let secret = Secret::new(b"test");
        let record = Record::new("1").with("a", "b");
        assert_ne!(record.content_hash(&secret, &[1; 16]), record.content_hash(&secret, &[2; 16]));
    }

    #[test]
    fn debug_output_holds_no_value() {
        let text = format!("{:?}", Record::new("4711").with("surname", "Placeholder"));
        assert!(!text.contains("4711") && !text.contains("Placeholder"), "{text}");
    }
}
