//! The seam where an implementation is installed. Applications never call what is here.
//!
//! An implementation is asked once per trace in this process, when headers are read or written,
//! and when finished spans leave; never per span or per tag. A trace keeps the implementation
//! with which it began.
//!
//! This module may change in a minor version: an implementation depends on a narrow range of
//! this package. Two incompatible versions of it in one build do not see each other.

use std::{
    any::{Any, TypeId},
    borrow::Cow,
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
    time::{Duration, Instant},
};

use smol_str::SmolStr;

pub use crate::{
    carrier::InjectedHeaders,
    misuse::Misuse,
    report::Report,
    trace::{Chunk, Decision, FinishedSpan},
};
use crate::{
    carrier::{Carrier, CarrierMut},
    span::{SpanContext, TagValue, TraceId},
    tracer::{Tracer, Unfinished, UnfinishedSpan},
};

/// What stands behind a [`Tracer`].
///
/// Unwind safe, so that applications can hold spans across `catch_unwind`.
pub trait Implementer: fmt::Debug + Send + Sync + UnwindSafe + RefUnwindSafe + 'static {
    /// A trace begins in this process, or continues here with the context that came by headers.
    /// `None` records nothing of it.
    fn begin(&self, parent: &SpanContext) -> Option<Begun>;

    /// Decides whether a trace is kept; at most once per trace, at its first injection or when
    /// its first spans leave. Must neither block nor start spans.
    fn decide(&self, trace_id: TraceId, root: &FinishedSpan<'_>) -> Decision;

    /// Reads what headers say.
    fn extract(&self, carrier: &dyn Carrier) -> SpanContext;

    /// Writes headers; returns what went wrong, as the value of `_dd.propagation_error`.
    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str>;

    /// What packages above this one want to know of the configuration: the value of the `wanted`
    /// type, which they find through [`extension`]. Nothing by default.
    fn extension(&self, wanted: TypeId) -> Option<&dyn Any> {
        let _ = wanted;
        None
    }

    /// Takes finished spans. Must not block.
    fn collect(&self, chunk: Chunk);

    /// Learns of a call that could not do what it says; only when it happens. To be counted or
    /// warned about; must neither block nor start spans.
    fn misused(&self, misuse: Misuse) {
        let _ = misuse;
    }

    /// Tells whoever runs the application about something that needs a change of settings; what
    /// is said here happens seldom. By default nobody is told.
    fn warn(&self, message: &dyn fmt::Display) {
        let _ = message;
    }

    /// Waits until all that was collected has been sent, or until `deadline`.
    fn flush(&self, deadline: Instant) -> Report;

    /// Flushes, and then records nothing any more.
    fn shutdown(&self, deadline: Instant) -> Report;
}

/// What an implementation says when a trace begins.
#[derive(Debug)]
pub struct Begun {
    /// Shared by all traces until the configuration changes.
    pub settings: Arc<Settings>,
    /// Tags of the local root; they give way to those of the application.
    pub tags: Vec<(Cow<'static, str>, TagValue)>,
}

impl Begun {
    /// These settings, and no tags.
    pub fn new(settings: Arc<Settings>) -> Self {
        Self { settings, tags: Vec::new() }
    }
}

/// The most finished spans of one trace that wait for the others; so many leave, also where
/// partial flush is off or set to more.
pub const MAX_WAITING_SPANS: usize = 10_000;

/// What recording needs to know of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    service: SmolStr,
    has_wide_trace_ids: bool,
    partial_flush_min_spans: usize,
    unfinished: Option<Arc<Unfinished>>,
}

impl Settings {
    /// The default service, 128-bit ids for new traces, and partial flush at 300 spans.
    pub fn new(service: &str) -> Self {
        Self {
            service: SmolStr::new(service),
            has_wide_trace_ids: true,
            partial_flush_min_spans: 300,
            unfinished: None,
        }
    }

    /// Whether new traces get ids of 128 bits; 64 otherwise.
    pub fn with_wide_trace_ids(mut self, has_wide_trace_ids: bool) -> Self {
        self.has_wide_trace_ids = has_wide_trace_ids;
        self
    }

    /// How many finished spans leave before their trace is complete; `None` for none, as long as
    /// no more than [`MAX_WAITING_SPANS`] wait.
    pub fn with_partial_flush(mut self, min_spans: Option<usize>) -> Self {
        self.partial_flush_min_spans =
            min_spans.map_or(MAX_WAITING_SPANS, |min_spans| min_spans.min(MAX_WAITING_SPANS));
        self
    }

    /// Watches open spans, to find those that are open longer than this; `None`, the default,
    /// watches nothing.
    ///
    /// For debugging: each span then takes a lock that all threads share.
    pub fn with_unfinished_after(mut self, after: Option<Duration>) -> Self {
        self.unfinished = after.map(|after| Arc::new(Unfinished::new(after)));
        self
    }

    /// The spans that are open too long, the oldest first; what
    /// [`Tracer::unfinished`] gives, for an implementation that has no tracer at hand.
    pub fn unfinished(&self) -> Vec<UnfinishedSpan> {
        self.unfinished.as_ref().map(|unfinished| unfinished.list()).unwrap_or_default()
    }

    /// The service of spans that have neither one of their own nor a local parent.
    pub fn service(&self) -> &str {
        &self.service
    }

    pub(crate) fn service_text(&self) -> SmolStr {
        self.service.clone()
    }

    pub(crate) fn has_wide_trace_ids(&self) -> bool {
        self.has_wide_trace_ids
    }

    pub(crate) fn partial_flush_min_spans(&self) -> usize {
        self.partial_flush_min_spans
    }

    pub(crate) fn watch(&self) -> Option<&Arc<Unfinished>> {
        self.unfinished.as_ref()
    }
}

/// A tracer that this implementation stands behind.
///
/// To be called once: what all spans of a tracer share belongs to this tracer and its clones.
pub fn tracer(implementer: Arc<dyn Implementer>) -> Tracer {
    Tracer::new(implementer)
}

/// What the implementation behind `tracer` says to packages above this one with a `T`.
pub fn extension<T: Any>(tracer: &Tracer) -> Option<&T> {
    tracer.implementer()?.extension(TypeId::of::<T>())?.downcast_ref()
}

/// Hands a warning to what stands behind a tracer, which says it among its own messages.
pub fn warn(tracer: &Tracer, message: &dyn fmt::Display) {
    if let Some(implementer) = tracer.implementer() {
        implementer.warn(message);
    }
}

/// Makes a tracer the global one, once and for all.
///
/// # Errors
/// Another one is installed already.
pub fn install(tracer: Tracer) -> Result<(), AlreadyInstalled> {
    Tracer::install(tracer)
}

/// A tracer is installed in this process already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlreadyInstalled;

impl fmt::Display for AlreadyInstalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tracer is already installed in this process")
    }
}

impl std::error::Error for AlreadyInstalled {}
