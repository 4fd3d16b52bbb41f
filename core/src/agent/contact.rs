//! The first response to `/info`, for threads that wait for it.

use std::{
    sync::{Condvar, Mutex},
    time::Duration,
};

use packdog_api::internal::{lock, unpoisoned};

/// The outcome of the newest request to `/info`.
#[derive(Debug, Default)]
pub(crate) struct Contact {
    /// Whether the Agent responded, once it has been asked.
    has_responded: Mutex<Option<bool>>,
    changed: Condvar,
}

impl Contact {
    /// Takes note of a request that is over.
    pub(super) fn record(&self, has_responded: bool) {
        let mut known = lock(&self.has_responded);
        *known = Some(has_responded);
        self.changed.notify_all();
    }

    /// Waits until the Agent has been asked, at most `timeout`; returns whether it responded.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let known = lock(&self.has_responded);
        let waited = self.changed.wait_timeout_while(known, timeout, |known| known.is_none());
        unpoisoned(waited).0.unwrap_or(false)
    }
}
