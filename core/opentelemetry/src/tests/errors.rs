use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use opentelemetry::{
    Context, KeyValue,
    trace::{Span as _, Status, TraceContextExt, Tracer as _},
};
use packdog::test_util::CollectedSpan;
use packdog_api::{Attribute, TagValue};

use super::{collector, start, tracer};
use crate::Span;

type Change = fn(&mut Span);
/// Why, the changes, and then the error mark and the tags.
type Row<'a> = (&'a str, &'a [Change], bool, [Option<&'a str>; 3]);

/// The tags `error.message`, `error.type` and `error.stack`.
fn error_tags(span: &CollectedSpan) -> [Option<&str>; 3] {
    ["error.message", "error.type", "error.stack"].map(|key| span.text(key))
}

fn error(description: &'static str) -> Status {
    Status::error(description)
}

fn exception(span: &mut Span, attributes: &[(&'static str, &'static str)]) {
    let attributes = attributes.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect();
    span.add_event("exception", attributes);
}

const BURNT: [(&str, &str); 3] = [
    ("exception.message", "burnt"),
    ("exception.type", "OvenError"),
    ("exception.stacktrace", "oven.rs:1"),
];

#[test]
fn a_status_never_goes_back() {
    #[rustfmt::skip]
    let table: [(&str, &[Status], bool, Option<&str>); 9] = [
        // why                           statuses                                    error   message
        ("unset",                        &[Status::Unset],                           false,  None),
        ("error",                        &[error("burnt")],                          true,   Some("burnt")),
        ("error without description",    &[error("")],                               true,   None),
        ("unset is ignored after error", &[error("burnt"), Status::Unset],           true,   Some("burnt")),
        ("a later description",          &[error("burnt"), error("raw")],            true,   Some("raw")),
        ("none replaces one",            &[error("burnt"), error("")],               true,   None),
        ("ok removes the error",         &[error("burnt"), Status::Ok],              false,  None),
        ("ok stays",                     &[Status::Ok, error("burnt")],              false,  None),
        ("ok stays",                     &[error("raw"), Status::Ok, error("burnt"), Status::Unset], false, None),
    ];
    for (why, statuses, is_error, message) in table {
        let (collector, _scope) = collector();
        let mut span = start("bake");
        for status in statuses {
            span.set_status(status.clone());
        }
        drop(span);
        let span = collector.only_span();
        assert_eq!((span.is_error, span.text("error.message")), (is_error, message), "{why}");
    }
}

#[test]
fn the_last_exception_describes_the_error_whenever_the_status_comes() {
    #[rustfmt::skip]
    let table: [Row<'_>; 8] = [
        ("no status", &[|span| exception(span, &BURNT)], false, [None; 3]),
        ("status last", &[|span| exception(span, &BURNT), |span| span.set_status(error("description"))],
            true, [Some("burnt"), Some("OvenError"), Some("oven.rs:1")]),
        ("status first", &[|span| span.set_status(error("description")), |span| exception(span, &BURNT)],
            true, [Some("burnt"), Some("OvenError"), Some("oven.rs:1")]),
        ("the second one has no stack", &[
            |span| span.set_status(error("")),
            |span| exception(span, &BURNT),
            |span| exception(span, &[("exception.message", "raw"), ("exception.type", "DoughError")]),
        ], true, [Some("raw"), Some("DoughError"), Some("oven.rs:1")]),
        ("the second one has no stack, and then the status", &[
            |span| exception(span, &BURNT),
            |span| exception(span, &[("exception.message", "raw")]),
            |span| span.set_status(error("description")),
        ], true, [Some("raw"), Some("OvenError"), Some("oven.rs:1")]),
        ("no message", &[
            |span| exception(span, &[("exception.type", "OvenError")]),
            |span| span.set_status(error("description")),
        ], true, [Some("description"), Some("OvenError"), None]),
        ("ok", &[
            |span| exception(span, &BURNT), |span| span.set_status(error("")), |span| span.set_status(Status::Ok),
            |span| exception(span, &BURNT),
        ], false, [None; 3]),
        ("a name in another case", &[
            |span| span.set_status(error("")),
            |span| span.add_event("Exception", vec![KeyValue::new("exception.message", "burnt")]),
        ], true, [Some("burnt"), None, None]),
    ];
    for (why, changes, is_error, tags) in table {
        let (collector, _scope) = collector();
        let mut span = start("bake");
        changes.iter().for_each(|change| change(&mut span));
        drop(span);
        let span = collector.only_span();
        assert_eq!((span.is_error, error_tags(&span)), (is_error, tags), "{why}");
        assert_eq!(span.text("_dd.span_events.has_exception"), Some("true"), "{why}");
        assert!(!span.events.is_empty(), "{why}");
    }
}

