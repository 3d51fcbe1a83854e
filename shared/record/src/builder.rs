//! Makes records one after another, as a source reads them. Records that have the same names share them, and a name
//! that follows the one that it followed last time is found at once.

use crate::attributes::{Attributes, Place};
use crate::names::Names;
use crate::texts::Part;
use crate::{Record, RecordKey, Texts, Value};
use std::ops::Range;
use std::sync::Arc;

/// More names than twice a record's own, and this many, are not kept for the next record.
const SPARE_NAMES: usize = 64;

/// A record in the making, again and again.
#[derive(Debug, Default)]
pub struct RecordBuilder {
    making: Attributes,
    /// For each name the place of the one that came after it last time; the last entry is for the first name of all.
    followers: Vec<usize>,
    /// The place of the name that was put last; the number of names before the first.
    last: usize,
    count: usize,
    /// How long the text is that values may stand in, and that comes to stand before the builder's own.
    outer: usize,
}

/// The place of a name among the names of a builder, as long as no name is added: see [`RecordBuilder::names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(usize);

/// Where one text of a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spot<'t> {
    /// In the text around, from and to these bytes.
    Within(Range<usize>),
    /// Nowhere yet.
    Apart(&'t str),
}

/// The attribute has a value already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the attribute stands twice in the record")]
pub struct Repeated;

impl RecordBuilder {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the record in the making.
    pub fn clear(&mut self) {
        let names = self.making.names.len();
        self.making.text.clear();
        self.making.parts.clear();
        self.making.places.clear();
        self.making.places.resize(names, Place::Absent);
        self.followers.resize(names + 1, 0);
        self.last = names;
        (self.count, self.outer) = (0, 0);
    }

    /// The names that this builder knows: the same number, the same names.
    pub fn names(&self) -> u64 {
        self.making.names.number()
    }

    /// The place of the name that was put last.
    pub fn last(&self) -> Slot {
        Slot(self.last)
    }

    /// Forgets the record in the making and begins another whose values stand in a text of so many bytes, which
    /// [`RecordBuilder::finish_within`] is given; they are not copied then, and cannot be asked for before.
    pub fn begin_within(&mut self, length: usize) {
        self.clear();
        self.outer = length;
    }

    /// Puts one text at a place that has none yet.
    #[inline]
    pub fn put_spot(&mut self, at: Slot, spot: Spot<'_>) -> Result<(), Repeated> {
        let part = self.part(spot);
        self.take(at).map(|place| *place = Place::One(part))
    }

