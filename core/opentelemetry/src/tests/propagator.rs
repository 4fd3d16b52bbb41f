use std::collections::HashMap;

use opentelemetry::{
    Context,
    baggage::BaggageExt,
    propagation::{Extractor, TextMapPropagator},
    trace::{SpanContext, TraceContextExt, TraceFlags, TraceId, Tracer as _},
};
use packdog::{
    Config,
    propagation::{ExtractBehavior, PropagationConfig, Style, Styles},
    test_util::Collector,
};
use packdog_api::SamplingPriority;

use super::{collector, start, tracer};
use crate::Propagator;

type Headers = HashMap<String, String>;

fn headers<const N: usize>(headers: [(&str, &str); N]) -> Headers {
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

#[test]
fn an_extracted_trace_is_continued_with_all_that_it_has() {
    let (collector, _scope) = collector();
    let received = headers([
        ("x-datadog-trace-id", "5"),
        ("x-datadog-parent-id", "6"),
        ("x-datadog-sampling-priority", "2"),
        ("x-datadog-origin", "synthetics"),
        ("x-datadog-tags", "_dd.p.team=bread"),
        ("baggage", "plan=pro"),
    ]);
    let cx = Propagator::new().extract_with_context(&Context::new(), &received);
    let context = cx.span().span_context().clone();
    assert!(context.is_valid() && context.is_remote() && context.is_sampled());
    assert_eq!(context.trace_id(), TraceId::from(5));
    assert_eq!(context.trace_state().header(), "dd=s:2;o:synthetics;t.team:bread");
    assert_eq!(cx.baggage().get("plan").map(|value| value.as_str()), Some("pro"));

    let span = tracer().start_with_context("theirs", &cx);
    assert_eq!(span.of_packdog().baggage().get("plan").as_deref(), Some("pro"));
    let attached = cx.attach();
    packdog_api::span("ours").in_scope(|_| ());
    drop((attached, span));
    for trace in collector.traces() {
        assert_eq!(trace.trace_id.to_u128(), 5);
        assert_eq!(trace.sampling_priority, Some(SamplingPriority::USER_KEEP));
        assert_eq!(trace.trace_tags.get("_dd.p.team"), Some("bread"));
        for span in trace.spans {
            assert_eq!(span.parent_id.map(packdog_api::SpanId::to_u64), Some(6), "{}", span.name);
        }
    }
    assert_eq!(collector.spans().len(), 2);
}

#[test]
fn nothing_received_leaves_the_context_as_it_was() {
    let (_collector, _scope) = collector();
    let cx = Context::new().with_span(start("theirs"));
    let extracted = Propagator::new().extract_with_context(&cx, &headers([("accept", "*/*")]));
    assert_eq!(extracted.span().span_context(), cx.span().span_context());
}

#[test]
fn a_context_without_a_parent_id_or_with_baggage_alone_is_continued() {
    let (collector, _scope) = collector();
    let table = [
        (headers([("baggage", "plan=pro")]), None),
        (
            headers([
                ("x-datadog-trace-id", "5"),
                ("x-datadog-parent-id", "0"),
                ("x-datadog-origin", "synthetics"),
                ("baggage", "plan=pro"),
            ]),
            Some(5),
        ),
    ];
    for (received, trace_id) in table {
        let around = Context::new().with_span(start("around"));
        let cx = Propagator::new().extract_with_context(&around, &received);
        assert_eq!(*cx.span().span_context(), SpanContext::NONE);
        let span = tracer().start_with_context("theirs", &cx);
        let ours = span.of_packdog();
        assert_eq!(ours.baggage().get("plan").as_deref(), Some("pro"), "{received:?}");
        assert_eq!(ours.root().span_id(), ours.span_id(), "{received:?}");
        if let Some(trace_id) = trace_id {
            assert_eq!(ours.trace_id().map(packdog_api::TraceId::low), Some(trace_id));
        }
        let attached = cx.clone().attach();
        assert_eq!(packdog::current_span().baggage().get("plan").as_deref(), Some("pro"));
        // What is entered above it hides it.
        packdog_api::Span::nothing()
            .in_scope(|| assert_eq!(packdog::current_span().trace_id(), None));
        drop(attached);
    }
    drop(collector);
}

#[test]
fn a_restarted_trace_is_a_new_one_with_a_link_and_the_baggage() {
    let mut propagation = PropagationConfig::default();
    propagation.extract_behavior = ExtractBehavior::Restart;
    let collector = Collector::new(&Config::new().with_propagation(propagation));
    let _scope = collector.tracer().enter();
    let received = headers([
        ("x-datadog-trace-id", "5"),
        ("x-datadog-parent-id", "6"),
        ("baggage", "plan=pro"),
    ]);
    let cx = Propagator::new().extract_with_context(&Context::new(), &received);
    assert_eq!(*cx.span().span_context(), SpanContext::NONE);
    let span = tracer().start_with_context("theirs", &cx);
    assert_eq!(span.of_packdog().baggage().get("plan").as_deref(), Some("pro"));
    drop(span);
    let span = collector.only_span();
    assert_ne!(span.trace_id.to_u128(), 5);
    assert_eq!(span.links.iter().map(|link| link.span_id().to_u64()).collect::<Vec<_>>(), [6]);
}

#[test]
fn injection_decides_and_writes_the_configured_styles() {
    let config = Config::new().with_propagation(
        PropagationConfig::default().with_style(Styles::from_iter([Style::B3, Style::Baggage])),
    );
    let collector = Collector::new(&config);
    let _scope = collector.tracer().enter();
    let propagator = Propagator::new();
    assert_eq!(propagator.fields().collect::<Vec<_>>(), ["b3", "baggage"]);
    let span = start("theirs");
    let ours = span.of_packdog().clone();
    let cx = Context::new().with_span(span);
    let mut written = headers([("old", "stays")]);
    propagator.inject_context(&cx, &mut written);
    let expected = format!("{}-{}-1", ours.trace_id().unwrap(), ours.span_id().unwrap());
    assert_eq!(written, headers([("old", "stays"), ("b3", &expected)]));
    assert!(ours.sampling().priority.is_some());
}

#[test]
fn a_foreign_context_is_forwarded_with_our_headers() {
    let (_collector, _scope) = collector();
    let state = "foo=1".parse().unwrap();
    let context = SpanContext::new(5.into(), 6.into(), TraceFlags::SAMPLED, true, state);
    let cx = Context::new().with_remote_span_context(context);
    let mut written = Headers::new();
    Propagator::new().inject_context(&cx, &mut written);
    assert_eq!(written["x-datadog-trace-id"], "5");
    assert_eq!(written["x-datadog-parent-id"], "6");
    assert_eq!(written["x-datadog-sampling-priority"], "1");
    assert_eq!(written["traceparent"], format!("00-{:032x}-{:016x}-01", 5, 6));
    assert!(written["tracestate"].ends_with("foo=1"), "{}", written["tracestate"]);
}

#[test]
fn without_packdog_it_neither_reads_nor_writes() {
    let mut written = Headers::new();
    let received = headers([("x-datadog-trace-id", "5"), ("x-datadog-parent-id", "6")]);
    let cx = Propagator::new().extract_with_context(&Context::new(), &received);
    assert!(!cx.has_active_span());
    Propagator::new().inject_context(&cx, &mut written);
    assert_eq!(written, Headers::new());
}

/// Several lines of one name.
struct Lines(Vec<(&'static str, Vec<&'static str>)>);

impl Extractor for Lines {
    fn get(&self, key: &str) -> Option<&str> {
        self.get_all(key)?.first().copied()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| *name).collect()
    }

    fn get_all(&self, key: &str) -> Option<Vec<&str>> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, values)| values.clone())
    }
}

#[test]
fn all_lines_of_a_header_are_read() {
    let (_collector, _scope) = collector();
    let received = Lines(vec![("Baggage", vec!["a=1", "b=2"])]);
    let cx = Propagator::new().extract_with_context(&Context::new(), &received);
    assert_eq!(cx.baggage().len(), 2);
}
