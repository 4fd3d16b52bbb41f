//! Finished spans, over generated traces: the bytes that are kept stay within their bound, and each
//! span is in exactly one count at any moment.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use packdog::{
    Baggage, Config, OwnedSpan, Tracer,
    config::LogLevel,
    limits::Report,
    span::{SpanContext, SpanEvent},
    test_util::agent::FakeAgent,
};
use packdog_api::implementation::{
    Chunk, FinishedSpan, Recorder, Settings, TraceStart, TracerParts,
};
use proptest::{collection::vec, prelude::*, sample::Index};

/// Small, so that short programs reach it.
const MAX_BYTES: usize = 64 << 10;
/// The number of finished spans that leave an open trace.
const PARTIAL_FLUSH: usize = 3;
/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);

/// Keeps the chunks that it is given until they are sent.
#[derive(Debug)]
struct Keeping {
    settings: Arc<Settings>,
    chunks: Mutex<Vec<Chunk>>,
    lost: AtomicU64,
}

impl Recorder for Keeping {
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::clone(&self.settings)))
    }

    fn collect(&self, chunk: Chunk) {
        self.chunks.lock().unwrap().push(chunk);
    }

    fn lost(&self, spans: u64) {
        self.lost.fetch_add(spans, SeqCst);
    }
}

impl Keeping {
    fn start(partial_flush: Option<usize>) -> (Tracer, Arc<Self>) {
        let settings = Settings::new("users");
        let settings = settings.with_max_held_bytes(MAX_BYTES).with_partial_flush(partial_flush);
        let keeping = Arc::new(Self {
            settings: Arc::new(settings),
            chunks: Mutex::default(),
            lost: AtomicU64::new(0),
        });
        (TracerParts::new(Arc::clone(&keeping)).build(), keeping)
    }

    /// Takes the chunk at this place out, as if it was sent, and returns the number of its spans.
    fn send(&self, index: &Index) -> u64 {
        let mut chunks = self.chunks.lock().unwrap();
        if chunks.is_empty() {
            return 0;
        }
        let index = index.index(chunks.len());
        chunks.remove(index).len() as u64
    }

    /// The accounted bytes of the chunks, which are never less than their content.
    fn kept_bytes(&self) -> Result<usize, TestCaseError> {
        let mut sum = 0;
        for chunk in &*self.chunks.lock().unwrap() {
            let origin = chunk.remote().origin().map_or(0, str::len);
            let texts = chunk.spans().map(|span| origin + bytes(&span)).sum::<usize>();
            prop_assert!(texts <= chunk.memory_bytes(), "{texts} > {}", chunk.memory_bytes());
            sum += chunk.memory_bytes();
        }
        Ok(sum)
    }

    fn kept_spans(&self) -> u64 {
        self.chunks.lock().unwrap().iter().map(|chunk| chunk.len() as u64).sum()
    }
}

/// The bytes of the texts and numbers of a span.
fn bytes(span: &FinishedSpan<'_>) -> usize {
    let tags = span.tags().map(|(key, value)| key.len() + value.as_str().map_or(8, str::len));
    let events = span.events().iter().map(|event| {
        let attributes = event.attributes().map(|(key, _)| key.len());
        event.name().len() + attributes.sum::<usize>()
    });
    let names = [span.service(), span.name(), span.resource(), span.span_type()];
    tags.sum::<usize>() + events.sum::<usize>() + names.map(str::len).iter().sum::<usize>()
}

