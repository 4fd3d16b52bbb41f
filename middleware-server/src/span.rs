//! The span of one request, from its head to the end of its answer.
//!
//! ```text
//! open ─▶ Head ─answer─▶ Body ─last frame─▶ close
//!           └──────────────┴─ error, panic, or dropped: the client hung up
//! ```
//! It travels from the service to the future to the body; whoever drops it closes it.

use std::{
    any::Any,
    fmt::Display,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    thread,
};

use bytes::Buf;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use packdog::{
    OwnedSpan, SpanKind, Tracer,
    http::{StatusRanges, server},
    tags,
};

use crate::{
    error,
    layer::Config,
    route::{self, RequestSpan},
};

/// The component of a request that no axum route was seen of.
const TOWER: &str = "tower";

/// An open request span. Dropping it finishes it.
#[derive(Debug)]
pub(crate) struct ServerSpan {
    span: OwnedSpan,
    method: Method,
    stage: Stage,
}

/// How far the exchange has come: what dropping the span means.
#[derive(Debug)]
enum Stage {
    /// There is no answer yet.
    Head,
    /// The body is on its way.
    Body {
        /// How much of the declared length is still to come. At zero the body is complete, even
        /// if nobody polls for its end.
        remaining: Option<u64>,
    },
    /// All was said.
    Over,
}

/// Calls `f` while the span is current. A panic is recorded, ends the span, and unwinds on.
pub(crate) fn in_span<T>(span: &mut Option<ServerSpan>, f: impl FnOnce() -> T) -> T {
    let Some(open) = span else { return f() };
    let outcome = {
        let _entered = open.span.enter();
        // Nothing that `f` may have left half done is used again: the panic goes on.
        catch_unwind(AssertUnwindSafe(f))
    };
    outcome.unwrap_or_else(|payload| {
        if let Some(span) = span.take() {
            span.panic(&*payload);
        }
        resume_unwind(payload)
    })
}

impl ServerSpan {
    /// Opens the span of a request, and leaves word of it in the request's extensions.
    ///
    /// `None` if nothing is traced, or if an outer layer traces this request already.
    pub(crate) fn open<B>(config: &Config, request: &mut Request<B>) -> Option<Self> {
        if route::tell_outer(request.extensions()) {
            return None;
        }
        let tracer = config.tracer();
        if !tracer.is_enabled() {
            return None;
        }
        let span = start(config, &tracer, request);
        let outer = RequestSpan::new(&span, server::method(request.method()));
        outer.learn_route(request.extensions());
        request.extensions_mut().insert(outer);
        Some(Self { span, method: request.method().clone(), stage: Stage::Head })
    }

    /// Records the head of the answer; `None` if there is nothing behind it.
    pub(crate) fn answer<B: Body>(mut self, response: &Response<B>) -> Option<Self> {
        let status = response.status();
        self.record_status(status);
        let body = response.body();
        if server::ends_with_head(&self.method, status) || body.is_end_stream() {
            self.close();
            return None;
        }
        let declared = content_length(response.headers()).or_else(|| body.size_hint().exact());
        self.stage = Stage::Body { remaining: declared };
        Some(self)
    }

    /// Counts a frame of the body; `None` after trailers, which are the last frame.
    pub(crate) fn pass<D: Buf>(mut self, frame: &Frame<D>) -> Option<Self> {
        let Some(data) = frame.data_ref() else {
            self.close();
            return None;
        };
        if let Stage::Body { remaining: Some(remaining) } = &mut self.stage {
            let length = u64::try_from(data.remaining()).unwrap_or(u64::MAX);
            *remaining = remaining.saturating_sub(length);
        }
        Some(self)
    }

    /// The service failed instead of answering: the client gets a 500 at best.
    pub(crate) fn fail_in_head<E: Display + 'static>(self, error: &E) {
        self.tag_status(StatusCode::INTERNAL_SERVER_ERROR);
        self.fail_in_body(error);
    }

    /// The body failed after the head had left: the status stays.
    pub(crate) fn fail_in_body<E: Display + 'static>(self, error: &E) {
        error::record(&self.span, error);
        self.close();
    }

    /// Ends the span: the exchange is complete.
    pub(crate) fn close(mut self) {
        self.stage = Stage::Over;
    }

    fn panic(self, payload: &(dyn Any + Send)) {
        if matches!(self.stage, Stage::Head) {
            self.tag_status(StatusCode::INTERNAL_SERVER_ERROR);
        }
        error::record_panic(&self.span, payload);
        self.close();
    }

    fn record_status(&self, status: StatusCode) {
        self.tag_status(status);
        if status == StatusCode::NOT_FOUND && !route::is_known(&self.span) {
            let method = server::method(&self.method);
            self.span.set_resource(server::resource_without_route(method, Some(status)));
        }
        if StatusRanges::SERVER_ERRORS.contains(status) {
            error::record_status(&self.span, status);
        }
    }

    fn tag_status(&self, status: StatusCode) {
        self.span.set_tag(tags::http::STATUS_CODE, status.as_str());
    }
}

impl Drop for ServerSpan {
    fn drop(&mut self) {
        let cancelled_in = match self.stage {
            Stage::Head => "head",
            Stage::Body { remaining: Some(0) } | Stage::Over => return,
            Stage::Body { .. } => "body",
        };
        // A panic around us is no client that hung up; the owned span tells of it.
        if !thread::panicking() {
            self.span.set_tag(tags::http::CANCELLED, true);
            self.span.set_tag(tags::http::CANCELLED_IN, cancelled_in);
        }
    }
}

fn start<B>(config: &Config, tracer: &Tracer, request: &Request<B>) -> OwnedSpan {
    let headers = request.headers();
    let method = server::method(request.method());
    let uri = route::original_uri(request.extensions()).unwrap_or(request.uri());
    let mut builder = tracer
        .span(config.operation_name.clone())
        .child_of(tracer.extract(headers))
        .span_type("web")
        .resource(server::resource_without_route(method, None))
        .kind(SpanKind::Server)
        .tag(tags::COMPONENT, TOWER)
        .tag(tags::http::METHOD, method)
        .tag(tags::http::URL, server::request_url(uri, headers))
        .tag(tags::internal::MEASURED, 1);
    if let Some(service) = &config.service {
        builder = builder.service(service.clone());
    }
    if let Some(agent) = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()) {
        builder = builder.tag(tags::http::USER_AGENT, agent);
    }
    builder.start()
}

/// The declared length of the body.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
