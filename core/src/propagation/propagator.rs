//! A propagator: converts headers to contexts and back, without a tracer.

use std::borrow::Cow;

use packdog_api::{
    Baggage, SamplingPriority, SpanContext, SpanId, TraceId,
    carrier::{Carrier, CarrierMut},
    implementation::{Received, ReceivedContext},
};

use super::{
    BaggageTagKeys, ExtractBehavior, MalformedHeaders, PropagationConfig, Style, Styles, b3,
    baggage::{self, Budget, Limits},
    combine,
    config::DEFAULT_BAGGAGE_TAGS,
    datadog,
    headers::{Headers, text},
    incoming::Incoming,
    legacy_baggage,
    malformed::{Header, Malformed},
    outgoing::Outgoing,
    tracecontext,
};

/// Reads traces and baggage from headers, and writes them.
///
/// It works without a tracer, for proxies that only pass headers on:
///
/// ```
/// use http::HeaderMap;
/// use packdog::propagation::{PropagationConfig, Propagator};
///
/// let propagator = Propagator::new(PropagationConfig::default());
/// let mut inbound = HeaderMap::new();
/// inbound.insert("x-datadog-trace-id", "5".parse()?);
/// inbound.insert("x-datadog-parent-id", "6".parse()?);
///
/// let context = propagator.extract(&inbound);
/// let mut outbound = HeaderMap::new();
/// propagator.inject(&context, &mut outbound);
/// assert_eq!(
///     outbound["traceparent"],
///     "00-00000000000000000000000000000005-0000000000000006-00"
/// );
/// # Ok::<(), http::header::InvalidHeaderValue>(())
/// ```
#[derive(Debug)]
pub struct Propagator {
    config: PropagationConfig,
    extract: Styles,
    inject: Styles,
    /// The number of headers of the written styles.
    injected_headers: usize,
    malformed: Malformed,
}

impl Propagator {
    /// Returns a propagator with this configuration.
    pub fn new(config: PropagationConfig) -> Self {
        let (extract, inject) = (config.extracted_styles(), config.injected_styles());
        let injected_headers = inject.iter().map(|style| style.headers().len()).sum();
        Self { config, extract, inject, injected_headers, malformed: Malformed::default() }
    }

    #[cfg(feature = "agent")]
    pub(crate) fn config(&self) -> &PropagationConfig {
        &self.config
    }

