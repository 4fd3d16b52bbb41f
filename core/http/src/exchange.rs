//! One exchange with its span, from the head of the request to the end of the response.
//!
//! ```text
//! new ─▶ Head ─on_response─▶ Body ─on_frame*─ on_end ─▶ Over
//!          └───────────────────┴─ on_error, on_panic ────▶ Over
//!          └───────────────────┴─ dropped: cancelled in head, or in body
//! ```
//! The exchange travels from the service to the future to the body. Dropping it finishes the span.

use std::{
    any::Any,
    error::Error,
    fmt::{self, Display},
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    thread,
};

use bytes::Buf;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body, Frame};
use packdog::{OwnedSpan, Span, http::HttpConfig, internal::caught, tags};

use crate::{
    Side, error, grpc,
    progress::BodyProgress,
    request,
    status::{self, Failure, Verdict},
};

/// An exchange whose span is open. Dropping it finishes the span, as that of a cancelled exchange
/// if the end was not recorded before.
#[must_use = "dropping it cancels the exchange"]
pub struct Exchange<S: Side> {
    span: OwnedSpan,
    http: Arc<HttpConfig>,
    /// As it is tagged. An exchange is moved from the service to the future to the body, so it is
    /// kept small.
    method: &'static str,
    is_grpc: bool,
    side: S,
    stage: Stage<S::AtEnd>,
}

/// The next frame of a body, its error or its end.
type NextFrame<B> = Option<Result<Frame<<B as Body>::Data>, <B as Body>::Error>>;

/// The stage of the exchange, which decides how a drop is recorded.
enum Stage<E> {
    /// There is no response yet.
    Head,
    /// The body is on its way.
    Body { progress: BodyProgress, pending: Pending<E> },
    /// The end is recorded.
    Over,
}

/// The verdict that only the end of the body brings.
enum Pending<E> {
    Nothing,
    GrpcStatus,
    Side(E),
}

impl<S: Side> Exchange<S> {
    /// Begins an exchange whose span was just started; `method` is a
    /// [known](request::known_method) one.
    pub fn new(
        span: OwnedSpan,
        http: Arc<HttpConfig>,
        method: &'static str,
        is_grpc: bool,
        side: S,
    ) -> Self {
        Self { span, http, method, is_grpc, side, stage: Stage::Head }
    }

    /// The span.
    pub fn span(&self) -> &OwnedSpan {
        &self.span
    }

    /// The configuration of HTTP spans.
    pub fn http(&self) -> &Arc<HttpConfig> {
        &self.http
    }

    /// The method of the request, as it is tagged.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Whether this is a gRPC call.
    pub fn is_grpc(&self) -> bool {
        self.is_grpc
    }

    /// The side that the exchange is seen from.
    pub fn side(&self) -> &S {
        &self.side
    }

    /// The side that the exchange is seen from.
    pub fn side_mut(&mut self) -> &mut S {
        &mut self.side
    }

    /// Calls `f` while the span is current. A panic is recorded, ends the exchange, and unwinds
    /// on.
    pub fn in_span<T>(exchange: &mut Option<Self>, f: impl FnOnce() -> T) -> T {
        Self::in_span_beside(exchange, Pin::new(&mut None::<()>), |_| f())
    }

    /// Polls a future that is kept beside the exchange, and drops it in the same scope once it is
    /// ready: another scope would cost as much as recording the response. Pending if it is gone.
    pub fn poll_in_span<F: Future>(
        exchange: &mut Option<Self>,
        future: Pin<&mut Option<F>>,
        cx: &mut Context<'_>,
    ) -> Poll<F::Output> {
        if future.is_none() {
            return Poll::Pending; // Polled again after it was ready, or after a panic.
        }
        Self::in_span_beside(exchange, future, |mut future| {
            let Some(inner) = future.as_mut().as_pin_mut() else { return Poll::Pending };
            let output = ready!(inner.poll(cx));
            future.set(None);
            Poll::Ready(output)
        })
    }

    /// Polls a body that is kept beside the exchange, and drops it in the same scope once it has
    /// come to its end, as with [`poll_in_span`](Self::poll_in_span). Without an exchange it is only
    /// polled. It has ended if it is gone.
    ///
    /// A body that knows its end is not polled again for the final `None`.
    pub fn poll_body_in_span<B: Body>(
        exchange: &mut Option<Self>,
        mut body: Pin<&mut Option<B>>,
        cx: &mut Context<'_>,
    ) -> Poll<NextFrame<B>> {
        let Some(inner) = body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        if exchange.is_none() {
            return inner.poll_frame(cx);
        }
        Self::in_span_beside(exchange, body, |mut body| {
            let Some(mut inner) = body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
            let frame = ready!(inner.as_mut().poll_frame(cx));
            let has_ended = match &frame {
                Some(Ok(_)) => inner.is_end_stream(),
                Some(Err(_)) => false, // It may go on.
                None => true,
            };
            if has_ended {
                body.set(None);
            }
            Poll::Ready(frame)
        })
    }

