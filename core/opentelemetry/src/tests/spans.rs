use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Array, Context, KeyValue, Value,
    trace::{
        Event, Link, Span as _, SpanContext, SpanId, Status, TraceContextExt, TraceFlags, TraceId,
        TraceState, Tracer as _, TracerProvider as _,
    },
};
use packdog_api::{Attribute, InSpanExt, Misuse, SamplingPriority, SpanEvent};

use super::{collector, start, tracer};
use crate::{Span, TracerProvider};

fn crosses_threads<T: Send + Sync + 'static>(_: &T) {}

fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn times_are_those_that_were_given() {
    let (collector, _scope) = collector();
    let builder = || tracer().span_builder("bake").with_start_time(time(100));
    builder().start(&tracer()).end_with_timestamp(time(103));
    builder().start(&tracer()).end_with_timestamp(time(99));
    let durations: Vec<_> = collector.spans().iter().map(|span| span.duration).collect();
    assert!(collector.spans().iter().all(|span| span.start == 100_000_000_000));
    assert_eq!(durations, [3_000_000_000, 1]);
}

#[test]
fn a_span_without_given_times_has_those_of_packdog_s_clock() {
    let (collector, _scope) = collector();
    packdog_api::span("day").in_scope(|_| start("bake").end());
    let [day, bake] = collector.spans().try_into().unwrap();
    assert!(day.start <= bake.start && bake.start + bake.duration <= day.start + day.duration);
}

#[test]
fn nothing_changes_after_the_end_and_that_is_no_misuse() {
    let (collector, _scope) = collector();
    let before = Misuse::ChangeAfterFinish.count();
    let mut span = tracer().span_builder("bake").with_start_time(time(1)).start(&tracer());
    span.end_with_timestamp(time(2));
    assert!(!span.is_recording());
    span.end_with_timestamp(time(5));
    span.end();
    span.set_attribute(KeyValue::new("key", "late"));
    span.set_attribute(KeyValue::new("service.name", "late"));
    span.update_name("late");
    span.set_status(Status::error("late"));
    span.add_event("exception", vec![]);
    span.record_error(&std::io::Error::other("late"));
    span.add_link(SpanContext::NONE, vec![]);
    drop(span);
    let span = collector.only_span();
    assert_eq!((span.duration, &*span.resource, span.is_error), (1_000_000_000, "bake", false));
    assert_eq!(span.tags.len(), 2, "{:?}", span.tags); // Kind and scope.
    assert_eq!((span.events.len(), span.links.len()), (0, 0));
    assert_eq!(Misuse::ChangeAfterFinish.count(), before);
}

#[test]
fn a_span_that_packdog_s_api_finished_does_not_record() {
    let (collector, _scope) = collector();
    let mut span = start("bake");
    assert!(span.is_recording());
    span.of_packdog().finish();
    assert!(!span.is_recording());
    span.set_attribute(KeyValue::new("key", "late"));
    drop(span);
    assert_eq!(collector.only_span().tags.get("key"), None);
}

#[test]
fn a_dropped_trace_records_and_has_its_flag() {
    let (collector, _scope) = collector();
    let span = start("bake");
    span.of_packdog().manual_drop();
    assert!(span.is_recording());
    assert_eq!(span.span_context().trace_flags(), TraceFlags::NOT_SAMPLED);
    assert_eq!(
        span.span_context().trace_state().get("dd").unwrap().split(';').next(),
        Some("s:-1")
    );
    drop(span);
    assert_eq!(collector.traces()[0].sampling_priority, Some(SamplingPriority::USER_DROP));
}

#[test]
fn the_context_of_a_new_trace_has_our_ids_and_no_decision() {
    let (_collector, _scope) = collector();
    let span = start("bake");
    let context = span.span_context();
    let ours = span.of_packdog();
    assert_eq!(context.trace_id().to_string(), ours.trace_id().unwrap().to_string());
    assert_eq!(context.span_id().to_string(), ours.span_id().unwrap().to_string());
    assert_eq!(context.trace_flags(), TraceFlags::SAMPLED);
    assert_eq!(context.trace_state().header(), "");
    assert!(!context.is_remote());
    assert_eq!(ours.sampling().priority, None, "reading the context decides nothing");
}

#[test]
fn the_context_of_a_span_does_not_change_after_its_first_use() {
    let (_collector, _scope) = collector();
    let span = start("bake");
    let first = span.span_context().clone();
    span.of_packdog().manual_drop();
    assert_eq!(*span.span_context(), first);
}

/// A context as another tracer or an application makes it.
fn foreign(flags: u8, state: &str) -> SpanContext {
    let state: TraceState = state.parse().unwrap();
    SpanContext::new(TraceId::from(5), SpanId::from(6), TraceFlags::new(flags), true, state)
}

