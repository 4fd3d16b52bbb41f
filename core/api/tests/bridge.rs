//! Another API that shares the current span: this test is a program of its own, because a bridge is
//! set for the whole process.

#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::{
    cell::RefCell,
    sync::{Arc, Mutex},
};

use packdog_api::{
    Baggage, InSpanExt, Span, SpanContext, current_ids, current_span,
    implementation::{
        Chunk, Recorder, ScopeBridge, Settings, Top, TraceStart, TracerParts, set_scope_bridge,
    },
    span,
};

thread_local! {
    /// The stack of the other API: names, with a number for each scope.
    static STACK: RefCell<Vec<(u32, Span)>> = const { RefCell::new(Vec::new()) };
}

#[derive(Debug)]
struct Other;

impl ScopeBridge for Other {
    fn enter(&self, span: &Span) -> u32 {
        STACK.with_borrow_mut(|stack| {
            let number = stack.last().map_or(0, |(number, _)| number + 1);
            stack.push((number, span.clone()));
            number
        })
    }

    fn leave(&self, number: u32) {
        STACK.with_borrow_mut(|stack| stack.retain(|(other, _)| *other != number));
    }

    fn current(&self, top: Top) -> Span {
        let span = STACK.with_borrow(|stack| stack.last().map(|(_, span)| span.clone()));
        span.unwrap_or(if top.is_older { top.span } else { Span::nothing() })
    }

    fn parent(&self, top: Top) -> (Span, Option<Baggage>) {
        let baggage = [("from", "the other")].into_iter().collect();
        (self.current(top), Some(baggage))
    }
}

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Chunk>>);

impl Recorder for Kept {
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::new(Settings::new("bakery"))))
    }

    fn collect(&self, chunk: Chunk) {
        self.0.lock().unwrap().push(chunk);
    }
}

#[test]
fn scopes_are_entered_in_the_other_api_which_knows_the_current_span() {
    let tracer = TracerParts::new(Arc::new(Kept::default())).build();
    let _tracer = tracer.enter();
    let older = span("older").start();
    let entered_before = older.enter();
    assert!(set_scope_bridge(Other));
    assert!(!set_scope_bridge(Other), "there is one already");
    assert_eq!(current_span().span_id(), older.span_id());

    // The other API's own scope goes before ours.
    let theirs = span("theirs").start();
    let number = Other.enter(&theirs);
    assert_eq!(current_span().span_id(), theirs.span_id());
    assert_eq!(current_ids().map(|(_, id)| id), theirs.span_id());
    let child = span("child").start();
    assert_eq!(child.baggage().get("from").as_deref(), Some("the other"));
    assert_eq!(child.root().span_id(), theirs.root().span_id());
    assert_eq!(span("explicit").child_of(&older).start().baggage().get("from"), None);

    let inner = span("inner").start();
    inner.in_scope(|| {
        assert_eq!(current_span().span_id(), inner.span_id());
        let _tracer = tracer.enter(); // It leaves the current span alone.
        assert_eq!(current_span().span_id(), inner.span_id());
        Span::nothing().in_scope(|| assert!(current_span().is_nothing()));
    });
    let future = std::pin::pin!(
        async { assert_eq!(current_span().span_id(), inner.span_id()) }.in_span(&*inner)
    );
    let mut waker = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.poll(&mut waker).is_ready());
    assert_eq!(current_span().span_id(), theirs.span_id());
    Other.leave(number);
    assert_eq!(current_span().span_id(), older.span_id());
    drop(entered_before);
    assert!(current_span().is_nothing());
    assert_eq!(STACK.with_borrow(Vec::len), 0, "all scopes were left");
}
