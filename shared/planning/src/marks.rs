//! The marks of a link: by target attribute, in the names' order, one after another in memory.

use crate::link::Mark;
use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use std::cell::Cell;
use std::collections::BTreeMap;

/// What was last written of each attribute. As good as a map, but read from front to back for every record of every
/// batch, and therefore without a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Vec<(String, Mark)>);

impl Marks {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mark of an attribute.
    pub fn get(&self, name: &str) -> Option<&Mark> {
        self.find(name).ok().map(|place| &self.0[place].1)
    }

    /// The mark of an attribute, at the first look where it was in the marks that were asked last.
    #[inline]
    pub(crate) fn get_hinted(&self, name: &str, hint: &Cell<usize>) -> Option<&Mark> {
        match self.0.get(hint.get()) {
            Some((known, mark)) if known == name => Some(mark),
            _ => {
                let place = self.find(name).ok()?;
                hint.set(place);
                Some(&self.0[place].1)
            }
        }
    }

    /// The mark of an attribute, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Mark> {
        self.find(name).ok().map(|place| &mut self.0[place].1)
    }

    /// Whether an attribute has a mark.
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// Sets a mark and gives the one that was there.
    pub fn insert(&mut self, name: String, mark: Mark) -> Option<Mark> {
        // What is read in order is added at the end.
        if self.0.last().is_none_or(|(last, _)| *last < name) {
            self.0.push((name, mark));
            return None;
        }
        match self.find(&name) {
            Ok(place) => Some(std::mem::replace(&mut self.0[place].1, mark)),
            Err(place) => {
                self.0.insert(place, (name, mark));
                None
            }
        }
    }

    /// Sets a mark where there is none.
    pub fn insert_new(&mut self, name: &str, mark: Mark) {
        if let Err(place) = self.find(name) {
            self.0.insert(place, (name.to_owned(), mark));
        }
    }

    /// Takes a mark away.
    pub fn remove(&mut self, name: &str) -> Option<Mark> {
        self.find(name).ok().map(|place| self.0.remove(place).1)
    }

    /// All marks, in the names' order.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Mark)> {
        self.0.iter().map(|(name, mark)| (name, mark))
    }

    /// Keeps only the marks of those attributes.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    /// All marks, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut Mark)> {
        self.0.iter_mut().map(|(name, mark)| (&*name, mark))
    }
}

impl Extend<(String, Mark)> for Marks {
    fn extend<I: IntoIterator<Item = (String, Mark)>>(&mut self, marks: I) {
        for (name, mark) in marks {
            self.insert(name, mark);
        }
    }
}

impl FromIterator<(String, Mark)> for Marks {
    fn from_iter<I: IntoIterator<Item = (String, Mark)>>(all: I) -> Self {
        let mut marks = Self::new();
        marks.extend(all);
        marks
    }
}

impl Serialize for Marks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Marks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::<String, Mark>::deserialize(deserializer).map(|marks| Self(marks.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mark(cycle: u64) -> Mark {
        Mark { fingerprint: [1; 8], cycle, batch: 1 }
    }

    proptest! {
        #[test]
        fn marks_are_kept_as_a_map_keeps_them(steps in proptest::collection::vec(("[a-c]{1,2}", 0..4_u8), 0..30)) {
            let (mut marks, mut map, hint) = (Marks::new(), BTreeMap::new(), Cell::new(0));
            for (cycle, (name, step)) in (0..).zip(steps) {
                match step {
                    0 => prop_assert_eq!(marks.remove(&name), map.remove(&name)),
                    1 => {
                        marks.insert_new(&name, mark(cycle));
                        map.entry(name).or_insert_with(|| mark(cycle));
                    }
                    _ => prop_assert_eq!(marks.insert(name.clone(), mark(cycle)), map.insert(name, mark(cycle))),
                }
                prop_assert!(marks.iter().eq(map.iter()));
                for name in ["a", "ab", "bc", "c"] {
                    prop_assert_eq!(marks.get(name), map.get(name));
                    prop_assert_eq!(marks.get_hinted(name, &hint), map.get(name));
                }
            }
            let json = serde_json::to_string(&marks).unwrap();
            prop_assert_eq!(&json, &serde_json::to_string(&map).unwrap());
            prop_assert_eq!(serde_json::from_str::<Marks>(&json).unwrap(), marks);
        }
    }
}
