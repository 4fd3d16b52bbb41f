//! What stands behind a tracer: it answers what recording asks, and hands chunks to the sender.

use std::{
    any::{Any, TypeId},
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use packdog_api::{
    Misuse, Report, SpanContext, TraceId,
    carrier::{Carrier, CarrierMut},
    implementer::{Begun, Chunk, Decision, FinishedSpan, Implementer, Settings},
};

use crate::{
    Config,
    agent::{OrgMarker, Sender, Watch, Worker},
    correlation::LogCorrelation,
    http::{Endpoint, HttpConfig, host::Host},
    log::Log,
    propagation::{OrgGuard, Propagator},
    sampling::Sampler,
    seam,
};

#[derive(Debug)]
pub(super) struct Delivering {
    settings: Arc<Settings>,
    propagator: Arc<Propagator>,
    org_marker: Arc<OrgMarker>,
    sampler: Sampler,
    http: Arc<HttpConfig>,
    correlation: LogCorrelation,
    sender: Sender,
    log: Arc<Log>,
    is_shut_down: AtomicBool,
}

impl Delivering {
    /// Starts the delivery with its usual limits.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(super) fn start(config: &Config) -> io::Result<Self> {
        let log = Arc::new(Log::to_stderr());
        Self::with(config, Worker::new(config, log))
    }

    /// Starts the delivery, and says what is wrong with the configuration.
    pub(super) fn with(config: &Config, mut worker: Worker) -> io::Result<Self> {
        for warning in config.warnings() {
            worker.log.line(warning);
        }
        let settings = Settings::new(config.service())
            .with_wide_trace_ids(config.has_wide_trace_ids())
            .with_partial_flush(config.partial_flush())
            .with_unfinished_after(config.unfinished_after());
        let settings = Arc::new(settings);
        let propagator = Arc::new(Propagator::new(config.propagation().clone()));
        worker.watch = Some(Watch::new(Arc::clone(&propagator), Arc::clone(&settings)));
        let mut http = config.http().clone();
        let agent = config.agent_url();
        // No HTTP call of the application goes to a Unix socket.
        http.client.agent = agent
            .socket()
            .is_none()
            .then(|| Endpoint { host: Host::parse(agent.host()), port: Some(agent.port()) });
        Ok(Self {
            settings,
            propagator,
            correlation: LogCorrelation::of(config),
            org_marker: Arc::clone(&worker.org_marker),
            sampler: Sampler::new(config, Arc::clone(&worker.rates), Instant::now()),
            http: Arc::new(http),
            log: Arc::clone(&worker.log),
            sender: Sender::start(worker)?,
            is_shut_down: AtomicBool::new(false),
        })
    }

    /// Waits until the Agent was asked what it can do, at most `timeout`; returns whether it
    /// answered.
    pub(super) fn wait_for_agent(&self, timeout: Duration) -> bool {
        self.sender.wait_for_agent(timeout)
    }

    /// What stands between us and other organisations, if it was asked for and the Agent has
    /// named ours.
    fn org_guard(&self) -> Option<OrgGuard<'_>> {
        OrgGuard::new(self.propagator.config(), || self.org_marker.known())
    }
}

impl Implementer for Delivering {
    fn begin(&self, parent: &SpanContext) -> Option<Begun> {
        if self.is_shut_down.load(Relaxed) {
            return None;
        }
        Some(seam::begun(&self.settings, &self.propagator, parent))
    }

    fn decide(&self, trace_id: TraceId, root: &FinishedSpan<'_>) -> Decision {
        self.sampler.decide(trace_id, root, Instant::now)
    }

    fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        let context = self.propagator.extract(carrier);
        match self.org_guard() {
            Some(guard) => guard.admit(context),
            None => context,
        }
    }

    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        match self.org_guard() {
            Some(guard) => self.propagator.inject(&guard.mark(context), carrier),
            None => self.propagator.inject(context, carrier),
        }
    }

    fn extension(&self, wanted: TypeId) -> Option<&dyn Any> {
        seam::extensions(&self.http, &self.correlation)
            .into_iter()
            .find(|extension| (*extension).type_id() == wanted)
    }

    fn misused(&self, misuse: Misuse) {
        let message = format_args!("{misuse}; this is said once, and counted from now on");
        self.log.misuse(misuse, &message);
    }

    fn collect(&self, chunk: Chunk) {
        self.sender.collect(chunk);
    }

    fn warn(&self, message: &dyn fmt::Display) {
        self.log.line(message);
    }

    fn flush(&self, deadline: Instant) -> Report {
        self.sender.flush(deadline)
    }

    fn shutdown(&self, deadline: Instant) -> Report {
        self.is_shut_down.store(true, Relaxed);
        self.sender.shutdown(deadline)
    }
}
