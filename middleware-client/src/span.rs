//! The span of one call, as the tower layer and the reqwest middleware share it.
//!
//! ```text
//! ClientTracing ──open──▶ ClientSpan ──inject──▶ request
//!                             │ enter, in each poll
//!                             ▼
//!             status or error is recorded ──▶ close
//! ```
//! Whoever drops a [`ClientSpan`] that was not closed has given the call up.

use std::error::Error;

use http::{HeaderMap, Method, StatusCode};
use packdog::{
    OwnedSpan, SpanKind, SpanScope, Tracer, current_span,
    http::client::{self, Destination},
    tags,
};

/// How the calls of one client are traced.
#[derive(Clone, Debug)]
pub(crate) struct ClientTracing {
    component: &'static str,
    /// `None` looks for one at each call: the application may install it later.
    tracer: Option<Tracer>,
}

impl ClientTracing {
    /// Keeps the tracer of the scope in which the client is built.
    pub(crate) fn new(component: &'static str) -> Self {
        Self { component, tracer: Some(Tracer::current()).filter(Tracer::is_enabled) }
    }

    pub(crate) fn with_tracer(self, tracer: Tracer) -> Self {
        Self { tracer: Some(tracer), ..self }
    }

    /// Opens the span of a call below the current span. `None` leaves the call alone: it goes to
    /// the Datadog Agent, or there is nothing to trace it with.
    pub(crate) fn open(
        &self,
        method: &Method,
        destination: &Destination<'_>,
        headers: &HeaderMap,
    ) -> Option<ClientSpan> {
        let parent = current_span();
        let tracer = self.tracer.clone().unwrap_or_else(Tracer::current);
        let is_traced = tracer.is_enabled() || !parent.is_nothing();
        if !is_traced || client::is_agent_call(headers) {
            return None;
        }
        let mut span = tracer
            .span(client::OPERATION)
            .child_of(parent)
            .resource(method.as_str().to_owned())
            .span_type(client::SPAN_TYPE)
            .kind(SpanKind::Client)
            .tag(tags::COMPONENT, self.component)
            .tag(tags::http::METHOD, method.as_str())
            .tag(tags::http::URL, destination.url());
        if let Some(host) = destination.host() {
            span = span.tag(tags::network::OUT_HOST, host);
        }
        if let Some(port) = destination.port() {
            span = span.tag(tags::network::DESTINATION_PORT, port);
        }
        Some(ClientSpan { span: span.start(), is_closed: false })
    }
}

/// An open client span. Below an ignored span it records nothing and only passes on.
#[derive(Debug)]
#[must_use = "dropping it says that the call was given up"]
pub(crate) struct ClientSpan {
    span: OwnedSpan,
    is_closed: bool,
}

impl ClientSpan {
    /// A handle, for futures that carry the span.
    #[cfg(feature = "reqwest")]
    pub(crate) fn handle(&self) -> packdog::Span {
        self.span.handle()
    }

    pub(crate) fn enter(&self) -> SpanScope {
        self.span.enter()
    }

    pub(crate) fn inject(&self, headers: &mut HeaderMap) {
        self.span.inject(headers);
    }

    pub(crate) fn record_status(&self, status: StatusCode) {
        self.span.set_tag(tags::http::STATUS_CODE, status.as_str());
        if client::is_error(status) {
            self.span.set_is_error(true);
        }
    }

    /// `type_name` is that of the error; `None` if it was lost in a box.
    pub(crate) fn record_error(&self, error: &dyn Error, type_name: Option<&'static str>) {
        self.span.set_error(error);
        match type_name {
            Some(name) => self.span.set_tag(tags::error::TYPE, name),
            None => self.span.remove_tag(tags::error::TYPE),
        }
    }

    pub(crate) fn close(mut self) {
        self.is_closed = true;
    }
}

impl Drop for ClientSpan {
    fn drop(&mut self) {
        if !self.is_closed {
            self.span.set_tag(tags::http::CANCELLED, true);
            self.span.set_tag(tags::http::CANCELLED_IN, "head");
        }
    }
}
