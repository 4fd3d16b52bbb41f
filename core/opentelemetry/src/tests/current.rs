use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    task::Poll,
    thread,
};

use opentelemetry::{
    Context,
    trace::{
        FutureExt, Span as _, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId,
        TraceState, Tracer as _, get_active_span, mark_span_as_active,
    },
};
use packdog_api::{InSpanExt, current_ids, current_root_span, current_span};

use super::{collector, start, tracer};

/// The current span according to both APIs, as a number; zero without one.
fn current() -> [u64; 2] {
    let theirs = get_active_span(|span| span.span_context().span_id());
    let ours = current_span().span_id().map_or(0, packdog_api::SpanId::to_u64);
    assert_eq!(current_ids().map_or(0, |(_, id)| id.to_u64()), ours);
    [ours, u64::from_be_bytes(theirs.to_bytes())]
}

#[track_caller]
fn assert_current(span: &packdog_api::Span) {
    let id = span.span_id().map_or(0, packdog_api::SpanId::to_u64);
    assert_eq!(current(), [id, id]);
}

#[track_caller]
fn assert_nothing_is_current() {
    assert_eq!(current(), [0, 0]);
}

#[test]
fn each_api_sees_the_span_that_the_other_one_made_current() {
    let (collector, _scope) = collector();
    assert_nothing_is_current();
    packdog_api::span("ours").in_scope(|ours| {
        assert_current(ours);
        tracer().in_span("theirs", |cx| {
            let theirs = cx.span().span_context().span_id();
            assert_eq!(current_span().span_id().unwrap().to_string(), theirs.to_string());
            assert_eq!(current_root_span().span_id(), ours.span_id());
            packdog_api::span("inner").in_scope(assert_current_span);
        });
        assert_current(ours);
    });
    assert_nothing_is_current();
    packdog::test_util::assert_picture!(
        collector,
        "ours  service=test
└─ internal  theirs  kind=internal
   └─ inner",
    );
}

fn assert_current_span(span: &packdog_api::Span) {
    assert_current(span);
}

#[test]
fn both_apis_see_the_same_state_of_a_span() {
    let (collector, _scope) = collector();
    packdog_api::span("ours").in_scope(|_| {
        get_active_span(|span| {
            span.set_attribute(opentelemetry::KeyValue::new("theirs", "1"));
            span.update_name("renamed");
        });
    });
    tracer().in_span("theirs", |cx| {
        let span = current_span();
        span.set_tag("ours", "1");
        span.set_resource("renamed");
        cx.span().set_attribute(opentelemetry::KeyValue::new("removed", 1));
        span.remove_tag("removed");
        cx.span().end();
        assert!(!span.is_open());
    });
    let [ours, theirs] = collector.spans().try_into().unwrap();
    assert_eq!((&*ours.name, &*ours.resource, ours.text("theirs")), ("ours", "renamed", Some("1")));
    assert_eq!((&*theirs.resource, theirs.text("ours")), ("renamed", Some("1")));
    assert_eq!(theirs.tags.get("removed"), None);
}

#[test]
fn a_span_of_packdog_keeps_its_name_and_type() {
    let (collector, _scope) = collector();
    packdog_api::span("ours").in_scope(|_| {
        get_active_span(|span| {
            span.set_attribute(opentelemetry::KeyValue::new("db.system", "redis"))
        });
    });
    let span = collector.only_span();
    assert_eq!([&*span.name, &*span.span_type], ["ours", ""]);
}

#[test]
fn guards_dropped_out_of_order_leave_the_most_recent_one() {
    let (_collector, _scope) = collector();
    let (a, c) = (packdog_api::span("a").start(), packdog_api::span("c").start());
    let entered_a = a.enter();
    let b = mark_span_as_active(start("b"));
    let id_of_b = current()[0];
    let entered_c = c.enter();
    drop(b);
    assert_current(&c);
    drop(entered_a);
    assert_current(&c);
    drop(entered_c);
    assert_nothing_is_current();
    assert_ne!(id_of_b, 0);
}

