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
    agent::{Sender, Shared, Tuning, Watch},
    correlation::LogCorrelation,
    http::{Endpoint, HttpConfig, host::Host},
    log::{Log, Topic},
    propagation::{OrgGuard, Propagator},
    sampling::Sampler,
    seam,
};

#[derive(Debug)]
pub(super) struct Delivering {
    settings: Arc<Settings>,
    propagator: Arc<Propagator>,
    sampler: Sampler,
    http: Arc<HttpConfig>,
    correlation: LogCorrelation,
    shared: Arc<Shared>,
    is_shut_down: AtomicBool,
}

impl Delivering {
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
            log.line(warning);
        }
        let settings = Settings::new(config.service())
            .with_wide_trace_ids(config.has_wide_trace_ids())
            .with_partial_flush(config.partial_flush())
            .with_unfinished_after(config.unfinished_after());
        let settings = Arc::new(settings);
        let propagator = Arc::new(Propagator::new(config.propagation().clone()));
        let shared = Arc::new(Shared::new(&tuning, log));
        let watch = Watch::new(Arc::clone(&propagator), Arc::clone(&settings));
        let mut http = config.http().clone();
        let agent = config.agent_url();
        // No HTTP call of the application goes to a Unix socket.
        http.client.agent = agent
            .socket()
            .is_none()
            .then(|| Endpoint { host: Host::parse(agent.host()), port: Some(agent.port()) });
        Sender::start(config, Arc::clone(&shared), tuning, watch)?;
        Ok(Self {
            settings,
            propagator,
            correlation: LogCorrelation::of(config),
            sampler: Sampler::new(config, Arc::clone(&shared.rates), Instant::now()),
            http: Arc::new(http),
            shared,
            is_shut_down: AtomicBool::new(false),
        })
    }

    /// Waits until the Agent was asked what it can do, at most `timeout`; returns whether it
    /// answered.
    pub(super) fn wait_for_agent(&self, timeout: Duration) -> bool {
        self.shared.contact.wait(timeout)
    }

    /// What stands between us and other organisations, if it was asked for and the Agent has
    /// named ours.
    fn org_guard(&self) -> Option<OrgGuard<'_>> {
        OrgGuard::new(self.propagator.config(), || self.shared.org_marker.known())
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

impl Drop for Delivering {
    /// Lets the thread send what is left and end. Nothing waits for that: the thread itself may
    /// drop the last handle, with the last chunk.
    fn drop(&mut self) {
        self.shared.queue.close();
    }
}
