//! Spans from start to finish, as an implementation sees them.

use std::{
    sync::{Arc, atomic::Ordering::SeqCst},
    time::{Duration, UNIX_EPOCH},
};

use crate::{
    recorder::{recorded, tracer},
    recording::Kind,
    *,
};

fn context() -> SpanContext {
    SpanContext::new().with_trace(TraceId::new(7).unwrap(), SpanId::new(9))
}

#[test]
fn a_child_has_the_trace_service_and_baggage_of_its_parent() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("root").service("billing").start();
    root.baggage().set("plan", "pro");
    let child = root.child("child").start();
    assert_eq!(child.trace_id(), root.trace_id());
    assert_eq!(child.baggage().get("plan").as_deref(), Some("pro"));
    drop((child, root));
    let mut chunks = recorder.chunks();
    chunks[0].sort();
    let spans = chunks[0].spans().collect::<Vec<_>>();
    assert_eq!(spans[1].parent_id(), Some(spans[0].span_id()));
    assert_eq!(spans[1].service(), "billing");
    assert_eq!([spans[0].is_top_level(), spans[1].is_top_level()], [true, false]);
}

#[test]
fn baggage_set_on_a_child_is_not_seen_by_its_parent_or_siblings() {
    let (tracer, _recorder) = tracer();
    let root = tracer.span("root").start();
    let child = root.child("child").start();
    child.baggage().set("key", "value");
    assert_eq!(root.baggage().items(), Baggage::new());
    assert_eq!(root.child("sibling").start().baggage().items(), Baggage::new());
    assert_eq!(child.child("grandchild").start().baggage().get("key").as_deref(), Some("value"));
}

#[test]
fn a_root_continues_the_context_it_is_given() {
    let (tracer, recorder) = tracer();
    let priority = SamplingPriority::new(-2);
    drop(tracer.span("root").child_of(context().with_sampling_priority(priority)).start());
    let chunk = &recorder.chunks()[0];
    assert_eq!(chunk.trace_id(), TraceId::new(7).unwrap());
    assert_eq!(chunk.spans().next().unwrap().parent_id(), SpanId::new(9));
    assert_eq!(chunk.sampling_priority(), Some(priority));
    assert_eq!(recorder.decisions.load(SeqCst), 0, "a received priority is final");
}

#[test]
fn baggage_without_a_trace_begins_a_new_trace_with_it() {
    let (tracer, recorder) = tracer();
    let _scope = tracer.enter();
    let baggage = Baggage::from_iter([("plan", "pro")]);
    let passing = Span::passing(SpanContext::new().with_baggage(baggage));
    passing.in_scope(|| {
        assert_eq!(current_span().trace_id(), None);
        span("root").in_scope(|root| {
            assert_eq!(root.baggage().get("plan").as_deref(), Some("pro"));
        });
    });
    assert_eq!(recorder.names(), [["root"]]);
}

#[test]
fn below_an_ignored_span_nothing_is_recorded_and_the_context_flows_on() {
    let (tracer, recorder) = tracer();
    let _scope = tracer.enter();
    let ignored = Span::ignored(context().with_baggage(Baggage::from_iter([("a", "1")])));
    ignored.in_scope(|| {
        let child = span("child").start();
        child.baggage().set("b", "2");
        assert_eq!(child.trace_id(), TraceId::new(7));
        let mut headers = Vec::new();
        child.inject(&mut headers);
        let expected = [("a", "1"), ("b", "2")].map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(headers, expected);
    });
    drop(Span::ignored(SpanContext::new()).child("of nothing").start());
    assert_eq!(recorder.names().len(), 0);
}

#[test]
fn of_a_span_may_be_injected_a_part_and_the_span_keeps_all() {
    let (tracer, recorder) = tracer();
    let span = tracer.span("call").start();
    span.baggage().set("plan", "pro");
    let context = span.outgoing_context();
    assert_eq!((context.trace_id(), context.span_id()), (span.trace_id(), span.span_id()));
    let part = context.without_trace();
    assert!(part.trace_id().is_none() && part.sampling_priority().is_none());
    assert_eq!(part.baggage().get("plan"), Some("pro"));
    let mut headers = Vec::new();
    span.inject_context(&part.with_baggage(Baggage::new()), &mut headers);
    assert_eq!(headers, []);
    assert_eq!(span.baggage().get("plan").as_deref(), Some("pro"));
    assert_eq!(recorder.decisions.load(SeqCst), 1);
}

