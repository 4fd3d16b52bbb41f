//! A set of the warnings that were already logged, for those that are logged once.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
};

use crate::{
    per_process::PerProcess,
    sync::{Mutex, lock},
};

/// 1024: the most warnings that one tracer remembers for
/// [`Tracer::warn_once`](crate::Tracer::warn_once); later ones are left out, because callers of a
/// service may choose the keys.
pub const MAX_REMEMBERED_WARNINGS: usize = 1024;

/// The hashes of logged warnings: keys may be long, and a collision only loses one warning. A forked
/// child begins anew.
#[derive(Debug, Default)]
pub(crate) struct GivenWarnings {
    hasher: RandomState,
    hashes: PerProcess<Mutex<HashSet<u64>>>,
}

impl GivenWarnings {
    pub(crate) fn is_first(&self, topic: &str, key: &str) -> bool {
        let hash = self.hasher.hash_one((topic, key));
        let mut hashes = lock(self.hashes.get(Mutex::default));
        let has_room = hashes.len() < MAX_REMEMBERED_WARNINGS;
        has_room && hashes.insert(hash)
    }
}
