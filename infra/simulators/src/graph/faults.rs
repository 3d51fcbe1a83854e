//! What can go wrong, each with a probability, drawn from the seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::time::Duration;

/// Probabilities from 0 to 1, and switches. All off by default. Where several are set, they add up. The token service is
/// touched by `down`, `slow` and `garbage` only.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// A request with writes is carried out and the connection is cut before the reply.
    pub lost_reply: f64,
    /// A request is not carried out and the connection is cut.
    pub dropped: f64,
    /// The connection is cut and the request's writes are carried out some 100 ms later.
    pub late: f64,
    /// 500, not carried out. Drawn for each part of a batch.
    pub error_500: f64,
    /// 503, carried out all the same. Drawn for each write of a batch.
    pub error_503_applied: f64,
    /// 429 with `Retry-After`, not carried out. Drawn for each part of a batch.
    pub throttle_429: f64,
    /// 429 with `Retry-After`, carried out all the same. Drawn for each write of a batch.
    pub throttle_429_applied: f64,
    /// A create is refused as a conflict although the name is free.
    pub lying_conflict: f64,
    /// Nothing is answered: every connection is cut, the token service's too.
    pub down: bool,
    /// Every token is refused.
    pub expired_tokens: bool,
    /// Every reply takes this much longer.
    pub slow: Option<Duration>,
    /// Replies are no JSON.
    pub garbage: bool,
}

/// What happens to the connection of one HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionFate {
    Kept,
    LostReply,
    Dropped,
    Late,
}

/// What happens to one Graph request, alone or in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Normal,
    Error500,
    Error503Applied,
    Throttled,
    ThrottledApplied,
    LyingConflict,
}

/// Independent draws, so that more faults do not change the ids.
pub(super) struct Dice {
    faults: ChaCha8Rng,
    ids: ChaCha8Rng,
    order: ChaCha8Rng,
}

impl Dice {
    pub fn new(seed: u64) -> Self {
        let stream = |number| {
            let mut stream = ChaCha8Rng::seed_from_u64(seed);
            stream.set_stream(number);
            stream
        };
        Self { faults: stream(0), ids: stream(1), order: stream(2) }
    }

    /// A random UUID.
    pub fn id(&mut self) -> String {
        let mut bytes = [0; 16];
        self.ids.fill_bytes(&mut bytes);
        let number = u128::from_be_bytes(bytes) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{number:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.order.next_u32()).unwrap_or(0) % end
    }

    /// What happens to the next connection.
    pub fn connection(&mut self, faults: &Faults, writes: bool) -> ConnectionFate {
        let applied = |share: f64| if writes { share } else { 0.0 };
        let table = [
            (faults.dropped, ConnectionFate::Dropped),
            (applied(faults.lost_reply), ConnectionFate::LostReply),
            (applied(faults.late), ConnectionFate::Late),
        ];
        self.draw(&table).unwrap_or(ConnectionFate::Kept)
    }

    /// What happens to the next Graph request.
    pub fn fate(&mut self, faults: &Faults, writes: bool, creates: bool) -> Fate {
        let applied = |share: f64| if writes { share } else { 0.0 };
        let table = [
            (faults.error_500, Fate::Error500),
            (faults.throttle_429, Fate::Throttled),
            (applied(faults.error_503_applied), Fate::Error503Applied),
            (applied(faults.throttle_429_applied), Fate::ThrottledApplied),
            (if creates { faults.lying_conflict } else { 0.0 }, Fate::LyingConflict),
        ];
        self.draw(&table).unwrap_or(Fate::Normal)
    }

    fn draw<T: Copy>(&mut self, table: &[(f64, T)]) -> Option<T> {
        if table.iter().all(|(share, _)| *share <= 0.0) {
            return None;
        }
        let mut drawn = f64::from(self.faults.next_u32()) / (f64::from(u32::MAX) + 1.0);
        for (share, fate) in table {
            if drawn < *share {
                return Some(*fate);
            }
            drawn -= share.max(0.0);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_course_of_events() {
        let faults = Faults { error_500: 0.3, throttle_429: 0.2, ..Faults::default() };
        let course = |seed| {
            let mut dice = Dice::new(seed);
            (0..50).map(|_| dice.fate(&faults, true, false)).collect::<Vec<_>>()
        };
        assert_eq!(course(7), course(7));
        assert_ne!(course(7), course(8));
        assert!(course(7).contains(&Fate::Error500) && course(7).contains(&Fate::Normal));
    }

    #[test]
    fn reads_are_not_carried_out_behind_an_error() {
        let faults = Faults { lost_reply: 1.0, error_503_applied: 1.0, lying_conflict: 1.0, ..Faults::default() };
        let mut dice = Dice::new(1);
        assert_eq!(dice.connection(&faults, false), ConnectionFate::Kept);
        assert_eq!(dice.fate(&faults, false, false), Fate::Normal);
        assert_eq!(dice.connection(&faults, true), ConnectionFate::LostReply);
    }

    #[test]
    fn ids_are_random_uuids() {
        let mut dice = Dice::new(1);
        let (first, second) = (dice.id(), dice.id());
        assert_ne!(first, second);
        assert_eq!((first.len(), &first[14..15]), (36, "4"));
        assert!("89ab".contains(&first[19..20]));
    }
}