/// A step of an application.
#[derive(Clone, Debug)]
enum Step {
    /// Continues a caller's trace, with an origin and baggage of these lengths.
    Root {
        origin: usize,
        baggage: usize,
    },
    Child(Index),
    Tag {
        span: Index,
        key: u8,
        bytes: usize,
    },
    Event {
        span: Index,
        bytes: usize,
    },
    Baggage {
        span: Index,
        bytes: usize,
    },
    Finish(Index),
    Send(Index),
    Flush,
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        2 => (0..300_usize, 0..3_000_usize)
            .prop_map(|(origin, baggage)| Step::Root { origin, baggage }),
        6 => index().prop_map(Step::Child),
        6 => (index(), 0..20_u8, 0..9_000_usize)
            .prop_map(|(span, key, bytes)| Step::Tag { span, key, bytes }),
        2 => (index(), 0..2_000_usize).prop_map(|(span, bytes)| Step::Event { span, bytes }),
        1 => (index(), 0..2_000_usize).prop_map(|(span, bytes)| Step::Baggage { span, bytes }),
        6 => index().prop_map(Step::Finish),
        2 => index().prop_map(Step::Send),
        1 => Just(Step::Flush),
    ]
}

fn root(tracer: &Tracer, origin: usize, baggage: usize) -> OwnedSpan {
    let context = SpanContext::new()
        .with_origin(&"o".repeat(origin))
        .with_baggage(Baggage::from_iter([("item", "b".repeat(baggage))]));
    tracer.span("root").child_of(context).start()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_of_finished_spans_stay_within_their_bound(
        partial_flush in prop_oneof![Just(None), (1..20_usize).prop_map(Some)],
        steps in vec(step(), 1..200),
    ) {
        let (tracer, keeping) = Keeping::start(partial_flush);
        let mut open = Vec::<OwnedSpan>::new();
        let (mut created, mut sent) = (0, 0);
        for step in steps {
            let span = |index: &Index| (!open.is_empty()).then(|| &open[index.index(open.len())]);
            match &step {
                Step::Root { origin, baggage } => {
                    open.push(root(&tracer, *origin, *baggage));
                    created += 1;
                }
                Step::Child(index) => {
                    if let Some(child) = span(index).map(|parent| parent.child("child").start()) {
                        open.push(child);
                        created += 1;
                    }
                }
                Step::Tag { span: index, key, bytes } => {
                    let set = |span: &OwnedSpan| span.set_tag(format!("key{key}"), "x".repeat(*bytes));
                    span(index).map(set).unwrap_or_default();
                }
                Step::Event { span: index, bytes } => {
                    let event = SpanEvent::new("e".repeat(*bytes)).with_attribute("key", "value");
                    span(index).map(|span| span.add_event(event)).unwrap_or_default();
                }
                Step::Baggage { span: index, bytes } => {
                    let value = "b".repeat(*bytes);
                    span(index).map(|span| span.baggage().set("more", &value)).unwrap_or_default();
                }
                Step::Finish(index) => {
                    if !open.is_empty() {
                        open.swap_remove(index.index(open.len())).finish();
                    }
                }
                Step::Send(index) => sent += keeping.send(index),
                Step::Flush => drop(tracer.flush(Duration::ZERO)),
            }
            let kept = keeping.kept_bytes()?;
            prop_assert!(kept <= MAX_BYTES, "{kept} bytes after {step:?}");
            let known = sent + keeping.kept_spans() + keeping.lost.load(SeqCst);
            prop_assert!(known + open.len() as u64 <= created, "after {step:?}");
        }
        drop(open);
        let known = sent + keeping.kept_spans() + keeping.lost.load(SeqCst);
        prop_assert_eq!(known, created, "every span has left, once");
        keeping.chunks.lock().unwrap().clear();
        // All room is free again: a trace of nearly that size fits.
        let before = keeping.lost.load(SeqCst);
        let whole = tracer.span("whole").start();
        (0..2).for_each(|n| whole.set_tag(format!("key{n}"), "x".repeat(20_000)));
        whole.finish();
        prop_assert_eq!((keeping.kept_spans(), keeping.lost.load(SeqCst)), (1, before));
    }
}

