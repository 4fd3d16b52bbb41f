//! A request that passes through us: headers in, context, headers out.

use http::{HeaderMap, HeaderName, HeaderValue};
use packdog::{
    SpanContext,
    propagation::{PropagationConfig, Propagator, Style, Styles},
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

/// What is read and written on the way through two services.
#[derive(Debug)]
pub(crate) struct Hops {
    /// What the first service read.
    pub(crate) first: SpanContext,
    /// What the first service wrote.
    pub(crate) headers: Headers,
    /// What the second service read.
    pub(crate) second: SpanContext,
}

/// Sends `lines` through services that only pass on, and checks what holds for every style.
pub(crate) fn pass(propagator: &Propagator, lines: &Lines<'_>) -> Hops {
    let first = extracted(propagator, lines);
    let headers = injected(propagator, &first);
    let second = extracted(propagator, &borrowed(&headers));
    let settled = injected(propagator, &second);
    let third = extracted(propagator, &borrowed(&settled));
    assert_eq!(injected(propagator, &third), settled, "headers go on changing");
    assert_eq!(second.trace_id(), first.trace_id().filter(|_| first.span_id().is_some()));
    assert_eq!(second.span_id(), second.trace_id().and(first.span_id()));
    Hops { first, headers, second }
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
