//! Wrong calls and calls at the wrong time: they neither panic nor leave anything half done.

use std::{
    borrow::Cow,
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::OnceLock,
    time::UNIX_EPOCH,
};

use super::limits::only;
use crate::{
    implementation::{Chunk, Settings},
    recorder::{recorded, tracer, tracer_with},
    *,
};

#[test]
fn empty_names_and_names_with_nul() {
    let (tracer, recorder) = tracer();
    for text in ["", "\0", "a\0b"] {
        let span = tracer.span(text).service(text).resource(text).tag(text, text).start();
        span.baggage().set(text, text);
        span.add_event(SpanEvent::new(text).with_attribute(text, text));
        let child = span.child(text).start();
        assert_eq!(child.baggage().get(text).as_deref(), Some(text));
        drop((child, span));
    }
    let names = recorded(&recorder).into_iter().map(|span| span.name).collect::<Vec<_>>();
    assert_eq!(names, ["", "", "\0", "\0", "a\0b", "a\0b"]);
}

#[test]
fn every_change_after_the_finish_is_counted_and_none_is_made() {
    let (tracer, recorder) = tracer();
    let before = Misuse::ChangeAfterFinish.count();
    let span = tracer.span("root").start();
    span.finish();
    span.set_tag("after", 1);
    span.set_tag("manual.drop", 1);
    span.manual_drop();
    span.set_is_error(true);
    span.add_event(SpanEvent::new("after"));
    span.finish();
    span.finish_with_ancestors();
    span.baggage().set("plan", "pro");
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let _span = span;
        panic!("through a span that has finished");
    }));
    assert_eq!(recorder.misuses(), [Misuse::ChangeAfterFinish; 5]);
    assert!(Misuse::ChangeAfterFinish.count() >= before + 5, "other tests count as well");
    let chunks = recorder.chunks();
    assert_eq!(chunks[0].sampling_priority(), Some(SamplingPriority::AUTO_KEEP));
    let sent = chunks[0].spans().next().unwrap();
    assert_eq!((sent.tags().count(), sent.is_error()), (0, false));
}

#[test]
fn texts_whose_conversion_uses_the_current_span() {
    struct Curious;

    impl From<Curious> for Cow<'static, str> {
        fn from(_: Curious) -> Self {
            current_span().set_tag("asked", true);
            "curious".into()
        }
    }

    let (tracer, recorder) = tracer();
    tracer.span("root").in_scope(|span| {
        span.set_operation_name(Curious);
        span.set_service(Curious);
        span.set_resource(Curious);
        span.set_type(Curious);
    });
    only(&recorder, |span| {
        let texts = [span.name(), span.service(), span.resource(), span.span_type()];
        assert_eq!(texts, ["curious"; 4]);
        assert_eq!(span.tag("asked"), Some(TagRef::from("true")));
    });
}

#[test]
fn writing_baggage_without_a_span_is_counted() {
    let (tracer, recorder) = tracer();
    let _scope = tracer.enter();
    let line = line!();
    current_span().baggage().set("plan", "pro");
    current_span().baggage().clear();
    assert_eq!(current_span().baggage().get("plan"), None);
    assert_eq!(recorder.misuses(), [Misuse::BaggageWithoutSpan; 2]);
    assert_eq!(recorder.lines_of_misuses(), [line + 1, line + 2]);
}

#[test]
fn a_span_that_another_thread_finishes() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("root").start();
    let child = root.child("child").start();
    std::thread::spawn(move || drop(root)).join().unwrap();
    std::thread::spawn(move || child.finish_with_ancestors()).join().unwrap();
    assert_eq!(recorder.names(), [["root", "child"]]);
}

#[test]
fn spans_from_the_beginning_of_time() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("root").start_at(UNIX_EPOCH).start();
    drop(root.child("child").start_at(UNIX_EPOCH).start());
    drop(root);
    let starts = |chunk: &Chunk| chunk.spans().map(|span| span.start()).collect::<Vec<_>>();
    assert_eq!(recorder.chunks().iter().map(starts).collect::<Vec<_>>(), [[0, 0]]);
}

#[test]
fn a_parent_that_has_left_before_its_child() {
    let (tracer, recorder) = tracer_with(Settings::new("users").with_partial_flush(Some(1)));
    let root = tracer.span("root").start();
    let parent = root.child("parent").service("pantry").start();
    let [same, other] = ["pantry", "cashier"].map(|name| parent.child(name).service(name).start());
    drop(parent);
    drop(recorder.chunks()); // Nothing refers to the parent any more.
    drop(other);
    same.finish_with_ancestors();
    let top_level = |chunk: &Chunk| {
        let span = chunk.spans().next().unwrap();
        (span.name().to_owned(), span.is_top_level())
    };
    let expected = [("cashier", true), ("pantry", false), ("root", true)];
    let expected = expected.map(|(name, is_top_level)| (name.to_owned(), is_top_level));
    assert_eq!(recorder.chunks().iter().map(top_level).collect::<Vec<_>>(), expected);
}

