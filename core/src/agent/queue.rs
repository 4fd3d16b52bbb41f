//! Chunks on their way from the threads of the application to that of the sender.
//!
//! The queue is bounded in chunks and in bytes, those on their way included. Offering a chunk never
//! waits: if there is no room, the new chunk is dropped, whole, and counted.
//!
//! Chunks are dropped only while the lock is free: the last one of a tracer takes the tracer
//! with it, and that closes the queue.

use std::{
    fmt, mem,
    sync::{Condvar, Mutex, MutexGuard},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use packdog_api::{
    DroppedSpans, Metrics, Report,
    implementation::Chunk,
    internal::{lock, unpoisoned},
};

use super::blocks::Blocks;

/// The most memory that chunks take, including those on their way. With the body of a request, and
/// with the overhead of the allocator, the process grows by at most 16 MiB.
const MAX_QUEUE_BYTES: usize = 10 << 20;
/// The most chunks, including those on their way.
const MAX_QUEUE_CHUNKS: usize = 16_384;
/// The memory of the chunks that are worth a request before the interval has passed.
const BATCH_BYTES: usize = 2 << 20;

/// The bounds of a queue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) bytes: usize,
    pub(crate) chunks: usize,
    /// From here on chunks do not wait for the end of the interval, and no more of them go into
    /// the same request.
    pub(crate) batch_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: MAX_QUEUE_BYTES, chunks: MAX_QUEUE_CHUNKS, batch_bytes: BATCH_BYTES }
    }
}

#[derive(Debug)]
pub(crate) struct Queue {
    limits: Limits,
    state: Mutex<State>,
    /// Tells the sender that there is something to do.
    work: Condvar,
    /// Tells a flush that chunks were settled.
    settled: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Blocks<Queued>,
    /// Sums of the waiting chunks.
    waiting_bytes: usize,
    /// Sums of all chunks that entered and are not settled.
    held: Tally,
    metrics: Metrics,
    /// Spans for which there was no room, as far as no message has counted them.
    overflow: u64,
    /// Chunks since the start; they are settled in the order in which they were accepted.
    accepted: u64,
    settled: u64,
    is_flush_wanted: bool,
    /// Flushes since the start, and the last one after which no statistics were left.
    flushes_wanted: u64,
    flushes_done: u64,
    /// Whether the sender holds statistics about settled chunks.
    has_stats: bool,
    /// The thread of the sender, which would wait for itself.
    sender: Option<ThreadId>,
    /// Nothing enters any more.
    is_closed: bool,
    /// No call waits for the rest.
    is_abandoned: bool,
}

/// Work for the sender.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) chunks: Blocks<Queued>,
    /// The flush that waits for these chunks and for statistics.
    pub(crate) flush: Option<u64>,
}

/// A chunk and its size.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) chunk: Chunk,
    pub(crate) tally: Tally,
}

/// The size of some chunks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) chunks: usize,
    pub(crate) spans: u64,
    pub(crate) bytes: usize,
}

impl Tally {
    fn of(chunk: &Chunk) -> Self {
        /// The memory of a chunk in a list, which is much where traces have one span.
        const PLACE: usize = size_of::<Queued>();

        Self { chunks: 1, spans: chunk.len() as u64, bytes: PLACE + chunk.memory_bytes() }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.chunks += other.chunks;
        self.spans += other.spans;
        self.bytes += other.bytes;
    }

    fn subtract(&mut self, other: Self) {
        self.chunks -= other.chunks;
        self.spans -= other.spans;
        self.bytes -= other.bytes;
    }
}

impl Queued {
    /// Takes the first `count` spans off, as a chunk that counts with the rest as one; `None` if
    /// there are no more than these.
    pub(crate) fn split(&mut self, count: usize) -> Option<Self> {
        let rest = self.chunk.split_off(count)?;
        let chunk = std::mem::replace(&mut self.chunk, rest);
        let tally = Tally { chunks: 0, spans: chunk.len() as u64, bytes: 0 };
        self.tally.spans -= tally.spans;
        Some(Self { chunk, tally })
    }
}

/// The end of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Sent,
    SampledOut,
    Dropped(Cause),
}

/// The reason why a chunk is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    QueueFull,
    TooLarge,
    Refused,
    GaveUp,
    ShutDown,
    Processor,
    ProcessorPanicked,
}

/// A number of spans, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spans(pub(crate) u64);

impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 span"),
            count => write!(f, "{count} spans"),
        }
    }
}

fn count_of(dropped: &mut DroppedSpans, cause: Cause) -> &mut u64 {
    match cause {
        Cause::QueueFull => &mut dropped.queue_full,
        Cause::TooLarge => &mut dropped.too_large,
        Cause::Refused => &mut dropped.refused,
        Cause::GaveUp => &mut dropped.gave_up,
        Cause::ShutDown => &mut dropped.shut_down,
        Cause::Processor => &mut dropped.processor,
        Cause::ProcessorPanicked => &mut dropped.processor_panicked,
    }
}

