//! `span.context.set_baggage_item` and its kin; baggage without a trace, and without a span.

use std::{fmt, num::ParseIntError, str::FromStr};

use packdog::{
    Baggage, InSpanExt, Span, current_span,
    limits::Misuse,
    propagation, span,
    span::{BaggageItem, SpanContext},
    test_util::collect,
};

#[derive(Debug, PartialEq)]
struct TenantId(u64);

impl BaggageItem for TenantId {
    const KEY: &'static str = "tenant.id";
}

impl FromStr for TenantId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn items(span: &Span) -> Vec<(String, String)> {
    let items = span.baggage().items();
    items.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[test]
fn items_can_be_set_read_listed_and_removed() {
    let (_collector, _scope) = collect();
    span("guest").in_scope(|span| {
        let baggage = current_span().baggage();
        baggage.set("plan", "basic");
        baggage.set("table", "7");
        baggage.set("plan", "pro");
        assert_eq!(baggage.get("plan").as_deref(), Some("pro"));
        assert_eq!(baggage.items(), Baggage::from_iter([("plan", "pro"), ("table", "7")]));
        baggage.remove("plan");
        assert_eq!(baggage.get("plan"), None);
        assert_eq!(items(span), [("table".to_owned(), "7".to_owned())]);
        baggage.clear();
        assert!(baggage.items().is_empty());
    });
}

#[test]
fn spans_started_later_have_it_and_parents_and_siblings_do_not() {
    let (_collector, _scope) = collect();
    span("request").in_scope(|request| {
        let before = span("before").start();
        request.baggage().set("plan", "pro");
        let after = span("after").start();
        after.baggage().set("own", "1");
        assert_eq!(items(&before), []);
        assert_eq!(after.baggage().get("plan").as_deref(), Some("pro"));
        assert_eq!(request.baggage().get("own"), None);
    });
}

#[test]
fn a_typed_item_is_a_value_or_the_error_of_its_parser() {
    let (_collector, _scope) = collect();
    span("guest").in_scope(|span| {
        let baggage = span.baggage();
        assert_eq!(baggage.value::<TenantId>(), None);
        baggage.set_value(&TenantId(7));
        assert_eq!(baggage.get(TenantId::KEY).as_deref(), Some("7"));
        assert_eq!(baggage.value(), Some(Ok(TenantId(7))));
        baggage.set(TenantId::KEY, "seven");
        assert!(baggage.value::<TenantId>().unwrap().is_err());
    });
}

#[tokio::test]
async fn without_a_trace_a_passing_span_carries_it_into_headers_and_new_traces() {
    let (collector, _scope) = collect();
    let context = SpanContext::new().with_baggage([("plan", "pro")].into_iter().collect());
    async {
        tokio::task::yield_now().await;
        current_span().baggage().set("table", "7");
        let mut headers = Vec::new();
        propagation::inject(&mut headers);
        assert_eq!(headers, [("baggage".to_owned(), "plan=pro,table=7".to_owned())]);
        span("begins").in_scope(|span| assert_eq!(items(span).len(), 2));
    }
    .in_span(Span::passing(context))
    .await;
    assert_eq!(collector.span("begins").parent_id, None);
}

#[test]
fn with_nothing_current_reads_are_empty_and_writes_are_counted() {
    let before = Misuse::BaggageWithoutSpan.count();
    let baggage = current_span().baggage();
    baggage.set("plan", "pro");
    assert_eq!((baggage.get("plan"), baggage.items()), (None, Baggage::new()));
    assert!(Misuse::BaggageWithoutSpan.count() > before);
}
