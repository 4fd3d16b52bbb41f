//! The rows of a bucket, by the hash of their keys.
//!
//! The key of a span is hashed once and compared where it lies. A map that hashes and compares keys
//! by itself took twice the instructions, because it only finds a key of its own kind.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher, BuildHasherDefault, Hasher},
    iter,
};

use super::{bucket::Row, key::Key, text_hash::TextHash};

/// Rows, each with a key of its own.
#[derive(Debug, Default)]
pub(super) struct Rows {
    hash: TextHash,
    by_hash: HashMap<u64, Chain, BuildHasherDefault<Ready>>,
    len: usize,
}

/// The rows whose keys have the same hash: one, but for rare chances.
#[derive(Debug)]
struct Chain {
    first: (Key<Box<str>>, Row),
    more: Vec<(Key<Box<str>>, Row)>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Returns the row of a key.
    #[inline]
    pub(super) fn find(&mut self, key: &Key<&[u8]>) -> Option<&mut Row> {
        let chain = self.by_hash.get_mut(&self.hash.hash_one(key))?;
        let (first, row) = &mut chain.first;
        if first.is(key) {
            return Some(row);
        }
        chain.more.iter_mut().find(|(known, _)| known.is(key)).map(|(_, row)| row)
    }

    /// Adds an empty row; there is none of this key.
    pub(super) fn add(&mut self, key: Key<&str>) -> &mut Row {
        self.len += 1;
        let row = (key.to_owned(), Row::default());
        match self.by_hash.entry(self.hash.hash_one(key.as_bytes())) {
            Entry::Vacant(place) => {
                &mut place.insert(Chain { first: row, more: Vec::new() }).first.1
            }
            Entry::Occupied(place) => {
                let Chain { first, more } = place.into_mut();
                more.push(row);
                &mut more.last_mut().unwrap_or(first).1
            }
        }
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = (Key<Box<str>>, Row)> {
        self.by_hash.into_values().flat_map(|chain| iter::once(chain.first).chain(chain.more))
    }
}

/// A hash that has been computed already.
#[derive(Debug, Default)]
struct Ready(u64);

impl Hasher for Ready {
    fn write(&mut self, _: &[u8]) {} // There are numbers alone.

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