#[test]
fn the_last_open_span_sends_the_chunk_and_later_ones_make_another() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("root").start();
    let child = root.child("child").start();
    drop(root.child("brief").start());
    let handle = root.handle();
    drop(root);
    assert_eq!(recorder.names().len(), 0, "a span is open");
    drop(child);
    assert_eq!(recorder.names(), [["root", "child", "brief"]]);
    drop(handle.child("late").start());
    assert_eq!(recorder.names(), [["late"]]);
}

#[test]
fn a_long_trace_sends_its_finished_spans() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("root").start();
    for name in ["a", "b", "c", "d"] {
        drop(root.child(name).start());
    }
    assert_eq!(recorder.names(), [["a", "b", "c"]]);
    drop(root);
    assert_eq!(recorder.names(), [["root", "d"]]);
}

#[test]
fn finishing_twice_and_tagging_after_the_finish_change_nothing() {
    let (tracer, recorder) = tracer();
    let span = tracer.span("root").start();
    span.set_tag("before", 1);
    span.finish();
    span.set_tag("after", 1);
    span.set_is_error(true);
    span.finish();
    assert_eq!(span.tag("before"), Some(1.into()));
    drop(span);
    let chunks = recorder.chunks();
    assert_eq!(chunks.len(), 1);
    let sent = chunks[0].spans().next().unwrap();
    assert_eq!((sent.tag("after"), sent.is_error()), (None, false));
    assert!(sent.duration() >= 1);
}

#[test]
fn a_kept_handle_does_not_hold_the_trace_open_or_in_memory() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("root").start();
    let handle = root.handle();
    let Kind::Recording(inside) = &handle.0 else { panic!("not recording") };
    let record = Arc::downgrade(&inside.record);
    drop(root);
    assert_eq!(recorder.names(), [["root"]]);
    drop(handle);
    assert!(record.upgrade().is_none());
}

#[test]
fn reserved_tags_change_fields_and_decide() {
    let (tracer, recorder) = tracer();
    let span = tracer.span("root").tag("service.name", "billing").tag("manual.keep", "").start();
    span.set_tag("resource.name", "GET /");
    span.set_tag("span.type", "web");
    span.set_tag("operation.name", "http.request");
    drop(span);
    let chunk = &recorder.chunks()[0];
    let sent = chunk.spans().next().unwrap();
    assert_eq!(
        [sent.service(), sent.resource(), sent.span_type(), sent.name()],
        ["billing", "GET /", "web", "http.request"]
    );
    assert_eq!(sent.tags().count(), 0);
    assert_eq!(chunk.sampling_priority(), Some(SamplingPriority::USER_KEEP));
    assert_eq!(chunk.trace_tags().get("_dd.p.dm"), Some("-4"));
}

#[test]
fn the_decision_is_taken_once_at_the_first_injection() {
    let (tracer, recorder) = tracer();
    let span = tracer.span("root").start();
    assert_eq!(span.context().sampling_priority(), None);
    span.inject(&mut Vec::new());
    span.inject(&mut Vec::new());
    assert_eq!(span.context().sampling_priority(), Some(SamplingPriority::AUTO_KEEP));
    drop(span);
    assert_eq!(recorder.decisions.load(SeqCst), 1);
}

#[test]
fn a_panic_that_unwinds_through_a_span_marks_it() {
    let (tracer, recorder) = tracer();
    let outcome = std::panic::catch_unwind(|| {
        tracer.span("root").in_scope(|_| panic!("no bread"));
    });
    assert!(outcome.is_err());
    let chunks = recorder.chunks();
    let span = chunks[0].spans().next().unwrap();
    assert_eq!((span.is_error(), span.tag("error.type")), (true, Some(TagRef::from("panic"))));
}

