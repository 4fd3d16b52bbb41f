//! Locks that a panic elsewhere cannot poison: tracing continues with the value as it is.
//!
//! With `--cfg shuttle` the unit tests run on the primitives of shuttle, which tries many
//! interleavings of threads.

use std::sync::{LockResult, PoisonError, TryLockError};
#[cfg(not(all(test, shuttle)))]
pub(crate) use std::sync::{Mutex, MutexGuard, RwLock, atomic::AtomicUsize};

#[cfg(all(test, shuttle))]
pub(crate) use shuttle::sync::{Mutex, MutexGuard, RwLock, atomic::AtomicUsize};

use crate::process::process_id;

/// Locks the mutex, poisoned or not.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    unpoisoned(mutex.lock())
}

/// Returns the guard of a lock or of waiting for one, poisoned or not.
pub fn unpoisoned<T>(result: LockResult<T>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

/// Locks what `owner` has made; `None` if another process is running and the lock is held.
///
/// A forked child has a copy of its parent's locks, but not the threads that would release them.
/// The process is looked at only where the lock is held, because that may cost a system call.
pub fn lock_of<T>(owner: u32, mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => (owner == process_id()).then(|| lock(mutex)),
    }
}

#[cfg(all(test, not(shuttle)))]
mod tests {
    use super::*;

    #[test]
    fn a_held_lock_of_another_process_is_not_waited_for() {
        let mutex = Mutex::new(1);
        let parent = process_id() ^ 1;
        assert_eq!(lock_of(parent, &mutex).map(|guard| *guard), Some(1), "it is free");
        let held = lock(&mutex);
        assert!(lock_of(parent, &mutex).is_none());
        drop(held);
        assert_eq!(lock_of(process_id(), &mutex).map(|guard| *guard), Some(1));
    }
}
