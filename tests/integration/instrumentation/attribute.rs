//! `@tracer.wrap()`: each call of a function is a span.

use std::{fmt, num::ParseIntError};

use packdog::{current_root_span, current_span, span, test_util::collect};

#[packdog::trace]
fn plain() {}

#[packdog::trace(
    name = "assemble_sandwich",
    service = "my-sandwich-making-svc",
    resource = "resource_name",
    span_type = "food",
    kind = internal,
    tags(items = ingredients.len(), "shop.open" = true)
)]
fn assemble(ingredients: &[&str]) -> usize {
    current_span().set_tag("assembled", true);
    ingredients.len()
}

#[packdog::trace]
fn slices(order: &str) -> Result<u8, ParseIntError> {
    let slices = order.parse()?;
    Ok(slices)
}

#[packdog::trace]
async fn toast<T: fmt::Display>(bread: &T) -> Result<String, ParseIntError> {
    tokio::task::yield_now().await;
    span("butter.spread").in_scope(|_| ());
    "many".parse::<u8>().map(|slices| format!("{slices} of {bread}"))
}

struct Kitchen {
    ovens: usize,
}

trait Cook {
    async fn cook(&self) -> usize;
}

impl Cook for Kitchen {
    #[packdog::trace(tags(ovens = self.ovens))]
    async fn cook(&self) -> usize {
        tokio::task::yield_now().await;
        self.ovens
    }
}

#[packdog::trace]
fn later(order: &'static str) -> impl Future<Output = Result<u8, ParseIntError>> + Send {
    async move { slices(order) }
}

#[test]
fn a_call_is_a_span_that_has_the_name_of_the_function() {
    let (collector, _scope) = collect();
    plain();
    assert_eq!(collector.picture(), "plain  service=test\n");
}

#[test]
fn options_set_the_fields_and_the_tags_and_nothing_else_is_captured() {
    let (collector, _scope) = collect();
    assert_eq!(assemble(&["ham", "bread"]), 2);
    let span = collector.span("assemble_sandwich");
    assert_eq!(
        (span.service.as_str(), span.resource.as_str(), span.span_type.as_str()),
        ("my-sandwich-making-svc", "resource_name", "food")
    );
    assert_eq!(
        span.tags.keys().collect::<Vec<_>>(),
        ["assembled", "items", "shop.open", "span.kind"]
    );
    assert_eq!((span.number("items"), span.text("shop.open")), (Some(2.0), Some("true")));
}

#[test]
fn an_err_marks_the_span_and_an_ok_does_not() {
    let (collector, _scope) = collect();
    assert_eq!(slices("2"), Ok(2));
    let error = slices("many").unwrap_err();
    let [fine, marked] = &collector.spans_named("slices")[..] else { panic!() };
    assert!(!fine.is_error && marked.is_error);
    assert_eq!(marked.text("error.message"), Some(error.to_string().as_str()));
}

#[tokio::test]
async fn async_functions_and_methods_are_current_across_awaits() {
    let (collector, _scope) = collect();
    span("order")
        .in_async_scope(async |_| {
            assert!(toast(&"rye").await.is_err());
            assert_eq!(Kitchen { ovens: 2 }.cook().await, 2);
            assert_eq!(later("3").await, Ok(3));
            current_root_span().set_tag("eaten", true);
        })
        .await;
    let expected = "\
order  service=test  eaten=true
├─ toast  error=core::num::error::ParseIntError
│  └─ butter.spread
├─ cook  ovens=2
└─ later
   └─ slices
";
    assert_eq!(collector.picture_with_tags(&["eaten", "ovens"]), expected);
    collector.assert_all_finished();
}