    /// Reads the trace and baggage from headers; malformed headers are ignored and counted.
    pub fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        if self.config.extract_behavior == ExtractBehavior::Ignore {
            return SpanContext::new();
        }
        let headers = Headers::gather(carrier);
        if headers.is_empty() {
            return SpanContext::new();
        }
        let header = headers.baggage.as_deref().unwrap_or_default();
        let (mut received, has_trace) = self.extract_trace(&headers);
        let limits = self.baggage_limits();
        if self.config.http_baggage_enabled && has_trace {
            received.baggage = Received::Read(self.both_baggages(header, carrier));
        } else if self.extract.contains(Style::Baggage) && !header.is_empty() {
            let parsed = baggage::receive(header, limits);
            received.baggage = self.malformed.count(Header::Baggage, parsed).unwrap_or_default();
        }
        received.into_context()
    }

    /// The items of both families, which share one budget.
    fn both_baggages(&self, header: &[u8], carrier: &dyn Carrier) -> Baggage {
        let mut budget = Budget::new(self.baggage_limits());
        let mut items = Baggage::new();
        if self.extract.contains(Style::Baggage) {
            let parsed = baggage::parse(&text(header), &mut budget);
            items = self.malformed.count(Header::Baggage, parsed).unwrap_or_default();
        }
        legacy_baggage::extract(carrier, &mut budget, &mut items);
        items
    }

    /// Returns the context without baggage, and whether there was a trace at all.
    fn extract_trace<'a>(&self, headers: &'a Headers<'_>) -> (ReceivedContext<'a>, bool) {
        let is_restart = self.config.extract_behavior == ExtractBehavior::Restart;
        let mut styles = self.extract.iter();
        let Some(primary) = styles.find_map(|style| self.read(style, headers, None)) else {
            let sampling_priority = if is_restart { None } else { self.decision_alone(headers) };
            return (ReceivedContext { sampling_priority, ..ReceivedContext::default() }, false);
        };
        let (style, tracestate) = (primary.style, primary.tracestate());
        let ids = primary.parent_id.map(|parent_id| (primary.trace_id, parent_id));
        let others = styles.filter_map(|style| self.read(style, headers, ids));
        let received = if self.config.extract_first {
            primary.into_received()
        } else {
            combine::continued(primary, others, || self.datadog_again(headers))
        };
        let received =
            if is_restart { combine::restarted(style, &tracestate, &received) } else { received };
        (received, true)
    }

    /// Returns a decision that came without a trace: that of the first style that has one.
    fn decision_alone(&self, headers: &Headers<'_>) -> Option<SamplingPriority> {
        self.extract.iter().find_map(|style| match style {
            Style::B3 => b3::decision_alone(headers),
            Style::B3Multi => b3::multi_decision_alone(headers),
            _ => None,
        })
    }

    /// Reads the style `datadog`, even if it was read before; malformed headers are not counted
    /// twice.
    fn datadog_again<'a>(&self, headers: &'a Headers<'_>) -> Option<Incoming<'a>> {
        if !self.extract.contains(Style::Datadog) {
            return None;
        }
        let limit = self.config.x_datadog_tags_max_bytes;
        datadog::extract(headers, limit, &Malformed::default())
    }

    /// Reads one style. `ids` are those of another style, which most peers repeat.
    fn read<'a>(
        &self,
        style: Style,
        headers: &'a Headers<'_>,
        ids: Option<(TraceId, SpanId)>,
    ) -> Option<Incoming<'a>> {
        match style {
            Style::Datadog => {
                datadog::extract(headers, self.config.x_datadog_tags_max_bytes, &self.malformed)
            }
            Style::TraceContext => tracecontext::extract(headers, ids, &self.malformed),
            Style::B3Multi => b3::extract_multi(headers, &self.malformed),
            Style::B3 => b3::extract(headers, &self.malformed),
            Style::Baggage => None,
        }
    }

    /// Writes the headers with which another service continues `context`.
    ///
    /// A context without a trace or without a span writes nothing but its baggage. Headers of the
    /// written styles that `context` has no value for are removed.
    ///
    /// Returns the value of the tag `_dd.propagation_error` on an error: `inject_max_size`,
    /// `encoding_error` or `disabled`. Then only `x-datadog-tags` is missing.
    pub fn inject(
        &self,
        context: &SpanContext,
        carrier: &mut dyn CarrierMut,
    ) -> Option<&'static str> {
        let mut headers = Outgoing::new();
        let (mut error, mut travelling) = (None, usize::MAX);
        let ids = context.trace_id().zip(context.span_id());
        for style in self.inject.iter() {
            match (style, ids) {
                (Style::Baggage, _) => {
                    let limits = self.baggage_limits();
                    travelling = baggage::inject(context.baggage(), limits, &mut headers);
                }
                (_, None) => {}
                (Style::Datadog, Some(ids)) => {
                    let limit = self.config.x_datadog_tags_max_bytes;
                    error = datadog::inject(context, ids, limit, &mut headers).err();
                }
                (Style::TraceContext, Some(ids)) => {
                    tracecontext::inject(context, ids, &mut headers);
                }
                (Style::B3Multi, Some(ids)) => b3::inject_multi(context, ids, &mut headers),
                (Style::B3, Some(ids)) => b3::inject(context, ids, &mut headers),
            }
        }
        if self.config.http_baggage_enabled && ids.is_some() && self.inject.carry_traces() {
            // Both kinds of baggage headers carry the same items.
            let items = baggage::travelling(context.baggage()).take(travelling);
            legacy_baggage::inject(items, self.baggage_limits(), &mut headers);
        }
        // Headers of an earlier trace, such as those that a gateway copied, are removed. A trace
        // that cannot be written because it has no span came with these headers, so they are kept.
        let has_unwritten = ids.is_none()
            && (context.trace_id().is_some() || context.sampling_priority().is_some());
        // If all headers were written, none of an earlier trace is left.
        if headers.known_count() < self.injected_headers {
            let replaced =
                self.inject.iter().filter(|style| *style == Style::Baggage || !has_unwritten);
            let names = replaced.flat_map(|style| style.headers());
            for name in names.filter(|name| !headers.contains(name)) {
                carrier.remove(name);
            }
        }
        if self.config.http_baggage_enabled && self.inject.carry_traces() && !has_unwritten {
            carrier.remove_all(&|name| legacy_baggage::is_item(name) && !headers.contains(name));
        }
        headers.write_to(carrier);
        error
    }

    /// Returns the tags that received baggage adds to the local root, unless it already has a tag
    /// of that name.
    pub fn baggage_tags<'a>(
        &'a self,
        baggage: &'a Baggage,
    ) -> impl Iterator<Item = (Cow<'static, str>, &'a str)> {
        let keys = &self.config.baggage_tag_keys;
        let is_wanted = move |key: &str| match keys {
            BaggageTagKeys::All => true,
            BaggageTagKeys::These(keys) => keys.iter().any(|wanted| wanted == key),
        };
        baggage
            .iter()
            .filter(move |(key, _)| is_wanted(key))
            .map(|(key, value)| (baggage_tag(key), value))
    }

    /// Returns the numbers of malformed headers received since this propagator was made.
    pub fn malformed_headers(&self) -> MalformedHeaders {
        self.malformed.read()
    }

    fn baggage_limits(&self) -> Limits {
        self.config.baggage_limits()
    }
}

impl Default for Propagator {
    fn default() -> Self {
        Self::new(PropagationConfig::default())
    }
}

