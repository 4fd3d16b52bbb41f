//! The span of one request, from its head to the end of its answer.
//!
//! ```text
//! open ─▶ Head ─answer─▶ Body ─last frame─▶ close
//!           └──────────────┴─ error, panic, or dropped: the client hung up
//! ```
//! It travels from the service to the future to the body; whoever drops it closes it.

use std::{
    any::Any,
    fmt::{self, Display},
    mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    thread,
};

use bytes::Buf;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::{Body, Frame};
use packdog::{OwnedSpan, Span, http::HttpConfig, tags};
use packdog_http::{BodyProgress, grpc, request as incoming};
use tower_http::classify::{
    ClassifiedResponse, ClassifyEos, ClassifyResponse, GrpcEosErrorsAsFailures,
    GrpcErrorsAsFailures,
};

use crate::{
    RequestHead, SpanError, error,
    layer::Config,
    measure::BodyMeasure,
    open,
    route::{self, RequestSpan},
};

/// An open request span. Dropping it finishes it.
pub(crate) struct ServerSpan<C: ClassifyResponse> {
    span: OwnedSpan,
    config: Arc<Config>,
    http: Arc<HttpConfig>,
    method: Method,
    is_grpc: bool,
    classifier: Option<C>,
    measure: Option<BodyMeasure>,
    /// The error that came with the answer.
    handed: Option<SpanError>,
    stage: Stage<C::ClassifyEos>,
}

/// How far the exchange has come: what dropping the span means.
enum Stage<E: ClassifyEos> {
    /// There is no answer yet.
    Head,
    /// The body is on its way.
    Body { progress: BodyProgress, pending: Pending<E> },
    /// All was said.
    Over,
}

/// Who still has to judge the end of the body.
enum Pending<E: ClassifyEos> {
    Nobody,
    Grpc(GrpcEosErrorsAsFailures),
    /// With what shows its verdict: whoever drops the span does not know that it can be shown.
    Classifier(E, fn(&E::FailureClass) -> &dyn Display),
}

