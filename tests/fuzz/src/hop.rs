//! A request that passes through us: headers in, context, headers out.

use http::{HeaderMap, HeaderName, HeaderValue};
use packdog::{
    propagation::{PropagationConfig, Propagator, Style, Styles},
    span::SpanContext,
};

use crate::{measured::measured, outgoing};

/// Header lines as they come: names in any case, values of any bytes.
pub(crate) type Lines<'a> = Vec<(&'a str, &'a [u8])>;
/// Header lines as they leave.
pub(crate) type Headers = Vec<(String, String)>;

/// Default limits, and these styles in both directions.
pub(crate) fn propagator(styles: impl IntoIterator<Item = Style>) -> Propagator {
    Propagator::new(PropagationConfig::default().with_style(Styles::from_iter(styles)))
}

/// The contexts that are read and written on the way through two services.
#[derive(Debug)]
pub(crate) struct Hops {
    /// The context that the first service read.
    pub(crate) first: SpanContext,
    /// The context that the first service wrote.
    pub(crate) headers: Headers,
    /// The context that the second service read.
    pub(crate) second: SpanContext,
}

/// Sends `lines` through services that only pass headers on, and checks the rules for every style.
pub(crate) fn pass(propagator: &Propagator, lines: &Lines<'_>) -> Hops {
    let first = extracted(propagator, lines);
    let headers = injected(propagator, &first);
    let second = extracted(propagator, &borrowed(&headers));
    let settled = injected(propagator, &second);
    let third = extracted(propagator, &borrowed(&settled));
    assert_eq!(injected(propagator, &third), settled, "headers go on changing");
    assert_continues(propagator, &first, &second);
    assert_eq!(second.trace_id().is_some(), first.span_id().is_some(), "the trace got lost");
    Hops { first, headers, second }
}

/// Asserts that the next service reads the trace and the span of the written context.
///
/// If `x-datadog-tags` could not be written, so that the high half of the trace id is missing,
/// a service that reads the style `datadog` first continues a trace of 64 bits.
pub(crate) fn assert_continues(propagator: &Propagator, written: &SpanContext, read: &SpanContext) {
    let Some(read_id) = read.trace_id() else { return };
    let written_id = written.trace_id().expect("there is a trace to be written");
    let has_tags = propagator.inject(written, &mut Headers::new()).is_none();
    assert!(read_id == written_id || (!has_tags && read_id.low() == written_id.low()));
    assert_eq!(read.span_id(), written.span_id());
}

/// Reads headers, also out of a `HeaderMap` where that can hold them.
pub(crate) fn extracted(propagator: &Propagator, lines: &Lines<'_>) -> SpanContext {
    let bytes = lines.iter().map(|(name, value)| name.len() + value.len()).sum();
    let context = measured(bytes, || propagator.extract(lines));
    if let Some(map) = header_map(lines) {
        assert_eq!(propagator.extract(&map), context, "another carrier, another context");
    }
    context
}

/// The lines as a map; `None` if HTTP forbids one, or if there are repeated ones, which the map
/// puts next to each other.
fn header_map(lines: &Lines<'_>) -> Option<HeaderMap> {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        let name = name.parse::<HeaderName>().ok()?;
        if map.insert(name, HeaderValue::from_bytes(value).ok()?).is_some() {
            return None;
        }
    }
    Some(map)
}

/// Writes headers twice, which is the same as once, and checks each of them.
pub(crate) fn injected(propagator: &Propagator, context: &SpanContext) -> Headers {
    let mut headers = Headers::new();
    propagator.inject(context, &mut headers);
    let once = headers.clone();
    propagator.inject(context, &mut headers);
    assert_eq!(headers, once, "injecting twice is not injecting once");
    outgoing::check(&headers);
    let mut map = HeaderMap::new();
    propagator.inject(context, &mut map);
    assert_eq!(map.len(), headers.len(), "a header cannot be carried");
    headers
}

pub(crate) fn borrowed(headers: &Headers) -> Lines<'_> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}
