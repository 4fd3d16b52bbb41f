//! The state that the local spans of one trace share, and the collection of finished ones.
//!
//! Locks are taken in one direction only: sampling before a span's record, a parent's record
//! never together with its child's, and `gathered` before the tags of all spans. None is held while
//! user code runs.

use std::{
    panic::Location,
    sync::{Arc, Weak},
};

use super::{
    Backing, Chunk, Clock, CommonTags, FinishedSpan, Held, HeldBytes, HoldsSpans, Listing,
    OpenSpans, Record, Recorder, Sampling, SeenTags, Settings, SpanSampling, State, States, report,
};
use crate::{
    misuse::Misuse,
    process::process_id,
    sync::{Mutex, MutexGuard, lock_of, unpoisoned},
    values::{Baggage, Probability, SamplingPriority, SpanContext, TraceId},
};

#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) id: TraceId,
    /// The process that began the trace and sends its spans. A forked child has a copy of them,
    /// but sends none of them, and waits for no lock that a thread of its parent may have held.
    pub(crate) process: u32,
    pub(crate) clock: Clock,
    pub(crate) backing: Arc<Backing>,
    pub(crate) settings: Arc<Settings>,
    /// The context that this process continues; empty if the trace began here.
    remote: Option<Arc<SpanContext>>,
    /// The first span. A record never refers to its trace, so this is no cycle.
    root: Arc<Record>,
    sampling: Mutex<Sampling>,
    gathered: Mutex<LocalSpans>,
}

/// Spans that finished but have not left, and how many are still open.
#[derive(Debug, Default)]
struct LocalSpans {
    open: usize,
    /// The number of spans that may be open before the tracer must make room for more.
    room: usize,
    /// The tags of all spans, as they were when the last span was opened.
    tags: SeenTags,
    finished: States,
    /// The records of the finished spans, which open ones below them need.
    records: Vec<Arc<Record>>,
    /// The bytes of the finished spans, and those among them counted as waiting in an open trace.
    bytes: usize,
    listed_bytes: usize,
    /// The place of the trace among those that hold finished spans.
    listing: Option<Listing>,
    /// The bytes of the finished root, and their count once it has left before the end of the trace,
    /// which keeps it for reading.
    root_bytes: usize,
    root: Option<Held>,
}

/// Finished spans that leave their trace.
#[derive(Debug)]
struct Leaving {
    states: States,
    held: Held,
    /// Dropped where no lock is held.
    records: Vec<Arc<Record>>,
}

/// The share of a tracer's maximum of held bytes at which finished spans leave a trace that is
/// still open, so that no chunk is too large for a request.
const CHUNKS_IN_HELD_BYTES: usize = 4;

/// The first room for more finished spans than most traces have.
const MORE_SPANS: usize = 14;

/// The values of a new trace that are needed before its first span.
#[derive(Debug)]
pub(crate) struct Beginning {
    pub(crate) process: u32,
    pub(crate) clock: Clock,
    /// The room for the first span, and the tags of all spans as it sees them.
    room: usize,
    tags: SeenTags,
}

impl Beginning {
    /// Counts one more open span; returns `None`, and counts that, if too many are open.
    pub(crate) fn admit(backing: &Backing) -> Option<Self> {
        let process = process_id();
        let Some(room) = backing.open_spans.of(process, OpenSpans::default).grow(0, 0) else {
            report(Misuse::TooManyOpenSpans, Some(&*backing.recorder));
            return None;
        };
        let mut tags = SeenTags::default();
        backing.tags.look(&mut tags, process);
        Some(Self { process, clock: Clock::start(), room, tags })
    }

    /// Returns the tags of all spans.
    pub(crate) fn common_tags(&self) -> CommonTags {
        self.tags.tags()
    }
}

impl Trace {
    /// Begins a trace with its first span, or continues `remote` with it.
    pub(crate) fn begin(
        backing: Arc<Backing>,
        settings: Arc<Settings>,
        remote: Option<Arc<SpanContext>>,
        beginning: Beginning,
        root: Arc<Record>,
    ) -> Arc<Self> {
        let Beginning { process, clock, room, tags } = beginning;
        let remote = remote.filter(|remote| **remote != *SpanContext::empty());
        let id = remote.as_ref().and_then(|remote| remote.trace_id).unwrap_or_else(|| {
            let is_128_bit = settings.has_128_bit_trace_ids();
            TraceId::random(process, clock.unix_seconds(), is_128_bit, clock.unix_nanos())
        });
        Arc::new(Self {
            id,
            process,
            clock,
            backing,
            settings,
            remote,
            root,
            sampling: Mutex::default(),
            gathered: Mutex::new(LocalSpans { open: 1, room, tags, ..LocalSpans::default() }),
        })
    }

    pub(crate) fn remote(&self) -> &SpanContext {
        self.remote.as_deref().unwrap_or_else(|| SpanContext::empty())
    }

    pub(crate) fn root(&self) -> &Arc<Record> {
        &self.root
    }