    /// Calls `f` with a future or a body while the span is current.
    ///
    /// After a panic it is dropped while the span is still current: code that catches the panic
    /// drops it when the exchange is over.
    fn in_span_beside<P, T>(
        exchange: &mut Option<Self>,
        mut part: Pin<&mut Option<P>>,
        f: impl FnOnce(Pin<&mut Option<P>>) -> T,
    ) -> T {
        let Some(open) = exchange else { return f(part) };
        let outcome = {
            let _entered = open.span.enter();
            // Nothing that `f` may have left half done is used again: the panic goes on.
            let outcome = catch_unwind(AssertUnwindSafe(|| f(part.as_mut())));
            if outcome.is_err() {
                // Its destructor may panic as well; the first panic goes on.
                caught(|| part.set(None));
            }
            outcome
        };
        outcome.unwrap_or_else(|payload| {
            if let Some(mut exchange) = exchange.take() {
                exchange.on_panic(&*payload);
            }
            resume_unwind(payload)
        })
    }

    /// Calls a hook of the application while the span is current. A panic is recorded, ends the
    /// exchange, and unwinds on.
    pub fn call_hook(&mut self, hook: impl FnOnce(&Span)) {
        let outcome = {
            let _entered = self.span.enter();
            catch_unwind(AssertUnwindSafe(|| hook(&self.span)))
        };
        if let Err(payload) = outcome {
            self.on_panic(&*payload);
            resume_unwind(payload);
        }
    }

    /// Records the head of the response. The exchange is [over](Self::is_over) if there is no body
    /// to wait for.
    ///
    /// `judge` is asked for its verdict unless this is a gRPC call, which is judged by its gRPC
    /// status.
    pub fn on_response<B: Body>(
        &mut self,
        response: &Response<B>,
        judge: impl FnOnce(&mut S, &HttpConfig) -> Verdict<S::AtEnd>,
    ) {
        let (status, headers, body) = (response.status(), response.headers(), response.body());
        let pending = self.judge_head(status, headers, judge);
        let progress = BodyProgress::new(headers, body.size_hint().exact());
        self.stage = Stage::Body { progress, pending };
        if request::ends_with_head(self.method, status) || body.is_end_stream() {
            self.on_end(None);
        }
    }