#[test]
fn recursion_of_ten_thousand_scopes() {
    fn descend(depth: usize) -> usize {
        let span = span("level").enter();
        let below = if depth == 1 { 0 } else { descend(depth - 1) };
        assert_eq!(current_span().span_id(), span.span_id());
        below + 1
    }

    let (tracer, recorder) = tracer();
    let descent = std::thread::Builder::new().stack_size(64 << 20).spawn(move || {
        let _scope = tracer.enter();
        descend(10_000)
    });
    assert_eq!(descent.unwrap().join().unwrap(), 10_000);
    assert_eq!(recorded(&recorder).len(), 10_000);
}

#[test]
fn a_panic_replaces_an_earlier_error_but_not_the_tags_of_a_panic_hook() {
    let (tracer, _recorder) = tracer();
    for (earlier, expected) in [("NoBread", None), ("panic", Some("earlier".into()))] {
        let span = tracer.span("root").start();
        let handle = span.handle();
        span.set_error_parts(earlier, "earlier", "earlier");
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let _span = span;
            panic!("no bread");
        }));
        assert!(outcome.is_err());
        assert_eq!(handle.tag("error.type"), Some("panic".into()));
        assert_eq!(
            ["error.message", "error.stack"].map(|key| handle.tag(key)),
            [expected.clone(), expected]
        );
    }
}

#[test]
fn spans_opened_in_a_destructor_during_unwinding_are_not_marked_by_the_panic() {
    struct Cleanup;

    impl Drop for Cleanup {
        fn drop(&mut self) {
            span("cleanup").in_scope(|span| span.child("deeper").in_scope(|_| ()));
        }
    }

    let (tracer, recorder) = tracer();
    let _scope = tracer.enter();
    let outcome = catch_unwind(|| {
        span("root").in_scope(|_| {
            let _cleanup = Cleanup;
            panic!("no bread")
        })
    });
    assert!(outcome.is_err());
    assert!(current_span().is_nothing());
    let errors = recorded(&recorder).into_iter().map(|span| (span.name, span.is_error));
    let expected = [("deeper", false), ("cleanup", false), ("root", true)];
    assert_eq!(errors.collect::<Vec<_>>(), expected.map(|(name, error)| (name.to_owned(), error)));
}

#[test]
fn spans_while_a_thread_loses_its_thread_locals() {
    /// Dropped with the thread-locals, before or after the stack of scopes.
    #[derive(Default)]
    struct Last {
        tracer: Tracer,
        guard: Option<crate::TracerScope>,
        span: OwnedSpan,
    }

    impl Drop for Last {
        fn drop(&mut self) {
            current_span().set_tag("late", true);
            self.tracer.span("late").in_scope(|span| {
                drop(span.child("below").start());
                drop(current_span().child("of the current one").start());
            });
            self.guard = None;
            self.span.set_tag("late", true);
        }
    }

    thread_local! {
        static BEFORE: RefCell<Last> = RefCell::default();
        static AFTER: RefCell<Last> = RefCell::default();
    }

    let (tracer, recorder) = tracer();
    let last = move |name: &'static str| Last {
        guard: Some(tracer.enter()),
        span: tracer.span(name).start(),
        tracer: tracer.clone(),
    };
    let thread = std::thread::spawn(move || {
        BEFORE.with_borrow_mut(|_| ()); // Before there is a stack of scopes.
        let first = last("first");
        BEFORE.with_borrow_mut(|before| *before = first);
        AFTER.with_borrow_mut(|after| *after = last("second"));
    });
    thread.join().unwrap();
    let names = recorded(&recorder).into_iter().map(|span| span.name).collect::<Vec<_>>();
    for name in ["first", "second", "late", "below"] {
        assert!(names.iter().any(|other| other == name), "{name} is missing in {names:?}");
    }
}

#[test]
fn a_span_that_is_static_or_leaked_stays_usable() {
    static FOREVER: OnceLock<OwnedSpan> = OnceLock::new();

    let (tracer, recorder) = tracer();
    let forever = FOREVER.get_or_init(|| tracer.span("forever").start());
    let leaked: &'static OwnedSpan = Box::leak(Box::new(forever.child("leaked").start()));
    for _ in 0..MAX_WATCHED_SPANS {
        drop(leaked.child("child").start());
    }
    let sent = recorded(&recorder).len();
    assert!((MAX_WATCHED_SPANS - 2..=MAX_WATCHED_SPANS).contains(&sent), "{sent} have left");
    leaked.finish_with_ancestors();
    assert!(recorded(&recorder).iter().any(|span| span.name == "forever"));
}
