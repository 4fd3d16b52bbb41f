//! Everything that one process needs to decide about traces and to deliver them.

use std::{
    io, process,
    sync::Arc,
    time::{Duration, Instant},
};

use packdog_api::{Metrics, Report, implementation::Chunk};

use super::{Sender, Shared, Tuning, Watch};
use crate::{
    Config,
    agent::queue::Spans,
    log::{Log, Startup, Topic},
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
                "there is no thread for the delivery of spans in this forked process: {error}; \
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
        Self { shared, sampler, process: process::id() }
    }

    /// Takes finished spans; never waits.
    pub(crate) fn collect(&self, chunk: Chunk) {
        self.shared.queue.push(chunk);
    }

    /// Waits until the Agent has been asked what it can do, at most `timeout`; returns whether it
    /// responded.
    pub(crate) fn wait_for_agent(&self, timeout: Duration) -> bool {
        self.shared.contact.wait(timeout)
    }

    pub(crate) fn metrics(&self) -> Metrics {
        self.shared.queue.metrics()
    }

    /// Waits until all spans that were collected by now are sent or dropped, or until `deadline`.
    pub(crate) fn flush(&self, deadline: Instant) -> Report {
        let report = self.shared.queue.flush(deadline);
        self.shared.log.settle();
        report
    }

    /// Flushes, accepts nothing any more, and reports what was lost.
    pub(crate) fn shutdown(&self, deadline: Instant) -> Report {
        let (report, dropped) = self.shared.queue.shutdown(deadline);
        if dropped + report.queued > 0 {
            let (queued, dropped) = (Spans(report.queued), Spans(dropped));
            let metrics = self.metrics();
            let message = format_args!(
                "shut down with {queued} on the way and {dropped} dropped; since the start: {metrics}"
            );
            self.shared.log.limited(Topic::Loss, Instant::now(), &message);
        }
        self.shared.log.settle();
        report
    }
}

impl Drop for Delivery {
    /// Lets the thread send what is left and end. Nothing waits for that: the thread itself may
    /// drop the last handle, with the last chunk.
    fn drop(&mut self) {
        // A forked child must not touch the locks of its parent.
        if process::id() == self.process {
            self.shared.queue.close();
        }
    }
}
