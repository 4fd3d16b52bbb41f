//! Finished spans of a long trace leave before its end, each chunk with the tags that the Agent needs.

use std::time::Duration;

use packdog_tests::peers::Span;

use crate::harness::{App, Ids};

const ENABLED: &str = "DD_TRACE_PARTIAL_FLUSH_ENABLED";
const MIN_SPANS: &str = "DD_TRACE_PARTIAL_FLUSH_MIN_SPANS";
/// The longest time that the client of the suite waits for traces.
const PATIENCE: Duration = Duration::from_secs(3);

/// Starts a root and finishes so many children of it.
async fn root_with_finished_children(app: &App, children: usize) -> Ids {
    let root = app.span("root").await;
    for _ in 0..children {
        let child = app.child("child", root.span_id).await;
        app.finish(child).await;
    }
    root
}

/// Returns how many spans were sent so far without a flush, which would take finished spans of
/// open traces along. Whole traces are sent in their order, so that the arrival of a later one
/// shows that nothing else is on its way.
async fn sent_by_itself(app: &App, expected: usize) -> usize {
    let marker = app.span("marker").await;
    app.finish(marker).await;
    let traces = app.agent().wait_for_spans(expected + 1).await;
    let spans = traces.iter().flatten();
    assert!(spans.clone().any(|span| span.span_id == marker.span_id), "{traces:#?}");
    spans.filter(|span| span.name != "marker").count()
}

fn assert_is_whole_chunk(span: &Span) {
    assert_eq!(span.metric("_sampling_priority_v1"), Some(1.0), "{span:#?}");
    assert_eq!(span.tag("_dd.p.dm"), Some("-0"), "{span:#?}");
    assert_eq!(span.tag("_dd.p.tid").map(str::len), Some(16), "{span:#?}");
}

#[tokio::test]
async fn one_finished_span_is_sent_by_itself_if_the_minimum_is_one() {
    let Some(app) = App::start(&[(ENABLED, "true"), (MIN_SPANS, "1")]).await else { return };
    let root = root_with_finished_children(&app, 1).await;
    let traces = app.agent().wait_for_spans(1).await;
    let [spans] = traces.as_slice() else { panic!("{traces:#?}") };
    let [child] = spans.as_slice() else { panic!("{spans:#?}") };
    assert_eq!((child.name.as_str(), child.parent_id), ("child", root.span_id));
    assert_is_whole_chunk(child);
    assert_eq!(child.metric("process_id"), None, "that belongs to the local root");

    app.finish(root).await;
    let spans = app.spans().await;
    assert_eq!(spans.len(), 2);
    assert_is_whole_chunk(spans.iter().find(|span| span.span_id == root.span_id).unwrap());
}

#[tokio::test]
async fn each_chunk_has_the_decision_on_its_first_span_alone() {
    let Some(app) = App::start(&[(MIN_SPANS, "5")]).await else { return };
    let root = root_with_finished_children(&app, 10).await;
    app.finish(root).await;
    let spans = app.spans().await;
    assert_eq!(spans.len(), 11);
    let with_decision = spans.iter().filter(|span| span.tag("_dd.p.dm").is_some()).count();
    assert_eq!(with_decision, 3, "two chunks of five children, and one of the root");
}

#[tokio::test]
async fn it_is_on_by_default_at_300_spans() {
    let Some(app) = App::start(&[]).await else { return };
    let root = root_with_finished_children(&app, 299).await;
    assert_eq!(sent_by_itself(&app, 0).await, 0);
    let child = app.child("child", root.span_id).await;
    app.finish(child).await;
    assert_eq!(sent_by_itself(&app, 301).await, 300); // One of them is the first marker.
    app.finish(root).await;
    assert_eq!(app.spans().await.len(), 303);
}

#[tokio::test]
async fn a_minimum_that_is_no_positive_number_is_the_default() {
    for min_spans in ["0", "-1", "many"] {
        let Some(app) = App::start(&[(MIN_SPANS, min_spans)]).await else { return };
        root_with_finished_children(&app, 1).await;
        assert_eq!(sent_by_itself(&app, 0).await, 0, "{min_spans}");
    }
}

#[tokio::test]
async fn nothing_is_sent_before_the_end_where_it_is_off() {
    let Some(app) = App::start(&[(ENABLED, "false"), (MIN_SPANS, "1")]).await else { return };
    let root = root_with_finished_children(&app, 3).await;
    assert_eq!(sent_by_itself(&app, 0).await, 0);
    app.finish(root).await;
    assert_eq!(app.spans().await.len(), 5); // One of them is the marker.
}

#[tokio::test]
async fn a_flush_also_sends_finished_spans_of_open_traces() {
    let Some(app) = App::start(&[]).await else { return };
    let root = root_with_finished_children(&app, 3).await;
    let spans = app.spans().await;
    assert_eq!(spans.len(), 3);
    assert_eq!(spans.iter().filter(|span| span.tag("_dd.p.dm").is_some()).count(), 1);
    app.finish(root).await;
    assert_eq!(app.spans().await.len(), 4);
}

#[tokio::test]
async fn a_finished_trace_leaves_within_a_second_or_so_without_a_flush() {
    let Some(app) = App::start(&[]).await else { return };
    let root = root_with_finished_children(&app, 1).await;
    app.finish(root).await;
    let sent = tokio::time::timeout(PATIENCE, app.agent().wait_for_spans(2)).await;
    assert_eq!(sent.expect("the trace within 3 s").len(), 1);
}

#[tokio::test]
async fn spans_that_start_after_all_have_finished_make_a_chunk_of_the_same_trace() {
    let Some(app) = App::start(&[]).await else { return };
    let root = root_with_finished_children(&app, 0).await;
    app.finish(root).await;
    let late = app.child("late", root.span_id).await;
    app.finish(late).await;
    let spans = app.spans().await;
    assert_eq!(spans.len(), 2);
    spans.iter().for_each(assert_is_whole_chunk);
    assert!(spans.iter().all(|span| span.trace_id == root.trace_id));
}