    /// Puts several texts at a place that has none yet.
    pub fn put_spots<'t>(&mut self, at: Slot, spots: impl Iterator<Item = Spot<'t>>) -> Result<(), Repeated> {
        let first = self.making.parts.len();
        for spot in spots {
            let part = self.part(spot);
            self.making.parts.push(part);
        }
        let parts = Part::new(first, self.making.parts.len());
        self.take(at).map(|place| *place = Place::Many(parts))
    }

    /// The record whose values stand in this text, and a clean sheet for the next one.
    pub fn finish_within(&mut self, key: impl Into<RecordKey>, mut text: String) -> Record {
        // Never more than is needed: records stay for as long as their page is worked on.
        text.reserve_exact(self.making.text.len());
        text.push_str(&self.making.text);
        self.making.text.clear();
        let attributes = Attributes { text, ..self.attributes() };
        Record { key: key.into(), attributes }
    }

    #[inline]
    fn part(&mut self, spot: Spot<'_>) -> Part {
        match spot {
            Spot::Within(range) => Part::new(range.start, range.end),
            Spot::Apart("") => Part::default(),
            Spot::Apart(text) => {
                let start = self.outer + self.making.text.len();
                self.making.text.push_str(text);
                Part::new(start, start + text.len())
            }
        }
    }

    #[inline]
    fn take(&mut self, at: Slot) -> Result<&mut Place, Repeated> {
        let place = self.making.places.get_mut(at.0).filter(|place| **place == Place::Absent).ok_or(Repeated)?;
        self.count += 1;
        Ok(place)
    }

    /// How many attributes the record has so far.
    pub fn len(&self) -> usize {
        self.count
    }

    /// True before the first attribute.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What was put under this name.
    pub fn get(&self, name: &str) -> Option<Texts<'_>> {
        self.making.get(name)
    }

    /// Puts one text under a name that has none yet.
    #[inline]
    pub fn put(&mut self, name: &str, text: &str) -> Result<(), Repeated> {
        let index = self.free(name)?;
        self.making.places[index] = Place::One(self.making.write(text));
        Ok(())
    }

    /// Puts several texts under a name that has none yet.
    pub fn put_list<T: AsRef<str>>(&mut self, name: &str, texts: impl IntoIterator<Item = T>) -> Result<(), Repeated> {
        let index = self.free(name)?;
        self.making.places[index] = self.making.write_list(texts);
        Ok(())
    }

    /// Puts a value in the place of whatever there is.
    pub(crate) fn replace(&mut self, name: &str, value: &Value) {
        let index = self.place(name);
        self.count += usize::from(self.making.places[index] == Place::Absent);
        self.making.places[index] = match value {
            Value::One(text) => Place::One(self.making.write(text)),
            Value::Many(texts) => self.making.write_list(texts),
        };
    }

    /// The record, and a clean sheet for the next one.
    pub fn finish(&mut self, key: impl Into<RecordKey>) -> Record {
        debug_assert!(self.outer == 0, "a record within a text is finished with it");
        Record { key: key.into(), attributes: self.attributes() }
    }

    pub(crate) fn attributes(&mut self) -> Attributes {
        let attributes = self.making.clone();
        // Rows that all have other names must not make every later row carry them.
        if self.making.names.len() > 2 * self.count + SPARE_NAMES {
            let names = self.making.names.only(|index| self.making.places[index] != Place::Absent);
            *self = Self { making: Attributes { names: Arc::new(names), ..Attributes::default() }, ..Self::default() };
        }
        self.clear();
        attributes
    }

    /// The place of a name that has no value, which it is to get now.
    #[inline]
    fn free(&mut self, name: &str) -> Result<usize, Repeated> {
        let index = self.place(name);
        if self.making.places[index] != Place::Absent {
            return Err(Repeated);
        }
        self.count += 1;
        Ok(index)
    }

    #[inline]
    fn place(&mut self, name: &str) -> usize {
        let follower = self.followers.get(self.last).copied().unwrap_or(0);
        if self.making.names.get(follower) != Some(name) {
            return self.search(name);
        }
        self.last = follower;
        follower
    }

    #[cold]
    fn search(&mut self, name: &str) -> usize {
        if self.followers.is_empty() {
            self.clear();
        }
        let place = self.making.names.find(name).unwrap_or_else(|place| {
            Names::insert(Arc::make_mut(&mut self.making.names), place, name);
            self.making.places.insert(place, Place::Absent);
            for known in &mut self.followers {
                *known += usize::from(*known >= place);
            }
            self.followers.insert(place, 0);
            self.last += usize::from(self.last >= place);
            place
        });
        self.followers[self.last] = place;
        self.last = place;
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(builder: &mut RecordBuilder, pairs: &[(&str, &str)]) -> Record {
        for (name, text) in pairs {
            builder.put(name, text).unwrap();
        }
        builder.finish("1")
    }

    #[test]
    fn records_that_share_names_are_what_they_would_be_alone() {
        let mut builder = RecordBuilder::new();
        let rows: [&[(&str, &str)]; 6] = [
            &[("b", "1"), ("a", "2")],
            &[("b", "3"), ("a", "4")],
            &[("c", ""), ("b", "5")],
            &[("a", "6")],
            &[],
            &[("a", "7"), ("d", "8"), ("b", "9"), ("aa", "10")],
        ];
        for pairs in rows {
            let made = record(&mut builder, pairs);
            let alone = pairs.iter().fold(Record::new("1"), |record, (name, text)| record.with(name, *text));
            assert!(made == alone && made.attributes.len() == pairs.len(), "{pairs:?} {made:?}");
            let json = serde_json::to_string(&made).unwrap();
            assert_eq!(json, serde_json::to_string(&alone).unwrap());
            assert!(serde_json::from_str::<Record>(&json).unwrap() == alone);
            let secret = crate::Secret::new(b"test");
            assert_eq!(made.content_hash(&secret, &[0; 16]), alone.content_hash(&secret, &[0; 16]));
        }
    }

    #[test]
    fn an_attribute_is_put_once() {
        let mut builder = RecordBuilder::new();
        builder.put("a", "").unwrap();
        assert_eq!(builder.put("a", "1"), Err(Repeated));
        assert_eq!(builder.put_list("a", ["1"]), Err(Repeated));
        assert_eq!((builder.len(), builder.get("a").map(Texts::text)), (1, Some("")));
        builder.clear();
        builder.put_list("a", ["1", "2"]).unwrap();
        assert_eq!(builder.get("a").map(Texts::len), Some(2));
    }

    #[test]
    fn names_of_rows_long_past_are_forgotten() {
        let mut builder = RecordBuilder::new();
        for row in 0..1_000 {
            let name = format!("attribute {row}");
            let made = record(&mut builder, &[("id", "1"), (&name, "2")]);
            assert!(made.attributes.places.len() < 80, "row {row}");
            assert_eq!(made.get(&name).map(Texts::text), Some("2"));
        }
    }
}
