//! The bytes of finished spans are bounded for each tracer, whatever its spans contain.

use crate::{
    implementation::{Chunk, Settings},
    recorder::{Recorder, tracer, tracer_with},
    *,
};

const MAX: usize = 1 << 20;

fn bounded() -> (Tracer, std::sync::Arc<Recorder>) {
    tracer_with(Settings::new("users").with_max_held_bytes(MAX).with_partial_flush(None))
}

fn spans(chunks: &[Chunk]) -> usize {
    chunks.iter().map(Chunk::len).sum()
}

fn held(tracer: &Tracer) -> usize {
    tracer.backing().unwrap().held.get(Default::default).all()
}

#[test]
fn finished_spans_of_open_traces_are_bounded_and_every_span_is_counted() {
    let (tracer, recorder) = bounded();
    let roots = (0..100).map(|_| tracer.span("root").start()).collect::<Vec<_>>();
    let mut sent = Vec::new();
    for root in &roots {
        for number in 0..100 {
            let child = root.child("child").tag("payload", "x".repeat(number * 10)).start();
            child.add_event(SpanEvent::new("event").with_attribute("key", "value"));
            child.baggage().set("plan", "pro");
            drop(child);
            assert!(held(&tracer) <= MAX, "{}", held(&tracer));
        }
        sent.extend(recorder.chunks()); // The implementation holds them: nothing is sent.
    }
    let dropped = recorder.lost();
    assert!(dropped > 0 && spans(&sent) > 0, "the largest traces left first: {dropped}");
    drop(roots);
    sent.extend(recorder.chunks());
    assert_eq!(spans(&sent) + recorder.lost(), 100 + 10_000);
    drop(sent);
    assert_eq!(held(&tracer), 0);
}

#[test]
fn sent_spans_make_room() {
    let (tracer, recorder) = bounded();
    let root = tracer.span("root").start();
    let mut sent = 0;
    for _ in 0..5_000 {
        drop(root.child("child").tag("payload", "x".repeat(1_000)).start());
        sent += spans(&recorder.chunks()); // And dropped at once, as if it were sent.
    }
    drop(root);
    sent += spans(&recorder.chunks());
    assert_eq!((sent, recorder.lost()), (5_001, 0));
}

#[test]
fn a_chunk_leaves_before_it_is_too_large_for_a_request() {
    let settings = Settings::new("users").with_partial_flush(None);
    let (tracer, recorder) = tracer_with(settings);
    let root = tracer.span("root").start();
    let mut largest = 0;
    for _ in 0..1_000 {
        drop(root.child("child").tag("payload", "x".repeat(20_000)).start());
        let chunks = recorder.chunks();
        largest = chunks.iter().map(Chunk::memory_bytes).max().unwrap_or(0).max(largest);
    }
    assert!((1 << 20..4 << 20).contains(&largest), "{largest}");
}

#[test]
fn tags_and_origin_that_spans_share_count_for_each_of_them() {
    let (tracer, recorder) = tracer();
    tracer.set_tags([("common", "x".repeat(10_000))]);
    let context = SpanContext::new().with_origin(&"o".repeat(200));
    let root = tracer.span("root").child_of(context).start();
    drop((root.child("child").start(), root));
    let bytes = recorder.chunks().iter().map(Chunk::memory_bytes).sum::<usize>();
    assert!(bytes > 2 * 10_200, "{bytes}");
}

#[test]
fn a_flush_and_a_shutdown_take_finished_spans_of_open_traces() {
    type Call = fn(&Tracer) -> Report;
    let flush: Call = |tracer| tracer.flush(std::time::Duration::ZERO);
    let shutdown: Call = |tracer| tracer.shutdown(std::time::Duration::ZERO);
    for call in [flush, shutdown] {
        let (tracer, recorder) = tracer();
        let roots = [tracer.span("first").start(), tracer.span("second").start()];
        roots.iter().for_each(|root| drop(root.child("child").start()));
        assert_eq!(recorder.names().len(), 0, "they wait");
        call(&tracer);
        assert_eq!(recorder.names(), [["child"], ["child"]]);
        call(&tracer);
        assert_eq!(recorder.names().len(), 0, "each leaves once");
        let open_traces = || tracer.backing().unwrap().open_traces.len();
        assert_eq!(open_traces(), 2);
        drop(roots);
        assert_eq!((recorder.names().len(), open_traces()), (2, 0));
    }
}

#[test]
fn finished_spans_leave_with_the_last_handle_of_a_trace_whose_root_stays_open() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("forgotten").start().release();
    drop(root.child("child").start());
    drop(root);
    assert_eq!(recorder.names(), [["child"]]);
    assert_eq!(held(&tracer), 0);
}

#[test]
fn a_root_that_has_left_counts_while_other_spans_of_its_trace_are_open() {
    let (tracer, recorder) = tracer_with(Settings::new("users").with_partial_flush(Some(1)));
    let root = tracer.span("root").tag("payload", "x".repeat(10_000)).start();
    let child = root.child("child").start();
    drop(root);
    assert_eq!(spans(&recorder.chunks()), 1, "it leaves, as if it were sent");
    assert!(held(&tracer) >= 10_000, "{}", held(&tracer));
    assert_eq!(child.root().tag("payload").unwrap().as_str().unwrap().len(), 10_000);
    drop(child);
    drop(recorder.chunks());
    assert_eq!(held(&tracer), 0);
}

/// It stays in memory until its trace ends, and its bytes are not counted.
#[test]
fn a_span_that_finds_no_room_keeps_no_tags() {
    let settings = Settings::new("users").with_max_held_bytes(MAX);
    let (tracer, recorder) = tracer_with(settings);
    let mut open = Vec::new();
    while recorder.lost() == 0 {
        let root = tracer.span("root").tag("payload", "x".repeat(10_000)).start();
        open.push((root.handle(), root.child("child").start()));
    }
    let (lost, _child) = open.pop().unwrap();
    assert_eq!((lost.tag("payload"), lost.resource()), (None, "root".to_owned()));
    let (kept, _child) = open.swap_remove(0);
    assert!(kept.tag("payload").is_some());
}

#[test]
fn roots_that_have_left_are_bounded_however_many_traces_stay_open() {
    let settings = Settings::new("users").with_max_held_bytes(MAX).with_partial_flush(Some(1));
    let (tracer, recorder) = tracer_with(settings);
    let mut children = Vec::new();
    for _ in 0..200 {
        let root = tracer.span("root").tag("payload", "x".repeat(10_000)).start();
        children.push(root.child("child").start());
        drop(root);
        drop(recorder.chunks());
        assert!(held(&tracer) <= MAX, "{}", held(&tracer));
    }
    assert!(recorder.lost() > 0);
    drop(children);
    drop(recorder.chunks());
    assert_eq!(held(&tracer), 0);
}
