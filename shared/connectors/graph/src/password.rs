//! First passwords: made here, sent once, kept nowhere.

use ports::Entropy;

const CLASSES: [&[u8]; 4] = [b"ABCDEFGHJKLMNPQRSTUVWXYZ", b"abcdefghijkmnpqrstuvwxyz", b"23456789", b"!#$%&*+-=?@_"];
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
    password.into_iter().map(char::from).collect()
}

fn draw(entropy: &dyn Entropy, from: &[u8]) -> u8 {
    from[below(entropy, from.len())]
}

/// A number below a small limit. Of 2^64 numbers, the remainder is as good as evenly spread.
fn below(entropy: &dyn Entropy, limit: usize) -> usize {
    let mut bytes = [0; 8];
    entropy.fill(&mut bytes);
    usize::try_from(u64::from_le_bytes(bytes) % limit as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::world::CountingEntropy;
    use std::collections::BTreeSet;

    #[test]
    fn a_password_has_all_kinds_of_characters() {
        let entropy = CountingEntropy::default();
        let passwords: BTreeSet<String> = (0..200).map(|_| first_password(&entropy)).collect();
        assert_eq!(passwords.len(), 200);
        for password in passwords {
            assert_eq!(password.len(), LENGTH);
            assert!(CLASSES.iter().all(|class| password.bytes().any(|byte| class.contains(&byte))));
        }
    }
}
