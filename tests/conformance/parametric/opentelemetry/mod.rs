//! OpenTelemetry's API on our spans: one module for each file of the suite.
//!
//! ```text
//! test ──▶ /trace/otel/* ──▶ crate opentelemetry ──▶ packdog-opentelemetry ──▶ spans of packdog
//! ```

mod baggage;
mod errors;
mod interoperability;
mod off;
mod operation_names;
mod span_links;
mod span_methods;
mod tracer;

use packdog_tests::peers::Span;

/// The span of this resource.
#[track_caller]
fn named<'a>(spans: &'a [Span], resource: &str) -> &'a Span {
    let mut found = spans.iter().filter(|span| span.resource == resource);
    match (found.next(), found.next()) {
        (Some(span), None) => span,
        _ => panic!("not one {resource}: {spans:#?}"),
    }
}
