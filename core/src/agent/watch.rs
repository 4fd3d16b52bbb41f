//! Problems that show before anything is sent, reported on the sender's thread: malformed headers,
//! and spans that stay open.

use std::{sync::Arc, time::Instant};

use packdog_api::implementation::Settings;

use crate::{
    log::{Log, Topic},
    propagation::Propagator,
};

/// Periodic checks of the counters that the application's threads write.
#[derive(Debug)]
pub(crate) struct Watch {
    propagator: Arc<Propagator>,
    settings: Arc<Settings>,
}

impl Watch {
    pub(crate) fn new(propagator: Arc<Propagator>, settings: Arc<Settings>) -> Self {
        Self { propagator, settings }
    }

    /// Says each kind of malformed header once, and unfinished spans at most once a minute.
    pub(super) fn report(&self, log: &Log) {
        let malformed = self.propagator.malformed_headers();
        for (header, count) in malformed.iter() {
            if count > 0 {
                let message = format_args!(
                    "{count} requests had a malformed {header} header; such headers are as if absent"
                );
                log.once(Topic::Malformed(header), &message);
            }
        }
        let unfinished = self.settings.unfinished();
        if let Some(oldest) = unfinished.first() {
            let message = format_args!(
                "{} spans are open too long; the oldest is {:?}, open for {:.0?}, created at {}",
                unfinished.len(),
                oldest.name,
                oldest.open_for,
                oldest.created_at,
            );
            log.limited(Topic::Unfinished, Instant::now(), &message);
        }
    }
}
