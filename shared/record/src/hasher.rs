//! Keyed hashes: what stands for keys and contents wherever they themselves must not stand.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use siphasher::sip::SipHasher24;
use std::fmt;
use std::hash::Hasher;

/// The stack's secret: keys the hashes of keys and contents, so that a leaked manifest tells nothing about anybody.
#[derive(Clone)]
pub struct Secret {
    long: Hmac<Sha256>,
    /// Keyed with what the long hash gives for a purpose of its own.
    short: SipHasher24,
}

impl Secret {
    /// A secret from any number of bytes.
    pub fn new(bytes: &[u8]) -> Self {
        let long = Hmac::new_from_slice(bytes).expect("HMAC takes a key of any length");
        let secret = Self { long, short: SipHasher24::new() };
        let key = secret.hasher("fingerprint").finish();
        Self { short: SipHasher24::new_with_key(&key), ..secret }
    }

    /// A keyed hash for one purpose; hashes for different purposes have nothing in common.
    pub fn hasher(&self, purpose: &str) -> KeyedHasher {
        let mut hasher = KeyedHasher { mac: self.long.clone(), buffer: [0; BUFFER], filled: 0 };
        hasher.part(purpose.as_bytes());
        hasher
    }

    /// A short keyed hash of something that has this name.
    pub fn fingerprinter(&self, name: &str) -> Fingerprinter {
        let mut fingerprinter = Fingerprinter(self.short);
        fingerprinter.part(name);
        // Up to a whole word, so that what follows begins with one.
        let rest = (name.len() + 1).next_multiple_of(8) - (name.len() + 1);
        fingerprinter.0.write(&[END; 8][..rest]);
        fingerprinter
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// How much is gathered before it is hashed: parts are short, and each call of the hash has its price.
const BUFFER: usize = 512;

/// A keyed hash in the making. Parts are framed by their length, so that `ab` + `c` differs from `a` + `bc`.
pub struct KeyedHasher {
    mac: Hmac<Sha256>,
    buffer: [u8; BUFFER],
    filled: usize,
}

impl KeyedHasher {
    /// Adds one part.
    pub fn part(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.add(bytes);
    }

    /// Adds a number, in 8 bytes.
    pub fn count(&mut self, count: usize) {
        self.add(&(count as u64).to_le_bytes());
    }

    /// Adds one part, framed in as few bytes as its length needs. One hash has either these after its first parts or none.
    #[inline]
    pub fn packed_part(&mut self, bytes: &[u8]) {
        self.packed_count(bytes.len());
        self.add(bytes);
    }

    /// Adds a number, in as few bytes as it needs: seven bits in each, the highest bit says that more follow.
    #[inline]
    pub fn packed_count(&mut self, count: usize) {
        let mut rest = count;
        while rest >= 0x80 {
            self.add(&[rest.to_le_bytes()[0] | 0x80]);
            rest >>= 7;
        }
        self.add(&[rest.to_le_bytes()[0]]);
    }

    #[inline]
    fn add(&mut self, bytes: &[u8]) {
        let Some(free) = self.buffer.get_mut(self.filled..self.filled + bytes.len()) else {
            return self.overflow(bytes);
        };
        free.copy_from_slice(bytes);
        self.filled += bytes.len();
    }

    #[cold]
    fn overflow(&mut self, bytes: &[u8]) {
        self.mac.update(&self.buffer[..self.filled]);
        self.filled = 0;
        if bytes.len() >= BUFFER {
            self.mac.update(bytes);
        } else {
            self.add(bytes);
        }
    }

    /// The first 16 bytes of the hash.
    pub fn finish(mut self) -> [u8; 16] {
        self.mac.update(&self.buffer[..self.filled]);
        let full = self.mac.finalize().into_bytes();
        let mut short = [0; 16];
        short.copy_from_slice(&full[..16]);
        short
    }
}

/// What ends a part of a short hash: no text holds this byte.
const END: u8 = 0xff;

/// A short keyed hash in the making: SipHash-2-4, a keyed function made for short texts, as long as the 8 bytes that a
/// link keeps of a value. It takes a twentieth of the time of the long one, which counts where every mapped attribute
/// of every worker is compared.
#[derive(Clone, Copy)]
pub struct Fingerprinter(SipHasher24);

impl Fingerprinter {
    /// Adds one part and its end.
    #[inline]
    pub fn part(&mut self, text: &str) {
        let mut buffer = [END; 64];
        if let Some(place) = buffer[..63].get_mut(..text.len()) {
            place.copy_from_slice(text.as_bytes());
            self.0.write(&buffer[..=text.len()]);
        } else {
            self.0.write(text.as_bytes());
            self.0.write(&[END]);
        }
    }

    /// The hash.
    #[inline]
    pub fn finish(self) -> [u8; 8] {
        self.0.finish().to_le_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_parts_fall_into_the_buffer_does_not_matter() {
        let secret = Secret::new(b"s");
        for length in [0, 1, 127, 128, 486, 487, 488, 511, 512, 513, 2_000] {
            let text = vec![b'x'; length];
            let mut mac = secret.long.clone();
            let mut hasher = secret.hasher("content");
            mac.update(&7_u64.to_le_bytes());
            mac.update(b"content");
            for _ in 0..3 {
                hasher.part(&text);
                mac.update(&(length as u64).to_le_bytes());
                mac.update(&text);
            }
            assert_eq!(hasher.finish(), mac.finalize().into_bytes()[..16]);
        }
    }

    #[test]
    fn a_long_number_is_packed_into_several_bytes() {
        let packed = |count| {
            let mut hasher = Secret::new(b"s").hasher("");
            hasher.packed_count(count);
            hasher.buffer[8..hasher.filled].to_vec()
        };
        assert_eq!(
            (packed(0), packed(127), packed(128), packed(300)),
            (vec![0], vec![127], vec![128, 1], vec![172, 2])
        );
    }

    #[test]
    fn fingerprints_depend_on_secret_name_and_framing() {
        let print = |secret: &[u8], name: &str, parts: &[&str]| {
            let mut printer = Secret::new(secret).fingerprinter(name);
            for part in parts {
                printer.part(part);
            }
            printer.finish()
        };
        let one = print(b"s", "a", &["bc", "d"]);
        assert_eq!(one, print(b"s", "a", &["bc", "d"]));
        for other in [print(b"t", "a", &["bc", "d"]), print(b"s", "ab", &["c", "d"]), print(b"s", "a", &["b", "cd"])] {
            assert_ne!(one, other);
        }
    }
}
