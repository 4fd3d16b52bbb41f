//! The span of packdog that a context stands for.

use opentelemetry::{
    Context,
    baggage::{Baggage as Theirs, BaggageExt},
    trace::TraceContextExt,
};
use packdog_api::{Baggage, Span, SpanContext};

use super::Beside;
use crate::{baggage, registry, w3c};

/// The span that a context stands for, and the data for finding changes of its baggage.
pub(crate) struct Found {
    pub(crate) span: Span,
    origin: Origin,
}

/// The place where the span was found.
enum Origin {
    /// The context has baggage alone, or nothing.
    Context,
    /// The context has the ids of a span that is not known here.
    Ids,
    /// The context has a handle, and was given this baggage with it.
    Beside(Baggage),
    /// It is a span of this process, whose contexts may have been given baggage.
    Local,
    /// It is one whose contexts were given no baggage.
    LocalWithout,
}

/// Returns the span of a context, where `top` is that of the innermost scope of packdog.
pub(crate) fn span_of(cx: &Context, top: Option<&Span>) -> Found {
    if !cx.has_active_span() {
        return baggage_alone(cx);
    }
    let context = cx.span();
    let context = context.span_context();
    let ids = w3c::ids(context);
    if let Some(top) = top
        && top.is_recording()
        && !context.is_remote()
        && top.trace_id().zip(top.span_id()) == ids
    {
        return Found { span: top.clone(), origin: Origin::Local };
    }
    if let Some(Beside { span, given }) = Beside::of(cx) {
        return Found { span: span.clone(), origin: Origin::Beside(given.clone()) };
    }
    let Some((trace_id, span_id)) = ids else { return baggage_alone(cx) };
    // A remote span may have the ids of a local one, when a process calls itself.
    if !context.is_remote()
        && let Some((span, has_given)) = registry::find(trace_id, span_id)
    {
        let origin = if has_given { Origin::Local } else { Origin::LocalWithout };
        return Found { span, origin };
    }
    Found { span: Span::continuing(w3c::remote(context)), origin: Origin::Ids }
}

/// Returns a span that only passes on the baggage of a context; nothing if there is none.
fn baggage_alone(cx: &Context) -> Found {
    let theirs = cx.baggage();
    let span = if theirs.is_empty() {
        Span::nothing()
    } else {
        let baggage = baggage::from_theirs(theirs);
        Span::continuing(SpanContext::new().with_baggage(baggage))
    };
    Found { span, origin: Origin::Context }
}

impl Found {
    /// Returns the baggage of a span that starts below a context with the baggage `theirs`, or of
    /// headers that are injected from it, if it is not that of the found span.
    pub(crate) fn changed_baggage(&self, theirs: &Theirs) -> Option<Baggage> {
        let items = || self.span.baggage().items();
        match &self.origin {
            Origin::Context => None,
            Origin::Ids if theirs.is_empty() => None,
            Origin::Ids => Some(baggage::from_theirs(theirs)),
            Origin::Beside(given) if theirs.is_empty() && given.is_empty() => None,
            Origin::Beside(given) => baggage::changed(&items(), given, theirs),
            Origin::LocalWithout if theirs.is_empty() => None,
            Origin::Local if theirs.is_empty() && !self.span.has_baggage() => None,
            Origin::Local | Origin::LocalWithout => {
                let given = self.span.span_id().map(registry::given).unwrap_or_default();
                baggage::changed(&items(), &given, theirs)
            }
        }
    }
}
