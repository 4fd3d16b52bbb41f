//! What tests of one's own spans can ask for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{collect, collect_with};
use crate::{Config, SpanKind, span};

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
fn spans_are_found_by_name_by_what_they_hold_and_by_their_parent() {
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
