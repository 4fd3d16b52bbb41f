//! The thread that sends finished spans.
//!
//! It belongs to the tracer, so that it needs no runtime and outlives the application's. It sends
//! every second, or when a batch has come together. It starts no spans.

use std::{
    fmt, io, mem,
    sync::Arc,
    thread,
    time::{Instant, SystemTime},
};

use packdog_api::internal::random_number;

#[cfg(feature = "health-metrics")]
use super::health::Health;
use super::{
    Client, Origin, Shared, Tuning, Watch,
    batch::Batch,
    client::{Accepted, InfoClient, SendError},
    discovery::Discovery,
    outgoing::Outgoing,
    queue::{Cause, Outcome, Queued, Spans, Tally},
    retry::jitter,
    wire::{Format, Payload},
};
use crate::{
    Config,
    config::ApiVersion,
    log::Topic,
    processor::{Panicked, Processed, Processor},
    stats::STATS_INTERVAL,
};

/// The thread that sends, and the state that it does not share.
#[derive(Debug)]
pub(crate) struct Sender {
    shared: Arc<Shared>,
    tuning: Tuning,
    origin: Origin,
    client: Client,
    info_client: InfoClient,
    processor: Option<Processor>,
    outgoing: Outgoing,
    /// Chunks that sampling left out, as far as the queue has not been told: that wakes all flushes,
    /// which is a system call, so it is done once for many chunks.
    sampled_out: Tally,
    /// The time at which statistics may be full again.
    stats_due_at: Instant,
    /// The wanted format, until an Agent refuses it.
    api_version: ApiVersion,
    has_native_span_events: bool,
    discovery: Discovery,
    watch: Watch,
    /// Whether the Agent has accepted any spans.
    has_delivered: bool,
    /// `None` if the configuration does not ask for it.
    #[cfg(feature = "health-metrics")]
    health: Option<Health>,
}

