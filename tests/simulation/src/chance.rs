//! Choices that repeat with their seed.

use fakes::FakeEntropy;

/// A sequence of choices. Two of the same seed make the same choices.
#[derive(Clone, Debug)]
pub struct Chance(FakeEntropy);

impl Chance {
    /// Choices of this seed.
    pub fn of(seed: u64) -> Self {
        Self(FakeEntropy::seeded(seed))
    }

    /// A number below `most`; 0 if `most` is 0.
    pub fn below(&self, most: u64) -> u64 {
        self.0.next_number() % most.max(1)
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// An index into something of this length.
    pub fn index(&self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// True in so many of 1,000 cases. A share of 0 draws nothing, so that a fault that is off changes no other choice.
    pub fn is(&self, per_mille: u64) -> bool {
        per_mille > 0 && self.below(1000) < per_mille
    }
}
