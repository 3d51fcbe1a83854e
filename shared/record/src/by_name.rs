//! A map from names to values for very many maps that have about the same names: those are kept once for all of them.

use crate::Hint;
use crate::names::Names;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// More names than twice a map's own, and this many, are not kept for the next map.
const SPARE_NAMES: usize = 64;

thread_local! {
    /// The names of the map that was made last on this thread: those of the next one are likely to be the same.
    static LAST: RefCell<Arc<Names>> = RefCell::default();
}

/// Values by name, in the names' order.
#[derive(Clone)]
pub struct ByName<T> {
    /// Names that this map or another one has.
    names: Arc<Names>,
    /// For each name what is there.
    values: Vec<Option<T>>,
}

impl<T> ByName<T> {
    /// None.
    pub fn new() -> Self {
        Self { names: Arc::default(), values: Vec::new() }
    }

    #[inline]
    fn at(&self, place: usize) -> Option<&T> {
        self.values.get(place)?.as_ref()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.names.find(name).ok()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.iter().flatten().count()
    }

    /// True where there is none.
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    /// The value under this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.at(self.find(name)?)
    }

    /// The value under this name, found at the first look where the hint fits.
    #[inline]
    pub fn get_hinted(&self, name: &str, hint: &Hint) -> Option<&T> {
        self.at(self.names.find_hinted(name, hint)?)
    }

    /// The value under this name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        let place = self.find(name)?;
        self.values.get_mut(place)?.as_mut()
    }

    /// Whether there is a value under this name.
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a value and gives the one that was there.
    pub fn insert(&mut self, name: impl AsRef<str>, value: T) -> Option<T> {
        let place = self.place(name.as_ref());
        self.values[place].replace(value)
    }

    /// Sets a value where there is none.
    pub fn insert_new(&mut self, name: &str, value: T) {
        let place = self.place(name);
        self.values[place].get_or_insert(value);
    }

    /// Takes a value away.
    pub fn remove(&mut self, name: &str) -> Option<T> {
        let place = self.find(name)?;
        self.values.get_mut(place)?.take()
    }

    /// Keeps only what stands under some of the names.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        for (name, value) in self.names.iter().zip(&mut self.values) {
            if !keep(name) {
                *value = None;
            }
        }
    }

    /// All values with their names, in the names' order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.names.iter().zip(&self.values).filter_map(|(name, value)| Some((name, value.as_ref()?)))
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.names.iter().zip(&mut self.values).filter_map(|(name, value)| Some((name, value.as_mut()?)))
    }

    /// The place of a name, which is added if it is not there.
    fn place(&mut self, name: &str) -> usize {
        self.names.find(name).unwrap_or_else(|place| {
            Arc::make_mut(&mut self.names).insert(place, name);
            self.values.insert(place, None);
            // Whatever is made next is likely to get this name as well.
            self.remember();
            place
        })
    }

    /// A map of these pairs, or the first error among them. What stands later counts.
    pub fn try_from_pairs<N: AsRef<str>, E>(pairs: impl Iterator<Item = Result<(N, T), E>>) -> Result<Self, E> {
        let names = LAST.with_borrow(Arc::clone);
        let mut map = Self { values: names.iter().map(|_| None).collect(), names };
        let mut next = 0;
        for pair in pairs {
            let (name, value) = pair?;
            let name = name.as_ref();
            // Most maps are read in the order of their names, but for a few that are missing.
            let near = (next..map.values.len().min(next + 4)).find(|place| map.names.get(*place) == Some(name));
            let place = near.unwrap_or_else(|| map.place(name));
            map.values[place] = Some(value);
            next = place + 1;
        }
        // Maps that all have other names must not make every later one carry them.
        if map.names.len() > 2 * map.len() + SPARE_NAMES {
            let ByName { names, mut values } = map;
            let kept = names.only(|place| values[place].is_some());
            values.retain(Option::is_some);
            map = Self { names: Arc::new(kept), values };
        }
        map.remember();
        Ok(map)
    }

    fn remember(&self) {
        LAST.with_borrow_mut(|last| {
            if !Arc::ptr_eq(last, &self.names) {
                *last = Arc::clone(&self.names);
            }
        });
    }
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<N: AsRef<str>, T> Extend<(N, T)> for ByName<T> {
    fn extend<I: IntoIterator<Item = (N, T)>>(&mut self, pairs: I) {
        for (name, value) in pairs {
            self.insert(name, value);
        }
    }
}