impl Sender {
    /// Starts the thread. It ends when the queue is closed and empty.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(crate) fn start(
        config: &Config,
        shared: Arc<Shared>,
        tuning: Tuning,
        watch: Watch,
    ) -> io::Result<()> {
        let client = Client::new(config);
        let sender = Self {
            shared,
            tuning,
            origin: Origin::new(config),
            info_client: client.info_client(),
            client,
            processor: config.processor.clone(),
            outgoing: Outgoing::new(config),
            sampled_out: Tally::default(),
            stats_due_at: Instant::now() + STATS_INTERVAL,
            api_version: config.api_version(),
            has_native_span_events: config.has_native_span_events(),
            discovery: Discovery::new(Instant::now()),
            watch,
            has_delivered: false,
            #[cfg(feature = "health-metrics")]
            health: Health::new(config, Instant::now()),
        };
        thread::Builder::new().name("packdog-sender".to_owned()).spawn(move || sender.run())?;
        Ok(())
    }

    fn run(mut self) {
        // However this thread ends, no other one waits for it any more.
        let _end = End(Arc::clone(&self.shared));
        self.shared.queue.serve_here();
        let mut batch = Batch::new();
        loop {
            self.discover();
            let Some(taken) = self.shared.queue.take(self.tuning.interval, self.due_at()) else {
                self.send_stats(true);
                return self.report_health(true);
            };
            // The response may have come meanwhile.
            self.discover();
            // Before anything is counted as sent, so that a waiting flush finds the lines written.
            self.watch.report(&self.shared.log);
            batch.begin(self.format());
            // All spans have ended, so one look at the clock is enough.
            let now = SystemTime::now();
            for mut queued in taken.chunks {
                if self.prepare(&mut queued, now) {
                    self.add(&mut batch, queued);
                }
            }
            self.send(&mut batch);
            self.settle_sampled_out();
            // A full batch has doubled its memory, half of which is not touched. To give that back and
            // take it again was one page fault for 25 requests of an axum server.
            batch.payload.shrink(2 * self.tuning.limits.batch_bytes);
            self.report_overflow();
            if taken.flush.is_some() || self.stats_due_at <= Instant::now() {
                self.send_stats(taken.flush.is_some());
            }
            self.report_health(taken.flush.is_some());
            if let Some(flush) = taken.flush {
                self.shared.queue.complete(flush);
            }
        }
    }

    /// Reads the newest capabilities of the Agent, and requests them again if that is due.
    fn discover(&mut self) {
        self.discovery.advance(Instant::now(), &self.info_client, &self.shared);
        self.outgoing.follow(self.discovery.info().stats());
    }

    /// The time at which there is work even if no chunk comes.
    fn due_at(&self) -> Instant {
        let due_at = self.discovery.due_at();
        #[cfg(feature = "health-metrics")]
        let due_at = self.health.as_ref().map_or(due_at, |health| due_at.min(health.due_at()));
        if self.outgoing.has_stats() { due_at.min(self.stats_due_at) } else { due_at }
    }

    /// Sends the counts of spans to DogStatsD, if that is due or `is_wanted` now.
    #[cfg(feature = "health-metrics")]
    fn report_health(&mut self, is_wanted: bool) {
        let now = Instant::now();
        if let Some(health) = &mut self.health
            && (is_wanted || health.due_at() <= now)
        {
            health.report(self.shared.queue.metrics(), now);
        }
    }

    #[cfg(not(feature = "health-metrics"))]
    fn report_health(&self, _: bool) {}

    /// Takes a finished chunk to where it can be encoded; returns `false` if it ends before.
    ///
    /// ```text
    /// finished chunk ──▶ processor ──▶ statistics ──▶ sampled out ──▶ encoding
    /// ```
    /// Everything that looks at a chunk sees its spans in their final order.
    fn prepare(&mut self, queued: &mut Queued, now: SystemTime) -> bool {
        queued.chunk.sort();
        if let Err(cause) = self.process(queued) {
            self.shared.queue.settle(queued.tally, Outcome::Dropped(cause));
            return false;
        }
        self.sample_out(queued, now)
    }

    fn process(&self, queued: &mut Queued) -> Result<(), Cause> {
        let Some(processor) = &self.processor else { return Ok(()) };
        match processor.process(&mut queued.chunk) {
            Ok(Processed::Send) => Ok(()),
            Ok(Processed::Drop) => Err(Cause::Processor),
            Err(Panicked) => {
                let spans = Spans(queued.tally.spans);
                let message =
                    format_args!("the processor panicked, and its trace of {spans} is lost");
                self.shared.log.limited(Topic::Processor, Instant::now(), &message);
                Err(Cause::ProcessorPanicked)
            }
        }
    }

    /// Counts a chunk in statistics, and removes the spans that sampling drops; returns `false` if
    /// these are all.
    fn sample_out(&mut self, queued: &mut Queued, now: SystemTime) -> bool {
        let had_stats = self.outgoing.has_stats();
        let left_out = self.outgoing.pass(&mut queued.chunk, now) as u64;
        if !had_stats && self.outgoing.has_stats() {
            self.shared.queue.hold_stats(true);
        }
        if left_out == 0 {
            return true;
        }
        if queued.chunk.is_empty() {
            self.sampled_out.add(queued.tally);
            return false;
        }
        self.sampled_out.add(Tally { spans: left_out, ..Tally::default() });
        queued.tally.spans -= left_out;
        true
    }

    /// Counts the chunks that were left out since the last call, before anything takes long.
    fn settle_sampled_out(&mut self) {
        let tally = mem::take(&mut self.sampled_out);
        if tally != Tally::default() {
            self.shared.queue.settle(tally, Outcome::SampledOut);
        }
    }

    /// The configured format, as far as the Agent takes it.
    fn format(&self) -> Format {
        let info = self.discovery.info();
        let wanted = Format {
            version: self.api_version,
            takes_span_events: self.has_native_span_events || info.takes_span_events(),
        };
        if info.has_endpoint(wanted.path()) {
            return wanted;
        }
        if self.discovery.has_response() {
            self.report_format(wanted.version, &"its /info does not list it");
        }
        Format { version: ApiVersion::V04, ..wanted }
    }

    /// Adds a chunk to the batch, which is sent before if both together are too large, and
    /// afterwards if it is worth a request: the bodies of all waiting chunks would take as much
    /// memory as the chunks. A chunk that is too large for one request is sent in parts.
    fn add(&mut self, batch: &mut Batch, mut queued: Queued) {
        let max_bytes = self.tuning.max_payload_bytes;
        while let Err(fitting) = batch.push(&queued, &self.origin, max_bytes) {
            if !batch.is_empty() {
                self.send(batch);
                continue;
            }
            let Some(part) = queued.split(fitting.max(1)) else {
                return self.drop_oversized(queued.tally);
            };
            if fitting == 0 {
                self.drop_oversized(part.tally);
            } else if batch.push(&part, &self.origin, max_bytes).is_ok() {
                batch.keep(part);
                self.send(batch);
            }
        }
        batch.keep(queued);
        if batch.payload.len() >= self.tuning.limits.batch_bytes {
            self.send(batch);
        }
    }

    fn drop_oversized(&self, tally: Tally) {
        let message = format_args!("dropped a span that is too large for a request");
        self.shared.log.limited(Topic::Oversized, Instant::now(), &message);
        self.shared.queue.settle(tally, Outcome::Dropped(Cause::TooLarge));
    }

    /// Sends the batch, and counts it as sent or dropped.
    fn send(&mut self, batch: &mut Batch) {
        if batch.is_empty() {
            return;
        }
        self.settle_sampled_out();
        let tally = mem::take(&mut batch.tally);
        let outcome = match self.deliver(&mut batch.payload) {
            Ok(response) => {
                self.report_arrival(tally);
                self.outgoing.told_left_out();
                self.learn(response);
                Outcome::Sent
            }
            Err(error) if error.is_unknown_format() && !batch.kept.is_empty() => {
                self.report_format(self.api_version, &error);
                return self.fall_back(batch);
            }
            Err(error) => {
                // Before it is counted, so that a waiting flush finds the line written.
                self.report_loss(tally, &error);
                Outcome::Dropped(error.cause())
            }
        };
        self.shared.queue.settle(tally, outcome);
        batch.begin(batch.payload.format());
    }

    /// Sends the same chunks in the format that every Agent takes, and all later ones as well.
    fn fall_back(&mut self, batch: &mut Batch) {
        self.api_version = ApiVersion::V04;
        let kept = mem::take(&mut batch.kept);
        batch.begin(self.format());
        for queued in kept {
            self.add(batch, queued);
        }
        self.send(batch);
    }

    fn learn(&mut self, response: Accepted) {
        self.discovery.hear(response.agent_state, Instant::now());
        if let Some(rates) = response.rates {
            self.shared.rates.replace(&rates);
        }
    }

    /// Sends a payload, several times if need be.
    fn deliver(&mut self, payload: &mut Payload) -> Result<Accepted, SendError> {
        let left_out = self.outgoing.left_out();
        self.retry(|client| client.send(payload, left_out))
    }

    /// Sends the statistics whose time is over, or all of them.
    fn send_stats(&mut self, with_open_ones: bool) {
        self.stats_due_at = Instant::now() + STATS_INTERVAL;
        if !self.outgoing.has_stats() {
            return;
        }
        for body in self.outgoing.take_stats(SystemTime::now(), with_open_ones) {
            if let Err(error) = self.retry(|client| client.send_stats(&body)) {
                let url = self.client.url();
                let advice = error.advice();
                let message = format_args!("cannot deliver statistics to {url}: {error}{advice}");
                self.shared.log.limited(Topic::Stats, Instant::now(), &message);
            }
        }
        self.shared.queue.hold_stats(self.outgoing.has_stats());
    }

    /// Sends something, several times if need be. Once the queue is closed, it has one attempt;
    /// once no call waits any more, none.
    fn retry<T>(
        &mut self,
        mut send: impl FnMut(&mut Client) -> Result<T, SendError>,
    ) -> Result<T, SendError> {
        let mut attempt = 1;
        loop {
            if self.shared.queue.is_abandoned() {
                return Err(SendError::Abandoned);
            }
            let error = match send(&mut self.client) {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let pause = self.tuning.retry.pause(attempt, jitter(random_number()));
            match pause.filter(|_| error.is_retryable()) {
                Some(pause) if self.shared.queue.pause(pause) => attempt += 1,
                _ => return Err(error),
            }
        }
    }

    /// Writes once that spans arrive.
    fn report_arrival(&mut self, tally: Tally) {
        if !mem::replace(&mut self.has_delivered, true) {
            let (url, spans) = (self.client.url(), Spans(tally.spans));
            let message = format_args!("the first {spans} arrived at {url}");
            self.shared.log.debug(&message);
        }
    }

    /// Reports once that the configured format is not the one in which traces are sent.
    fn report_format(&self, wanted: ApiVersion, reason: &dyn fmt::Display) {
        if wanted == ApiVersion::V04 {
            return; // The one that is left if there is no /info.
        }
        let url = self.client.url();
        let message = format_args!(
            "{url} does not take traces in {wanted} ({reason}); they are sent in {}. \
             Unset DD_TRACE_API_VERSION, or update the Datadog Agent",
            ApiVersion::V04
        );
        self.shared.log.once(Topic::Format, &message);
    }

    fn report_loss(&self, tally: Tally, error: &SendError) {
        let (url, spans) = (self.client.url(), Spans(tally.spans));
        let before = match self.shared.queue.metrics().dropped.total() {
            0 => String::new(),
            before => format!("; {} lost before", Spans(before)),
        };
        let advice = error.advice();
        let message = format_args!("cannot deliver {spans} to {url}: {error}{before}{advice}");
        self.shared.log.limited(Topic::Loss, Instant::now(), &message);
    }

    /// Reports spans for which there was no room, unless a loss was reported lately.
    fn report_overflow(&self) {
        let spans = self.shared.queue.take_overflow();
        if spans > 0 {
            let (url, spans) = (self.client.url(), Spans(spans));
            let message = format_args!("dropped {spans}: {url} does not accept them fast enough");
            self.shared.log.limited(Topic::Loss, Instant::now(), &message);
        }
    }
}

/// Drops the rest when the thread ends, so that a panic in it loses spans and nothing else.
#[derive(Debug)]
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}