impl State {
    /// Whether this is the thread of the sender.
    fn is_sender(&self) -> bool {
        self.sender == Some(thread::current().id())
    }

    fn report(&self) -> Report {
        let Metrics { sent, sampled_out, dropped, waiting, .. } = self.metrics;
        Report::new(sent, dropped.total(), waiting).with_sampled_out(sampled_out)
    }

    /// Counts a chunk that entered, and waits from now on.
    fn accept(&mut self, tally: Tally) {
        self.metrics.finished += tally.spans;
        self.metrics.waiting += tally.spans;
        self.held.add(tally);
        self.accepted += 1;
    }

    /// Counts a chunk that does not enter.
    fn reject(&mut self, tally: Tally) {
        self.metrics.finished += tally.spans;
        let cause = if self.is_closed { Cause::ShutDown } else { Cause::QueueFull };
        self.overflow += if self.is_closed { 0 } else { tally.spans };
        *count_of(&mut self.metrics.dropped, cause) += tally.spans;
    }

    fn settle(&mut self, tally: Tally, outcome: Outcome) {
        self.held.subtract(tally);
        self.settled += tally.chunks as u64;
        self.metrics.waiting -= tally.spans;
        match outcome {
            Outcome::Sent => self.metrics.sent += tally.spans,
            Outcome::SampledOut => self.metrics.sampled_out += tally.spans,
            Outcome::Dropped(cause) => {
                *count_of(&mut self.metrics.dropped, cause) += tally.spans;
            }
        }
    }

    fn has_room(&self, tally: Tally, limits: &Limits) -> bool {
        !self.is_closed
            && self.held.chunks < limits.chunks
            && self.held.bytes.saturating_add(tally.bytes) <= limits.bytes
    }

    /// Whether the sender should not wait any longer.
    fn is_due(&self, limits: &Limits) -> bool {
        self.is_flush_wanted
            || self.is_closed
            || self.waiting_bytes >= limits.batch_bytes
            || self.waiting.len() >= limits.chunks / 2
    }

    fn take_waiting(&mut self) -> Blocks<Queued> {
        self.is_flush_wanted = false;
        self.waiting_bytes = 0;
        mem::take(&mut self.waiting)
    }
}

impl Queue {
    pub(crate) fn new(limits: Limits) -> Self {
        let state = Mutex::new(State::default());
        Self { limits, state, work: Condvar::new(), settled: Condvar::new() }
    }

    /// Takes a chunk, or drops it if there is no room or the queue is closed.
    pub(crate) fn push(&self, chunk: Chunk) {
        let tally = Tally::of(&chunk);
        let mut state = self.state();
        if !state.has_room(tally, &self.limits) {
            state.reject(tally);
            drop(state);
            return; // Only now the chunk is dropped.
        }
        let was_due = state.is_due(&self.limits);
        state.accept(tally);
        state.waiting_bytes += tally.bytes;
        state.waiting.push(Queued { chunk, tally });
        // To notify is a system call, so it is done only where there is news for the sender.
        if state.waiting.len() == 1 || (!was_due && state.is_due(&self.limits)) {
            self.work.notify_one();
        }
    }

    /// Counts spans for which the tracer had no room.
    pub(crate) fn lose(&self, spans: u64) {
        self.state().reject(Tally { spans, ..Tally::default() });
    }

    /// The counts at this moment.
    pub(crate) fn metrics(&self) -> Metrics {
        self.state().metrics
    }

    /// Waits until everything accepted by now is settled and all statistics about it are sent, or
    /// until `deadline`; not at all on the thread of the sender, where a processor may ask for it.
    pub(crate) fn flush(&self, deadline: Instant) -> Report {
        self.wait_until_settled(deadline).report()
    }

    /// Closes the queue, waits as [`flush`](Queue::flush) does, and drops the rest;
    /// also returns how many spans that were.
    ///
    /// Only chunks on their way are neither sent nor dropped then. On the thread of the sender
    /// nothing is dropped: it sends the rest afterwards.
    pub(crate) fn shutdown(&self, deadline: Instant) -> (Report, u64) {
        self.close();
        let mut state = self.wait_until_settled(deadline);
        if state.is_sender() {
            return (state.report(), 0);
        }
        let left = state.take_waiting();
        let mut tally = Tally::default();
        for queued in left.iter() {
            tally.add(queued.tally);
        }
        state.settle(tally, Outcome::Dropped(Cause::ShutDown));
        state.is_abandoned = true;
        let report = state.report();
        drop(state);
        self.settled.notify_all();
        self.work.notify_one();
        drop(left);
        (report, tally.spans)
    }

