//! A finished span as statistics see it: whether it counts, and under which key.

use std::sync::LazyLock;

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

/// The tags that statistics depend on.
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
    /// The first of its tags that the span has, by its place among them, and the status in it.
    grpc_status: Option<(usize, &'a str)>,
    service_source: &'a str,
    base_service: Option<&'a str>,
}

/// The keys of these tags.
static KEYS: LazyLock<KeyBits> = LazyLock::new(|| {
    let keys = [
        internal::TOP_LEVEL,
        internal::MEASURED,
        internal::PARTIAL_VERSION,
        internal::ORIGIN,
        tags::SPAN_KIND,
        http::METHOD,
        http::ENDPOINT,
        http::ROUTE,
        http::STATUS_CODE,
        internal::SERVICE_SOURCE,
        internal::BASE_SERVICE,
    ];
    keys.into_iter().chain(grpc::STATUS_TAGS).collect()
});

impl<'a> Facts<'a> {
    pub(super) fn of(span: &'a FinishedSpan<'a>) -> Self {
        let mut facts = Self::without_tags(span);
        // One look at all tags costs less than one for each of these keys.
        for (key, value) in span.tags_among(*KEYS) {
            facts.learn(key, value);
        }
        facts
    }

    fn without_tags(span: &'a FinishedSpan<'a>) -> Self {
        Self {
            span,
            is_top_level: span.is_top_level(),
            is_measured: false,
            is_partial: false,
            origin: None,
            span_kind: "",
            http_method: "",
            http_endpoint: None,
            http_route: "",
            http_status_code: 0,
            grpc_status: None,
            service_source: "",
            base_service: None,
        }
    }

    fn learn(&mut self, key: &str, value: TagRef<'a>) {
        let text = || value.as_str().unwrap_or_default();
        match key {
            internal::TOP_LEVEL => self.is_top_level = value.as_f64() == Some(1.0),
            internal::MEASURED => self.is_measured = value.as_f64() == Some(1.0),
            internal::PARTIAL_VERSION => {
                self.is_partial = value.as_f64().is_some_and(|version| version >= 0.0);
            }
            internal::ORIGIN => self.origin = value.as_str(),
            tags::SPAN_KIND => self.span_kind = text(),
            http::METHOD => self.http_method = text(),
            http::ENDPOINT => self.http_endpoint = value.as_str(),
            http::ROUTE => self.http_route = text(),
            http::STATUS_CODE => self.http_status_code = status(value),
            internal::SERVICE_SOURCE => self.service_source = text(),
            internal::BASE_SERVICE => self.base_service = value.as_str(),
            _ => self.learn_grpc_status(key, value),
        }
    }

    fn learn_grpc_status(&mut self, key: &str, value: TagRef<'a>) {
        let rank = grpc::STATUS_TAGS.iter().position(|tag| *tag == key);
        if let Some(rank) = rank
            && self.grpc_status.is_none_or(|(known, _)| rank < known)
        {
            self.grpc_status = Some((rank, grpc_status(value)));
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
            grpc_status_code: self.grpc_status.map_or("", |(_, status)| status),
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