#[test]
fn exceptions_of_the_builder_count() {
    let (collector, _scope) = collector();
    let attributes = BURNT.map(|(key, value)| KeyValue::new(key, value)).to_vec();
    let event = opentelemetry::trace::Event::new("exception", std::time::UNIX_EPOCH, attributes, 0);
    let mut span = tracer().span_builder("bake").with_events(vec![event]).start(&tracer());
    span.set_status(error(""));
    drop(span);
    assert_eq!(error_tags(&collector.only_span())[0], Some("burnt"));
}

#[test]
fn between_the_two_apis_the_last_call_decides() {
    #[rustfmt::skip]
    let table: [(&str, &[Change], bool, Option<&str>); 5] = [
        ("packdog last", &[|span| span.set_status(Status::Ok), |span| span.of_packdog().set_error("burnt")], true, Some("burnt")),
        ("packdog last", &[|span| span.set_status(error("raw")), |span| span.of_packdog().set_is_error(false)], false, Some("raw")),
        ("status last", &[|span| span.of_packdog().set_error("burnt"), |span| span.set_status(error("raw"))], true, Some("raw")),
        ("ok last", &[|span| span.of_packdog().set_error("burnt"), |span| span.set_status(Status::Ok)], false, Some("burnt")),
        ("unset is ignored", &[|span| span.of_packdog().set_error("burnt"), |span| span.set_status(Status::Unset)], true, Some("burnt")),
    ];
    for (why, changes, is_error, message) in table {
        let (collector, _scope) = collector();
        let mut span = start("bake");
        changes.iter().for_each(|change| change(&mut span));
        drop(span);
        let span = collector.only_span();
        assert_eq!((span.is_error, span.text("error.message")), (is_error, message), "{why}");
    }
}

#[derive(Debug)]
struct Burnt(Option<Box<Burnt>>);

impl fmt::Display for Burnt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "no bread" } else { "burnt" })
    }
}

impl Error for Burnt {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_deref().map(|cause| cause as _)
    }
}

#[test]
fn a_recorded_error_has_its_message_and_its_causes() {
    let no_bread = Burnt(Some(Box::new(Burnt(None))));
    let (collector, _scope) = collector();
    let mut span = start("unboxed");
    span.record_error(&no_bread);
    span.set_status(error(""));
    drop(span);
    let cx = Context::new().with_span(start("boxed"));
    cx.span().record_error(&no_bread);
    cx.span().set_status(error(""));
    drop(cx);
    let [unboxed, boxed] = collector.spans().try_into().unwrap();
    assert_eq!(error_tags(&unboxed), [Some("no bread"), None, Some("burnt")]);
    assert_eq!(error_tags(&boxed), [Some("no bread"), None, None]);
    assert!(unboxed.is_error && boxed.is_error);
    let attributes: Vec<_> = unboxed.events[0].attributes().collect();
    let (message, stack) = (Attribute::from("no bread"), Attribute::from("burnt"));
    assert_eq!(attributes, [("exception.message", &message), ("exception.stacktrace", &stack)]);
}

#[test]
fn a_panic_marks_a_span_that_it_drops() {
    let (collector, _scope) = collector();
    let caught = catch_unwind(AssertUnwindSafe(|| tracer().in_span("bake", |_cx| panic!("burnt"))));
    assert!(caught.is_err());
    let span = collector.only_span();
    assert!(span.is_error);
    assert_eq!(span.tags.get("error.type"), Some(&TagValue::from("panic")));
}