    /// Whether the end is recorded: the exchange can be dropped.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over)
    }

    /// Records the head of the response, and ends the exchange with it.
    pub fn end_with_head(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        judge: impl FnOnce(&mut S, &HttpConfig) -> Verdict<S::AtEnd>,
    ) {
        self.judge_head(status, headers, judge);
        self.stage = Stage::Over;
    }

    /// Counts a frame of the body. Trailers are the last frame and end the exchange.
    pub fn on_frame<D: Buf>(&mut self, frame: &Frame<D>) {
        let Some(data) = frame.data_ref() else { return self.on_end(frame.trailers_ref()) };
        self.side.on_data(data.remaining());
        if let Stage::Body { progress, .. } = &mut self.stage {
            progress.pass(data.remaining());
        }
    }

    /// Judges the end of the body, and ends the exchange: it is complete.
    pub fn on_end(&mut self, trailers: Option<&HeaderMap>) {
        self.judge_end(trailers);
    }

    /// Records the error of the service or the body, and ends the exchange.
    pub fn on_error<E: Display + 'static>(&mut self, error: &E) {
        self.tag_status_of_error();
        self.record(|span, http| error::record::<S, E>(span, error, http));
        self.stage = Stage::Over;
    }

    /// Records an error whose type was lost in a box, and ends the exchange.
    pub fn on_boxed_error(&mut self, error: &(dyn Error + 'static)) {
        self.tag_status_of_error();
        self.record(|span, http| error::record_boxed::<S>(span, error, http));
        self.stage = Stage::Over;
    }

    /// Records a panic, and ends the exchange.
    pub fn on_panic(&mut self, payload: &(dyn Any + Send)) {
        self.tag_status_of_error();
        error::record_panic(&self.span, payload);
        self.stage = Stage::Over;
    }

    /// Records an error. Its methods are code of the application: after a panic there, the span
    /// keeps the parts recorded before it.
    fn record(&self, record: impl FnOnce(&Span, &HttpConfig)) {
        if caught(|| record(&self.span, &self.http)).is_none() {
            self.span.set_derived_error(None, None);
        }
    }

    fn judge_head(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        judge: impl FnOnce(&mut S, &HttpConfig) -> Verdict<S::AtEnd>,
    ) -> Pending<S::AtEnd> {
        for (name, value) in self.http.header_tags.of_response(headers) {
            self.span.set_derived_tag(name.to_owned(), value);
        }
        if self.is_grpc {
            return self.judge_grpc(status, headers);
        }
        status::tag(&self.span, status);
        match judge(&mut self.side, &self.http) {
            Verdict::Success => Pending::Nothing,
            Verdict::Failure(failure) => {
                self.fail(&failure);
                Pending::Nothing
            }
            Verdict::AtEnd(at_end) => Pending::Side(at_end),
        }
    }

    /// A status in the head is final; without one it comes in the trailers, unless a proxy
    /// responded in place of the gRPC server.
    fn judge_grpc(&self, http_status: StatusCode, headers: &HeaderMap) -> Pending<S::AtEnd> {
        match grpc::status(headers) {
            None if http_status == StatusCode::OK => return Pending::GrpcStatus,
            status => self.end_call(status, headers),
        }
        Pending::Nothing
    }

    /// Records whether the exchange is a failure, unless its head decided that, and ends it.
    fn judge_end(&mut self, trailers: Option<&HeaderMap>) {
        let stage = mem::replace(&mut self.stage, Stage::Over);
        let Stage::Body { pending, .. } = stage else { return };
        match pending {
            Pending::Nothing => {}
            Pending::Side(at_end) => {
                if let Err(failure) = S::judge_end(at_end, trailers) {
                    self.fail(&failure);
                }
            }
            Pending::GrpcStatus => {
                let empty = HeaderMap::new();
                let trailers = trailers.unwrap_or(&empty);
                self.end_call(grpc::status(trailers), trailers);
            }
        }
    }

    /// Records the status of a gRPC call. A call without one has not succeeded.
    fn end_call(&self, status: Option<u16>, headers: &HeaderMap) {
        let status = status.unwrap_or(grpc::UNKNOWN);
        grpc::tag_status(&self.span, status);
        if status != grpc::OK {
            self.fail(&grpc::failure(status, headers));
        }
    }

    fn fail(&self, failure: &Failure) {
        self.side.on_failure(&self.span, &self.http);
        failure.record(&self.span);
    }

    /// Tags the status that goes with an error: the status of a sent head stays, and a gRPC call
    /// gets its status at the end of its body.
    fn tag_status_of_error(&self) {
        if self.is_waiting_for_grpc_status() {
            grpc::tag_status(&self.span, grpc::UNKNOWN);
        } else if let (Stage::Head, Some(status)) = (&self.stage, S::STATUS_OF_ERROR) {
            status::tag(&self.span, status);
        }
    }

    fn is_waiting_for_grpc_status(&self) -> bool {
        match &self.stage {
            Stage::Head => self.is_grpc,
            Stage::Body { pending, .. } => matches!(pending, Pending::GrpcStatus),
            Stage::Over => false,
        }
    }

    fn cancel(&self, cancelled_in: &'static str) {
        self.span.set_derived_tag(tags::http::CANCELLED, true);
        self.span.set_derived_tag(tags::http::CANCELLED_IN, cancelled_in);
        if self.is_waiting_for_grpc_status() {
            grpc::tag_status(&self.span, grpc::CANCELLED);
        }
    }
}

impl<S: Side> Drop for Exchange<S> {
    fn drop(&mut self) {
        // A panic around the exchange is no cancellation, and no code of the application may run
        // in it; the owned span records it.
        if !thread::panicking() {
            match &self.stage {
                Stage::Head => self.cancel("head"),
                Stage::Body { progress, .. }
                    if progress.is_complete() && !self.is_waiting_for_grpc_status() =>
                {
                    self.judge_end(None);
                }
                Stage::Body { .. } => self.cancel("body"),
                Stage::Over => {}
            }
        }
        self.side.on_close(&self.span);
    }
}

/// Without the side, which need not be `Debug`.
impl<S: Side> fmt::Debug for Exchange<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span: &Span = &self.span;
        f.debug_struct("Exchange").field("span", span).finish_non_exhaustive()
    }
}
