//! An implementation for the tests of this package: it keeps the chunks that it receives.

use std::{
    panic::Location,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Instant,
};

use crate::{
    carrier::CarrierMut,
    implementation,
    misuse::Misuse,
    recording::{
        Chunk, Decision, FinishedSpan, Propagator, RootTags, Settings, TraceStart, Tracer,
    },
    report::Report,
    sync::{Mutex, MutexGuard, lock},
    tracer::TracerParts,
    values::{SamplingMechanism, SamplingPriority, SpanContext, SpanId, SpanLink, TraceId},
};

#[derive(Debug)]
pub(crate) struct Recorder {
    settings: Arc<Settings>,
    chunks: Mutex<Vec<Chunk>>,
    pub(crate) decisions: AtomicUsize,
    decision: Mutex<Decision>,
    root_tags: Mutex<Vec<(&'static str, &'static str)>>,
    misuses: Mutex<Vec<Misuse>>,
    places: Mutex<Vec<&'static Location<'static>>>,
    lost: Mutex<usize>,
    warnings: Mutex<Vec<String>>,
    flushes: Mutex<usize>,
    held_flushes: AtomicUsize,
}

/// A tracer of the service `users` that flushes partially at three spans.
pub(crate) fn tracer() -> (Tracer, Arc<Recorder>) {
    tracer_with(Settings::new("users").with_partial_flush(Some(3)))
}

pub(crate) fn tracer_with(settings: Settings) -> (Tracer, Arc<Recorder>) {
    let (parts, recorder) = parts_with(settings);
    (parts.build(), recorder)
}

/// The parts of a tracer, which may still be changed.
pub(crate) fn tracer_of() -> (TracerParts, Arc<Recorder>) {
    parts_with(Settings::new("users"))
}

fn parts_with(settings: Settings) -> (TracerParts, Arc<Recorder>) {
    let keep = Decision::new(SamplingPriority::AUTO_KEEP, SamplingMechanism::DEFAULT);
    let recorder = Arc::new(Recorder {
        settings: Arc::new(settings),
        chunks: Mutex::default(),
        decisions: AtomicUsize::new(0),
        decision: Mutex::new(keep),
        root_tags: Mutex::default(),
        misuses: Mutex::default(),
        places: Mutex::default(),
        lost: Mutex::default(),
        warnings: Mutex::default(),
        flushes: Mutex::default(),
        held_flushes: AtomicUsize::new(0),
    });
    let parts = TracerParts::new(Arc::clone(&recorder)).propagator(Arc::new(PlainBaggage));
    (parts, recorder)
}

impl Recorder {
    pub(crate) fn chunks(&self) -> Vec<Chunk> {
        std::mem::take(&mut lock(&self.chunks))
    }

    /// The names of the spans of each chunk.
    pub(crate) fn names(&self) -> Vec<Vec<String>> {
        self.chunks()
            .iter_mut()
            .map(|chunk| {
                chunk.sort();
                chunk.spans().map(|span| span.name().to_owned()).collect()
            })
            .collect()
    }

    /// The lines of the code that reported misuses are about, as far as they are known.
    pub(crate) fn lines_of_misuses(&self) -> Vec<u32> {
        lock(&self.places).iter().map(|place| place.line()).collect()
    }

    /// The reported misuses, in order.
    pub(crate) fn misuses(&self) -> Vec<Misuse> {
        std::mem::take(&mut lock(&self.misuses))
    }

    /// The number of spans dropped because too many bytes were held.
    pub(crate) fn lost(&self) -> usize {
        *lock(&self.lost)
    }

    /// The warnings, in order.
    pub(crate) fn warnings(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.warnings))
    }

    pub(crate) fn give_roots(&self, key: &'static str, value: &'static str) {
        lock(&self.root_tags).push((key, value));
    }

    pub(crate) fn decide_with(&self, decision: Decision) {
        *lock(&self.decision) = decision;
    }

    /// No flush ends before the returned guard is dropped.
    pub(crate) fn hold_flush(&self) -> MutexGuard<'_, usize> {
        lock(&self.flushes)
    }

    /// The number of threads that are in a flush.
    pub(crate) fn held_flushes(&self) -> usize {
        self.held_flushes.load(SeqCst)
    }

    /// The number of flushes and shutdowns.
    pub(crate) fn flushes(&self) -> usize {
        *lock(&self.flushes)
    }
}

/// A span as it was recorded.
#[derive(Debug)]
pub(crate) struct RecordedSpan {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) name: String,
    pub(crate) links: Vec<SpanLink>,
    pub(crate) is_error: bool,
}

/// The spans of all chunks, in the order of their finishing.
pub(crate) fn recorded(recorder: &Recorder) -> Vec<RecordedSpan> {
    let chunks = recorder.chunks();
    let spans = chunks.iter().flat_map(|chunk| {
        chunk.spans().map(|span| RecordedSpan {
            trace_id: chunk.trace_id(),
            span_id: span.span_id(),
            name: span.name().to_owned(),
            links: span.links().to_vec(),
            is_error: span.is_error(),
        })
    });
    spans.collect()
}

/// Yields to other threads until `condition` holds.
pub(crate) fn wait_for(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::yield_now();
    }
}

impl implementation::Recorder for Recorder {
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::clone(&self.settings)))
    }

    fn tag_root(&self, _: &SpanContext, root: &mut RootTags<'_>) {
        lock(&self.root_tags).iter().for_each(|&(key, value)| root.set(key, value));
    }

    fn decide(&self, _: TraceId, _: &FinishedSpan<'_>) -> Decision {
        self.decisions.fetch_add(1, SeqCst);
        lock(&self.decision).clone()
    }

    fn collect(&self, chunk: Chunk) {
        lock(&self.chunks).push(chunk);
    }

    fn lost(&self, spans: u64) {
        *lock(&self.lost) += spans as usize;
    }

    fn misused(&self, misuse: Misuse, place: Option<&'static Location<'static>>) {
        lock(&self.misuses).push(misuse);
        lock(&self.places).extend(place);
    }

    fn warn(&self, message: &dyn std::fmt::Display) {
        lock(&self.warnings).push(message.to_string());
    }

    fn flush(&self, _: Instant) -> Report {
        self.held_flushes.fetch_add(1, SeqCst);
        *lock(&self.flushes) += 1;
        self.held_flushes.fetch_sub(1, SeqCst);
        Report::new(1, 2, 3)
    }
}

/// Injects baggage items as headers of their names.
#[derive(Debug)]
struct PlainBaggage;

impl Propagator for PlainBaggage {
    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        for (key, value) in context.baggage().iter() {
            carrier.set(key, value);
        }
        None
    }
}
