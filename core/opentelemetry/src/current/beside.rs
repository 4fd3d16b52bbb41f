//! The handle of a span that records nothing, as a value in a context beside its span context.

use opentelemetry::{Context, trace::TraceContextExt};
use packdog_api::{Baggage, Span};

use crate::{baggage, w3c};

/// A span that records nothing, which cannot be found by its ids: they are those of a remote span.
///
/// It counts as long as the span context beside it has the same ids.
#[derive(Clone, Debug)]
pub(crate) struct Beside {
    pub(crate) span: Span,
    /// The baggage that the context was given with it.
    pub(crate) given: Baggage,
}

impl Beside {
    /// Returns the handle in a context, if its ids are those of the context's span.
    pub(crate) fn of(cx: &Context) -> Option<&Self> {
        let beside = cx.get::<Self>()?;
        let ids = beside.span.trace_id().zip(beside.span.span_id());
        (!beside.span.is_nothing() && ids == w3c::ids(cx.span().span_context())).then_some(beside)
    }

    /// Returns `cx` with a span that records nothing, and with its baggage if it has any.
    pub(crate) fn attach_to(cx: &Context, span: &Span) -> Context {
        let items = span.baggage().items();
        let mut cx = cx.with_remote_span_context(w3c::context_of(span));
        let mut given = Baggage::new();
        if !items.is_empty() {
            let theirs = baggage::to_theirs(&items);
            given = baggage::from_theirs(&theirs);
            cx = opentelemetry::baggage::BaggageExt::with_baggage(&cx, theirs);
        }
        if span.is_nothing() && cx.get::<Self>().is_none() {
            return cx; // Nothing has to be hidden.
        }
        cx.with_value(Self { span: span.clone(), given })
    }
}
