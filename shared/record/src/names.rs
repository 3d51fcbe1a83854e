//! The names of attributes: kept once for all records that have about the same ones.

use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names in order, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// No two different lists of names have the same number; 0 is for the empty one.
    number: u64,
    all: Vec<Box<str>>,
    /// What [`digest_of`] says about all of them, once it was asked for.
    digest: OnceLock<[u8; 16]>,
}

/// The numbers that were given to lists of names.
static NUMBERS: AtomicU64 = AtomicU64::new(1);
/// The bits of a hint that hold a place; the others hold the number of the list.
const PLACE_BITS: u32 = 16;
/// The place of a name that is not in the list.
const NOWHERE: u64 = (1 << PLACE_BITS) - 1;

/// Where a name was found last time, for those who ask many records for one name, always the same. With other names
/// around it than last time it costs a search.
#[derive(Debug, Default)]
pub struct Hint(AtomicU64);

impl Clone for Hint {
    fn clone(&self) -> Self {
        Self(AtomicU64::new(self.0.load(Ordering::Relaxed)))
    }
}

impl Names {
    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    #[inline]
    pub fn get(&self, index: usize) -> Option<&str> {
        self.all.get(index).map(|name| &**name)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|name| &**name)
    }

    /// The name's place, or the place where it would stand.
    pub fn find(&self, name: &str) -> Result<usize, usize> {
        self.all.binary_search_by(|known| (**known).cmp(name))
    }

    /// The name's place, at the first look where it was last time.
    #[inline]
    pub fn find_hinted(&self, name: &str, hint: &Hint) -> Option<usize> {
        let guess = hint.0.load(Ordering::Relaxed);
        let place = if guess >> PLACE_BITS == self.number && self.number > 0 {
            guess & NOWHERE
        } else {
            self.find_for(name, hint)
        };
        if place == NOWHERE { None } else { usize::try_from(place).ok() }
    }

    #[cold]
    fn find_for(&self, name: &str, hint: &Hint) -> u64 {
        let place = self.find(name).map_or(NOWHERE, |place| place as u64);
        if place <= NOWHERE && self.all.len() < 1 << PLACE_BITS {
            hint.0.store(self.number << PLACE_BITS | place, Ordering::Relaxed);
        }
        place
    }

    /// Adds a name where [`Names::find`] said that it would stand.
    pub fn insert(&mut self, place: usize, name: &str) {
        self.all.insert(place, name.into());
        self.number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        self.digest = OnceLock::new();
    }

    /// See [`digest_of`].
    pub fn digest(&self) -> [u8; 16] {
        *self.digest.get_or_init(|| digest_of(self.iter()))
    }

    /// The names at some of the places only.
    pub fn only(&self, mut keep: impl FnMut(usize) -> bool) -> Self {
        let kept = self.all.iter().enumerate().filter(|(place, _)| keep(*place)).map(|(_, name)| name.clone());
        Self { number: NUMBERS.fetch_add(1, Ordering::Relaxed), all: kept.collect(), digest: OnceLock::new() }
    }
}

/// A digest of names in their order, 16 bytes. It has no key: names are no personal data.
pub(crate) fn digest_of<'a>(names: impl Iterator<Item = &'a str>) -> [u8; 16] {
    let mut digest = Sha256::new();
    for name in names {
        digest.update(name);
        // No text holds this byte.
        digest.update([0xff]);
    }
    let full = digest.finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&full[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_never_tells_another_name_s_place() {
        let (hint, mut names) = (Hint::default(), Names::default());
        assert_eq!(names.find_hinted("m", &hint), None);
        for (name, place) in [("b", None), ("m", Some(1)), ("a", Some(2)), ("z", Some(2))] {
            let at = names.find(name).unwrap_err();
            names.insert(at, name);
            for _ in 0..2 {
                assert_eq!(names.find_hinted("m", &hint), place, "after {name}");
            }
        }
        let fewer = names.only(|place| place != 0);
        assert_eq!((fewer.find_hinted("m", &hint), names.find_hinted("m", &hint)), (Some(1), Some(2)));
    }
}
