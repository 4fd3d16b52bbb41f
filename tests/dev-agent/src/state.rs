//! All that the server and its owner share, in one watched value: a wait watches it change.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::{
    Behavior, Chunk, Trace,
    kept::Kept,
    received::{MAX_REQUESTS, Outcome, Requests, TraceRequest},
    stats::KeptStats,
};

pub(crate) type Shared = Arc<watch::Sender<State>>;

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) behavior: Behavior,
    pub(crate) requests: Requests,
    pub(crate) traces: Kept,
    pub(crate) stats: KeptStats,
    /// The newest refused requests, and how many of them were noticed.
    refused: Refused,
}

#[derive(Debug, Default)]
struct Refused {
    kept: VecDeque<TraceRequest>,
    /// The number of requests at the end that were not reported yet.
    unnoticed: usize,
}

impl Refused {
    fn add(&mut self, request: TraceRequest) {
        if self.kept.len() == MAX_REQUESTS {
            self.kept.pop_front();
        }
        self.kept.push_back(request);
        self.unnoticed = (self.unnoticed + 1).min(self.kept.len());
    }

    fn notice(&mut self) -> Option<TraceRequest> {
        let next = self.kept.get(self.kept.len() - self.unnoticed)?.clone();
        self.unnoticed -= 1;
        Some(next)
    }
}

/// A line for the person who watches the Agent.
#[derive(Debug)]
#[non_exhaustive]
pub enum Notice {
    /// No more spans of this trace arrived for a while; if more spans arrive later, the whole trace is noticed again.
    Trace(Trace),
    /// A request broke a rule.
    Refused(TraceRequest),
}

impl State {
    pub(crate) fn accept(&mut self, request: usize, chunks: Vec<Chunk>, now: Instant) {
        let spans = chunks.iter().map(|chunk| chunk.spans.len()).sum();
        self.settle(request, Outcome::Accepted { chunks: chunks.len(), spans });
        self.traces.add(chunks, now);
    }

    pub(crate) fn settle(&mut self, request: usize, outcome: Outcome) {
        let settled = self.requests.settle(request, outcome);
        if let Some(refused) =
            settled.filter(|request| matches!(request.outcome, Outcome::Refused(_))).cloned()
        {
            self.refuse(refused);
        }
    }

    pub(crate) fn refuse(&mut self, request: TraceRequest) {
        self.refused.add(request);
    }

    pub(crate) fn refused(&self) -> impl Iterator<Item = &TraceRequest> {
        self.refused.kept.iter().rev()
    }

    /// Takes the next notice that is due, or returns the time at which one may be.
    pub(crate) fn notice(
        &mut self,
        quiet: Duration,
        now: Instant,
    ) -> Result<Notice, Option<Instant>> {
        match self.refused.notice() {
            Some(request) => Ok(Notice::Refused(request)),
            None => self.traces.notice(quiet, now).map(Notice::Trace),
        }
    }

    /// A summary of the requests so far, for the message of a wait that failed.
    pub(crate) fn summary(&self) -> String {
        let refusal = self.requests.kept().rev().find_map(|request| match &request.outcome {
            Outcome::Refused(refusal) => Some(format!("; last refusal: {refusal}")),
            _ => None,
        });
        let (spans, requests) = (self.traces.spans_received, self.requests.seen);
        format!("{spans} spans in {requests} requests{}", refusal.unwrap_or_default())
    }
}