    /// For the end of the sender: closes the queue and drops all chunks, also those that were taken
    /// and never settled.
    pub(crate) fn abandon(&self) {
        self.close();
        let mut state = self.state();
        let left = state.take_waiting();
        let held = state.held;
        state.settle(held, Outcome::Dropped(Cause::ShutDown));
        state.is_abandoned = true;
        drop(state);
        self.settled.notify_all();
        drop(left);
    }

    fn wait_until_settled(&self, deadline: Instant) -> MutexGuard<'_, State> {
        let mut state = self.state();
        let accepted = state.accepted;
        state.flushes_wanted += 1;
        let flush = state.flushes_wanted;
        // Chunks on their way may become statistics.
        state.is_flush_wanted = state.held.chunks > 0 || state.has_stats;
        self.work.notify_one();
        if state.is_sender() {
            return state;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let is_unsettled = |state: &mut State| {
            let has_stats = state.has_stats && state.flushes_done < flush;
            (state.settled < accepted || has_stats) && !state.is_abandoned
        };
        unpoisoned(self.settled.wait_timeout_while(state, left, is_unsettled)).0
    }

    /// Lets nothing in any more; the sender empties the queue and ends.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.work.notify_one();
    }

    /// For the sender: a flush on this thread waits for nothing from now on.
    pub(crate) fn serve_here(&self) {
        self.state().sender = Some(thread::current().id());
    }

    /// For the sender: waits for chunks, and then for more of them until `interval` has passed,
    /// a batch has come together or a flush wants them. No chunks if none has come by `idle_until`,
    /// and `None` when the queue is closed and empty.
    pub(crate) fn take(&self, interval: Duration, idle_until: Instant) -> Option<Taken> {
        let left = idle_until.saturating_duration_since(Instant::now());
        let is_idle =
            |state: &State| state.waiting.is_empty() && !state.is_flush_wanted && !state.is_closed;
        let mut state = self.wait_for_work(self.state(), left, is_idle);
        if !state.waiting.is_empty() {
            state = self.wait_for_work(state, interval, |state| !state.is_due(&self.limits));
        } else if state.is_closed {
            return None;
        }
        let flush = state.is_flush_wanted.then_some(state.flushes_wanted);
        Some(Taken { chunks: state.take_waiting(), flush })
    }

    /// For the sender: records whether it holds statistics, before the chunks in them are settled.
    pub(crate) fn hold_stats(&self, has_stats: bool) {
        self.state().has_stats = has_stats;
    }

    /// For the sender: all that this flush waits for has been sent or given up.
    pub(crate) fn complete(&self, flush: u64) {
        self.state().flushes_done = flush;
        self.settled.notify_all();
    }

    /// For the sender: waits before a request is tried again; `false` if it shall not be, because
    /// the queue was closed.
    pub(crate) fn pause(&self, pause: Duration) -> bool {
        !self.wait_for_work(self.state(), pause, |state| !state.is_closed).is_closed
    }

    /// For the sender: how many spans found no room since the last call.
    pub(crate) fn take_overflow(&self) -> u64 {
        mem::take(&mut self.state().overflow)
    }

    /// For the sender: whether no call waits for the rest.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.state().is_abandoned
    }

    /// For the sender: counts chunks that it took as sent or dropped.
    pub(crate) fn settle(&self, tally: Tally, outcome: Outcome) {
        self.state().settle(tally, outcome);
        self.settled.notify_all();
    }

    fn wait_for_work<'a>(
        &self,
        state: MutexGuard<'a, State>,
        timeout: Duration,
        mut wait: impl FnMut(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        unpoisoned(self.work.wait_timeout_while(state, timeout, |state| wait(state))).0
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_of_a_dead_sender_count_as_dropped_and_do_not_block_a_flush() {
        let queue = Queue::new(Limits::default());
        let taken = Tally { chunks: 2, spans: 5, bytes: 100 };
        queue.state().accept(taken);
        queue.state().accepted += 1;
        queue.abandon();
        assert_eq!(queue.metrics().dropped.shut_down, 5);
        let long = Instant::now() + Duration::from_secs(600);
        assert_eq!(queue.flush(long), Report::new(0, 5, 0));
    }

    #[test]
    fn an_idle_sender_wakes_at_its_time_and_ends_when_the_queue_is_closed() {
        let queue = Queue::new(Limits::default());
        let now = Instant::now();
        let long = Duration::from_secs(600);
        let taken = queue.take(long, now).unwrap();
        assert!(taken.chunks.is_empty() && taken.flush.is_none());
        queue.close();
        assert!(queue.take(long, now + long).is_none());
    }
}