#[test]
fn nothing_hides_the_span_around_it_in_both_directions() {
    let (_collector, _scope) = collector();
    packdog_api::span("ours").in_scope(|ours| {
        let hidden = Context::new().attach();
        assert_nothing_is_current();
        assert!(packdog_api::span("root").start().root().span_id() != ours.span_id());
        drop(hidden);
        assert_current(ours);
    });
    tracer().in_span("theirs", |_cx| {
        packdog_api::Span::nothing().in_scope(assert_nothing_is_current);
        assert_ne!(current()[0], 0);
    });
}

#[test]
fn a_captured_context_is_the_parent_wherever_it_is_used() {
    let (collector, _scope) = collector();
    let cx = packdog_api::span("ours").in_scope(|_| Context::current());
    thread::scope(|threads| {
        threads.spawn(|| {
            let _attached = cx.clone().attach();
            assert_ne!(current()[0], 0);
            tracer().in_span("on another thread", |_cx| ());
            packdog_api::span("ours on another thread").in_scope(|_| ());
        });
    });
    drop(cx);
    packdog::test_util::assert_picture!(
        collector,
        "ours  service=test
├─ internal  on another thread  kind=internal
└─ ours on another thread",
    );
}

#[test]
fn threads_carry_what_is_current() {
    let (collector, _scope) = collector();
    let carried = tracer().in_span("theirs", |_cx| {
        packdog::thread::carry(|| packdog_api::span("carried").in_scope(|span| span.span_id()))
    });
    thread::spawn(carried).join().unwrap();
    let carried = collector.span("carried");
    assert_eq!(carried.parent_id, Some(collector.span("internal").span_id));
}

