//! The thread that sends what the application's threads collect.
//!
//! It is the tracer's own, so that it needs no runtime and outlives the application's. It sends
//! every second, or when half of a payload has come together. It starts no spans.

use std::{
    io, mem,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use packdog_api::{Report, implementer::Chunk};

use super::{
    Client, Origin, Queue, Retry, Watch,
    batch::Batch,
    client::{Answer, SendError},
    info::{Asked, Discovery, OrgMarker},
    queue::{Outcome, Queued, Tally},
    wire::{Format, Payload},
};
use crate::{
    Config,
    config::ApiVersion,
    log::{Log, Topic},
    sampling::{AgentRates, SpanSampler},
};

/// How long chunks wait for others.
const INTERVAL: Duration = Duration::from_secs(1);
/// The most bytes of one body. The Datadog Agent takes 25 MB by default.
const MAX_PAYLOAD_BYTES: usize = 10 << 20;
/// How much memory the buffer keeps between two batches.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

/// The end of the queue that the application's threads see.
#[derive(Debug)]
pub(crate) struct Sender {
    queue: Arc<Queue>,
    asked: Arc<Asked>,
    log: Arc<Log>,
}

impl Sender {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(crate) fn start(worker: Worker) -> io::Result<Self> {
        let (queue, log) = (Arc::clone(&worker.queue), Arc::clone(&worker.log));
        let asked = Arc::clone(&worker.asked);
        thread::Builder::new().name("packdog-sender".to_owned()).spawn(move || worker.run())?;
        Ok(Self { queue, asked, log })
    }

    /// Takes a chunk; never waits.
    pub(crate) fn collect(&self, chunk: Chunk) {
        self.queue.push(chunk);
    }

    /// Waits until the Agent was asked what it can do, at most `timeout`; returns whether it
    /// answered.
    pub(crate) fn wait_for_agent(&self, timeout: Duration) -> bool {
        self.asked.wait(timeout)
    }

    pub(crate) fn flush(&self, deadline: Instant) -> Report {
        self.queue.flush(deadline)
    }

    pub(crate) fn shutdown(&self, deadline: Instant) -> Report {
        let (report, dropped) = self.queue.shutdown(deadline);
        let queued = report.queued;
        if dropped + queued > 0 {
            let message =
                format_args!("shut down with {queued} spans on their way and {dropped} dropped");
            self.log.limited(Topic::Loss, Instant::now(), &message);
        }
        report
    }
}

impl Drop for Sender {
    /// The thread sends what is there and ends. Nobody waits for that: the last handle may be
    /// dropped by the thread itself, with the last chunk.
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// What the thread works with.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) queue: Arc<Queue>,
    pub(crate) origin: Origin,
    pub(crate) client: Client,
    pub(crate) rates: Arc<AgentRates>,
    span_sampler: SpanSampler,
    pub(crate) org_marker: Arc<OrgMarker>,
    /// The wanted format, until an Agent refuses it.
    api_version: ApiVersion,
    has_native_span_events: bool,
    discovery: Discovery,
    asked: Arc<Asked>,
    pub(crate) retry: Retry,
    pub(crate) max_payload_bytes: usize,
    pub(crate) log: Arc<Log>,
    /// What to look after between two batches.
    pub(crate) watch: Option<Watch>,
}

impl Worker {
    pub(crate) fn new(config: &Config, log: Arc<Log>) -> Self {
        Self {
            queue: Arc::new(Queue::new(super::Limits::default())),
            origin: Origin::new(config),
            client: Client::new(config),
            rates: Arc::default(),
            span_sampler: SpanSampler::new(config, Instant::now()),
            org_marker: Arc::default(),
            api_version: config.api_version(),
            has_native_span_events: config.has_native_span_events(),
            discovery: Discovery::new(Instant::now()),
            asked: Arc::default(),
            retry: Retry::default(),
            max_payload_bytes: MAX_PAYLOAD_BYTES,
            log,
            watch: None,
        }
    }

    fn run(mut self) {
        // Whatever ends this thread, nobody waits for it any more.
        let _end = End(Arc::clone(&self.queue));
        let mut batch = Batch::new();
        loop {
            self.discover();
            let Some(chunks) = self.queue.take(INTERVAL, self.discovery.due_at()) else { return };
            // Before anything is counted as sent, so that whoever waits finds the lines written.
            if let Some(watch) = &self.watch {
                watch.tell(&self.log);
            }
            batch.begin(self.format());
            for mut queued in chunks {
                self.span_sampler.mark(&mut queued.chunk, Instant::now());
                self.add(&mut batch, queued);
            }
            self.send(&mut batch);
            batch.payload.shrink(KEPT_BUFFER_BYTES);
            self.report_overflow();
        }
    }

    /// Asks the Agent what it can do, if that is due.
    fn discover(&mut self) {
        if self.discovery.due_at() <= Instant::now() && !self.queue.is_abandoned() {
            let has_answered = self.discovery.ask(&self.client);
            // An Agent that is away for a while does not move us to another organisation.
            if has_answered {
                self.org_marker.replace(self.discovery.info().org_marker());
            }
            self.asked.tell(has_answered);
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

    /// Adds a chunk to the batch, which is sent before if both are too much.
    fn add(&mut self, batch: &mut Batch, mut queued: Queued) {
        queued.chunk.sort();
        let Err(queued) = batch.push(queued, &self.origin, self.max_payload_bytes) else { return };
        self.send(batch);
        let Err(queued) = batch.push(queued, &self.origin, self.max_payload_bytes) else { return };
        let spans = queued.tally.spans;
        let message = format_args!("dropped {spans} spans of one trace: too large for a request");
        self.log.limited(Topic::Oversized, Instant::now(), &message);
        self.queue.settle(queued.tally, Outcome::Dropped);
    }

    /// Sends the batch, and counts it as sent or dropped.
    fn send(&mut self, batch: &mut Batch) {
        let tally = mem::take(&mut batch.tally);
        if tally.chunks == 0 {
            return;
        }
        let outcome = match self.deliver(&mut batch.payload) {
            Ok(answer) => {
                self.learn(answer);
                Outcome::Sent
            }
            Err(error) if error.is_unknown_format() && !batch.kept.is_empty() => {
                return self.fall_back(batch);
            }
            Err(error) => {
                // Said before it is counted, so that whoever waits finds the line written.
                self.report_loss(tally, &error);
                Outcome::Dropped
            }
        };
        self.queue.settle(tally, outcome);
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

    fn learn(&mut self, answer: Answer) {
        self.discovery.hear(answer.agent_state, Instant::now());
        if let Some(rates) = answer.rates {
            self.rates.replace(&rates);
        }
    }

    /// Sends a payload, several times if need be. Once the queue is closed, it has one attempt;
    /// once nobody waits any more, none.
    fn deliver(&mut self, payload: &mut Payload) -> Result<Answer, SendError> {
        let mut attempt = 1;
        loop {
            if self.queue.is_abandoned() {
                return Err(SendError::Abandoned);
            }
            let error = match self.client.send(payload) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let pause = self.retry.pause(attempt, fastrand::f64());
            match pause.filter(|_| error.is_retryable()) {
                Some(pause) if self.queue.pause(pause) => attempt += 1,
                _ => return Err(error),
            }
        }
    }

    fn report_loss(&self, tally: Tally, error: &SendError) {
        let (url, spans) = (self.client.url(), tally.spans);
        let before = self.queue.report().dropped;
        let message = format_args!(
            "cannot deliver {spans} spans to {url}: {error}; {before} were dropped before"
        );
        self.log.limited(Topic::Loss, Instant::now(), &message);
    }

    /// Says that there was no room for spans, unless the loss was told already.
    fn report_overflow(&self) {
        let spans = self.queue.take_overflow();
        if spans > 0 {
            let url = self.client.url();
            let message = format_args!(
                "dropped {spans} spans: more of them finish than {url} takes in the same time"
            );
            self.log.limited(Topic::Loss, Instant::now(), &message);
        }
    }
}

/// Drops what is left when the thread ends, so that a panic in it loses spans and nothing else.
#[derive(Debug)]
struct End(Arc<Queue>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
