//! The recorder and the propagator of a tracer that delivers to the Datadog Agent.

use std::{
    fmt, io,
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use packdog_api::{
    Metrics, Misuse, Report, SpanContext, TraceId, Tracer,
    implementation::{Chunk, Decision, FinishedSpan, Recorder, RootTags, Settings, TraceStart},
};

use super::{guarded_propagator::GuardedPropagator, misuse_message::MisuseMessage};
use crate::{
    Config,
    agent::{Delivery, PerProcess, Shared, Tuning, Watch},
    http::{Endpoint, HttpConfig, host::Host},
    log::Log,
    parts,
    propagation::Propagator,
};

#[derive(Debug)]
pub(super) struct AgentBackend {
    config: Arc<Config>,
    tuning: Tuning,
    settings: Arc<Settings>,
    propagator: Arc<Propagator>,
    delivery: Arc<PerProcess<Delivery>>,
    is_shut_down: AtomicBool,
}

impl AgentBackend {
    /// Starts the delivery with its usual limits.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(super) fn start(config: &Config) -> io::Result<Self> {
        Self::with(config, Tuning::default(), Log::of(config))
    }

    /// Starts the delivery, and logs the warnings of the configuration.
    pub(super) fn with(config: &Config, tuning: Tuning, log: Log) -> io::Result<Self> {
        for warning in config.warnings() {
            log.line(&warning);
        }
        let settings = Settings::new(config.service())
            .with_128_bit_trace_ids(config.has_128_bit_trace_ids())
            .with_partial_flush(config.partial_flush())
            .with_unfinished_after(config.unfinished_after());
        let settings = Arc::new(settings);
        let propagator = Arc::new(Propagator::new(config.propagation().clone()));
        let watch = Watch::new(Arc::clone(&propagator), Arc::clone(&settings));
        let delivery = Delivery::start(config, tuning, log, watch)?;
        Ok(Self {
            config: Arc::new(config.clone()),
            tuning,
            settings,
            propagator,
            delivery: Arc::new(PerProcess::new(delivery)),
            is_shut_down: AtomicBool::new(false),
        })
    }

    /// The delivery of the process that is running: a forked child gets one of its own when it
    /// first needs it.
    fn delivery(&self) -> &Delivery {
        self.delivery.get(|| self.start_in_child())
    }

    /// The queue and the log of the process that is running, unless it is a forked child that has
    /// not needed them.
    fn shared(&self) -> Option<&Shared> {
        self.delivery.existing().map(|delivery| &*delivery.shared)
    }

    fn start_in_child(&self) -> Delivery {
        let watch = Watch::new(Arc::clone(&self.propagator), Arc::clone(&self.settings));
        Delivery::start_in_child(&self.config, self.tuning, watch)
    }

    /// Waits for the first response to `/info`, at most `timeout`; returns whether the Agent
    /// responded.
    pub(super) fn wait_for_agent(&self, timeout: Duration) -> bool {
        self.delivery().shared.contact.wait(timeout)
    }

    /// Returns a tracer that records here.
    pub(super) fn tracer(self: &Arc<Self>, config: &Config) -> Tracer {
        let propagator = GuardedPropagator {
            propagator: Arc::clone(&self.propagator),
            delivery: Arc::clone(&self.delivery),
        };
        parts::tracer_parts(Arc::clone(self), config, http_config(config))
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
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        if self.is_shut_down.load(Relaxed) {
            return None;
        }
        Some(TraceStart::new(Arc::clone(&self.settings)))
    }

    fn tag_root(&self, parent: &SpanContext, root: &mut RootTags<'_>) {
        parts::tag_root(&self.propagator, parent, root);
    }

    fn decide(&self, trace_id: TraceId, root: &FinishedSpan<'_>) -> Decision {
        self.delivery().sampler.decide(trace_id, root, Instant::now)
    }

    fn misused(&self, misuse: Misuse, place: Option<&'static Location<'static>>) {
        let message = MisuseMessage { misuse, place };
        self.delivery().shared.log.misuse(misuse, &message);
    }

    fn collect(&self, chunk: Chunk) {
        let delivery = self.delivery.of(chunk.process_id(), || self.start_in_child());
        delivery.shared.queue.push(chunk);
    }

    fn lost(&self, spans: u64) {
        self.delivery().shared.queue.lose(spans);
    }

    fn warn(&self, message: &dyn fmt::Display) {
        self.delivery().shared.log.line(message);
    }

    fn metrics(&self) -> Metrics {
        self.shared().map(|shared| shared.queue.metrics()).unwrap_or_default()
    }

    fn flush(&self, deadline: Instant) -> Report {
        let Some(shared) = self.shared() else { return Report::default() };
        let report = shared.queue.flush(deadline);
        shared.log.settle();
        report
    }

    fn shutdown(&self, deadline: Instant) -> Report {
        self.is_shut_down.store(true, Relaxed);
        let Some(shared) = self.shared() else { return Report::default() };
        let (report, dropped) = shared.queue.shutdown(deadline);
        shared.report_loss(report, dropped);
        shared.log.settle();
        report
    }
}
