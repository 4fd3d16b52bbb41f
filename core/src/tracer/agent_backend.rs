//! The recorder and the propagator of a tracer that delivers to the Datadog Agent.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use packdog_api::{
    Misuse, Report, SpanContext, TraceId, Tracer,
    implementation::{Chunk, Decision, FinishedSpan, Recorder, Settings, TraceStart},
};

use super::guarded_propagator::GuardedPropagator;
use crate::{
    Config,
    agent::{Sender, Shared, Tuning, Watch},
    correlation::LogCorrelation,
    http::{Endpoint, HttpConfig, host::Host},
    log::{Log, Topic},
    parts,
    propagation::Propagator,
    sampling::Sampler,
};

#[derive(Debug)]
pub(super) struct AgentBackend {
    settings: Arc<Settings>,
    propagator: Arc<Propagator>,
    sampler: Sampler,
    shared: Arc<Shared>,
    is_shut_down: AtomicBool,
}

impl AgentBackend {
    /// Starts the delivery with its usual limits.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(super) fn start(config: &Config) -> io::Result<Self> {
        Self::with(config, Tuning::default(), Log::to_stderr())
    }

    /// Starts the delivery, and says what is wrong with the configuration.
    pub(super) fn with(config: &Config, tuning: Tuning, log: Log) -> io::Result<Self> {
        for warning in config.warnings() {
            log.line(&warning);
        }
        let settings = Settings::new(config.service())
            .with_128_bit_trace_ids(config.has_wide_trace_ids())
            .with_partial_flush(config.partial_flush())
            .with_unfinished_after(config.unfinished_after());
        let settings = Arc::new(settings);
        let propagator = Arc::new(Propagator::new(config.propagation().clone()));
        let shared = Arc::new(Shared::new(&tuning, log));
        let watch = Watch::new(Arc::clone(&propagator), Arc::clone(&settings));
        Sender::start(config, Arc::clone(&shared), tuning, watch)?;
        Ok(Self {
            settings,
            propagator,
            sampler: Sampler::new(config, Arc::clone(&shared.rates), Instant::now()),
            shared,
            is_shut_down: AtomicBool::new(false),
        })
    }

    /// Waits until the Agent was asked what it can do, at most `timeout`; returns whether it
    /// answered.
    pub(super) fn wait_for_agent(&self, timeout: Duration) -> bool {
        self.shared.contact.wait(timeout)
    }

    /// Returns a tracer that records here.
    pub(super) fn tracer(self: &Arc<Self>, config: &Config) -> Tracer {
        let propagator = GuardedPropagator {
            propagator: Arc::clone(&self.propagator),
            shared: Arc::clone(&self.shared),
        };
        parts::tracer_parts(Arc::clone(self), http_config(config), LogCorrelation::of(config))
            .propagator(Arc::new(propagator))
            .build()
    }
}

/// Returns the configuration of HTTP with the address of the Agent, whose calls are not traced.
fn http_config(config: &Config) -> HttpConfig {
    let mut http = config.http().clone();
    let agent = config.agent_url();
    // No HTTP call of the application goes to a Unix socket.
    let is_tcp = agent.socket().is_none();
    http.client.agent =
        is_tcp.then(|| Endpoint { host: Host::parse(agent.host()), port: Some(agent.port()) });
    http
}

impl Recorder for AgentBackend {
    fn begin(&self, parent: &SpanContext) -> Option<TraceStart> {
        if self.is_shut_down.load(Relaxed) {
            return None;
        }
        Some(parts::trace_start(&self.settings, &self.propagator, parent))
    }

    fn decide(&self, trace_id: TraceId, root: &FinishedSpan<'_>) -> Decision {
        self.sampler.decide(trace_id, root, Instant::now)
    }

    fn misused(&self, misuse: Misuse) {
        let message = format_args!("{misuse}; this is said once, and counted from now on");
        self.shared.log.misuse(misuse, &message);
    }

    fn collect(&self, chunk: Chunk) {
        self.shared.queue.push(chunk);
    }

    fn warn(&self, message: &dyn fmt::Display) {
        self.shared.log.line(message);
    }

    fn flush(&self, deadline: Instant) -> Report {
        self.shared.queue.flush(deadline)
    }

    fn shutdown(&self, deadline: Instant) -> Report {
        self.is_shut_down.store(true, Relaxed);
        let (report, dropped) = self.shared.queue.shutdown(deadline);
        let queued = report.queued;
        if dropped + queued > 0 {
            let message =
                format_args!("shut down with {queued} spans on their way and {dropped} dropped");
            self.shared.log.limited(Topic::Loss, Instant::now(), &message);
        }
        report
    }
}

impl Drop for AgentBackend {
    /// Lets the thread send what is left and end. Nothing waits for that: the thread itself may
    /// drop the last handle, with the last chunk.
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}
