//! `with tracer.trace("x") as span`: closures, guards and asynchronous blocks.

use packdog::{InSpanExt, current_span, span, test_util::collect};

#[test]
fn closures_and_guards_nest() {
    let (collector, _scope) = collect();
    let made = span("sandwich.make").resource("club").in_scope(|outer| {
        outer.set_tag("num_ingredients", 3);
        span("get_ingredients").in_scope(|_| {
            let _slicing = span("bread.slice").enter();
            span("knife.take").in_scope(|_| ());
        });
        span("assemble_sandwich").in_scope(|_| "a sandwich")
    });
    assert_eq!(made, "a sandwich");
    assert!(current_span().is_nothing());
    let expected = "\
sandwich.make  club  service=test  num_ingredients=3
├─ get_ingredients
│  └─ bread.slice
│     └─ knife.take
└─ assemble_sandwich
";
    assert_eq!(collector.picture_with_tags(&["num_ingredients"]), expected);
}

#[tokio::test]
async fn asynchronous_blocks_are_current_in_every_poll_and_nowhere_else() {
    let (collector, _scope) = collect();
    let toasting = |name| {
        span(name).in_async_scope(async |own| {
            for _ in 0..3 {
                tokio::task::yield_now().await;
                assert_eq!(current_span().span_id(), own.span_id());
            }
        })
    };
    span("toast")
        .in_async_scope(async |_| {
            tokio::join!(toasting("first.side"), toasting("second.side"));
            async { span("butter.spread").in_scope(|_| ()) }.in_span(span("third.side")).await;
        })
        .await;
    assert!(current_span().is_nothing());
    let expected = "\
toast  service=test
├─ first.side
├─ second.side
└─ third.side
   └─ butter.spread
";
    assert_eq!(collector.picture(), expected);
}

#[tokio::test]
async fn an_err_marks_the_block() {
    let (collector, _scope) = collect();
    assert!(span("sync").try_in_scope(|_| "many".parse::<u8>()).is_err());
    let asynchronous = span("async").try_in_async_scope(async |_| "many".parse::<u8>()).await;
    assert!(asynchronous.is_err());
    assert_eq!(span("fine").try_in_scope(|_| "1".parse::<u8>()), Ok(1));
    let marked = collector.spans().into_iter().map(|span| (span.name, span.is_error));
    let expected = [("sync", true), ("async", true), ("fine", false)];
    assert_eq!(marked.collect::<Vec<_>>(), expected.map(|(name, is)| (name.to_owned(), is)));
}