/// Returns the name of the tag for an item of baggage.
fn baggage_tag(key: &str) -> Cow<'static, str> {
    let known = DEFAULT_BAGGAGE_TAGS.into_iter().find(|(known, _)| *known == key);
    known.map_or_else(|| format!("baggage.{key}").into(), |(_, tag)| Cow::Borrowed(tag))
}

#[cfg(test)]
mod tests {
    use packdog_api::{SamplingPriority, SpanId, TraceId};

    use super::*;

    /// A header of another trace for each known name, and one that is not ours.
    fn copied() -> Vec<(String, String)> {
        let all = [Style::Datadog, Style::TraceContext, Style::B3Multi, Style::B3, Style::Baggage];
        let names = all.into_iter().flat_map(Style::headers).chain([&"accept"]);
        names.map(|name| ((*name).to_owned(), "old".to_owned())).collect()
    }

    fn injected(styles: &str, context: &SpanContext) -> Vec<(String, String)> {
        let styles = Styles::parse(styles).0.unwrap();
        let mut headers = copied();
        Propagator::new(PropagationConfig::default().with_style(styles))
            .inject(context, &mut headers);
        headers
    }

    fn old(headers: &[(String, String)]) -> Vec<&str> {
        let old = headers.iter().filter(|(_, value)| value == "old");
        old.map(|(name, _)| name.as_str()).collect()
    }

    #[test]
    fn nothing_of_an_earlier_trace_stays_in_the_styles_that_are_written() {
        let context = SpanContext::new()
            .with_trace(TraceId::new(1).unwrap(), SpanId::new(2))
            .with_sampling_priority(SamplingPriority::AUTO_KEEP);
        let headers = injected("datadog,tracecontext,b3multi,b3,baggage", &context);
        assert_eq!(old(&headers), ["accept"]);
        let written = |name| headers.iter().any(|(written, _)| written == name);
        assert!(written("x-b3-sampled") && !written("x-b3-flags"), "{headers:?}");
        assert!(!written("x-datadog-origin") && !written("baggage"), "{headers:?}");
    }

    #[test]
    fn old_headers_of_single_items_are_removed_where_they_would_be_written() {
        let context = SpanContext::new()
            .with_trace(TraceId::new(1).unwrap(), SpanId::new(2))
            .with_baggage(Baggage::from_iter([("plan", "pro")]));
        let stale = [("OT-Baggage-Plan", "old"), ("ot-baggage-user", "old"), ("ot-baggage", "x")];
        #[rustfmt::skip]
        let table = [
            // enabled  styles       context                headers of items left
            (true,      "datadog",   context.clone(),       vec!["ot-baggage", "ot-baggage-plan"]),
            (true,      "datadog",   SpanContext::new(),    vec!["ot-baggage"]),
            (true,      "baggage",   context.clone(),       vec!["OT-Baggage-Plan", "ot-baggage-user", "ot-baggage"]),
            (false,     "datadog",   context.clone(),       vec!["OT-Baggage-Plan", "ot-baggage-user", "ot-baggage"]),
        ];
        for (is_enabled, styles, context, left) in table {
            let styles = Styles::parse(styles).0.unwrap();
            let mut config = PropagationConfig::default().with_style(styles);
            config.http_baggage_enabled = is_enabled;
            let mut headers =
                Vec::from(stale.map(|(name, value)| (name.to_owned(), value.to_owned())));
            Propagator::new(config).inject(&context, &mut headers);
            let names = headers.iter().map(|(name, _)| name.as_str());
            let of_items: Vec<_> =
                names.filter(|name| name.to_ascii_lowercase().starts_with("ot-baggage")).collect();
            assert_eq!(of_items, left, "enabled {is_enabled}");
        }
    }

    #[test]
    fn a_trace_without_a_span_leaves_its_headers_where_they_are() {
        let trace = SpanContext::new().with_trace(TraceId::new(5).unwrap(), None);
        let decision = SpanContext::new().with_sampling_priority(SamplingPriority::AUTO_DROP);
        for context in [trace, decision] {
            let headers = injected("datadog,tracecontext,b3,baggage", &context);
            let kept = old(&headers);
            assert!(kept.contains(&"x-datadog-origin") && kept.contains(&"b3"), "{kept:?}");
            assert!(!kept.contains(&"baggage"), "{kept:?}");
        }
    }

    #[test]
    fn headers_of_styles_that_are_not_written_are_left_alone() {
        let context = SpanContext::new().with_trace(TraceId::new(1).unwrap(), SpanId::new(2));
        assert_eq!(
            old(&injected("datadog,tracecontext,b3multi", &context)),
            ["b3", "baggage", "accept"]
        );
        let baggage = SpanContext::new().with_baggage(Baggage::from_iter([("plan", "pro")]));
        let headers = injected("b3,baggage", &baggage);
        assert!(!old(&headers).contains(&"b3"), "a trace that is not there has no headers");
        assert_eq!(headers.last().unwrap().1, "plan=pro");
    }
}