    pub(crate) fn recorder(&self) -> &dyn Recorder {
        &*self.backing.recorder
    }

    /// Whether the trace began here, with nothing that was received, and is not decided.
    pub(super) fn is_new(&self) -> bool {
        let is_undecided = |sampling: MutexGuard<'_, Sampling>| sampling.verdict().is_none();
        self.remote.is_none() && self.lock_sampling().is_some_and(is_undecided)
    }

    fn held(&self) -> &Arc<HeldBytes> {
        self.backing.held.of(self.process, Arc::default)
    }

    fn open_spans(&self) -> &OpenSpans {
        self.backing.open_spans.of(self.process, OpenSpans::default)
    }

    /// Counts one more open span and returns the tags of all spans. Returns `None`, and counts
    /// that, if too many spans are open, or if a forked child finds a trace of its parent locked.
    pub(crate) fn admit(&self) -> Option<CommonTags> {
        let Some(mut gathered) = lock_of(self.process, &self.gathered) else {
            report(Misuse::SpanOfParentProcess, Some(self.recorder()));
            return None;
        };
        let admitted = self.open_spans().grow(gathered.open, gathered.room).map(|room| {
            if gathered.open == 0 {
                self.hold_root(&mut gathered); // The trace goes on after all had finished.
            }
            gathered.room = room;
            gathered.open += 1;
            self.backing.tags.look(&mut gathered.tags, self.process)
        });
        drop(gathered);
        if admitted.is_none() {
            report(Misuse::TooManyOpenSpans, Some(self.recorder()));
        }
        admitted
    }

    /// Watches a span that was admitted, if the settings say so.
    pub(crate) fn watch(&self, record: &Arc<Record>, created_at: &'static Location<'static>) {
        if let Some(unfinished) = self.settings.watch() {
            self.backing.unfinished.get_or_init(|| Arc::clone(unfinished));
            unfinished.watch(self.id, record, created_at);
        }
    }

    /// Takes room for a finished span of `bytes`; returns these with the bytes that it shares, or
    /// `None` if there is no room.
    pub(crate) fn take_room(&self, record: &Record, bytes: usize) -> Option<usize> {
        let bytes = bytes + self.shared_bytes(record);
        self.held().take(bytes, self.settings.max_held_bytes()).then_some(bytes)
    }

    /// Takes a finished span for which so many bytes are held, or counts it as lost if there was no
    /// room. If it is the last open one, or if too many wait, the finished spans are sent.
    pub(crate) fn close(
        self: &Arc<Self>,
        record: &Arc<Record>,
        state: Arc<State>,
        bytes: Option<usize>,
    ) {
        let max = self.settings.max_held_bytes();
        let held = self.held();
        let leaving = {
            let Some(mut gathered) = lock_of(self.process, &self.gathered) else {
                return report(Misuse::SpanOfParentProcess, Some(self.recorder()));
            };
            gathered.open = gathered.open.saturating_sub(1);
            gathered.room = self.open_spans().shrink(gathered.open, gathered.room);
            if let Some(bytes) = bytes {
                if gathered.finished.len() == gathered.finished.inline_size() {
                    gathered.finished.reserve(MORE_SPANS); // Instead of two, four and eight.
                }
                gathered.finished.push(state);
                gathered.bytes += bytes;
                if record.is_local_root {
                    gathered.root_bytes = bytes;
                }
            }
            let is_due = gathered.open == 0
                || gathered.finished.len() >= self.settings.partial_flush_min_spans()
                || gathered.bytes >= max / CHUNKS_IN_HELD_BYTES;
            if is_due {
                self.take(&mut gathered)
            } else {
                if let Some(bytes) = bytes {
                    self.wait_for_others(&mut gathered, record, bytes);
                }
                None
            }
        };
        if bytes.is_none() {
            self.recorder().lost(1);
        }
        self.send(leaving);
        if held.is_tight(max) {
            self.backing.open_traces.relieve(|| held.is_relieved(max));
        }
    }

    /// Returns the bytes of shared data that the encoded span will contain.
    fn shared_bytes(&self, record: &Record) -> usize {
        let Some(remote) = &self.remote else { return 0 };
        let origin = remote.origin().map_or(0, str::len);
        let context = if record.is_local_root { remote.memory_bytes() } else { 0 };
        origin + context
    }

    /// Lists the trace, so that the span that waits here is found by a flush.
    fn wait_for_others(
        self: &Arc<Self>,
        gathered: &mut LocalSpans,
        record: &Arc<Record>,
        bytes: usize,
    ) {
        if gathered.records.is_empty() {
            gathered.records.reserve(MORE_SPANS);
        }
        gathered.records.push(Arc::clone(record));
        self.held().gather(bytes);
        gathered.listed_bytes += bytes;
        if gathered.listing.is_none() {
            let trace: Weak<Self> = Arc::downgrade(self);
            gathered.listing = self.backing.open_traces.add(trace, self.id.low());
        }
    }

