//! Locks that a panic elsewhere cannot poison: tracing continues with the value as it is.
//!
//! With `--cfg shuttle` the unit tests run on the primitives of shuttle, which tries many
//! interleavings of threads.

use std::sync::{LockResult, PoisonError};
#[cfg(not(all(test, shuttle)))]
pub(crate) use std::sync::{Mutex, MutexGuard, atomic::AtomicUsize};

#[cfg(all(test, shuttle))]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, atomic::AtomicUsize};

/// Locks the mutex, poisoned or not.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

/// Returns what a lock, or waiting for one, gives, poisoned or not.
pub fn unpoisoned<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}
