//! A finished span as statistics see it: whether it counts, and under which key.

use packdog_api::{
    TagRef,
    implementation::{FinishedSpan, KeyBits},
};

use super::{
    StatsInfo,
    bucket::Measures,
    grpc,
    key::{Key, PEER_TAGS_SEPARATOR},
    peer_tags,
};
use crate::tags::{self, http, internal};

/// Traces of Datadog's synthetic tests have origins that start like this.
const SYNTHETICS: &str = "synthetics";
/// The kinds of spans that call another service.
const CALLS: [&str; 3] = ["client", "producer", "consumer"];

/// The tags that statistics depend on. Nearly all that a span lacks are ruled out by one comparison
/// each.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    span: &'a FinishedSpan<'a>,
    is_top_level: bool,
    is_measured: bool,
    is_partial: bool,
    origin: Option<&'a str>,
    span_kind: &'a str,
    http_method: &'a str,
    http_endpoint: Option<&'a str>,
    http_route: &'a str,
    http_status_code: u32,
    /// The status in the first of its tags.
    grpc_status_code: Option<&'a str>,
    service_source: &'a str,
    base_service: Option<&'a str>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(span: &'a FinishedSpan<'a>) -> Self {
        // Few of these tags are there, and looking for one costs more than this look at all keys.
        let keys = span.key_bits();
        let tag = |key| if keys.overlaps(KeyBits::of(key)) { span.tag(key) } else { None };
        let text = |key| tag(key).and_then(TagRef::as_str);
        let number = |key| tag(key).map(|value| value.as_f64());
        let is_one = |key| number(key).map(|number| number == Some(1.0));
        let partial_version = number(internal::PARTIAL_VERSION).flatten();
        Self {
            span,
            is_top_level: is_one(internal::TOP_LEVEL).unwrap_or(span.is_top_level()),
            is_measured: is_one(internal::MEASURED).unwrap_or(false),
            is_partial: partial_version.is_some_and(|version| version >= 0.0),
            origin: text(internal::ORIGIN),
            span_kind: text(tags::SPAN_KIND).unwrap_or_default(),
            http_method: text(http::METHOD).unwrap_or_default(),
            http_endpoint: text(http::ENDPOINT),
            http_route: text(http::ROUTE).unwrap_or_default(),
            http_status_code: tag(http::STATUS_CODE).map_or(0, status),
            grpc_status_code: grpc::STATUS_TAGS.into_iter().find_map(tag).map(grpc_status),
            service_source: text(internal::SERVICE_SOURCE).unwrap_or_default(),
            base_service: text(internal::BASE_SERVICE),
        }
    }

    /// Returns the facts of a span that count; `None` if it does not count.
    pub(super) fn measures(&self, info: &StatsInfo) -> Option<Measures> {
        let counts = self.is_top_level || self.is_measured || info.computes_kind(self.span_kind);
        (counts && !self.is_partial).then(|| Measures {
            duration: u64::try_from(self.span.duration()).unwrap_or(0).max(1),
            is_error: self.span.is_error(),
            is_top_level: self.is_top_level,
        })
    }

    /// Returns the nanosecond of Unix time at which the span ended.
    pub(super) fn end(&self) -> u64 {
        u64::try_from(self.span.start().saturating_add(self.span.duration())).unwrap_or(0)
    }

    /// Returns the key of the span.
    ///
    /// `origin` is that of the trace, `service` that of the process; `peers` is where the peer
    /// tags are put together.
    pub(super) fn key(
        &self,
        origin: Option<&str>,
        service: &str,
        info: &StatsInfo,
        peers: &'a mut String,
    ) -> Key<&'a str> {
        self.list_peers(service, info, peers);
        let origin = self.origin.or(origin);
        Key {
            service: self.span.service(),
            name: self.span.name(),
            resource: self.span.resource(),
            span_type: self.span.span_type(),
            span_kind: self.span_kind,
            http_method: self.http_method,
            http_endpoint: self.http_endpoint.unwrap_or(self.http_route),
            grpc_status_code: self.grpc_status_code.unwrap_or_default(),
            service_source: self.service_source,
            peer_tags: peers,
            http_status_code: self.http_status_code,
            is_synthetic: origin.is_some_and(|origin| origin.starts_with(SYNTHETICS)),
            is_trace_root: Some(self.span.parent_id().is_none()),
        }
    }

    /// Lists the peer tags of a call; of any other span, the service of the process if the span
    /// has another one.
    fn list_peers(&self, service: &str, info: &StatsInfo, peers: &mut String) {
        peers.clear();
        if CALLS.iter().any(|call| self.span_kind.eq_ignore_ascii_case(call)) {
            for key in info.peer_tags() {
                let value = self.span.tag(key).and_then(TagRef::as_str);
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    peer_tags::push(peers, key, value);
                }
            }
            return;
        }
        let own = self.span.service();
        let is_ours = own == service || own.eq_ignore_ascii_case(service);
        if let Some(service) = self.base_service.or((!is_ours).then_some(service)) {
            peer_tags::push(peers, internal::BASE_SERVICE, service);
        }
    }
}

/// Reads the peer tags of a key as a list.
pub(super) fn listed_peers(peers: &str) -> impl Iterator<Item = &str> {
    peers.split(PEER_TAGS_SEPARATOR).filter(|tag| !tag.is_empty())
}

/// The status of a response; 0 if it is no number.
fn status(value: TagRef<'_>) -> u32 {
    match value.as_str() {
        Some(text) => text.parse().unwrap_or(0),
        None => value.as_f64().unwrap_or(0.0) as u32, // The cast saturates.
    }
}

fn grpc_status(value: TagRef<'_>) -> &str {
    match value.as_str() {
        Some(text) => grpc::status_of_text(text),
        None => value.as_f64().map_or("", grpc::status_of_number),
    }
}
