//! Connections that go on after their handshake, such as WebSockets.
//!
//! The span of the handshake ends with its response, `101 Switching Protocols`. Later messages on
//! the connection have traces of their own, which link back to it.

use std::{borrow::Cow, fmt};

use packdog::{
    Baggage, Span, Tracer,
    span::{SpanBuilder, SpanContext, SpanLink},
};

/// The handshake of a connection, to which the spans of its messages link.
///
/// ```
/// use packdog::InSpanExt;
/// use packdog_server::Handshake;
///
/// async fn serve_socket(handshake: Handshake, messages: Vec<String>) {
///     for message in messages {
///         reply(&message).in_span(handshake.message_span("websocket.receive")).await;
///     }
/// }
/// # async fn reply(_: &str) {}
/// # drop(serve_socket(Handshake::current(), Vec::new()));
/// ```
#[derive(Clone)]
pub struct Handshake {
    tracer: Option<Tracer>,
    link: Option<SpanLink>,
    baggage: Baggage,
}

/// Without the baggage, which may be private.
impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.link.as_ref().map(|link| (link.trace_id(), link.span_id()));
        f.debug_struct("Handshake").field("ids", &ids).finish_non_exhaustive()
    }
}

impl Handshake {
    /// The request whose span is current, with its baggage as it is now. Usually taken in the
    /// handler, where it is also an extractor of axum, and then moved into the task that serves
    /// the connection.
    pub fn current() -> Self {
        Self::of(&packdog::current_span(), None)
    }

    pub(crate) fn of(span: &Span, tracer: Option<Tracer>) -> Self {
        // An ignored handshake has no span to be found.
        let link = span.is_recording().then(|| SpanLink::to(&span.context())).flatten();
        Self { tracer, link, baggage: span.baggage().items() }
    }

    /// Returns a builder for the span of a message, which begins a trace with a link to the
    /// handshake and with the handshake's baggage.
    pub fn message_span(&self, name: impl Into<Cow<'static, str>>) -> SpanBuilder {
        let mut context = SpanContext::new().with_baggage(self.baggage.clone());
        if let Some(link) = &self.link {
            context = context.with_link(link.clone());
        }
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::current);
        tracer.span(name).child_of(context)
    }
}