/// Calls `f` while the span is current. A panic is recorded, ends the span, and unwinds on.
pub(crate) fn in_span<C, T>(span: &mut Option<ServerSpan<C>>, f: impl FnOnce() -> T) -> T
where
    C: ClassifyResponse,
{
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

impl<C: ClassifyResponse> ServerSpan<C> {
    /// Opens the span of a request, and leaves word of it in the request's extensions.
    ///
    /// `None` if nothing is traced, or if an outer layer traces this request already.
    pub(crate) fn open<B>(
        config: &Arc<Config>,
        classifier: Option<C>,
        request: &mut Request<B>,
    ) -> Option<Self> {
        if route::tell_outer(request.extensions()) {
            return None;
        }
        let tracer = config.tracer();
        if !tracer.is_enabled() {
            return None;
        }
        let http = config.http(&tracer);
        let head = RequestHead::of(request);
        let context = config.ingress.admit(&head, tracer.extract(head.headers()));
        let is_grpc = grpc::is_call(head.headers());
        let is_ignored = config.ignored.contains(&head);
        let span = match (is_ignored, is_grpc) {
            (true, _) => open::ignored(&tracer, context),
            (false, true) => open::grpc(config, &http, &tracer, context, &head),
            (false, false) => {
                let version = request.version();
                open::http(config, &http, &tracer, context, &head, version)
            }
        };
        let outer = RequestSpan::new(&span, tracer, incoming::method(request.method()), is_grpc);
        outer.learn_route(request.extensions());
        request.extensions_mut().insert(outer);
        let measure = config.has_body_metrics.then(BodyMeasure::start);
        let method = request.method().clone();
        let (config, handed, stage) = (Arc::clone(config), None, Stage::Head);
        Some(Self { span, config, http, method, is_grpc, classifier, measure, handed, stage })
    }

    /// Ends the span: the exchange is complete.
    fn close(mut self) {
        self.stage = Stage::Over;
    }

    fn panic(self, payload: &(dyn Any + Send)) {
        // An HTTP status that has left stays; that of a call comes at the end of its body.
        if self.is_grpc || matches!(self.stage, Stage::Head) {
            self.tag_status(StatusCode::INTERNAL_SERVER_ERROR, Some(grpc::UNKNOWN));
        }
        error::record_panic(&self.span, payload);
        self.close();
    }

    /// The service failed instead of answering: the client gets a 500 at best.
    pub(crate) fn fail_in_head<E: Display + 'static>(self, error: &E) {
        self.tag_status(StatusCode::INTERNAL_SERVER_ERROR, Some(grpc::UNKNOWN));
        error::record(&self.span, error);
        self.close();
    }

    /// The body failed after the head had left: the status stays.
    pub(crate) fn fail_in_body<E: Display + 'static>(self, error: &E) {
        if self.is_grpc {
            self.tag_grpc_status(grpc::UNKNOWN);
        }
        error::record(&self.span, error);
        self.close();
    }

    /// Records whether the answer is a failure, as far as its head has not told, and all is said.
    fn judge_end(&mut self, trailers: Option<&HeaderMap>) {
        let stage = mem::replace(&mut self.stage, Stage::Over);
        let Stage::Body { pending, .. } = stage else { return };
        match pending {
            Pending::Nobody => {}
            Pending::Classifier(classifier, shown) => {
                if let Err(class) = classifier.classify_eos(trailers) {
                    self.record_handed_error();
                    error::record_failure(&self.span, None, shown(&class));
                }
            }
            Pending::Grpc(classifier) => {
                let empty = HeaderMap::new();
                let trailers = trailers.unwrap_or(&empty);
                let status = grpc::status(trailers);
                self.tag_grpc_status(status.unwrap_or(grpc::UNKNOWN));
                let is_failure = classifier.classify_eos(Some(trailers)).is_err();
                // Whoever tells no status has not succeeded.
                if is_failure || status.is_none_or(|status| status > grpc::LAST) {
                    self.fail_with_grpc(status, trailers);
                }
            }
        }
    }

    fn fail_with_grpc(&self, status: Option<u16>, headers: &HeaderMap) {
        self.record_handed_error();
        let name = grpc::status_name(status.unwrap_or(grpc::UNKNOWN));
        let message = grpc::message(headers).filter(|message| !message.is_empty());
        error::record_failure(&self.span, Some(name), &message.as_deref().unwrap_or(name));
    }

    fn record_handed_error(&self) {
        if let Some(handed) = &self.handed {
            error::record_handed(&self.span, handed);
        }
    }

    fn tag_status(&self, status: StatusCode, grpc_status: Option<u16>) {
        match (self.is_grpc, grpc_status) {
            (false, _) => self.span.set_tag(tags::http::STATUS_CODE, status.as_str()),
            (true, Some(status)) => self.tag_grpc_status(status),
            (true, None) => {}
        }
    }

    fn tag_grpc_status(&self, status: u16) {
        let status = status.to_string();
        self.span.set_tag(tags::rpc::GRPC_STATUS_CODE, status.as_str());
        self.span.set_tag(tags::rpc::GRPC_STATUS_CODE_LEGACY, status.as_str());
    }
}