#[test]
fn a_foreign_context_is_continued_like_a_traceparent() {
    #[rustfmt::skip]
    let table: [(u8, &str, Option<i32>, u8, &str); 6] = [
        // flags, state                             priority    flags of ours, and the state after `p`
        (1,       "",                               Some(1),    1, ""),
        (0,       "",                               Some(0),    0, ""),
        (3,       "foo=1",                          Some(1),    3, "foo=1"),
        (1,       "dd=s:2;o:synthetics,foo=1",      Some(2),    1, "foo=1"),
        (0,       "dd=s:-2;o:synthetics,foo=1",     Some(-2),   0, "foo=1"),
        (0,       "foo=1,bar=2",                    Some(0),    0, "foo=1,bar=2"),
    ];
    for (flags, state, priority, expected_flags, vendors) in table {
        let (collector, _scope) = collector();
        let cx = Context::new().with_remote_span_context(foreign(flags, state));
        let span = tracer().start_with_context("bake", &cx);
        let context = span.span_context().clone();
        assert_eq!(context.trace_flags().to_u8(), expected_flags, "{state}");
        let header = context.trace_state().header();
        let (dd, rest) = header.split_once(',').unwrap_or((&header, ""));
        assert_eq!(rest, vendors, "{header}");
        assert!(dd.starts_with(&format!("dd=s:{}", priority.unwrap())), "{header}");
        assert!(dd.contains(&format!("p:{}", context.span_id())), "{header}");
        assert_eq!(dd.contains("o:synthetics"), state.contains("o:synthetics"));
        drop(span);
        let trace = collector.traces().remove(0);
        assert_eq!(trace.sampling_priority.map(SamplingPriority::to_i32), priority, "{state}");
        assert_eq!(trace.trace_id.to_u128(), 5);
        assert_eq!(trace.spans[0].parent_id.map(packdog_api::SpanId::to_u64), Some(6));
    }
}

#[test]
fn a_member_that_the_api_does_not_take_leaves_the_others_alone() {
    let (_collector, _scope) = collector();
    let context = packdog_api::SpanContext::new()
        .with_trace(packdog_api::TraceId::new(5).unwrap(), packdog_api::SpanId::new(6))
        .with_sampling_priority(SamplingPriority::new(1))
        .with_tracestate("a@b@c=1,foo=2"); // Two `@` in a key.
    let span = packdog_api::span("bake").child_of(context).start();
    let view = Span::viewing(span.handle());
    let state = view.span_context().trace_state().clone();
    assert_eq!(state.get("foo"), Some("2"));
    assert!(state.get("dd").unwrap().starts_with("s:1"));
}

#[test]
fn the_parent_decides_the_kind_of_a_new_span() {
    let (collector, _scope) = collector();
    // Suppressed.
    let cx = Context::new().with_span(start("parent")).with_telemetry_suppressed();
    let span = tracer().start_with_context("suppressed", &cx);
    assert_eq!((span.is_recording(), span.span_context()), (false, &SpanContext::NONE));
    // Ignored.
    let ignored = packdog_api::Span::ignored(packdog_api::SpanContext::new());
    let cx = ignored.in_scope(Context::current);
    assert!(!tracer().start_with_context("ignored", &cx).is_recording());
    let child = Context::new().with_span(tracer().start_with_context("ignored", &cx));
    drop((child, cx));
    // A parent that has ended.
    let cx = Context::new().with_span(start("ended"));
    cx.span().end();
    tracer().start_with_context("child of the ended", &cx).end();
    // An explicit empty context.
    packdog_api::span("current")
        .in_scope(|_| tracer().start_with_context("root", &Context::new()).end());
    drop(cx);

    let parent_of = |name: &str| {
        let spans = collector.spans();
        let span = spans.iter().find(|span| span.resource == name).unwrap();
        let parent = spans.iter().find(|parent| Some(parent.span_id) == span.parent_id);
        parent.map(|parent| parent.resource.clone())
    };
    assert_eq!(parent_of("child of the ended").as_deref(), Some("ended"));
    assert_eq!(parent_of("root"), None);
    let names: Vec<_> = collector.spans().into_iter().map(|span| span.resource).collect();
    assert!(!names.iter().any(|name| name == "suppressed" || name == "ignored"), "{names:?}");
}

#[test]
fn descendants_of_an_ignored_request_pass_its_context_on() {
    let (collector, _scope) = collector();
    let context = packdog_api::SpanContext::new()
        .with_trace(packdog_api::TraceId::new(5).unwrap(), packdog_api::SpanId::new(6));
    packdog_api::Span::ignored(context).in_scope(|| {
        tracer().in_span("outer", |cx| {
            assert_eq!(cx.span().span_context().trace_id(), TraceId::from(5));
            assert!(!cx.span().is_recording());
            tracer().in_span("inner", |cx| assert!(!cx.span().is_recording()));
            assert!(!packdog_api::span("ours").start().is_recording());
        });
    });
    assert_eq!(collector.spans().len(), 0);
}

