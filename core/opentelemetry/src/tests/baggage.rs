use opentelemetry::{
    Context, KeyValue,
    baggage::{Baggage as Theirs, BaggageExt, KeyValueMetadata},
    propagation::TextMapPropagator,
    trace::{Span as _, TraceContextExt, Tracer as _},
};
use packdog_api::{Baggage, current_span};

use super::{collector, start, tracer};
use crate::Propagator;

type Items = Vec<(String, String)>;

fn theirs(cx: &Context) -> Items {
    let mut items: Vec<_> = cx
        .baggage()
        .iter()
        .map(|(key, (value, _))| (key.as_str().to_owned(), value.as_str().to_owned()))
        .collect();
    items.sort();
    items
}

fn ours(span: &packdog_api::Span) -> Items {
    span.baggage().items().iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

fn items<const N: usize>(items: [(&str, &str); N]) -> Items {
    items.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec()
}

fn with(cx: &Context, changes: &[(&'static str, Option<&'static str>)]) -> Context {
    let mut baggage: Theirs =
        cx.baggage().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    for (key, value) in changes {
        match value {
            Some(value) => drop(baggage.insert(*key, *value)),
            None => drop(baggage.remove(key)),
        }
    }
    cx.with_baggage(baggage)
}

#[test]
fn a_scope_gives_the_baggage_of_its_span_to_its_context() {
    let (_collector, _scope) = collector();
    let span = packdog_api::span("ours").start();
    span.baggage().set("plan", "pro");
    span.baggage().set("no token", "stays with packdog");
    let cx = span.in_scope(Context::current);
    assert_eq!(theirs(&cx), items([("plan", "pro")]));
    span.baggage().set("late", "1");
    assert_eq!(theirs(&cx), items([("plan", "pro")]), "a context is a snapshot");
    assert_eq!(theirs(&span.in_scope(Context::current)), items([("late", "1"), ("plan", "pro")]));
    // A span without baggage leaves that of the context below.
    let below = Context::new().with_baggage([KeyValue::new("below", "1")]).attach();
    assert_eq!(
        theirs(&packdog_api::span("none").in_scope(|_| Context::current())),
        items([("below", "1")])
    );
    drop(below);
}

#[test]
fn a_new_span_has_its_parent_s_baggage_with_the_changes_of_the_context() {
    type Changes<'a> = &'a [(&'static str, Option<&'static str>)];
    type Row<'a> = (&'a str, Changes<'a>, Changes<'a>, Items);

    #[rustfmt::skip]
    let table: [Row<'_>; 8] = [
        // why                          in the context              later in the span           child
        ("unchanged",                   &[],                        &[],                        items([("a", "1"), ("no token", "x")])),
        ("added, in the order of keys", &[("c", Some("3")), ("b", Some("2"))], &[],             items([("a", "1"), ("no token", "x"), ("b", "2"), ("c", "3")])),
        ("changed",                     &[("a", Some("2"))],        &[],                        items([("a", "2"), ("no token", "x")])),
        ("removed",                     &[("a", None)],             &[],                        items([("no token", "x")])),
        ("the span's later items stay", &[("b", Some("2"))],        &[("c", Some("3"))],        items([("a", "1"), ("no token", "x"), ("c", "3"), ("b", "2")])),
        ("the span changed it",         &[],                        &[("a", Some("3"))],        items([("a", "3"), ("no token", "x")])),
        ("the span removed it",         &[],                        &[("a", None)],             items([("no token", "x")])),
        ("both: the context wins",      &[("a", Some("2"))],        &[("a", Some("3"))],        items([("a", "2"), ("no token", "x")])),
    ];
    for (why, in_context, later, expected) in table {
        let (_collector, _scope) = collector();
        let span = packdog_api::span("ours").start();
        span.baggage().set("a", "1");
        span.baggage().set("no token", "x");
        let cx = span.in_scope(|| with(&Context::current(), in_context));
        for (key, value) in later {
            match value {
                Some(value) => span.baggage().set(key, value),
                None => span.baggage().remove(key),
            }
        }
        let child = tracer().start_with_context("theirs", &cx);
        assert_eq!(ours(child.of_packdog()), expected, "{why}");
        let attached = cx.attach();
        assert_eq!(ours(&packdog_api::span("ours").start()), expected, "{why}");
        let mut before = items([("a", "1"), ("no token", "x")]);
        if later.is_empty() {
            assert_eq!(ours(&current_span()), before, "{why}: the open span is not written");
        }
        before.clear();
        drop(attached);
    }
}