impl<C: ClassifyResponse> ServerSpan<C>
where
    C::FailureClass: Display,
{
    /// Records the head of the answer; `None` if there is nothing behind it.
    pub(crate) fn answer<B: Body>(mut self, response: &mut Response<B>) -> Option<Self> {
        self.show_trace_id(response.headers_mut());
        for (name, value) in self.http.header_tags.of_response(response.headers()) {
            self.span.set_tag(name.to_owned(), value);
        }
        self.handed = response.extensions().get().cloned();
        let pending = self.judge(response);
        let (status, body) = (response.status(), response.body());
        let progress = BodyProgress::new(response.headers(), body.size_hint().exact());
        let is_over = incoming::ends_with_head(&self.method, status) || body.is_end_stream();
        self.stage = Stage::Body { progress, pending };
        if is_over {
            self.complete(None);
            return None;
        }
        Some(self)
    }

    /// Counts a frame of the body; `None` after trailers, which are the last frame.
    pub(crate) fn pass<D: Buf>(mut self, frame: &Frame<D>) -> Option<Self> {
        let Some(data) = frame.data_ref() else {
            self.complete(frame.trailers_ref());
            return None;
        };
        if let Some(measure) = &mut self.measure {
            measure.pass(u64::try_from(data.remaining()).unwrap_or(u64::MAX));
        }
        if let Stage::Body { progress, .. } = &mut self.stage {
            progress.pass(data.remaining());
        }
        Some(self)
    }

    /// The whole answer has left: judges its end, and ends the span.
    pub(crate) fn complete(mut self, trailers: Option<&HeaderMap>) {
        self.judge_end(trailers);
    }

    /// Records the status and whether the answer is a failure, as far as its head tells.
    fn judge<B>(&mut self, response: &Response<B>) -> Pending<C::ClassifyEos> {
        if self.is_grpc {
            return self.judge_grpc(response);
        }
        let status = response.status();
        self.tag_status(status, None);
        if status == StatusCode::NOT_FOUND {
            let method = incoming::method(&self.method);
            // Neither a route nor the application has named a resource.
            if !route::is_known(&self.span) && self.span.resource() == method {
                self.span.set_resource(incoming::resource_without_route(method, Some(status)));
            }
        }
        let Some(classifier) = self.classifier.take() else {
            if self.http.server_error_statuses.contains(status) {
                self.fail_with_status(status, &status);
            }
            return Pending::Nobody;
        };
        match classifier.classify_response(response) {
            ClassifiedResponse::Ready(Ok(())) => Pending::Nobody,
            ClassifiedResponse::Ready(Err(class)) => {
                self.fail_with_status(status, &class);
                Pending::Nobody
            }
            ClassifiedResponse::RequiresEos(classifier) => {
                Pending::Classifier(classifier, |class| class)
            }
        }
    }

    fn judge_grpc<B>(&self, response: &Response<B>) -> Pending<C::ClassifyEos> {
        let status = grpc::status(response.headers());
        if let Some(status) = status {
            self.tag_grpc_status(status);
        }
        let verdict = GrpcErrorsAsFailures::new().classify_response(response);
        match (verdict, status) {
            (ClassifiedResponse::RequiresEos(classifier), None) => Pending::Grpc(classifier),
            (ClassifiedResponse::Ready(Ok(())), Some(grpc::OK)) => Pending::Nobody,
            _ => {
                self.fail_with_grpc(status, response.headers());
                Pending::Nobody
            }
        }
    }

    fn fail_with_status(&self, status: StatusCode, class: &dyn Display) {
        self.record_handed_error();
        error::record_failure(&self.span, Some(status.as_str()), class);
    }

    fn show_trace_id(&self, headers: &mut HeaderMap) {
        let Some(name) = &self.config.trace_id_header else { return };
        let id = self.span.trace_id().filter(|_| self.span.is_recording());
        if let Some(id) = id.and_then(|id| HeaderValue::try_from(id.to_string()).ok()) {
            headers.entry(name).or_insert(id);
        }
    }
}

impl<C: ClassifyResponse> Drop for ServerSpan<C> {
    fn drop(&mut self) {
        if let Some(measure) = &self.measure {
            measure.tag(&self.span);
        }
        let cancelled_in = match self.stage {
            Stage::Head => "head",
            Stage::Over => return,
            // A call is complete only with its trailers.
            Stage::Body { progress, ref pending }
                if progress.is_complete() && !matches!(pending, Pending::Grpc(_)) =>
            {
                // A classifier is code of the application, which a panic around us may not call.
                if !thread::panicking() {
                    self.judge_end(None);
                }
                return;
            }
            Stage::Body { .. } => "body",
        };
        // A panic around us is no client that hung up; the owned span tells of it.
        if !thread::panicking() {
            self.span.set_tag(tags::http::CANCELLED, true);
            self.span.set_tag(tags::http::CANCELLED_IN, cancelled_in);
            if self.is_grpc && self.span.tag(tags::rpc::GRPC_STATUS_CODE).is_none() {
                self.tag_grpc_status(grpc::CANCELLED);
            }
        }
    }
}

/// Without the classifier, which need not be `Debug`.
impl<C: ClassifyResponse> fmt::Debug for ServerSpan<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span: &Span = &self.span;
        f.debug_struct("ServerSpan").field("span", span).finish_non_exhaustive()
    }
}
