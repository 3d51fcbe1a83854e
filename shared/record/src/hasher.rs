//! Keyed hashes: what stands for keys and contents wherever they themselves must not stand.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use siphasher::sip::SipHasher13;
use siphasher::sip128::{self, Hasher128};
use std::fmt;
use std::hash::Hasher;
use std::ops::Range;

/// The stack's secret: keys the hashes of keys and contents, so that a leaked manifest tells nothing about anybody.
#[derive(Clone)]
pub struct Secret {
    long: Hmac<Sha256>,
    /// Keyed with what the long hash gives for a purpose of its own, as the next one is.
    short: SipHasher13,
    contents: sip128::SipHasher13,
}

impl Secret {
    /// A secret from any number of bytes.
    pub fn new(bytes: &[u8]) -> Self {
        let long = Hmac::new_from_slice(bytes).expect("HMAC takes a key of any length");
        let secret = Self { long, short: SipHasher13::new(), contents: sip128::SipHasher13::new() };
        let (short, contents) = (secret.hasher("fingerprint").finish(), secret.hasher("content").finish());
        Self {
            short: SipHasher13::new_with_key(&short),
            contents: sip128::SipHasher13::new_with_key(&contents),
            ..secret
        }
    }

    /// A keyed hash for one purpose; hashes for different purposes have nothing in common.
    pub fn hasher(&self, purpose: &str) -> KeyedHasher {
        let mut hasher = KeyedHasher { mac: self.long.clone(), buffer: [0; BUFFER], filled: 0 };
        hasher.part(purpose.as_bytes());
        hasher
    }

    /// A keyed hash of many texts.
    pub fn content_hasher(&self) -> ContentHasher {
        ContentHasher { hash: self.contents, buffer: [0; BUFFER], filled: 0 }
    }

