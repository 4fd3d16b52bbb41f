//! Header propagation over generated contexts: the documented losses of a hop, and the rules that always hold.

mod contexts;
mod lines;
mod losses;
mod styles;

use std::collections::BTreeMap;

use packdog::{
    propagation::{MalformedHeaders, PropagationConfig, Propagator, Style, Styles},
    sampling::SamplingPriority,
    span::{SpanContext, SpanId},
};
use proptest::{collection::vec, prelude::*};

use self::{
    contexts::{any_context, small_context, text},
    lines::{hostile_lines, plausible_lines},
    losses::{b3_loses, baggage_loses, datadog_loses, tracecontext_loses},
    styles::{ALL, TRACE_STYLES, lossless_styles, styles},
};

type Headers = BTreeMap<String, String>;

fn propagator(styles: &[Style]) -> Propagator {
    Propagator::new(PropagationConfig::default().with_style(styles.iter().copied().collect()))
}

fn injected(propagator: &Propagator, context: &SpanContext) -> Headers {
    let mut headers = Headers::new();
    propagator.inject(context, &mut headers);
    headers
}

fn configured(styles: Styles, extract_first: bool, http_baggage_enabled: bool) -> Propagator {
    let mut config = PropagationConfig::default().with_style(styles);
    config.extract_first = extract_first;
    config.http_baggage_enabled = http_baggage_enabled;
    Propagator::new(config)
}

/// The context as a tracer injects it, which decides before: a decision that a hop adds takes room
/// from tags.
fn decided(context: SpanContext) -> SpanContext {
    let priority = context.sampling_priority().unwrap_or(SamplingPriority::AUTO_KEEP);
    context.with_sampling_priority(priority)
}