#[test]
fn an_error_leaves_its_type_message_and_causes() {
    let (tracer, _recorder) = tracer();
    let span = tracer.span("root").start();
    let cause = std::io::Error::other("disk full");
    let error = std::io::Error::other(cause);
    span.set_error(&error);
    assert_eq!(span.tag("error.type"), Some("std::io::error::Error".into()));
    assert_eq!(span.tag("error.message"), Some("disk full".into()));
}

#[test]
fn an_err_marks_the_span_of_a_scope_that_may_fail() {
    let (tracer, recorder) = tracer();
    let parse = |text: &str| text.parse::<u32>();
    let slices = tracer.span("sync").try_in_scope(|_| parse("many"));
    assert!(slices.is_err());
    assert_eq!(tracer.span("fine").try_in_scope(|_| parse("12")), Ok(12));
    run(async {
        let slices = tracer.span("async").try_in_async_scope(async |_| parse("few")).await;
        assert!(slices.is_err());
    });
    let errors = recorded(&recorder).into_iter().map(|span| (span.name, span.is_error));
    let expected = [("sync", true), ("fine", false), ("async", true)];
    assert_eq!(errors.collect::<Vec<_>>(), expected.map(|(name, error)| (name.to_owned(), error)));
}

#[test]
fn the_root_is_found_from_deep_inside_a_future() {
    let (tracer, recorder) = tracer();
    let future = async {
        async { current_root_span().set_tag("deep", true) }.in_span(span("inner")).await;
        current_span().set_tag("shallow", true);
    }
    .in_span(tracer.span("outer"));
    run(future);
    assert!(current_span().is_nothing());
    let mut chunks = recorder.chunks();
    chunks[0].sort();
    let root = chunks[0].spans().next().unwrap();
    assert_eq!(root.name(), "outer");
    assert_eq!(root.tags().map(|(key, _)| key).collect::<Vec<_>>(), ["deep", "shallow"]);
}

#[test]
fn dropping_a_future_finishes_the_span_that_it_carries() {
    let (tracer, recorder) = tracer();
    drop(std::future::pending::<()>().in_span(tracer.span("cancelled")));
    assert_eq!(recorder.names(), [["cancelled"]]);
}

#[test]
fn given_times_are_kept() {
    let (tracer, recorder) = tracer();
    let start = UNIX_EPOCH + Duration::from_secs(100);
    let span = tracer.span("root").start_at(start).start();
    span.finish_at(start + Duration::from_secs(2));
    span.finish_at(start + Duration::from_secs(9));
    let backwards = tracer.span("root").start_at(start).start();
    backwards.finish_at(UNIX_EPOCH);
    let chunks = recorder.chunks();
    let times = chunks.iter().map(|chunk| {
        let span = chunk.spans().next().unwrap();
        (span.start(), span.duration())
    });
    assert_eq!(times.collect::<Vec<_>>(), [(100_000_000_000, 2_000_000_000), (100_000_000_000, 1)]);
}

#[test]
fn finishing_with_ancestors_sends_the_whole_line() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("root").start();
    let middle = root.child("middle").start();
    let leaf = middle.child("leaf").start();
    leaf.finish_with_ancestors();
    assert_eq!(recorder.names(), [["root", "middle", "leaf"]]);
    drop((leaf, middle, root));
    assert_eq!(recorder.names().len(), 0);
}

#[test]
fn a_line_of_a_million_spans_is_dropped_without_recursion() {
    let (tracer, recorder) = tracer();
    let mut span = tracer.span("root").start().release();
    for _ in 0..1_000_000 {
        let child = span.child("child").start().release();
        span.finish();
        span = child;
        drop(recorder.chunks());
    }
    span.finish();
    assert_eq!(recorder.chunks().len(), 1);
}

/// Polls a future that never waits.
fn run(future: impl Future<Output = ()>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let poll = std::pin::pin!(future).poll(&mut context);
    assert!(poll.is_ready());
}

