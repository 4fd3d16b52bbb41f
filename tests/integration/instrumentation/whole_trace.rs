//! Features beyond one span's tags: links, events, decisions, and spans that stay open.

use packdog::{
    current_span,
    sampling::{SamplingMechanism, SamplingPriority},
    span,
    span::{Attribute, SpanEvent, SpanLink},
    test_util::collect,
};

#[test]
fn spans_have_links_and_events() {
    let (collector, _scope) = collect();
    let cause = span("cause").start();
    span("effect").link(SpanLink::to(&cause.context()).unwrap()).in_scope(|span| {
        span.add_event(SpanEvent::new("bread.burnt").with_attribute("slices", 2));
    });
    cause.finish();
    let effect = collector.span("effect");
    assert_eq!(effect.links[0].span_id(), collector.span("cause").span_id);
    let [event] = effect.events.as_slice() else { panic!("{:?}", effect.events) };
    assert_eq!(event.name(), "bread.burnt");
    let attributes = event.attributes().collect::<Vec<_>>();
    assert_eq!(attributes, [("slices", &Attribute::from(2))]);
}

#[test]
fn a_manual_decision_applies_to_the_trace_and_can_be_read() {
    let (collector, _scope) = collect();
    span("kept").in_scope(|kept| {
        assert!(!kept.sampling().is_decided());
        span("below").in_scope(|_| current_span().manual_keep());
        let sampling = kept.sampling();
        assert_eq!(sampling.priority, Some(SamplingPriority::USER_KEEP));
        assert_eq!(sampling.mechanism, Some(SamplingMechanism::MANUAL));
    });
    span("dropped").in_scope(|span| span.manual_drop());
    let decisions =
        collector.traces().iter().map(|trace| trace.sampling_priority).collect::<Vec<_>>();
    assert_eq!(decisions, [SamplingPriority::USER_KEEP, SamplingPriority::USER_DROP].map(Some));
}

#[test]
fn a_span_that_stays_open_is_found_with_the_line_that_started_it() {
    let (collector, _scope) = collect();
    let request = span("request").start();
    let line = line!() + 1;
    let forgotten = request.child("forgotten").start();
    request.finish();
    let open = collector.unfinished();
    let [found] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!((found.name.as_str(), found.created_at.line()), ("forgotten", line));
    assert_eq!(found.created_at.file(), file!());
    assert!(collector.traces().is_empty(), "the trace waits for it");
    drop(forgotten);
    collector.assert_all_finished();
    assert_eq!(collector.spans().len(), 2);
}
