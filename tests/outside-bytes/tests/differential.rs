//! Compiled expressions against those that are walked: as many cases as `TENURE_DIFFERENTIAL` says, some thousands
//! otherwise.

use outside_bytes::{Case, compared};
use std::collections::BTreeMap;
use std::panic::catch_unwind;

/// Marsaglia's xorshift: the same cases each time.
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = usize::try_from(60 + self.next() % 400).unwrap();
        (0..length).map(|_| (self.next() >> 33).to_le_bytes()[0]).collect()
    }
}

fn cases() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the full tier of the tests asks for more cases")]
    let wanted = std::env::var("TENURE_DIFFERENTIAL").ok();
    wanted.map_or(20_000, |count| count.parse().unwrap())
}

#[test]
fn a_compiled_expression_says_what_a_walked_one_says() {
    let count = cases();
    let mut sequence = Sequence(0x2545_f491_4f6c_dd1d);
    let mut different = 0;
    let mut kinds: BTreeMap<Case, u64> = BTreeMap::new();
    for _ in 0..count {
        let bytes = sequence.bytes();
        match catch_unwind(|| compared(&bytes)) {
            Ok(case) => *kinds.entry(case).or_default() += 1,
            Err(_) => different += 1,
        }
        if different == 20 {
            break;
        }
    }
    println!("{count} expressions, {different} of them different: {kinds:?}");
    assert_eq!(different, 0);
    // Cases that say little are no cases.
    assert!(kinds[&Case::Gave] > count / 3, "{kinds:?}");
}
