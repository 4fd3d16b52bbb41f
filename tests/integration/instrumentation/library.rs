//! A library that knows `packdog-api` alone, in both worlds: with a tracer and without.

use packdog::test_util::collect;

/// The library. It stands for a package of its own, and uses nothing but `packdog_api`.
mod pantry {
    use packdog_api::{
        InSpanExt, Parent, SpanKind, TraceErr, current_root_span, current_span, propagation, span,
        thread,
    };

    /// Takes an item, and returns the headers of a request for more of it.
    #[packdog_api::trace(name = "pantry.take", tags(item = item))]
    pub(super) fn take(item: &str) -> Result<Vec<(String, String)>, std::num::ParseIntError> {
        current_span().baggage().set("shelf", "3");
        span("shelf.reach").kind(SpanKind::Internal).in_scope(|span| span.set_tag("height", 2));
        thread::carry(|| span("door.close").in_scope(|_| ()))();
        drop(span("stock.count").child_of(Parent::Nothing).start());
        current_root_span().set_tag("pantry", true);
        let mut headers = Vec::new();
        propagation::inject(&mut headers);
        item.len().to_string().parse::<u8>().trace_err()?;
        Ok(headers)
    }

    #[packdog_api::trace]
    pub(super) async fn restock() -> Option<String> {
        async { current_span().baggage().get("shelf") }.in_span(current_span()).await
    }
}

#[tokio::test]
async fn with_a_tracer_the_spans_of_the_library_are_in_the_trace_of_the_application() {
    let (collector, _scope) = collect();
    packdog::span("request")
        .in_async_scope(async |request| {
            let headers = pantry::take("bread").unwrap();
            assert!(
                headers
                    .iter()
                    .any(|header| *header == ("baggage".to_owned(), "shelf=3".to_owned()))
            );
            request.baggage().set("shelf", "4");
            assert_eq!(pantry::restock().await.as_deref(), Some("4"));
        })
        .await;
    let expected = "\
request  service=test  pantry=true
├─ pantry.take  item=bread
│  ├─ shelf.reach  kind=internal
│  └─ door.close
└─ restock
stock.count  service=test
";
    assert_eq!(collector.picture_with_tags(&["pantry", "item"]), expected);
    collector.assert_all_finished();
}

#[tokio::test]
async fn without_one_the_library_does_the_same_and_records_nothing() {
    assert_eq!(pantry::take("bread").unwrap(), []);
    assert_eq!(pantry::restock().await, None);
}