/// A step of an application with an unreliable Agent.
#[derive(Clone, Debug)]
enum Delivery {
    Create(u64),
    /// Creates these spans on each of two threads, while the counts are read.
    Race(u64),
    /// Finishes these spans with an event below a root that stays open.
    Open(u64),
    /// Finishes all roots that are open.
    Close,
    /// Sends the queue, without waiting for it.
    Hurry,
    /// Waits until everything is sent or dropped.
    Settle,
    /// Changes the status of the Agent's responses.
    Status(u16),
}

fn delivery() -> impl Strategy<Value = Delivery> {
    prop_oneof![
        6 => (1..50_u64).prop_map(Delivery::Create),
        1 => (1..50_u64).prop_map(Delivery::Race),
        3 => (0..12_u64).prop_map(Delivery::Open),
        2 => Just(Delivery::Close),
        3 => Just(Delivery::Hurry),
        2 => Just(Delivery::Settle),
        3 => prop_oneof![Just(200), Just(202), Just(400), Just(404), Just(413)]
            .prop_map(Delivery::Status),
    ]
}

/// Returns the number of spans that have left their traces, and asserts that each is in one count.
fn left(tracer: &Tracer) -> Result<u64, TestCaseError> {
    let metrics = tracer.metrics();
    let counted = metrics.sent + metrics.sampled_out + metrics.dropped.total() + metrics.waiting;
    prop_assert_eq!(metrics.finished, counted, "{:?}", metrics);
    Ok(metrics.finished)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_span_is_in_exactly_one_count_at_any_moment(steps in vec(delivery(), 1..20)) {
        let status = Arc::new(AtomicU16::new(200));
        let response = Arc::clone(&status);
        let agent = FakeAgent::responding(move || response.load(SeqCst));
        let config = Config::new().with_agent_url(agent.url()).with_log_level(LogLevel::Off);
        let guard = config.with_partial_flush(Some(PARTIAL_FLUSH)).build().unwrap();
        let tracer = guard.tracer();
        let has_long_traces = steps.iter().any(|step| matches!(step, Delivery::Open(_)));
        let mut created = 0;
        // Roots, and the finished spans that their traces hold at most.
        let mut open = Vec::<OwnedSpan>::new();
        for step in steps {
            match step {
                Delivery::Create(count) => {
                    (0..count).for_each(|_| guard.tracer().span("work").start().finish());
                    created += count;
                }
                Delivery::Race(count) => {
                    thread::scope(|threads| {
                        let work = || (0..count).for_each(|_| tracer.span("work").start().finish());
                        let running = [threads.spawn(work), threads.spawn(work)];
                        while running.iter().any(|thread| !thread.is_finished()) {
                            left(tracer)?;
                        }
                        Ok::<_, TestCaseError>(())
                    })?;
                    created += 2 * count;
                }
                Delivery::Open(count) => {
                    let root = tracer.span("root").start();
                    for _ in 0..count {
                        let child = root.child("child").start();
                        child.add_event(SpanEvent::new("e").with_attribute("key", "value"));
                    }
                    open.push(root);
                    created += count;
                }
                Delivery::Close => {
                    created += open.len() as u64;
                    open.clear();
                }
                Delivery::Hurry => drop(guard.flush(Duration::ZERO)),
                Delivery::Settle => {
                    let Report { sent, dropped, queued, .. } = guard.flush(LONG);
                    prop_assert_eq!((sent + dropped, queued), (created, 0));
                }
                Delivery::Status(new) => status.store(new, SeqCst),
            }
            let (left, held) = (left(tracer)?, open.len() as u64 * PARTIAL_FLUSH as u64);
            prop_assert!((created.saturating_sub(held)..=created).contains(&left), "{left}");
        }
        created += open.len() as u64;
        drop(open);
        prop_assert_eq!(left(tracer)?, created);
        let report = guard.shutdown(LONG);
        if !has_long_traces {
            prop_assert_eq!(agent.accepted() as u64, report.sent); // It counts traces.
        }
        prop_assert_eq!(report, Report::new(report.sent, created - report.sent, 0));
    }
}
