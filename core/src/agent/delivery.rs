//! Everything that one process needs to decide about traces and to deliver them.

use std::{io, sync::Arc, time::Instant};

use packdog_api::internal::process_id;

use super::{Sender, Shared, Tuning, Watch, process};
use crate::{
    Config,
    log::{Log, Startup},
    sampling::Sampler,
};

/// The delivery of one process. All locks that threads of the application share are in here, so
/// that a forked child can do without those of its parent.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) shared: Arc<Shared>,
    pub(crate) sampler: Sampler,
    process: u32,
}

impl Delivery {
    /// Starts the sender's thread.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(crate) fn start(
        config: &Config,
        tuning: Tuning,
        log: Log,
        watch: Watch,
    ) -> io::Result<Self> {
        process::learn_of_forks();
        let delivery = Self::without_thread(config, tuning, log);
        Sender::start(config, Arc::clone(&delivery.shared), tuning, watch)?;
        Ok(delivery)
    }

    /// Starts the delivery of a forked child. If there is no thread for it, its spans are dropped
    /// and counted, with one message.
    pub(crate) fn start_in_child(config: &Config, tuning: Tuning, watch: Watch) -> Self {
        let delivery = Self::without_thread(config, tuning, Log::of_child(config));
        if let Err(error) = Sender::start(config, Arc::clone(&delivery.shared), tuning, watch) {
            let message = format_args!(
                "the thread that sends spans cannot be started in this forked process: {error}; \
                 its spans are dropped"
            );
            delivery.shared.log.line(&message);
            delivery.shared.queue.close();
        }
        delivery
    }

    fn without_thread(config: &Config, tuning: Tuning, log: Log) -> Self {
        let shared = Arc::new(Shared::new(&tuning, log, Startup::of(config)));
        let sampler = Sampler::new(config, Arc::clone(&shared.rates), Instant::now());
        Self { shared, sampler, process: process_id() }
    }
}

impl Drop for Delivery {
    /// Lets the thread send the remaining spans and end. Nothing waits for that: the thread itself
    /// may
    /// drop the last handle, with the last chunk.
    fn drop(&mut self) {
        // A forked child must not touch the locks of its parent.
        if process_id() == self.process {
            self.shared.queue.close();
        }
    }
}