    /// A short keyed hash of something that has this name.
    pub fn fingerprinter(&self, name: &str) -> Fingerprinter {
        let mut hash = self.short;
        hash.write(name.as_bytes());
        // An end, and up to a whole word, so that what follows begins with one.
        let length = (name.len() + 1).next_multiple_of(8) - name.len();
        hash.write(&[END; 8][..length]);
        Fingerprinter(hash)
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

/// A keyed hash of a record's content in the making: SipHash-1-3 with 16 bytes of result, a keyed function that needs
/// about one instruction for a byte on any processor. See decision 11.
pub struct ContentHasher {
    hash: sip128::SipHasher13,
    buffer: [u8; BUFFER],
    filled: usize,
}

/// Most texts are no longer than this: so many bytes are copied without a look at the length.
const MOSTLY: usize = 32;

impl ContentHasher {
    /// Adds bytes of a length that is always the same.
    pub fn fixed(&mut self, bytes: &[u8; 16]) {
        self.add(bytes, &[]);
    }

    /// Adds one text.
    pub fn text(&mut self, text: &str) {
        self.add(text.as_bytes(), &[TEXT_END]);
    }

    /// Says that the texts added since the last end belong together.
    pub fn end(&mut self) {
        self.add(&[], &[END]);
    }

    /// Adds the text that stands in `all` at this range, and an end.
    #[inline]
    pub fn only_text(&mut self, all: &str, range: Range<usize>) {
        let length = range.len();
        let (from, to) = (range.start..range.start + MOSTLY, self.filled..self.filled + MOSTLY + 2);
        if let (Some(from), Some(to)) = (all.as_bytes().get(from), self.buffer.get_mut(to))
            && length <= MOSTLY
        {
            // What stands behind the text is copied as well, and written over by what comes next.
            to[..MOSTLY].copy_from_slice(from);
            to[length] = TEXT_END;
            to[length + 1] = END;
            self.filled += length + 2;
        } else {
            self.add(&all.as_bytes()[range], &[TEXT_END, END]);
        }
    }

    fn add(&mut self, bytes: &[u8], end: &[u8]) {
        let length = bytes.len() + end.len();
        if self.filled + length > BUFFER {
            self.hash.write(&self.buffer[..self.filled]);
            self.filled = 0;
            if length > BUFFER {
                self.hash.write(bytes);
                return self.add(&[], end);
            }
        }
        let free = &mut self.buffer[self.filled..self.filled + length];
        free[..bytes.len()].copy_from_slice(bytes);
        free[bytes.len()..].copy_from_slice(end);
        self.filled += length;
    }

    /// The hash.
    pub fn finish(mut self) -> [u8; 16] {
        self.hash.write(&self.buffer[..self.filled]);
        self.hash.finish128().as_bytes()
    }
}

/// What ends a part of a short hash, and texts that belong together: no text holds this byte.
const END: u8 = 0xff;

/// What ends each of several texts: no text holds this byte either.
const TEXT_END: u8 = 0xfe;

/// A short keyed hash of something that has a name: SipHash-1-3, a keyed function made for short texts, as long as the
/// 8 bytes that a link keeps of a value. It takes a twentieth of the time of the long one, which counts where every mapped
/// attribute of every worker is compared.
#[derive(Clone, Copy)]
pub struct Fingerprinter(SipHasher13);

/// Texts up to this length are hashed without a copy of their own.
const SHORT: usize = 63;

impl Fingerprinter {
    /// The hash of one text.
    #[inline]
    pub fn one(&self, text: &str) -> [u8; 8] {
        self.of(text.as_bytes(), |_| {})
    }

    /// The hash of one text whose letters A to Z count as a to z.
    #[inline]
    pub fn one_in_lower_case(&self, text: &str) -> [u8; 8] {
        // The end is no letter.
        self.of(text.as_bytes(), <[u8]>::make_ascii_lowercase)
    }

    /// The hash of several texts.
    pub fn all<'t>(&self, texts: impl Iterator<Item = &'t str>) -> [u8; 8] {
        let mut all = Vec::new();
        for text in texts {
            all.extend_from_slice(text.as_bytes());
            all.push(END);
        }
        self.0.hash(&all).to_le_bytes()
    }

    #[inline]
    fn of(&self, bytes: &[u8], change: impl Fn(&mut [u8])) -> [u8; 8] {
        let mut buffer = [END; SHORT + 1];
        if let Some(place) = buffer[..SHORT].get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
            change(&mut buffer);
            return self.0.hash(&buffer[..=bytes.len()]).to_le_bytes();
        }
        let mut all = Vec::with_capacity(bytes.len() + 1);
        all.extend_from_slice(bytes);
        all.push(END);
        change(&mut all);
        self.0.hash(&all).to_le_bytes()
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
    fn how_texts_fall_into_the_buffer_does_not_matter() {
        let secret = Secret::new(b"s");
        for length in [0, 1, 31, 32, 33, 127, 509, 510, 511, 512, 513, 1_200] {
            let text = "x".repeat(length);
            let all = format!("ab{text}{}", "y".repeat(length % 64));
            let (mut hasher, mut whole) = (secret.content_hasher(), secret.contents);
            for round in 0..40 {
                if round % 4 == 0 {
                    hasher.text(&text);
                    hasher.end();
                } else {
                    hasher.only_text(&all, 2..2 + length);
                }
                whole.write(text.as_bytes());
                whole.write(&[TEXT_END, END]);
            }
            assert_eq!(hasher.finish(), whole.finish128().as_bytes(), "{length}");
        }
    }

    #[test]
    fn fingerprints_depend_on_secret_name_and_framing() {
        let print = |secret: &[u8], name: &str, parts: &[&str]| {
            Secret::new(secret).fingerprinter(name).all(parts.iter().copied())
        };
        let one = print(b"s", "a", &["bc", "d"]);
        assert_eq!(one, print(b"s", "a", &["bc", "d"]));
        for other in [print(b"t", "a", &["bc", "d"]), print(b"s", "ab", &["c", "d"]), print(b"s", "a", &["b", "cd"])] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_text_alone_has_the_fingerprint_of_a_list_of_it() {
        let printer = Secret::new(b"s").fingerprinter("department");
        for length in [0, 1, 7, 8, 62, 63, 64, 200] {
            let text = "Ab".repeat(length)[..length].to_owned();
            assert_eq!(printer.one(&text), printer.all([text.as_str()].into_iter()));
            let lower = text.to_lowercase();
            assert_eq!(printer.one_in_lower_case(&text), printer.one(&lower), "{length}");
        }
    }
}