#[test]
fn without_packdog_a_span_has_the_context_of_its_parent() {
    let cx = Context::new().with_remote_span_context(foreign(1, ""));
    let mut span = tracer().start_with_context("bake", &cx);
    assert!(!span.is_recording());
    assert_eq!(*span.span_context(), foreign(1, ""));
    span.set_attribute(KeyValue::new("key", 1));
    span.end();
    assert_eq!(*start("root").span_context(), SpanContext::NONE);
}

#[test]
fn a_provider_that_was_shut_down_makes_spans_that_record_nothing() {
    let (collector, _scope) = collector();
    let provider = TracerProvider::new();
    let tracer = provider.tracer("bakery");
    tracer.start("before").end();
    provider.shutdown(Duration::from_secs(1));
    provider.shutdown(Duration::from_secs(1));
    let cx = Context::new().with_remote_span_context(foreign(1, ""));
    assert_eq!(*tracer.start_with_context("after", &cx).span_context(), foreign(1, ""));
    packdog_api::span("packdog goes on").in_scope(|_| ());
    let names: Vec<_> = collector.spans().into_iter().map(|span| span.resource).collect();
    assert_eq!(names, ["before", "packdog goes on"]);
}

#[test]
fn events_keep_name_time_and_attributes() {
    let (collector, _scope) = collector();
    let list = Value::Array(Array::I64(vec![1, 2]));
    let attributes = vec![
        KeyValue::new("text", "first"),
        KeyValue::new("list", list),
        KeyValue::new("float", f64::NAN),
        KeyValue::new("text", "second"),
    ];
    let event = Event::new("from the builder", time(5), attributes.clone(), 3);
    let mut span = tracer().span_builder("bake").with_events(vec![event]).start(&tracer());
    span.add_event_with_timestamp("added", time(6), attributes);
    drop(span);
    let span = collector.only_span();
    let expected = |name: &str, seconds| {
        let list = Attribute::List(vec![Attribute::Int(1), Attribute::Int(2)]);
        SpanEvent::new(name.to_owned())
            .with_time(time(seconds))
            .with_attribute("list", list)
            .with_attribute("text", "second")
    };
    assert_eq!(span.events, [expected("from the builder", 5), expected("added", 6)]);
    assert_eq!(span.text("_dd.span_events.has_exception"), None);
}

#[test]
fn links_keep_ids_flags_state_and_attributes_as_texts() {
    let (collector, _scope) = collector();
    let list = Value::Array(Array::Bool(vec![true, false]));
    let attributes = vec![KeyValue::new("list", list), KeyValue::new("number", 7)];
    let links = vec![Link::new(foreign(1, "foo=1"), attributes.clone(), 2)];
    let mut span = tracer().span_builder("bake").with_links(links).start(&tracer());
    span.add_link(foreign(0, ""), attributes);
    span.add_link(SpanContext::NONE, vec![]);
    drop(span);
    let span = collector.only_span();
    let links: Vec<_> = span
        .links
        .iter()
        .map(|link| {
            let ids = (link.trace_id().to_u128(), link.span_id().to_u64());
            (ids, link.is_sampled(), link.tracestate(), link.attributes().collect::<Vec<_>>())
        })
        .collect();
    let attributes = vec![("list.0", "true"), ("list.1", "false"), ("number", "7")];
    let expected = [
        ((5, 6), Some(true), Some("foo=1"), attributes.clone()),
        ((5, 6), Some(false), None, attributes),
    ];
    assert_eq!(links, expected);
}

#[test]
fn the_last_owner_of_a_span_ends_it_and_a_view_does_not() {
    let (collector, _scope) = collector();
    let cx = Context::new().with_span(start("owned"));
    let captured = cx.clone();
    drop(cx);
    assert_eq!(collector.spans().len(), 0, "a captured context keeps it open");
    drop(captured);
    assert_eq!(collector.only_span().resource, "owned");

    let ours = packdog_api::span("ours").start();
    let view = ours.in_scope(Context::current);
    drop(view);
    assert!(ours.is_open());
    ours.in_scope(|| Context::current().span().end());
    assert!(!ours.is_open(), "the end of a view is that of its span");
}

#[test]
fn all_types_cross_threads() {
    crosses_threads(&start("bake"));
    crosses_threads(&tracer());
    crosses_threads(&TracerProvider::new());
    crosses_threads(&crate::Propagator::new());
    fn can_be_spawned(_: impl Future + Send + 'static) {}
    can_be_spawned(async {}.in_span(packdog_api::span("bake")));
    let name: Cow<'_, str> = format!("{:?}", start("bake")).into();
    assert_eq!(name, "Span(none)");
}
