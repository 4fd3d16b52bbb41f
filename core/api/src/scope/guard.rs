//! Guards of scopes, which stay on their thread and leave the scope when dropped.

use std::{fmt, marker::PhantomData};

use super::current::{Scope, pop, push, push_within, with_top};
use crate::{
    awake::{is_bridged, is_dormant},
    recording::{Span, Tracer},
};

/// The name that the compiler prints when a guard is held across an `.await`.
#[expect(non_camel_case_types, reason = "read as a sentence in the compiler's message")]
struct a_guard_held_across_await__use_in_span_instead;

/// Keeps a span current on this thread until dropped; made by [`Span::enter`].
///
/// It is not `Send`, so that a spawned future that holds it across an `.await` does not compile:
/// the task could continue on another thread, while the span stayed current on this one.
/// Asynchronous code uses [`.in_span(span)`](super::InSpanExt::in_span) instead.
///
/// In an axum handler the compiler only reports that `Handler` is not implemented;
/// `#[axum::debug_handler]` shows the reason. `block_on` and `spawn_local` accept a guard across an
/// `.await`; to find these, add to `clippy.toml`:
///
/// ```toml
/// await-holding-invalid-types = ["packdog::scope::SpanScope", "packdog::scope::EnteredSpan"]
/// ```
#[must_use = "the span is current only while the guard lives"]
pub struct SpanScope {
    place: Option<usize>,
    _stays_on_its_thread: PhantomData<*const a_guard_held_across_await__use_in_span_instead>,
}

impl SpanScope {
    /// The tracer of the surrounding scope stays current.
    #[inline]
    pub(crate) fn enter(span: Span) -> Self {
        if is_dormant() {
            return Self::of(None); // Without a tracer there has never been a span.
        }
        if span.is_nothing() {
            let tracer = with_top(|around| around.tracer.clone()).flatten();
            return Self::enter_with(span, tracer);
        }
        Self::of(push_within(span))
    }

    /// A scope of a span with its tracer, as futures carry them.
    pub(super) fn enter_with(span: Span, tracer: Option<Tracer>) -> Self {
        let is_empty = span.is_nothing() && tracer.is_none();
        if is_empty && with_top(|_| ()).is_none() && !is_bridged() {
            return Self::of(None); // Nothing is current already.
        }
        Self::of(push(Scope::new(span, tracer)))
    }

    fn of(place: Option<usize>) -> Self {
        Self { place, _stays_on_its_thread: PhantomData }
    }
}

impl Drop for SpanScope {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            pop(place);
        }
    }
}

/// Keeps a tracer current on this thread until dropped; made by [`Tracer::enter`].
///
/// Spans that begin a trace on this thread, and in futures carried from here, use this tracer
/// instead of the installed one. The current span stays as it is.
#[must_use = "the tracer is current only while the guard lives"]
pub struct TracerScope(#[expect(dead_code, reason = "dropped with this")] SpanScope);

impl TracerScope {
    pub(crate) fn enter(tracer: Tracer) -> Self {
        let around = with_top(Scope::clone).unwrap_or_default();
        // The current span stays, so there is nothing to enter in another API.
        Self(SpanScope::of(push(Scope { tracer: Some(tracer), shared: None, ..around })))
    }
}

impl Span {
    /// Makes the span current on this thread until the returned guard is dropped.
    ///
    /// The guard cannot be held across an `.await`; asynchronous code uses
    /// [`.in_span(span)`](crate::InSpanExt::in_span).
    #[inline]
    pub fn enter(&self) -> SpanScope {
        SpanScope::enter(self.clone())
    }

    /// Calls `f` while the span is current.
    ///
    /// `f` takes no argument, since the caller has the span already; that of
    /// [`SpanBuilder::in_scope`](crate::SpanBuilder::in_scope) takes the span that it starts.
    pub fn in_scope<T>(&self, f: impl FnOnce() -> T) -> T {
        let _scope = self.enter();
        f()
    }
}

impl fmt::Debug for SpanScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpanScope")
    }
}

impl fmt::Debug for TracerScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TracerScope")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recorder::tracer,
        scope::{current_ids, current_span},
        values::SpanContext,
    };

    fn span_with(plan: &str) -> Span {
        Span::passing(SpanContext::new().with_baggage([("plan", plan)].into_iter().collect()))
    }

    fn plan() -> Option<String> {
        current_span().baggage().get("plan")
    }

    #[test]
    fn guards_dropped_out_of_order_leave_the_current_span_alone() {
        let _tracer = tracer().0.enter();
        let outer = span_with("outer").enter();
        let inner = span_with("inner").enter();
        drop(outer);
        assert_eq!(plan().as_deref(), Some("inner"));
        drop(inner);
        assert_eq!(plan(), None);
    }

    #[test]
    fn the_ids_are_those_of_the_current_span_after_each_change_of_scope() {
        let (tracer, _recorder) = tracer();
        let look = || {
            let span = current_span();
            assert_eq!(current_ids(), span.trace_id().zip(span.span_id()));
            current_ids()
        };
        assert_eq!(look(), None);
        let (outer, inner) = (tracer.span("outer").start(), tracer.span("inner").start());
        let [of_outer, of_inner] = [&outer, &inner].map(|span| span.trace_id().zip(span.span_id()));
        let outer_scope = outer.enter();
        assert_eq!(look(), of_outer);
        let tracer_scope = tracer.enter();
        assert_eq!(look(), of_outer);
        let inner_scope = inner.enter();
        assert_eq!(look(), of_inner);
        Span::nothing().in_scope(|| assert_eq!(look(), None));
        drop(outer_scope);
        assert_eq!(look(), of_inner);
        drop(inner_scope);
        assert_eq!(look(), of_outer, "the tracer's scope has the span around it");
        drop(tracer_scope);
        assert_eq!(look(), None);
    }

    #[test]
    fn ten_thousand_scopes_nest() {
        let _tracer = tracer().0.enter();
        let guards = (0..10_000).map(|n| span_with(&n.to_string()).enter()).collect::<Vec<_>>();
        assert_eq!(plan().as_deref(), Some("9999"));
        drop(guards); // In the order in which they were entered: the worst one.
        assert_eq!(plan(), None);
    }

    #[test]
    fn a_span_that_is_nothing_hides_the_one_around_it() {
        let _tracer = tracer().0.enter();
        let _outer = span_with("outer").enter();
        Span::nothing().in_scope(|| assert_eq!(plan(), None));
        assert_eq!(plan().as_deref(), Some("outer"));
    }
}