impl<N: AsRef<str>, T> FromIterator<(N, T)> for ByName<T> {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(pairs: I) -> Self {
        let Ok(made) = Self::try_from_pairs(pairs.into_iter().map(Ok::<_, std::convert::Infallible>));
        made
    }
}

/// What is there is compared, not how it is kept.
impl<T: PartialEq> PartialEq for ByName<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Eq> Eq for ByName<T> {}

impl<T: fmt::Debug> fmt::Debug for ByName<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl<T: Serialize> Serialize for ByName<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ByName<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByNameVisitor(PhantomData))
    }
}

struct ByNameVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ByNameVisitor<T> {
    type Value = ByName<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ByName<T>, A::Error> {
        ByName::try_from_pairs(std::iter::from_fn(|| map.next_entry::<String, T>().transpose()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// Every state that a few dozen steps of every kind lead to is that of a tree.
    #[test]
    fn values_are_kept_as_a_tree_keeps_them() {
        let names = ["b", "a", "ab", "c", "bc", "aa"];
        for seed in 0_u64..500 {
            let (mut kept, mut tree, hint) = (ByName::new(), BTreeMap::new(), Hint::default());
            let mut drawn = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            for number in 0..30 {
                drawn ^= drawn << 13;
                drawn ^= drawn >> 7;
                drawn ^= drawn << 17;
                let name = names[usize::try_from(drawn % 6).unwrap()];
                match drawn >> 32 & 7 {
                    0 => assert_eq!(kept.remove(name), tree.remove(name)),
                    1 => {
                        kept.insert_new(name, number);
                        tree.entry(name).or_insert(number);
                    }
                    2 => {
                        kept.retain(|kept| kept != name);
                        tree.remove(name);
                    }
                    3 => kept = tree.iter().map(|(name, value)| (*name, *value)).collect(),
                    _ => assert_eq!(kept.insert(name, number), tree.insert(name, number)),
                }
                assert!(kept.iter().eq(tree.iter().map(|(name, value)| (*name, value))));
                assert_eq!((kept.len(), kept.is_empty()), (tree.len(), tree.is_empty()));
                for name in names {
                    assert_eq!(kept.get(name), tree.get(name));
                    assert_eq!(kept.get_mut(name), tree.get_mut(name));
                }
                assert_eq!(kept.get_hinted("b", &hint), tree.get("b"));
            }
            let json = serde_json::to_string(&kept).unwrap();
            assert_eq!(json, serde_json::to_string(&tree).unwrap());
            assert_eq!(serde_json::from_str::<ByName<i32>>(&json).unwrap(), kept);
        }
    }

    #[test]
    fn maps_in_a_row_share_their_names_and_forget_strange_ones() {
        let one: ByName<u8> = [("a", 1), ("b", 2), ("c", 3)].into_iter().collect();
        let other: ByName<u8> = [("a", 4), ("c", 5)].into_iter().collect();
        assert!(Arc::ptr_eq(&one.names, &other.names) && other.len() == 2);
        for number in 0..500 {
            let strange: ByName<u8> = [(format!("name {number}"), 1)].into_iter().collect();
            assert!(strange.values.len() < 80 && strange.len() == 1);
        }
    }

    #[test]
    fn what_stands_later_in_json_counts() {
        let map: ByName<u8> = serde_json::from_str(r#"{"a":1,"b":2,"a":3}"#).unwrap();
        assert_eq!(map.get("a"), Some(&3));
    }
}
