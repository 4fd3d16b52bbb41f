//! The requests and responses of the services in the interoperation tests: the protocol of `tests/peers/README.md`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The body of `POST /hop`. Done in the order of the fields, on the active span.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Hop {
    /// Baggage items to set.
    pub set_baggage: BTreeMap<String, String>,
    /// Baggage items to remove, by key.
    pub remove_baggage: Vec<String>,
    /// Tags to set.
    pub tags: BTreeMap<String, String>,
    /// Whether to keep the trace, as a manual decision.
    pub keep: bool,
    /// Whether to drop the trace, as a manual decision.
    pub drop: bool,
    /// Services to call, one after the other.
    pub next: Vec<NextHop>,
}

/// A service to call.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct NextHop {
    /// Its `/hop`.
    pub url: String,
    /// The request to the service.
    pub body: Hop,
}

impl Hop {
    /// With one more baggage item to set.
    #[must_use]
    pub fn with_baggage(mut self, key: &str, value: &str) -> Self {
        self.set_baggage.insert(key.to_owned(), value.to_owned());
        self
    }

    /// With one more baggage item to remove.
    #[must_use]
    pub fn without_baggage(mut self, key: &str) -> Self {
        self.remove_baggage.push(key.to_owned());
        self
    }

    /// With one more tag to set.
    #[must_use]
    pub fn with_tag(mut self, key: &str, value: &str) -> Self {
        self.tags.insert(key.to_owned(), value.to_owned());
        self
    }

    /// With one more service to call.
    #[must_use]
    pub fn with_next(mut self, url: impl Into<String>, body: Self) -> Self {
        self.next.push(NextHop { url: url.into(), body });
        self
    }
}

/// The reply to `POST /hop`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct HopReply {
    /// The name of the service that replies.
    pub service: String,
    /// The trace it ran in, 32 lowercase hex digits.
    pub trace_id: String,
    /// The span that was active, 16 lowercase hex digits.
    pub span_id: String,
    /// All baggage items that arrived, before anything was set or removed.
    pub baggage: BTreeMap<String, String>,
    /// The headers with trace or baggage that arrived, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The replies of the services that were called, in order.
    pub replies: Vec<HopReply>,
}
