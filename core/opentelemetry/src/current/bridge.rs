//! Attaches a context for each scope of packdog, and reads the current span from the contexts.

use std::{
    cell::{Cell, RefCell},
    panic::catch_unwind,
};

use opentelemetry::{
    Context, ContextGuard,
    baggage::BaggageExt,
    trace::{self, TraceContextExt},
};
use packdog_api::{
    Baggage,
    implementation::{ScopeBridge, Top},
};

use super::{Beside, span_of};
use crate::{Span, baggage, registry, w3c};

/// Makes the current span of packdog that of OpenTelemetry, and the other way round.
#[derive(Debug)]
pub(crate) struct Bridge;

thread_local! {
    static ENTERED: Entered = Entered::new();
}

/// The contexts that scopes of packdog attached on this thread.
///
/// Late in a thread's life the stack of contexts is gone, and looking at it would panic. This list
/// is made after it, and so it is destroyed before it: once the list is gone, there is only the
/// stack of packdog.
struct Entered {
    guards: RefCell<Vec<Option<ContextGuard>>>,
    /// The scopes that the stack of contexts had no room for.
    without_room: Cell<usize>,
    /// Whether the stack of contexts was gone already when the list was made.
    is_late: bool,
}

/// The number of a scope that attached nothing, because its span was current already.
const UNCHANGED: u32 = u32::MAX;
/// The number of a scope that the stack of contexts had no room for, or that a dying thread entered.
const WITHOUT_ROOM: u32 = u32::MAX - 1;

impl Entered {
    fn new() -> Self {
        let is_late = catch_unwind(|| Context::map_current(|_| ())).is_err();
        Self { guards: RefCell::default(), without_room: Cell::new(0), is_late }
    }

    fn enter(&self, span: &packdog_api::Span) -> u32 {
        if self.is_late {
            return WITHOUT_ROOM;
        }
        let Some(cx) = Context::map_current(|cx| context_of(span, cx)) else { return UNCHANGED };
        let id = cx.span().span_context().span_id();
        let guard = cx.attach();
        if Context::map_current(|cx| cx.span().span_context().span_id()) != id {
            self.without_room.set(self.without_room.get() + 1);
            return WITHOUT_ROOM;
        }
        let mut guards = self.guards.borrow_mut();
        guards.push(Some(guard));
        u32::try_from(guards.len() - 1).unwrap_or(UNCHANGED)
    }

    fn leave(&self, number: u32) {
        if number == WITHOUT_ROOM {
            return self.without_room.set(self.without_room.get().saturating_sub(1));
        }
        let left = {
            let mut guards = self.guards.borrow_mut();
            let left = guards.get_mut(number as usize).and_then(Option::take);
            while guards.last().is_some_and(Option::is_none) {
                guards.pop();
            }
            left
        };
        drop(left); // Drops spans and values of the application.
    }

    /// Whether the current span is that of packdog's own stack, whatever the contexts say.
    fn is_blind(&self) -> bool {
        self.is_late || self.without_room.get() > 0
    }
}

/// Looks at the current context; `None` if there is none on this thread any more, or if packdog's
/// own stack goes before it.
fn look<T>(top: &Top, look: impl FnOnce(&Context) -> T) -> Option<T> {
    if ENTERED.try_with(Entered::is_blind).unwrap_or(true) {
        return None;
    }
    Context::map_current(|cx| {
        let is_unseen = top.is_older && !cx.has_active_span();
        (!is_unseen).then(|| look(cx))
    })
}

/// Returns the context of a scope of `span` above `cx`; `None` if `cx` is that already.
fn context_of(span: &packdog_api::Span, cx: &Context) -> Option<Context> {
    if span.is_nothing() && !cx.has_active_span() {
        return None;
    }
    if !span.is_recording() {
        return Some(Beside::attach_to(cx, span));
    }
    let items = span.baggage().items();
    let ids = span.trace_id().zip(span.span_id());
    let current = cx.span();
    let current = current.span_context();
    if items.is_empty() && !current.is_remote() && w3c::ids(current) == ids {
        return None;
    }
    let view = Span::viewing(span.clone());
    if items.is_empty() {
        return Some(cx.with_span(view));
    }
    let theirs = baggage::to_theirs(&items);
    trace::Span::span_context(&view); // Lists the span.
    if let Some(id) = span.span_id() {
        registry::set_given(id, baggage::from_theirs(&theirs));
    }
    Some(cx.with_span(view).with_baggage(theirs))
}

impl ScopeBridge for Bridge {
    fn enter(&self, span: &packdog_api::Span) -> u32 {
        ENTERED.try_with(|entered| entered.enter(span)).unwrap_or(UNCHANGED)
    }

    fn leave(&self, number: u32) {
        if number != UNCHANGED {
            let _ = ENTERED.try_with(|entered| entered.leave(number)); // Fails in a dying thread.
        }
    }

    fn current(&self, top: Top) -> packdog_api::Span {
        look(&top, |cx| span_of(cx, Some(&top.span)).span).unwrap_or(top.span)
    }

    fn parent(&self, top: Top) -> (packdog_api::Span, Option<Baggage>) {
        let found = look(&top, |cx| {
            let found = span_of(cx, Some(&top.span));
            let baggage = found.changed_baggage(cx.baggage());
            (found.span, baggage)
        });
        found.unwrap_or_else(|| (top.span, None))
    }
}
