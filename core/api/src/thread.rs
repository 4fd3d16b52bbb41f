//! Threads that carry the current span. By default, a new thread has no current span.
//!
//! [`spawn`] replaces [`std::thread::spawn`]; [`carry`] wraps a closure for scoped threads, thread
//! pools and anything else that runs closures elsewhere. Both carry a handle to the span, with its
//! baggage and the tracer of the scope. The span still finishes with its owner, and spans started
//! after that are sent separately. For threads that run much longer than the span, use
//! [`spawn_linked`].
//!
//! ```
//! # use packdog_api as packdog;
//! use packdog::{span, thread};
//!
//! span("sandwich.make").in_scope(|_| {
//!     let slicer = thread::spawn(|| span("bread.slice").in_scope(|_| 12));
//!     std::thread::scope(|threads| {
//!         threads.spawn(thread::carry(|| span("tomato.slice").in_scope(|_| 6)));
//!     });
//!     assert_eq!(slicer.join().unwrap(), 12);
//! });
//! ```

use std::thread::JoinHandle;

use crate::{
    scope::{CarriedScope, CarriedSpan, current_span},
    tracer::SpanBuilder,
};

/// Calls [`std::thread::spawn`] and makes the current span current in the new thread.
///
/// # Panics
/// Panics if the operating system cannot create a thread, as `std::thread::spawn` does.
pub fn spawn<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    std::thread::spawn(carry(f))
}

/// Calls [`std::thread::spawn`] with a span that begins a new trace, with a link to the current
/// span and with its baggage.
///
/// The span is started by this call and finishes with `f`.
///
/// # Panics
/// Panics if the operating system cannot create a thread, as `std::thread::spawn` does.
pub fn spawn_linked<F, T>(span: SpanBuilder, f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    std::thread::spawn(carry_in(span.linked_to(&current_span()), f))
}

/// Wraps a closure so that the current span is also current while the closure runs.
pub fn carry<T>(f: impl FnOnce() -> T) -> impl FnOnce() -> T {
    carry_in(current_span(), f)
}

fn carry_in<T>(span: impl Into<CarriedSpan>, f: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let mut work = Work { f: Some(f), carried: CarriedScope::new(span) };
    move || work.run()
}

/// A closure with a span, which is also current while the closure is dropped without a call.
struct Work<F> {
    f: Option<F>,
    carried: CarriedScope,
}

impl<F> Work<F> {
    #[expect(clippy::unreachable, reason = "a closure is called once")]
    fn run<T>(&mut self) -> T
    where
        F: FnOnce() -> T,
    {
        let _scope = self.carried.enter();
        match self.f.take() {
            Some(f) => f(),
            None => unreachable!("`carry` hands the closure out once"),
        }
    }
}

impl<F> Drop for Work<F> {
    fn drop(&mut self) {
        if self.f.is_some() {
            let _scope = self.carried.enter();
            self.f = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recorder::{recorded, tracer},
        recording::Tracer,
        span,
    };

    #[test]
    fn a_thread_has_the_span_the_baggage_and_the_tracer() {
        let (tracer, recorder) = tracer();
        let _scope = tracer.enter();
        span("root").in_scope(|root| {
            root.baggage().set("plan", "pro");
            let plan = spawn(|| {
                drop(span("child").start());
                drop(Tracer::current().span("new trace").child_of(crate::Parent::Nothing).start());
                current_span().baggage().get("plan")
            });
            assert_eq!(plan.join().unwrap().as_deref(), Some("pro"));
        });
        assert_eq!(recorder.names(), [vec!["new trace"], vec!["root", "child"]]);
    }

    #[test]
    fn a_linked_thread_begins_a_trace_with_a_link_and_the_baggage() {
        let (tracer, recorder) = tracer();
        let root = tracer.span("root").start();
        root.baggage().set("plan", "pro");
        let look = || (current_span().span_id(), current_span().baggage().get("plan"));
        let (id, plan) = root.in_scope(|| spawn_linked(span("linked"), look).join().unwrap());
        assert_eq!(plan.as_deref(), Some("pro"));
        let linked = &recorded(&recorder)[0];
        assert_eq!(Some(linked.span_id), id);
        assert_ne!(Some(linked.trace_id), root.trace_id());
        let [link] = linked.links.as_slice() else { panic!("{:?}", linked.links) };
        assert_eq!(
            (Some(link.trace_id()), Some(link.span_id())),
            (root.trace_id(), root.span_id())
        );
    }

    #[test]
    fn spans_below_an_ignored_request_are_ignored_also_in_a_trace_of_their_own() {
        let (tracer, recorder) = tracer();
        let _scope = tracer.enter();
        let ignored = crate::Span::ignored(crate::SpanContext::new());
        ignored.in_scope(|| spawn_linked(span("linked"), || ()).join().unwrap());
        assert_eq!(recorder.names().len(), 0);
    }

    #[test]
    fn a_thread_without_a_span_around_it_has_none() {
        assert!(spawn(|| current_span().is_nothing()).join().unwrap());
    }

    #[test]
    fn the_span_is_current_while_a_closure_is_dropped_that_was_never_called() {
        struct Tagging;

        impl Drop for Tagging {
            fn drop(&mut self) {
                current_span().set_tag("dropped inside", true);
            }
        }

        let (tracer, _recorder) = tracer();
        let root = tracer.span("root").start();
        let captured = Tagging;
        drop(root.in_scope(|| carry(move || drop(captured))));
        assert_eq!(root.tag("dropped inside"), Some("true".into()));
    }
}
