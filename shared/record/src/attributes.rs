//! The attributes of a record: a map from names to values, packed so that reading a record takes a handful of
//! allocations, whatever the number of its attributes.

use crate::names::Names;
use crate::texts::Part;
use crate::{ContentHasher, Hint, RecordBuilder, Texts, Value};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

/// Attributes by source name, in the names' order. See [`RecordBuilder`] for making many of them.
#[derive(Clone, Default)]
pub struct Attributes {
    /// Names that this record or one of its neighbours has.
    pub(crate) names: Arc<Names>,
    /// For each name what is there.
    pub(crate) places: Vec<Place>,
    /// The values of all lists.
    pub(crate) parts: Vec<Part>,
    /// All values.
    pub(crate) text: String,
}

/// Where the content of one attribute lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    #[default]
    Absent,
    /// A part of the text.
    One(Part),
    /// These of the parts.
    Many(Part),
}

impl Attributes {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    pub(crate) fn at(&self, index: usize) -> Option<Texts<'_>> {
        match *self.places.get(index)? {
            Place::Absent => None,
            Place::One(part) => Some(Texts::one(&self.text[part.range()])),
            Place::Many(parts) => Some(Texts::parts(&self.text, &self.parts[parts.range()])),
        }
    }

    /// The value under this name.
    pub fn get(&self, name: &str) -> Option<Texts<'_>> {
        self.at(self.names.find(name).ok()?)
    }

    /// The value under this name, found at the first look where the hint fits.
    #[inline]
    pub fn get_hinted(&self, name: &str, hint: &Hint) -> Option<Texts<'_>> {
        self.at(self.names.find_hinted(name, hint)?)
    }

    /// The text under this name where it is one text, possibly `""`; nothing for a list, and where there is none. What
    /// [`Attributes::get_hinted`] gives does not fit into registers, this does.
    #[inline]
    pub fn single_hinted(&self, name: &str, hint: &Hint) -> Option<&str> {
        match *self.places.get(self.names.find_hinted(name, hint)?)? {
            Place::One(part) => Some(&self.text[part.range()]),
            Place::Absent | Place::Many(_) => None,
        }
    }

    /// Whether there is a value, possibly an empty one.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All attributes, in the names' order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (&str, Texts<'_>)> {
        self.names.iter().enumerate().filter_map(|(index, name)| Some((name, self.at(index)?)))
    }

    /// The names, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// The values, in the names' order.
    pub fn values(&self) -> impl Iterator<Item = Texts<'_>> {
        self.iter().map(|(_, value)| value)
    }

    /// A digest of the names, 16 bytes: other names, other digest. It is made once for all records that share their
    /// names and have something under each.
    pub(crate) fn names_digest(&self) -> [u8; 16] {
        if self.places.len() == self.names.len() && !self.places.contains(&Place::Absent) {
            return self.names.digest();
        }
        crate::names::digest_of(self.keys())
    }

    /// Gives all values to a hash: an empty one as no text, several one after another.
    pub(crate) fn hash_values(&self, hasher: &mut ContentHasher) {
        for place in &self.places {
            match place {
                Place::Absent => {}
                Place::One(part) if part.range().is_empty() => hasher.end(),
                Place::One(part) => hasher.only_text(&self.text, part.range()),
                Place::Many(parts) => {
                    self.parts[parts.range()].iter().for_each(|part| hasher.text(&self.text[part.range()]));
                    hasher.end();
                }
            }
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.iter().filter(|place| **place != Place::Absent).count()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets a value.
    pub fn insert(&mut self, name: impl AsRef<str>, value: impl Into<Value>) {
        let name = name.as_ref();
        let index = self.names.find(name).unwrap_or_else(|index| {
            Arc::make_mut(&mut self.names).insert(index, name);
            self.places.insert(index, Place::Absent);
            index
        });
        self.places[index] = match value.into() {
            Value::One(text) => Place::One(self.write(&text)),
            Value::Many(texts) => self.write_list(&texts),
        };
    }

    /// Takes a value away; true where there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let Ok(index) = self.names.find(name) else { return false };
        std::mem::take(&mut self.places[index]) != Place::Absent
    }

    #[inline]
    pub(crate) fn write(&mut self, text: &str) -> Part {
        let start = self.text.len();
        self.text.push_str(text);
        Part::new(start, self.text.len())
    }

    pub(crate) fn write_list<T: AsRef<str>>(&mut self, texts: impl IntoIterator<Item = T>) -> Place {
        let first = self.parts.len();
        for text in texts {
            let part = self.write(text.as_ref());
            self.parts.push(part);
        }
        Place::Many(Part::new(first, self.parts.len()))
    }
}

impl<N: AsRef<str>, V: Into<Value>> FromIterator<(N, V)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut attributes = Self::new();
        for (name, value) in pairs {
            attributes.insert(name, value);
        }
        attributes
    }
}

/// What is stated is compared, not how it is kept.
impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Attributes {}

/// Names attributes, never values.
impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys()).finish()
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

thread_local! {
    /// The builder of the last record that was deserialised here: its neighbours have the same names.
    static BUILDER: Cell<RecordBuilder> = Cell::default();
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AttributesVisitor)
    }
}

struct AttributesVisitor;

impl<'de> Visitor<'de> for AttributesVisitor {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attributes by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let mut builder = BUILDER.take();
        builder.clear();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            // As with every map, what stands later counts.
            builder.replace(&name, &value);
        }
        let attributes = builder.attributes();
        BUILDER.set(builder);
        Ok(attributes)
    }
}
