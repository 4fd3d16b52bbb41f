//! Installing everything for the whole process: this test is a program of its own.

use std::{collections::HashMap, time::Duration};

use opentelemetry::{
    Context, global,
    trace::{
        Span, SpanContext, TraceContextExt, Tracer, get_active_span, noop::NoopTracerProvider,
    },
};
use packdog::{Config, test_util::Collector};
use packdog_opentelemetry::{InstallError, install};

#[test]
fn the_globals_are_set_once_unless_the_configuration_says_no() {
    assert_eq!(install().unwrap_err(), InstallError::NoTracer);
    global::set_tracer_provider(NoopTracerProvider::new()); // That of another library.

    let off = Collector::new(&Config::new().with_opentelemetry(false));
    let scope = off.tracer().enter();
    let provider = install().unwrap();
    assert!(!global::tracer("bakery").start("bake").is_recording());
    assert!(
        !opentelemetry::trace::TracerProvider::tracer(&provider, "x").start("y").is_recording()
    );
    packdog::span("ours").in_scope(|_| {
        get_active_span(|span| assert_eq!(*span.span_context(), SpanContext::NONE));
    });
    drop(scope);

    let collector = Collector::new(&Config::new());
    let _scope = collector.tracer().enter();
    let provider = install().unwrap();
    let again = install().unwrap();
    let received: HashMap<String, String> =
        [("traceparent".to_owned(), format!("00-{:032x}-{:016x}-01", 5, 6))].into();
    let cx = global::get_text_map_propagator(|propagator| {
        propagator.extract_with_context(&Context::new(), &received)
    });
    let span = global::tracer("bakery").start_with_context("bake", &cx);
    assert!(span.is_recording());
    let cx = cx.with_span(span);
    packdog::span("ours").in_scope(|_| ());
    let _attached = cx.clone().attach();
    packdog::span("child").in_scope(|_| ());
    drop(cx);
    assert!(provider.force_flush(Duration::from_secs(1)).is_complete());

    again.shutdown(Duration::from_secs(1));
    assert!(!global::tracer("bakery").start("late").is_recording(), "it is the same provider");
    drop(_attached);
    let child = collector.span("child");
    let parent = collector.span("internal");
    assert_eq!((child.parent_id, parent.trace_id.to_u128()), (Some(parent.span_id), 5));
}
