//! The thread that sends finished spans.
//!
//! It belongs to the tracer, so that it needs no runtime and outlives the application's. It sends
//! every second, or when a batch has come together. It starts no spans.

use std::{io, mem, sync::Arc, thread, time::Instant};

use super::{
    Client, Origin, Shared, Tuning, Watch,
    batch::Batch,
    client::{Accepted, InfoClient, SendError},
    discovery::Discovery,
    queue::{Cause, Outcome, Queued, Spans, Tally},
    wire::{Format, Payload},
};
use crate::{
    Config,
    config::ApiVersion,
    log::Topic,
    processor::{Panicked, Processed, Processor},
    sampling::SpanSampler,
};

/// How much memory the buffer keeps between two batches.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

/// The thread that sends, and what only it touches.
#[derive(Debug)]
pub(crate) struct Sender {
    shared: Arc<Shared>,
    tuning: Tuning,
    origin: Origin,
    client: Client,
    info_client: InfoClient,
    processor: Option<Processor>,
    span_sampler: SpanSampler,
    /// The wanted format, until an Agent refuses it.
    api_version: ApiVersion,
    has_native_span_events: bool,
    discovery: Discovery,
    watch: Watch,
    /// Whether the Agent has accepted any spans.
    has_delivered: bool,
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
            span_sampler: SpanSampler::new(config, Instant::now()),
            api_version: config.api_version(),
            has_native_span_events: config.has_native_span_events(),
            discovery: Discovery::new(Instant::now()),
            watch,
            has_delivered: false,
        };
        thread::Builder::new().name("packdog-sender".to_owned()).spawn(move || sender.run())?;
        Ok(())
    }

    fn run(mut self) {
        // However this thread ends, no other one waits for it any more.
        let _end = End(Arc::clone(&self.shared));
        let mut batch = Batch::new();
        loop {
            self.discovery.advance(Instant::now(), &self.info_client, &self.shared);
            let due_at = self.discovery.due_at();
            let Some(chunks) = self.shared.queue.take(self.tuning.interval, due_at) else { return };
            // Before anything is counted as sent, so that a waiting flush finds the lines written.
            self.watch.report(&self.shared.log);
            // The response may have come meanwhile.
            self.discovery.advance(Instant::now(), &self.info_client, &self.shared);
            batch.begin(self.format());
            for queued in chunks {
                if let Some(queued) = self.prepare(queued) {
                    self.add(&mut batch, queued);
                }
            }
            self.send(&mut batch);
            batch.payload.shrink(KEPT_BUFFER_BYTES);
            self.report_overflow();
        }
    }

    /// Takes a finished chunk to where it can be encoded; `None` if it ends before.
    ///
    /// ```text
    /// finished chunk ──▶ processor ──▶ sampling of single spans ──▶ encoding
    /// ```
    /// Everything that looks at a chunk sees its spans in their final order.
    fn prepare(&self, mut queued: Queued) -> Option<Queued> {
        queued.chunk.sort();
        if let Err(cause) = self.process(&mut queued) {
            self.shared.queue.settle(queued.tally, Outcome::Dropped(cause));
            return None;
        }
        self.span_sampler.mark(&mut queued.chunk, Instant::now());
        Some(queued)
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

    /// The configured format, as far as the Agent takes it.
    fn format(&self) -> Format {
        let info = self.discovery.info();
        let wanted = Format {
            version: self.api_version,
            takes_span_events: self.has_native_span_events || info.takes_span_events(),
        };
        match info.has_endpoint(wanted.path()) {
            true => wanted,
            false => Format { version: ApiVersion::V04, ..wanted },
        }
    }

    /// Adds a chunk to the batch, which is sent before if both together are too large. A chunk
    /// that is too large for one request is sent in parts.
    fn add(&mut self, batch: &mut Batch, mut queued: Queued) {
        let max_bytes = self.tuning.max_payload_bytes;
        while let Err((rest, fitting)) = batch.push(queued, &self.origin, max_bytes) {
            queued = rest;
            if !batch.is_empty() {
                self.send(batch);
                continue;
            }
            let Some(part) = queued.split(fitting.max(1)) else {
                return self.drop_oversized(queued.tally);
            };
            if fitting == 0 {
                self.drop_oversized(part.tally);
            } else if batch.push(part, &self.origin, max_bytes).is_ok() {
                self.send(batch);
            }
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
        let tally = mem::take(&mut batch.tally);
        let outcome = match self.deliver(&mut batch.payload) {
            Ok(response) => {
                self.report_arrival(tally);
                self.learn(response);
                Outcome::Sent
            }
            Err(error) if error.is_unknown_format() && !batch.kept.is_empty() => {
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

    /// Sends a payload, several times if need be. Once the queue is closed, it has one attempt;
    /// once no call waits any more, none.
    fn deliver(&mut self, payload: &mut Payload) -> Result<Accepted, SendError> {
        let mut attempt = 1;
        loop {
            if self.shared.queue.is_abandoned() {
                return Err(SendError::Abandoned);
            }
            let error = match self.client.send(payload) {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let pause = self.tuning.retry.pause(attempt, fastrand::f64());
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

    fn report_loss(&self, tally: Tally, error: &SendError) {
        let (url, spans) = (self.client.url(), Spans(tally.spans));
        let before = Spans(self.shared.queue.metrics().dropped.total());
        let message =
            format_args!("cannot deliver {spans} to {url}: {error}; {before} lost before");
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

/// Drops what is left when the thread ends, so that a panic in it loses spans and nothing else.
#[derive(Debug)]
struct End(Arc<Shared>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}