#[test]
fn futures_of_both_apis_carry_their_span() {
    let (collector, _scope) = collector();
    /// Waits once, so that the future is polled twice.
    async fn pause() {
        let mut is_first = true;
        poll_fn(|cx| {
            if std::mem::take(&mut is_first) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let theirs = async {
            pause().await;
            async {
                packdog_api::span("leaf").in_scope(|_| ());
                pause().await;
                start("their leaf").end();
            }
            .in_span(packdog_api::span("inner"))
            .await;
            pause().await;
            assert_ne!(current()[0], 0);
        };
        let cx = Context::current_with_span(start("theirs"));
        let unrelated = async {
            for _ in 0..8 {
                assert_nothing_is_current();
                pause().await;
            }
        };
        tokio::join!(theirs.with_context(cx), unrelated);
    });
    assert_nothing_is_current();
    packdog::test_util::assert_picture!(
        collector,
        "internal  theirs  kind=internal  service=test
└─ inner
   ├─ leaf
   └─ internal  their leaf  kind=internal",
    );
}

#[test]
fn a_panic_leaves_the_stacks_of_both_in_order() {
    let (_collector, _scope) = collector();
    packdog_api::span("outer").in_scope(|outer| {
        let caught = catch_unwind(AssertUnwindSafe(|| {
            packdog_api::span("inner")
                .in_scope(|_| tracer().in_span("theirs", |_cx| panic!("burnt")))
        }));
        assert!(caught.is_err());
        assert_current(outer);
    });
    assert_nothing_is_current();
}

fn foreign() -> SpanContext {
    SpanContext::new(TraceId::from(5), SpanId::from(6), TraceFlags::SAMPLED, true, TraceState::NONE)
}

#[test]
fn a_foreign_span_is_continued_by_packdog() {
    let (collector, _scope) = collector();
    let _attached = Context::new().with_remote_span_context(foreign()).attach();
    assert_eq!(current(), [6, 6]);
    assert!(!current_span().is_recording());
    packdog_api::span("ours").in_scope(|_| ());
    let mut headers = Vec::<(String, String)>::new();
    current_span().inject(&mut headers);
    let parent = headers.iter().find(|(name, _)| name == "x-datadog-parent-id").unwrap();
    assert_eq!(parent.1, "6");
    let trace = collector.traces().remove(0);
    assert_eq!(trace.trace_id.to_u128(), 5);
    assert_eq!(trace.spans[0].parent_id.map(packdog_api::SpanId::to_u64), Some(6));
}

#[test]
fn a_span_context_alone_finds_its_span_while_something_holds_it() {
    let (collector, _scope) = collector();
    let cx = Context::new().with_span(start("parent"));
    let bare = Context::new().with_remote_span_context(cx.span().span_context().clone());
    tracer().start_with_context("child", &bare).end();
    drop(cx);
    assert_eq!(collector.traces().len(), 1);
    assert_eq!(collector.traces()[0].spans.len(), 2, "it is of the same local trace");
    tracer().start_with_context("late", &bare).end();
    let late = collector.spans().into_iter().find(|span| span.resource == "late").unwrap();
    assert_eq!(late.trace_id, collector.traces()[0].trace_id);
    let parent = collector.spans().into_iter().find(|span| span.resource == "parent").unwrap();
    assert_eq!(late.parent_id, Some(parent.span_id));
}

#[test]
fn a_process_that_calls_itself_continues_as_from_another() {
    let (collector, _scope) = collector();
    let client = packdog_api::span("client").start();
    let entered = client.enter();
    let local = Context::current();
    let local = local.span().span_context().clone();
    let remote = SpanContext::new(
        local.trace_id(),
        local.span_id(),
        local.trace_flags(),
        true,
        TraceState::NONE,
    );
    let cx = Context::new().with_remote_span_context(remote);
    let server = tracer().start_with_context("server", &cx);
    assert_eq!(server.of_packdog().root().span_id(), server.of_packdog().span_id());
    drop((server, entered, client));
    assert_eq!(collector.spans().len(), 2);
}

#[test]
fn a_scope_that_is_on_top_already_attaches_nothing() {
    let (_collector, _scope) = collector();
    tracer().in_span("theirs", |_cx| {
        let theirs = current_span();
        theirs.in_scope(|| assert_current(&theirs));
        assert_current(&theirs);
    });
}

#[test]
fn reading_inside_of_the_api_s_closures_is_fine() {
    let (collector, _scope) = collector();
    packdog_api::span("ours").in_scope(|ours| {
        Context::map_current(|_cx| {
            assert_eq!(current_span().span_id(), ours.span_id());
            start("child").end();
            drop(packdog_api::span("our child").start());
        });
    });
    assert_eq!(collector.traces()[0].spans.len(), 3);
}

#[test]
fn beyond_the_room_of_the_api_packdog_s_stack_goes_on() {
    let (_collector, _scope) = collector();
    let attached: Vec<_> = (0..65_533).map(|_| Context::new().attach()).collect();
    let spans: Vec<_> = (0..3).map(|_| packdog_api::span("deep").start()).collect();
    let [first, second, third] = &spans[..] else { panic!("three") };
    first.in_scope(|| {
        assert_current(first);
        second.in_scope(|| {
            assert_eq!(current_span().span_id(), second.span_id());
            third.in_scope(|| assert_eq!(current_span().span_id(), third.span_id()));
            assert_eq!(current_span().span_id(), second.span_id());
            packdog_api::Span::nothing().in_scope(|| assert!(current_span().is_nothing()));
        });
        assert_current(first);
    });
    drop(attached);
    assert_nothing_is_current();
}

/// A destructor of a thread-local value, which runs when the stacks may be gone.
struct AtTheEnd(std::sync::mpsc::Sender<()>);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        let span = packdog_api::Span::continuing(packdog_api::SpanContext::new());
        span.in_scope(|| drop(current_span()));
        drop(packdog_api::span("late").start());
        let _ = self.0.send(());
    }
}

thread_local! {
    static AT_THE_END: std::cell::RefCell<Option<AtTheEnd>> = const { std::cell::RefCell::new(None) };
}

#[test]
fn a_thread_that_ends_can_still_use_packdog() {
    let (collector, _scope) = collector();
    for uses_it_first in [true, false] {
        let (sender, ended) = std::sync::mpsc::channel();
        let tracer_of_thread = collector.tracer().clone();
        thread::spawn(move || {
            let _scope = tracer_of_thread.enter();
            if uses_it_first {
                packdog_api::span("early").in_scope(|_| ());
            }
            AT_THE_END.with(|at_the_end| at_the_end.replace(Some(AtTheEnd(sender))));
            packdog_api::span("in time").in_scope(|_| tracer().in_span("theirs", |_cx| ()));
        })
        .join()
        .unwrap();
        ended.recv().unwrap();
    }
}
