//! A finished span as statistics see it: whether it counts, and under which key.
//!
//! Its texts are bytes, which are only compared: a text of a new row is read as UTF-8.

use packdog_api::{
    TagRef,
    implementation::{FinishedSpan, KeyBits, TagBytes},
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
    origin: Option<&'a [u8]>,
    span_kind: &'a [u8],
    http_method: &'a [u8],
    http_endpoint: Option<&'a [u8]>,
    http_route: &'a [u8],
    http_status_code: u32,
    /// The first of its tags that the span has, by its place among them, and the status in it.
    grpc_status: Option<(usize, &'a str)>,
    service_source: &'a [u8],
    base_service: Option<&'a [u8]>,
}

/// The keys of these tags.
const KEYS: KeyBits = KeyBits::of_all(&[
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
])
.and(KeyBits::of_all(&grpc::STATUS_TAGS));

impl<'a> Facts<'a> {
    #[inline]
    pub(super) fn of(span: &'a FinishedSpan<'a>) -> Self {
        let mut facts = Self::without_tags(span);
        // One look at all tags costs less than one for each of these keys.
        span.show_tags_among(KEYS, |key, value| facts.learn(key, value));
        facts
    }

    #[inline]
    fn without_tags(span: &'a FinishedSpan<'a>) -> Self {
        Self {
            span,
            is_top_level: span.is_top_level(),
            is_measured: false,
            is_partial: false,
            origin: None,
            span_kind: &[],
            http_method: &[],
            http_endpoint: None,
            http_route: &[],
            http_status_code: 0,
            grpc_status: None,
            service_source: &[],
            base_service: None,
        }
    }

    #[inline]
    fn learn(&mut self, key: &[u8], value: TagBytes<'a>) {
        const TOP_LEVEL: &[u8] = internal::TOP_LEVEL.as_bytes();
        const MEASURED: &[u8] = internal::MEASURED.as_bytes();
        const PARTIAL_VERSION: &[u8] = internal::PARTIAL_VERSION.as_bytes();
        const ORIGIN: &[u8] = internal::ORIGIN.as_bytes();
        const SPAN_KIND: &[u8] = tags::SPAN_KIND.as_bytes();
        const METHOD: &[u8] = http::METHOD.as_bytes();
        const ENDPOINT: &[u8] = http::ENDPOINT.as_bytes();
        const ROUTE: &[u8] = http::ROUTE.as_bytes();
        const STATUS_CODE: &[u8] = http::STATUS_CODE.as_bytes();
        const SERVICE_SOURCE: &[u8] = internal::SERVICE_SOURCE.as_bytes();
        const BASE_SERVICE: &[u8] = internal::BASE_SERVICE.as_bytes();

        let text = || value.as_bytes().unwrap_or_default();
        match key {
            TOP_LEVEL => self.is_top_level = value.as_f64() == Some(1.0),
            MEASURED => self.is_measured = value.as_f64() == Some(1.0),
            PARTIAL_VERSION => {
                self.is_partial = value.as_f64().is_some_and(|version| version >= 0.0);
            }
            ORIGIN => self.origin = value.as_bytes(),
            SPAN_KIND => self.span_kind = text(),
            METHOD => self.http_method = text(),
            ENDPOINT => self.http_endpoint = value.as_bytes(),
            ROUTE => self.http_route = text(),
            STATUS_CODE => self.http_status_code = status(value),
            SERVICE_SOURCE => self.service_source = text(),
            BASE_SERVICE => self.base_service = value.as_bytes(),
            _ => self.learn_grpc_status(key, value),
        }
    }

    fn learn_grpc_status(&mut self, key: &[u8], value: TagBytes<'a>) {
        let rank = grpc::STATUS_TAGS.iter().position(|tag| tag.as_bytes() == key);
        if let Some(rank) = rank
            && self.grpc_status.is_none_or(|(known, _)| rank < known)
        {
            self.grpc_status = Some((rank, grpc_status(value)));
        }
    }

    /// Returns the facts of a span that count; `None` if it does not count.
    #[inline]
    pub(super) fn measures(&self, info: &StatsInfo) -> Option<Measures> {
        let counts = self.is_top_level || self.is_measured || info.computes_kind(self.span_kind);
        (counts && !self.is_partial).then(|| Measures {
            duration: u64::try_from(self.span.duration()).unwrap_or(0).max(1),
            is_error: self.span.is_error(),
            is_top_level: self.is_top_level,
        })
    }

    /// Returns the nanosecond of Unix time at which the span ended.
    #[inline]
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
    ) -> Key<&'a [u8]> {
        self.list_peers(service, info, peers);
        let origin = self.origin.or(origin.map(str::as_bytes));
        Key {
            service: self.span.service().as_bytes(),
            name: self.span.name().as_bytes(),
            resource: self.span.resource().as_bytes(),
            span_type: self.span.span_type().as_bytes(),
            span_kind: self.span_kind,
            http_method: self.http_method,
            http_endpoint: self.http_endpoint.unwrap_or(self.http_route),
            grpc_status_code: self.grpc_status.map_or("", |(_, status)| status).as_bytes(),
            service_source: self.service_source,
            peer_tags: peers.as_bytes(),
            http_status_code: self.http_status_code,
            is_synthetic: origin.is_some_and(|origin| origin.starts_with(SYNTHETICS.as_bytes())),
            is_trace_root: Some(self.span.parent_id().is_none()),
        }
    }

    /// Lists the peer tags of a call; of any other span, the service of the process if the span
    /// has another one.
    fn list_peers(&self, service: &str, info: &StatsInfo, peers: &mut String) {
        peers.clear();
        if CALLS.iter().any(|call| self.span_kind.eq_ignore_ascii_case(call.as_bytes())) {
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
        let base = self.base_service.map(text);
        if let Some(service) = base.or((!is_ours).then_some(service)) {
            peer_tags::push(peers, internal::BASE_SERVICE, service);
        }
    }
}

/// Reads the peer tags of a key as a list.
pub(super) fn listed_peers(peers: &str) -> impl Iterator<Item = &str> {
    peers.split(PEER_TAGS_SEPARATOR).filter(|tag| !tag.is_empty())
}

/// The status of a response; 0 if it is no number.
#[inline]
fn status(value: TagBytes<'_>) -> u32 {
    match value {
        // Three digits take a fifth of the instructions of any number.
        TagBytes::Text(&[a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9']) => {
            [a, b, c].iter().fold(0, |number, digit| 10 * number + u32::from(digit - b'0'))
        }
        TagBytes::Text(bytes) => text(bytes).parse().unwrap_or(0),
        TagBytes::Number(number) => number as u32, // The cast saturates.
    }
}

fn grpc_status(value: TagBytes<'_>) -> &str {
    match value {
        TagBytes::Text(bytes) => grpc::status_of_text(text(bytes)),
        TagBytes::Number(number) => grpc::status_of_number(number),
    }
}

/// Tags of spans are UTF-8.
fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_number_whatever_its_form() {
        #[rustfmt::skip]
        let table = [
            // value                          status
            (TagBytes::Text(b"200"),          200),
            (TagBytes::Text(b"099"),          99),
            (TagBytes::Text(b"20"),           20),
            (TagBytes::Text(b"+20"),          20),
            (TagBytes::Text(b"1234"),         1234),
            (TagBytes::Text(b"2xx"),          0),
            (TagBytes::Text(b""),             0),
            (TagBytes::Number(404.0),         404),
            (TagBytes::Number(-1.0),          0),
        ];
        for (value, expected) in table {
            assert_eq!(status(value), expected, "{value:?}");
        }
    }
}
