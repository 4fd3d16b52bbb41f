//! `HTTPPropagator.extract` and `inject`, on HTTP headers and on those of messages.

use http::{HeaderMap, HeaderValue};
use packdog::{
    propagation::{extract, inject},
    sampling::SamplingPriority,
    span,
    span::{SpanContext, SpanId, TraceId},
    test_util::collect,
};

#[test]
fn http_headers_carry_the_trace_and_the_baggage() {
    let (collector, _scope) = collect();
    let mut headers = HeaderMap::new();
    span("caller").in_scope(|span| {
        span.baggage().set("table", "7");
        inject(&mut headers);
    });
    assert_eq!(headers["baggage"], "table=7");
    let called = span("called").child_of(extract(&headers)).start();
    assert_eq!(called.baggage().get("table").as_deref(), Some("7"));
    drop(called);
    let expected = collector.span("caller");
    let called = collector.span("called");
    assert_eq!((called.trace_id, called.parent_id), (expected.trace_id, Some(expected.span_id)));
}

#[test]
fn messages_carry_them_in_any_list_of_pairs_also_with_repeated_keys() {
    let (_collector, _scope) = collect();
    let mut message = vec![("Baggage".to_owned(), "old=1".to_owned())];
    let expected = span("producer").in_scope(|span| {
        span.baggage().set("table", "7");
        inject(&mut message);
        span.context()
    });
    assert_eq!(message.iter().filter(|(name, _)| name.eq_ignore_ascii_case("baggage")).count(), 1);
    let received = extract(message.as_slice());
    assert_eq!(
        (received.trace_id(), received.span_id()),
        (expected.trace_id(), expected.span_id())
    );

    let repeated = [
        ("x-datadog-trace-id", "7"),
        ("x-datadog-parent-id", "9"),
        ("x-datadog-sampling-priority", "2"),
        ("baggage", "a=1"),
        ("baggage", "b=2"),
    ];
    let received = extract(repeated.as_slice());
    assert_eq!((received.trace_id(), received.span_id()), (TraceId::new(7), SpanId::new(9)));
    assert_eq!(received.sampling_priority(), Some(SamplingPriority::USER_KEEP));
    let items = received.baggage().iter().collect::<Vec<_>>();
    assert_eq!(items, [("a", "1"), ("b", "2")]);
}

#[test]
fn malformed_headers_count_as_absent_and_without_a_span_nothing_is_written() {
    let (_collector, _scope) = collect();
    let mut headers = HeaderMap::new();
    inject(&mut headers);
    assert!(headers.is_empty());
    headers.insert("traceparent", HeaderValue::from_static("00-nonsense"));
    assert_eq!(extract(&headers).trace_id(), SpanContext::new().trace_id());
}
