//! Invariants of one trace that hold for every interleaving of the threads that share it. Run by
//! `.ci/loom`.
//!
//! Each test runs under shuttle's scheduler, which switches threads at each lock and each atomic
//! operation of [`crate::sync`], differently every time.

use std::{sync::Arc, time::Duration};

use shuttle::thread;

use crate::{
    recorder::Recorder,
    recorder::tracer,
    recorder::tracer_with,
    recording::{Chunk, OwnedSpan, Settings, Span, Tracer},
    tracer::Parent,
    values::{Baggage, SamplingPriority, TraceTags},
};

/// Enough to find a lock that is left too early, in seconds.
const ROUNDS: usize = 2_000;
/// The number of context switches that a schedule places at the worst moments.
const SWITCHES: usize = 3;

/// Runs `test` with random schedules, and with schedules that switch rarely but at bad moments.
fn explore(test: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_random(test.clone(), ROUNDS);
    shuttle::check_pct(test, ROUNDS, SWITCHES);
}

fn names(chunks: &[Chunk]) -> Vec<String> {
    let spans = chunks.iter().flat_map(|chunk| chunk.spans().map(|span| span.name().to_owned()));
    let mut names = spans.collect::<Vec<_>>();
    names.sort();
    names
}

fn join(threads: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn every_span_leaves_once_and_no_room_stays_taken() {
    explore(|| {
        let (tracer, recorder) = tracer();
        let root = tracer.span("root").start();
        let threads = ["a", "b"].map(|name| {
            let root = root.handle();
            thread::spawn(move || {
                let child = root.child(name).start();
                child.set_tag("key", 1);
                drop(child.child("deeper").start());
                child.finish_with_ancestors();
            })
        });
        root.set_tag("key", 1);
        drop(root);
        join(threads);
        assert_eq!(names(&recorder.chunks()), ["a", "b", "deeper", "deeper", "root"]);
        assert_eq!(tracer.backing().unwrap().open_spans.get(Default::default).taken(), 0);
    });
}

#[test]
fn each_span_leaves_once_where_every_finish_flushes() {
    explore(|| {
        let (tracer, recorder) = tracer_with(Settings::new("users").with_partial_flush(Some(1)));
        let root = tracer.span("root").start();
        let threads = ["a", "b"].map(|name| {
            let root = root.handle();
            thread::spawn(move || {
                let child = root.child(name).start();
                drop(child.child("deeper").start());
            })
        });
        let flushing = {
            let (tracer, recorder) = (tracer.clone(), Arc::clone(&recorder));
            thread::spawn(move || {
                tracer.flush(Duration::ZERO);
                names(&recorder.chunks())
            })
        };
        drop(root);
        join(threads);
        let mut left = flushing.join().unwrap();
        left.extend(names(&recorder.chunks()));
        left.sort();
        assert_eq!(left, ["a", "b", "deeper", "deeper", "root"]);
        assert_eq!(tracer.backing().unwrap().open_spans.get(Default::default).taken(), 0);
    });
}

#[test]
fn a_span_that_many_threads_finish_is_finished_once() {
    explore(|| {
        let (tracer, recorder) = tracer();
        let span = tracer.span("root").start();
        let threads = [(); 2].map(|()| {
            let span = span.handle();
            thread::spawn(move || span.finish())
        });
        drop(span);
        join(threads);
        assert_eq!(names(&recorder.chunks()), ["root"]);
    });
}

#[test]
fn a_tag_is_there_or_counted_and_a_finished_span_does_not_change() {
    explore(|| {
        let (tracer, recorder) = tracer();
        let span = tracer.span("root").start();
        let tagging = {
            let span = span.handle();
            thread::spawn(move || span.set_tag("key", 1))
        };
        let reading = {
            let recorder = Arc::clone(&recorder);
            thread::spawn(move || {
                for chunk in recorder.chunks() {
                    let tags = || chunk.spans().map(|span| span.tags().count()).sum::<usize>();
                    let before = tags();
                    thread::yield_now();
                    assert_eq!(tags(), before);
                }
            })
        };
        let handle = span.handle();
        drop(span);
        join([tagging, reading]);
        let is_there = handle.tag("key").is_some();
        assert_eq!(recorder.misuses().len(), usize::from(!is_there));
    });
}

#[test]
fn the_decision_is_taken_once_and_one_by_hand_wins() {
    explore(|| {
        let (tracer, recorder) = tracer();
        let root = tracer.span("root").start();
        let injecting = [(); 2].map(|()| {
            let span = root.handle();
            thread::spawn(move || {
                span.inject(&mut Vec::new());
                let sampling = span.sampling();
                let by_hand = sampling.priority == Some(SamplingPriority::USER_DROP);
                let mechanism = sampling.mechanism.map(|mechanism| mechanism.to_u8());
                assert_eq!(mechanism, Some(if by_hand { 4 } else { 0 }), "never half of each");
            })
        });
        root.manual_drop();
        drop(root);
        join(injecting);
        assert!(recorder.decisions.load(std::sync::atomic::Ordering::SeqCst) <= 1);
        let chunks = recorder.chunks();
        assert_eq!(chunks[0].sampling_priority(), Some(SamplingPriority::USER_DROP));
        assert_eq!(chunks[0].trace_tags().get(TraceTags::DECISION_MAKER), Some("-4"));
    });
}

#[test]
fn spans_started_after_the_tags_were_set_have_them() {
    explore(|| {
        let (tracer, _recorder) = tracer();
        let root = tracer.span("root").start();
        let threads = ["a", "b"].map(|key| {
            let (tracer, root) = (tracer.clone(), root.handle());
            thread::spawn(move || {
                tracer.set_tags([(key, 1)]);
                let has_tag = |span: OwnedSpan| span.tag(key).is_some();
                assert!(has_tag(root.child("child").start()));
                assert!(has_tag(tracer.span("other root").child_of(Parent::Nothing).start()));
            })
        });
        join(threads);
        let last = root.child("last").start();
        assert!(["a", "b"].iter().all(|key| last.tag(key).is_some()));
    });
}

#[test]
fn a_child_has_the_baggage_from_before_or_after_a_write_and_keeps_it() {
    explore(|| {
        let (tracer, _recorder) = tracer();
        let root = tracer.span("root").start();
        let before = Baggage::from_iter([("a", "1")]);
        root.baggage().set("a", "1");
        let threads = [(); 2].map(|()| {
            let (root, before) = (root.handle(), before.clone());
            thread::spawn(move || {
                let child = root.child("child").start();
                let mut after = before.clone();
                after.set("b", "2");
                let seen = child.baggage().items();
                assert!(seen == before || seen == after, "{seen:?}");
                child.baggage().clear();
            })
        });
        root.baggage().set("b", "2");
        join(threads);
        assert_eq!(root.baggage().items().len(), 2);
    });
}

#[test]
fn the_last_owner_may_be_anyone() {
    explore(|| {
        let (tracer, recorder): (Tracer, Arc<Recorder>) = tracer();
        let root = tracer.span("root").start();
        let handle: Span = root.handle();
        let late = thread::spawn(move || drop(handle.child("late").start()));
        drop((root, tracer));
        join([late]);
        assert_eq!(names(&recorder.chunks()), ["late", "root"]);
    });
}
