//! A hash of short texts, for the map of rows.
//!
//! The hash of the standard library takes 540 instructions for the key of a span, which is a third
//! of its statistics. This one multiplies eight bytes at a time by a secret number. Callers of a
//! service may choose resources, so each map has a secret of its own; and the limits on rows bound
//! the harm of texts that collide all the same. A library for it would be one more package in every
//! application.

use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes hashers with the same secret.
#[derive(Clone, Debug)]
pub(super) struct TextHash {
    secret: u64,
}

impl Default for TextHash {
    fn default() -> Self {
        // An odd factor loses no bits.
        Self { secret: RandomState::new().hash_one(0) | 1 }
    }
}

impl BuildHasher for TextHash {
    type Hasher = TextHasher;

    #[inline]
    fn build_hasher(&self) -> TextHasher {
        TextHasher { secret: self.secret, state: self.secret.rotate_left(32) }
    }
}

/// The hash of the bytes so far.
#[derive(Debug)]
pub(super) struct TextHasher {
    secret: u64,
    state: u64,
}

impl Hasher for TextHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.write_u64(u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            self.write_u64(rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    /// Both halves of a product depend on all bits of its factors.
    #[inline]
    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.secret);
        self.state = (product as u64) ^ (product >> 64) as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.state
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn texts_that_differ_in_one_letter_have_different_hashes_in_all_their_bits() {
        let hash = TextHash::default();
        let hashes = (0..10_000).map(|id| hash.hash_one(format!("GET /users/{id}/orders")));
        let hashes = hashes.collect::<HashSet<_>>();
        assert_eq!(hashes.len(), 10_000);
        for shift in [0, 24, 57] {
            let parts = hashes.iter().map(|hash| hash >> shift & 0x7f).collect::<HashSet<_>>();
            assert_eq!(parts.len(), 128, "{shift}");
        }
    }

    #[test]
    fn two_maps_have_different_secrets() {
        assert_ne!(TextHash::default().hash_one("GET"), TextHash::default().hash_one("GET"));
    }
}
