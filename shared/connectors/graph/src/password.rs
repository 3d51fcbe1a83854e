//! First passwords: made here, sent once, kept nowhere.

use ports::Entropy;

const CLASSES: [&[u8]; 4] =
    [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnpqrstuvwxyz", b"23456789", b"!#$%&*+-=?@_"];
const LENGTH: usize = 28;

/// A password of 28 characters with all four kinds of characters, without those that look alike.
pub(crate) fn first_password(entropy: &dyn Entropy) -> String {
    let all: Vec<u8> = CLASSES.concat();
    let mut password: Vec<u8> = CLASSES.iter().map(|class| draw(entropy, class)).collect();
    password.extend((password.len()..LENGTH).map(|_| draw(entropy, &all)));
    // The first four are of known kinds: put them anywhere.
    for last in (1..password.len()).rev() {
        let other = below(entropy, last + 1);
        password.swap(last, other);
    }
    String::from_utf8(password).expect("the characters are ASCII")
}

fn draw(entropy: &dyn Entropy, from: &[u8]) -> u8 {
    from[below(entropy, from.len())]
}

/// A number below `limit` (at most 256), every one equally likely.
fn below(entropy: &dyn Entropy, limit: usize) -> usize {
    let fair = 256 / limit * limit;
    loop {
        let mut byte = [0];
        entropy.fill(&mut byte);
        if usize::from(byte[0]) < fair {
            return usize::from(byte[0]) % limit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.iter_mut().for_each(|byte| *byte = self.0.fetch_add(37, Ordering::Relaxed));
        }
    }

    #[test]
    fn a_password_has_all_kinds_of_characters() {
        let entropy = Counting(AtomicU8::new(1));
        let (one, other) = (first_password(&entropy), first_password(&entropy));
        assert_eq!(one.len(), LENGTH);
        assert_ne!(one, other);
        for class in CLASSES {
            assert!(one.bytes().any(|byte| class.contains(&byte)));
        }
    }
}