    /// Counts the bytes of a root that has left, or is about to, until the end of the trace.
    fn hold_root(&self, gathered: &mut LocalSpans) {
        if gathered.root_bytes > 0 {
            let bytes = std::mem::take(&mut gathered.root_bytes);
            gathered.root = Some(Held::again(self.held(), bytes));
        }
    }

    /// Takes the finished spans, and removes the trace from the list if no span is open any more.
    fn take(&self, gathered: &mut LocalSpans) -> Option<Leaving> {
        if gathered.listed_bytes > 0 {
            self.held().ungather(std::mem::take(&mut gathered.listed_bytes));
        }
        if gathered.open > 0 {
            self.hold_root(gathered);
        } else if let Some(listing) = gathered.listing.take() {
            self.backing.open_traces.remove(listing);
        }
        let held = Held::new(self.held(), std::mem::take(&mut gathered.bytes));
        let states = std::mem::take(&mut gathered.finished);
        let records = std::mem::take(&mut gathered.records);
        (!states.is_empty()).then_some(Leaving { states, held, records })
    }

    fn send(&self, leaving: Option<Leaving>) {
        let Some(Leaving { states, held, records }) = leaving else { return };
        drop(records);
        if self.process != process_id() {
            return report(Misuse::SpanOfParentProcess, Some(self.recorder()));
        }
        let chunk = {
            let Some(sampling) = self.decided() else { return };
            Chunk {
                trace_id: self.id,
                process: self.process,
                priority: sampling.priority(self.remote()),
                verdict: sampling.verdict().cloned(),
                remote: self.remote.clone(),
                states,
                held,
                late_numbers: Vec::new(),
            }
        };
        self.recorder().collect(chunk);
    }

    /// Makes the sampling decision, unless there is one.
    pub(crate) fn decide(&self) {
        drop(self.decided());
    }

    /// Returns the state of sampling; `None` if it is locked in the parent of this process.
    fn lock_sampling(&self) -> Option<MutexGuard<'_, Sampling>> {
        lock_of(self.process, &self.sampling)
    }

    fn decided(&self) -> Option<MutexGuard<'_, Sampling>> {
        let mut sampling = self.lock_sampling()?;
        if sampling.priority(self.remote()).is_none() {
            let root = self.root.state();
            let decision = self.recorder().decide(self.id, &FinishedSpan::of(&root));
            drop(root);
            sampling.decide(decision, self.remote());
        }
        Some(sampling)
    }

    /// Sets the decision of the application. The last call wins, also over a received or sampled
    /// decision.
    pub(crate) fn decide_by_hand(&self, priority: SamplingPriority) {
        if let Some(mut sampling) = self.lock_sampling() {
            sampling.decide_by_hand(priority, self.remote());
        }
    }

    /// Returns the context that one of the trace's spans passes on.
    pub(crate) fn context(&self, record: &Record, baggage: Baggage) -> SpanContext {
        let sampling = self.lock_sampling();
        let sampling = sampling.as_deref();
        let remote = self.remote();
        SpanContext {
            trace_id: Some(self.id),
            span_id: Some(record.id),
            is_local: true,
            has_random_trace_id: remote.has_random_trace_id,
            sampling_priority: sampling.and_then(|sampling| sampling.priority(remote)),
            probability: sampling.map_or(Probability::Received, Sampling::probability),
            origin: remote.origin.clone(),
            trace_tags: sampling.map(|own| own.tags(remote).clone()).unwrap_or_default(),
            tracestate: remote.tracestate.clone(),
            last_parent_id: None,
            propagation_error: None,
            links: Vec::new(),
            baggage,
        }
    }

    pub(crate) fn sampling(&self) -> SpanSampling {
        let Some(sampling) = self.lock_sampling() else { return SpanSampling::default() };
        let (priority, tags) = (sampling.priority(self.remote()), sampling.tags(self.remote()));
        let verdict = sampling.verdict();
        let metrics = verdict.map_or(&[][..], |verdict| &verdict.root_metrics[..]);
        SpanSampling::new(priority, tags, verdict.and_then(|verdict| verdict.rule), metrics)
    }
}

impl HoldsSpans for Trace {
    fn held_bytes(&self) -> usize {
        lock_of(self.process, &self.gathered).map_or(0, |gathered| gathered.listed_bytes)
    }

    fn leave(&self) {
        let gathered = lock_of(self.process, &self.gathered);
        let leaving = gathered.and_then(|mut gathered| self.take(&mut gathered));
        self.send(leaving);
    }
}

impl Drop for Trace {
    /// Open spans without handles can never finish: their room is released, and the finished spans
    /// of the trace are sent.
    fn drop(&mut self) {
        // No other handle to the trace is left, so no lock is taken, nor waited for in a forked child.
        let gathered = unpoisoned(self.gathered.get_mut());
        let (room, is_empty) = (gathered.room, gathered.finished.is_empty());
        let listing = gathered.listing.take();
        if room > 0 {
            self.open_spans().give_back(room);
        }
        if let Some(listing) = listing {
            self.backing.open_traces.remove(listing);
        }
        if !is_empty {
            self.leave();
        }
    }
}