#[test]
fn the_content_of_a_span_counts_into_the_memory_of_its_chunk() {
    let (tracer, recorder) = tracer();
    let size_of = |change: &dyn Fn(&OwnedSpan)| {
        let span = tracer.span("root").start();
        change(&span);
        drop(span);
        recorder.chunks()[0].memory_bytes()
    };
    let plain = size_of(&|_| {});
    assert!(plain > 0);
    let held = "x".repeat(10_000);
    assert!(size_of(&|span| span.set_tag("tag", &held)) >= plain + held.len());
    assert!(size_of(&|span| span.baggage().set("item", &held)) >= plain + held.len());
}

#[test]
fn the_tag_error_is_the_mark() {
    #[rustfmt::skip]
    let table = [
        // value                          is an error  message
        (TagValue::from(true),            true,        None),
        (TagValue::from(1),               true,        None),
        (TagValue::from("true"),          true,        None),
        (TagValue::from("no bread"),      true,        Some("no bread")),
        (TagValue::from(false),           false,       None),
        (TagValue::from(0),               false,       None),
        (TagValue::from(""),              false,       None),
        (TagValue::from("None"),          false,       None),
    ];
    for was_error in [true, false] {
        for (value, is_error, message) in table.clone() {
            let (tracer, recorder) = tracer();
            let span = tracer.span("root").start();
            span.set_is_error(was_error);
            span.set_tag("error", value.clone());
            assert_eq!(span.tag("error"), None, "it is not a tag");
            drop(span);
            let by_builder = tracer.span("root").tag("error", value.clone()).start();
            drop(by_builder);
            let chunks = recorder.chunks();
            for span in chunks.iter().flat_map(|chunk| chunk.spans()) {
                assert_eq!(span.is_error(), is_error, "{value:?}");
                let found = span.tag("error.message").and_then(TagRef::as_str);
                assert_eq!(found, message, "{value:?}");
            }
        }
    }
}

#[test]
fn a_tag_set_to_none_stays_as_it_is() {
    let (tracer, _recorder) = tracer();
    let span = tracer.span("root").tag("plan", Some("pro")).tag("team", None::<&str>).start();
    span.set_tag("plan", None::<String>);
    span.set_tag("service.name", None::<String>);
    assert_eq!((span.tag("plan"), span.tag("team")), (Some("pro".into()), None));
}

#[test]
fn handles_are_printed_with_a_name_and_ids() {
    let (tracer, _recorder) = tracer();
    let scope = tracer.enter();
    tracer.set_tags([("secret", "hunter2")]);
    let span = tracer.span("order.pay").start();
    span.baggage().set("secret", "hunter2");
    let ids = format!("{} {}", span.trace_id().unwrap(), span.span_id().unwrap());
    let span_text = format!("Span(order.pay {ids})");
    let entered = span.enter();
    let carried = std::future::ready(()).in_span(&*span);
    assert_eq!(format!("{span:?}"), span_text);
    assert_eq!(format!("{:?}", current_span()), span_text);
    assert_eq!(format!("{:?}", span.baggage()), format!("SpanBaggage({span_text})"));
    assert_eq!(
        format!("{tracer:?} {scope:?} {entered:?}"),
        "Tracer(enabled) TracerScope SpanScope"
    );
    assert!(format!("{carried:?}").len() < 200, "{carried:?}");
    let passing = Span::passing(span.context());
    assert_eq!(
        format!("{passing:?} {:?}", Span::nothing()),
        format!("Span(passing {ids}) Span(none)")
    );
}

#[test]
fn an_error_whose_display_or_source_panics_marks_the_span_all_the_same() {
    #[derive(Debug)]
    struct Bad;

    impl std::fmt::Display for Bad {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("half")?;
            panic!("no more letters")
        }
    }

    impl std::error::Error for Bad {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            panic!("no cause")
        }
    }

    let (tracer, recorder) = tracer();
    tracer.span("root").in_scope(|span| {
        span.set_error(&Bad);
        let _ = span.baggage();
    });
    let chunks = recorder.chunks();
    let span = chunks[0].spans().next().unwrap();
    assert!(span.is_error());
    assert_eq!(span.tag("error.message").unwrap().as_str(), Some("half"));
}