#[test]
fn baggage_that_a_span_of_the_api_began_with_is_not_a_change_of_its_contexts() {
    let (_collector, _scope) = collector();
    let _attached = Context::new().with_baggage([KeyValue::new("plan", "free")]).attach();
    tracer().in_span("theirs", |cx| {
        assert_eq!(ours(&current_span()), items([("plan", "free")]));
        current_span().baggage().set("plan", "pro");
        assert_eq!(ours(&packdog_api::span("child").start()), items([("plan", "pro")]));
        assert_eq!(theirs(&cx), items([("plan", "free")]), "a context is a snapshot");
        current_span().baggage().clear();
        assert_eq!(ours(&packdog_api::span("child").start()), items([]));
    });
}

#[test]
fn baggage_without_a_span_starts_with_the_first_one_below() {
    let (collector, _scope) = collector();
    let entry = KeyValueMetadata::new("plan", "pro", "metadata");
    let _attached = Context::new().with_baggage([entry]).attach();
    assert!(!current_span().is_recording());
    assert_eq!(ours(&current_span()), items([("plan", "pro")]));
    let span = packdog_api::span("ours").start();
    assert_eq!(ours(&span), items([("plan", "pro")]));
    assert_eq!(ours(start("theirs").of_packdog()), items([("plan", "pro")]));
    drop(span);
    assert_eq!(collector.traces().len(), 2, "each starts a trace");
}

#[test]
fn a_foreign_span_s_children_have_the_baggage_of_its_context() {
    let (_collector, _scope) = collector();
    let other = start("local").span_context().clone();
    let cx =
        Context::new().with_remote_span_context(other).with_baggage([KeyValue::new("plan", "pro")]);
    assert_eq!(
        ours(tracer().start_with_context("child", &cx).of_packdog()),
        items([("plan", "pro")])
    );
}

#[test]
fn the_propagator_writes_the_baggage_with_the_changes_of_the_context() {
    let (_collector, _scope) = collector();
    let span = packdog_api::span("ours").start();
    span.baggage().set("plan", "pro");
    let cx = span.in_scope(|| with(&Context::current(), &[("region", Some("eu"))]));
    let mut headers = std::collections::HashMap::<String, String>::new();
    Propagator::new().inject_context(&cx, &mut headers);
    assert_eq!(headers["baggage"], "plan=pro,region=eu");
    assert_eq!(ours(&span), items([("plan", "pro")]));
    let cx = Context::new().with_baggage([KeyValue::new("alone", "1")]);
    let mut headers = std::collections::HashMap::<String, String>::new();
    Propagator::new().inject_context(&cx, &mut headers);
    assert_eq!(headers.keys().collect::<Vec<_>>(), ["baggage"]);
    assert_eq!(headers["baggage"], "alone=1");
}

#[test]
fn values_are_plain_texts_on_both_sides() {
    let (_collector, _scope) = collector();
    let span = packdog_api::span("ours").start();
    span.baggage().set("name", "Käse, 100%=");
    let cx = span.in_scope(Context::current);
    assert_eq!(theirs(&cx), items([("name", "Käse, 100%=")]));
    let child = tracer().start_with_context("theirs", &with(&cx, &[("city", Some("Zürich"))]));
    let expected: Baggage = [("name", "Käse, 100%="), ("city", "Zürich")].into_iter().collect();
    assert_eq!(child.of_packdog().baggage().items(), expected);
}
