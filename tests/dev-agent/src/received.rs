//! The record of each trace request, accepted or not.

use std::collections::VecDeque;

use http::{HeaderMap, Method, StatusCode};

use crate::Refusal;

/// The most requests that are remembered; older ones are only counted.
pub(crate) const MAX_REQUESTS: usize = 1_000;

/// A request to `/v0.4/traces` or `/v0.5/traces`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TraceRequest {
    /// `PUT` or `POST`.
    pub method: Method,
    /// The path, such as `/v0.4/traces`.
    pub path: String,
    /// As received.
    pub headers: HeaderMap,
    /// Size of the body; 0 if it could not be read.
    pub body_bytes: usize,
    /// The outcome of the request.
    pub outcome: Outcome,
}

/// The outcome of a trace request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It has no response yet, or the sender left before.
    Waiting,
    /// Its spans were accepted.
    Accepted {
        /// Chunks in the body.
        chunks: usize,
        /// Spans in all of them.
        spans: usize,
    },
    /// It broke a rule.
    Refused(Refusal),
    /// [`Behavior`](crate::Behavior) asked for this status, and the body was forgotten.
    FixedStatus(StatusCode),
}

#[derive(Debug, Default)]
pub(crate) struct Requests {
    /// Requests since the start; also the number of the next one.
    pub(crate) seen: usize,
    kept: VecDeque<TraceRequest>,
}

impl Requests {
    /// Returns the number by which [`Requests::settle`] finds the request again.
    pub(crate) fn add(&mut self, request: TraceRequest) -> usize {
        if self.kept.len() == MAX_REQUESTS {
            self.kept.pop_front();
        }
        self.kept.push_back(request);
        self.seen += 1;
        self.seen - 1
    }

    /// Records the outcome of a request, if it is still kept.
    pub(crate) fn settle(&mut self, number: usize, outcome: Outcome) -> Option<&TraceRequest> {
        let first = self.seen - self.kept.len();
        let request = self.kept.get_mut(number.checked_sub(first)?)?;
        request.outcome = outcome;
        Some(request)
    }

    pub(crate) fn kept(&self) -> impl DoubleEndedIterator<Item = &TraceRequest> {
        self.kept.iter()
    }
}
