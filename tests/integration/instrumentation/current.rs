//! `tracer.current_span()`, `tracer.current_root_span()`.

use packdog::{current_root_span, current_span, span, task, test_util::collect, thread};

#[test]
fn there_is_always_a_handle() {
    assert!(current_span().is_nothing() && current_root_span().is_nothing());
    current_span().set_tag("key", "value");
    current_root_span().set_error(&std::fmt::Error);
    current_span().finish_with_ancestors();
    assert_eq!(current_span().tag("key"), None);
}

#[tokio::test]
async fn the_root_is_at_hand_deep_inside_tasks_and_threads() {
    let (collector, _scope) = collect();
    span("request")
        .in_async_scope(async |request| {
            let root_id = request.span_id();
            let deep = task::spawn(async move {
                span("task").in_scope(|own| {
                    assert_eq!(current_span().span_id(), own.span_id());
                    let root_of_thread = thread::spawn(|| current_root_span().span_id());
                    assert_eq!(root_of_thread.join().unwrap(), root_id);
                    current_root_span().set_tag("customer", "regular");
                });
            });
            deep.await.unwrap();
        })
        .await;
    assert_eq!(collector.span("request").text("customer"), Some("regular"));
    assert_eq!(collector.span("task").text("customer"), None);
}
