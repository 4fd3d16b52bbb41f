//! `DD_TRACE_RATE_LIMIT`: how many of the traces that `DD_TRACE_SAMPLE_RATE` keeps are kept in a second.

use crate::harness::App;

const RATE: (&str, &str) = ("DD_TRACE_SAMPLE_RATE", "1");
const LIMIT: &str = "DD_TRACE_RATE_LIMIT";

#[tokio::test]
async fn traces_over_the_limit_are_dropped_and_carry_the_share_that_was_kept() {
    #[rustfmt::skip]
    let table = [
        // limit   priority  part that was kept
        ("0",      -1.0,     Some(0.0)),
        ("1000",   2.0,      Some(1.0)),
        ("-1",     2.0,      None),
    ];
    for (limit, priority, part) in table {
        let Some(app) = App::start(&[RATE, (LIMIT, limit)]).await else { return };
        for _ in 0..3 {
            let (_, injected) = app.hop(&[]).await;
            let sent = injected.get("x-datadog-sampling-priority").unwrap().parse::<f64>();
            assert_eq!(sent, Ok(priority), "{limit}");
        }
        let spans = app.spans().await;
        assert_eq!(spans.len(), 3, "{limit}");
        for span in spans {
            assert_eq!(span.metric("_sampling_priority_v1"), Some(priority), "{limit}");
            assert_eq!(span.metric("_dd.rule_psr"), Some(1.0), "{limit}");
            assert_eq!(span.metric("_dd.limit_psr"), part, "{limit}");
            assert_eq!(span.tag("_dd.p.dm"), Some("-3"), "{limit}");
        }
    }
}

#[tokio::test]
async fn the_limit_is_for_the_rate_alone_and_not_for_decisions_by_others() {
    let Some(app) = App::start(&[RATE, (LIMIT, "0")]).await else { return };
    let incoming = [
        ("x-datadog-trace-id", "7"),
        ("x-datadog-parent-id", "8"),
        ("x-datadog-sampling-priority", "1"),
    ];
    let (_, injected) = app.hop(&incoming).await;
    assert_eq!(injected.get("x-datadog-sampling-priority"), Some("1"));
    assert_eq!(app.only_span().await.metric("_dd.limit_psr"), None);
}
