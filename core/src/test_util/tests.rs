//! Tests of the queries that an application's tests use.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use super::{Collector, assert_picture, collect, collect_with};
use crate::{Config, span, span::SpanKind};

#[test]
fn a_trace_is_drawn_with_its_branches_and_the_tags_that_are_asked_for() {
    let (collector, _scope) = collect();
    span("root").resource("GET /").in_scope(|root| {
        root.set_tag("http.status_code", "500");
        root.set_is_error(true);
        root.child("first").service("db").tag("rows", 2.5).in_scope(|first| {
            first.child("inner").kind(SpanKind::Client).tag("table", "orders").in_scope(|_| ());
        });
        root.child("second").in_scope(|second| second.set_error_parts("timeout", None, None));
    });
    let expected = "\
root  GET /  500  error  service=test
├─ first  service=db
│  └─ inner  kind=client
└─ second  error=timeout
";
    assert_eq!(collector.picture(), expected);
    let with_tags = "\
root  GET /  500  error  service=test
├─ first  service=db  rows=2.5
│  └─ inner  kind=client  table=orders
└─ second  error=timeout
";
    assert_eq!(collector.picture_with_tags(&["table", "rows"]), with_tags);
}

#[test]
fn collectors_do_not_see_each_others_spans() {
    let (outer, _outer) = collect();
    let (inner, scope) = collect_with(&Config::new().with_service("other"));
    span("inner").in_scope(|_| ());
    drop(scope);
    span("outer").in_scope(|_| ());
    assert_eq!(inner.picture(), "inner  service=other\n");
    assert_eq!(outer.picture(), "outer  service=test\n");
    outer.clear();
    assert_eq!(outer.spans().len(), 0);
}

#[test]
fn headers_are_those_of_the_configuration() {
    let (collector, _scope) = collect();
    let mut headers = Vec::<(String, String)>::new();
    span("first").in_scope(|span| span.inject(&mut headers));
    let context = collector.tracer().extract(&headers);
    span("second").child_of(context).in_scope(|_| ());
    let (first, second) = (collector.span("first"), collector.span("second"));
    assert_eq!(second.parent_id, Some(first.span_id));
    assert_eq!(second.trace_id, first.trace_id);
}

#[test]
fn spans_are_found_by_name_content_and_parent() {
    let (collector, _scope) = collect();
    span("order").in_scope(|order| {
        for slices in [2, 4] {
            order.child("bread.slice").tag("slices", slices).in_scope(|_| ());
        }
    });
    span("bread.slice").in_scope(|_| ());
    assert_eq!(collector.spans_named("bread.slice").len(), 3);
    assert_eq!(collector.children_of(&collector.span("order")).len(), 2);
    let thick = collector.find(|span| span.number("slices").is_some_and(|slices| slices > 3.0));
    assert_eq!(thick.unwrap().number("slices"), Some(4.0));
    assert!(collector.find(|span| span.is_error).is_none());
}

#[test]
fn an_open_span_is_named_with_the_place_that_created_it() {
    let (collector, _scope) = collect();
    span("finished").in_scope(|_| ());
    collector.assert_all_finished();
    let line = line!() + 1;
    let open = span("forgotten").start();
    let failure = catch_unwind(AssertUnwindSafe(|| collector.assert_all_finished())).unwrap_err();
    let expected = format!("spans are open:\n  forgotten, created at {}:{line}:16", file!());
    assert_eq!(failure.downcast_ref::<String>(), Some(&expected));
    open.finish();
    collector.assert_all_finished();
}

#[test]
fn services_of_one_process_share_the_tree_of_a_trace() {
    let (collector, _scope) = collect();
    let first = span("first").start();
    let mut headers = Vec::<(String, String)>::new();
    first.inject(&mut headers);
    span("between").in_scope(|_| ());
    let context = collector.tracer().extract(&headers);
    let served = span("served").service("other").child_of(context).start();
    served.child("inner").in_scope(|_| ());
    served.finish(); // Before its parent, which leaves by itself.
    assert_eq!(collector.traces().len(), 2);
    first.child("later").in_scope(|_| ());
    first.finish();
    assert_picture!(
        collector,
        "
        first  service=test
        ├─ served  service=other
        │  └─ inner
        └─ later
        between  service=test
        "
    );
    let [trace, _] = <[_; 2]>::try_from(collector.traces()).unwrap();
    assert_eq!(trace.spans.len(), 4);
    assert_picture!(
        trace,
        "
        first  service=test
        ├─ served  service=other
        │  └─ inner
        └─ later
        "
    );
}

#[test]
fn traces_and_children_stand_in_the_order_of_their_start() {
    let (collector, _scope) = collect();
    let [early, late] = ["early", "late"].map(|name| span(name).start());
    let [first, second] = ["first", "second"].map(|name| early.child(name).start());
    for span in [late, second, first, early] {
        span.finish();
    }
    let picture = "early  service=test\n├─ first\n└─ second\nlate  service=test\n";
    assert_eq!(collector.picture(), picture);
}

#[test]
fn the_only_span_is_one_of_one() {
    let (collector, _scope) = collect();
    let question = || catch_unwind(AssertUnwindSafe(|| collector.only_span().name));
    let failure = question().unwrap_err();
    assert_eq!(failure.downcast_ref::<String>().unwrap(), "0 spans instead of one:\n");
    span("one").in_scope(|_| ());
    assert_eq!(question().unwrap(), "one");
    span("two").in_scope(|_| ());
    let failure = question().unwrap_err();
    let message = "2 spans instead of one:\none  service=test\ntwo  service=test\n";
    assert_eq!(failure.downcast_ref::<String>().unwrap(), message);
}

#[test]
fn warnings_are_kept_in_order() {
    let collector = Collector::new(&Config::new());
    collector.tracer().warn(&"first");
    collector.tracer().warn(&format_args!("second {}", 2));
    assert_eq!(collector.warnings(), ["first", "second 2"]);
    collector.clear();
    assert_eq!(collector.warnings(), [""; 0]);
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future without a runtime, and polls it again only when it is woken.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn spans_of_other_threads_are_waited_for_without_a_runtime() {
    let (collector, _scope) = collect();
    let spans = (0..3).map(|_| span("work").start()).collect::<Vec<_>>();
    let workers = spans.into_iter().map(|span| thread::spawn(move || span.finish()));
    let workers = workers.collect::<Vec<_>>();
    assert_eq!(block_on(collector.wait_for_traces(3)).len(), 3);
    assert_eq!(block_on(collector.wait_for_spans(2)).len(), 3);
    workers.into_iter().for_each(|worker| worker.join().unwrap());
    collector.clear();
    let last = span("last").start();
    let worker = thread::spawn(move || last.finish());
    assert_eq!(block_on(collector.wait_for_only_span()).name, "last");
    worker.join().unwrap();
}