/// Reads lines as a service does that has a span of its own, and has decided.
fn served(
    propagator: &Propagator,
    lines: &dyn packdog::propagation::carrier::Carrier,
) -> SpanContext {
    let context = decided(propagator.extract(lines)).with_local(true);
    match context.trace_id().zip(SpanId::new(9)) {
        Some((trace_id, span_id)) => context.with_trace(trace_id, span_id),
        None => context,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hop_loses_only_the_parts_that_its_style_documents(sent in small_context()) {
        for style in TRACE_STYLES {
            let loses = match style {
                Style::Datadog => datadog_loses,
                Style::TraceContext => tracecontext_loses,
                _ => b3_loses,
            };
            let propagator = propagator(&[style]);
            let received = propagator.extract(&injected(&propagator, &sent));
            prop_assert_eq!(received, loses(&sent), "{}", style);
        }
    }

    #[test]
    fn baggage_of_any_unicode_survives(items in vec((text(0..=12), text(0..=12)), 0..=40)) {
        let propagator = propagator(&[Style::Baggage]);
        let sent = SpanContext::new().with_baggage(items.into_iter().collect());
        let received = propagator.extract(&injected(&propagator, &sent));
        prop_assert_eq!(received.baggage(), &baggage_loses(sent.baggage()));
    }

    #[test]
    fn from_the_second_hop_on_headers_stay_the_same(
        sent in any_context(),
        styles in styles(),
        extract_first: bool,
        http_baggage_enabled: bool,
    ) {
        let propagator = configured(styles, extract_first, http_baggage_enabled);
        let hop = |headers: &Headers| {
            let received = propagator.extract(headers);
            // A span of each service has the same id here, so that nothing else may differ.
            injected(&propagator, &received.with_local(true))
        };
        let second = hop(&injected(&propagator, &decided(sent).with_local(true)));
        prop_assert_eq!(hop(&second), second);
    }

    #[test]
    fn a_proxy_forwards_the_received_context(sent in any_context(), styles in styles()) {
        let propagator = configured(styles, false, false);
        let forward = |headers: &Headers| injected(&propagator, &propagator.extract(headers));
        let second = forward(&injected(&propagator, &decided(sent).with_local(true)));
        prop_assert_eq!(forward(&second), second);
    }

    #[test]
    fn the_next_service_reads_all_that_is_written_and_writes_it_again(
        lines in prop_oneof![plausible_lines(), hostile_lines()],
        styles in lossless_styles(),
        http_baggage_enabled: bool,
    ) {
        let propagator = configured(styles, false, http_baggage_enabled);
        let mut headers = Headers::new();
        let error = propagator.inject(&served(&propagator, &lines), &mut headers);
        prop_assert_eq!(error, None);
        let counted = propagator.malformed_headers();
        let received = served(&propagator, &headers);
        prop_assert_eq!(received.propagation_error(), None, "{:?}", headers);
        prop_assert_eq!(propagator.malformed_headers(), counted, "{:?}", headers);
        prop_assert_eq!(injected(&propagator, &received), headers);
    }

    /// Behind a poorer style, the next service does not look at what a richer one carries; but what
    /// it reads, it reads without an error, and passes on without another loss.
    #[test]
    fn in_any_order_of_styles_the_next_service_reads_without_an_error(
        lines in prop_oneof![plausible_lines(), hostile_lines()],
        styles in styles(),
        extract_first: bool,
        http_baggage_enabled: bool,
    ) {
        let propagator = configured(styles, extract_first, http_baggage_enabled);
        let mut headers = Headers::new();
        prop_assert_eq!(propagator.inject(&served(&propagator, &lines), &mut headers), None);
        let counted = propagator.malformed_headers();
        let second = served(&propagator, &headers);
        prop_assert_eq!(second.propagation_error(), None, "{:?}", headers);
        let mut written = Headers::new();
        prop_assert_eq!(propagator.inject(&second, &mut written), None, "{:?}", headers);
        let third = served(&propagator, &written);
        prop_assert_eq!(third.propagation_error(), None, "{:?}", written);
        prop_assert_eq!(propagator.malformed_headers(), counted, "{:?} {:?}", headers, written);
        prop_assert_eq!(injected(&propagator, &third), written);
    }

    /// The next service may have its styles in another order.
    #[test]
    fn a_service_with_another_order_of_styles_reads_without_an_error(
        lines in prop_oneof![plausible_lines(), hostile_lines()],
        here in styles(),
        there in styles(),
        extract_first: bool,
    ) {
        let here = configured(here, extract_first, true);
        let there = configured(there, extract_first, true);
        let mut headers = Headers::new();
        prop_assert_eq!(here.inject(&served(&here, &lines), &mut headers), None);
        let received = served(&there, &headers);
        prop_assert_eq!(received.propagation_error(), None, "{:?}", headers);
        prop_assert_eq!(there.inject(&received, &mut Headers::new()), None, "{:?}", headers);
        prop_assert_eq!(there.malformed_headers(), MalformedHeaders::default(), "{:?}", headers);
    }

    #[test]
    fn injecting_twice_is_injecting_once(sent in any_context(), styles in styles()) {
        let propagator = configured(styles, false, true);
        let mut headers = injected(&propagator, &sent);
        let once = headers.clone();
        propagator.inject(&sent, &mut headers);
        prop_assert_eq!(headers, once);
    }

    #[test]
    fn nothing_exceeds_its_limit_or_leaves_ascii(sent in any_context()) {
        let headers = injected(&configured(Styles::from_iter(ALL), false, true), &sent);
        for (name, value) in &headers {
            prop_assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{}: {:?}", name, value);
        }
        let get = |name: &str| headers.get(name).map_or("", String::as_str);
        prop_assert!(get("x-datadog-tags").len() <= 512);
        let tracestate = get("tracestate");
        prop_assert!(tracestate.len() <= 4096);
        prop_assert!(tracestate.split(',').count() <= 32);
        let ours = tracestate.split(',').filter(|member| member.starts_with("dd="));
        let ours: Vec<_> = ours.collect();
        prop_assert!(ours.len() <= 1 && ours.iter().all(|member| member.len() <= 256));
        prop_assert!(get("baggage").len() <= 8192);
        prop_assert!(get("baggage").split(',').count() <= 64);
        let legacy = headers.iter().filter(|(name, _)| name.starts_with("ot-baggage-"));
        prop_assert!(legacy.clone().count() <= 64);
        prop_assert!(legacy.map(|(name, value)| name.len() - 11 + value.len()).sum::<usize>() <= 8192);
        prop_assert!(get("x-datadog-origin").len() <= 256);
    }

    #[test]
    fn no_bytes_in_any_header_cause_a_panic(
        lines in hostile_lines(),
        styles in styles(),
        extract_first: bool,
    ) {
        let propagator = configured(styles, extract_first, true);
        let context = propagator.extract(&lines);
        prop_assert!(context.baggage().len() <= 64);
        injected(&propagator, &context.with_local(true));
    }
}
