//! The span of one call, as the tower layer and the reqwest middleware share it.
//!
//! ```text
//! open ──▶ Head ──response──▶ Over                      ends with the head
//!            │  └───────────▶ Body ──last frame──▶ Over     until the end of the body
//!            ▼                  ▼
//!        cancelled in head   cancelled in body              whoever drops it has given up
//! ```

use std::{error::Error, fmt::Display, thread};

use bytes::Buf;
use http::{HeaderMap, Method, Response, StatusCode};
use http_body::{Body, Frame};
use packdog::{OwnedSpan, SpanScope, tags};
use packdog_http::{BodyProgress, grpc, request};

use crate::{
    Egress,
    attempts::Attempts,
    egress::Call,
    judge::Judge,
    shown::{self, Shown},
};

/// An open client span. Below an ignored span it records nothing and only passes on.
#[derive(Debug)]
#[must_use = "dropping it says that the call was given up"]
pub struct ClientSpan {
    span: OwnedSpan,
    method: Method,
    judge: Judge,
    #[cfg_attr(not(feature = "reqwest"), expect(dead_code, reason = "shared by clones alone"))]
    attempts: Attempts,
    stage: Stage,
}

/// How far the call has come: what dropping the span means.
#[derive(Debug)]
enum Stage {
    /// There is no answer yet.
    Head,
    /// The body is on its way.
    Body(BodyProgress),
    /// All was said.
    Over,
}

impl ClientSpan {
    pub(crate) fn new(span: OwnedSpan, method: Method, judge: Judge, attempts: Attempts) -> Self {
        Self { span, method, judge, attempts, stage: Stage::Head }
    }

    /// A handle, for futures that carry the span.
    #[cfg(feature = "reqwest")]
    pub(crate) fn handle(&self) -> packdog::Span {
        self.span.handle()
    }

    #[cfg(feature = "reqwest")]
    pub(crate) fn attempts(&self) -> Attempts {
        self.attempts.clone()
    }

    pub(crate) fn enter(&self) -> SpanScope {
        self.span.enter()
    }

    pub(crate) fn inject(&self, egress: &Egress, call: &Call<'_>, headers: &mut HeaderMap) {
        egress.inject_call(&self.span, call, headers);
    }

    /// The response is there, and the span ends with its head.
    pub(crate) fn close_with(self, status: StatusCode, headers: &HeaderMap) {
        self.judge.head(&self.span, status, headers);
        self.close();
    }

    /// The response is there, and the span ends with its body; `None` if there is none to come.
    pub(crate) fn follow<B: Body>(mut self, response: &Response<B>) -> Option<Self> {
        let (status, headers, body) = (response.status(), response.headers(), response.body());
        self.judge.head(&self.span, status, headers);
        if request::ends_with_head(&self.method, status) || body.is_end_stream() {
            self.complete(None);
            return None;
        }
        self.stage = Stage::Body(BodyProgress::new(headers, body.size_hint().exact()));
        Some(self)
    }

    /// Counts a frame of the body; `None` after trailers, which are the last frame.
    pub(crate) fn pass<D: Buf>(mut self, frame: &Frame<D>) -> Option<Self> {
        let Some(data) = frame.data_ref() else {
            self.complete(frame.trailers_ref());
            return None;
        };
        if let Stage::Body(progress) = &mut self.stage {
            progress.pass(data.remaining());
        }
        Some(self)
    }

    /// The whole response is there.
    pub(crate) fn complete(self, trailers: Option<&HeaderMap>) {
        self.judge.end(&self.span, trailers);
        self.close();
    }

    /// Records an error and ends the span. `error_type` is its kind, or the name of its type;
    /// `None` if both were lost in a box.
    pub(crate) fn fail(self, error: &dyn Error, error_type: Option<&'static str>) {
        match Shown::of(error, &self.judge.http) {
            Some(shown) => self.span.set_error(&shown),
            None => self.span.set_error(error),
        }
        match error_type {
            Some(name) => self.span.set_tag(tags::error::TYPE, name),
            None => self.span.remove_tag(tags::error::TYPE),
        }
        self.close_failed();
    }

    /// Records an error that can only be printed and ends the span.
    pub(crate) fn fail_with_text(self, error: &dyn Display, error_type: &'static str) {
        let text = error.to_string();
        let text = shown::text(&text, &self.judge.http);
        self.span.set_error_parts(error_type, text.as_ref(), None);
        self.close_failed();
    }

    fn close_failed(self) {
        self.judge.without_status(&self.span, grpc::UNKNOWN);
        self.close();
    }

    fn close(mut self) {
        self.stage = Stage::Over;
    }
}

impl Drop for ClientSpan {
    fn drop(&mut self) {
        let cancelled_in = match self.stage {
            Stage::Head => "head",
            Stage::Over => return,
            Stage::Body(body) if body.is_complete() && !self.judge.is_waiting(&self.span) => return,
            Stage::Body(_) => "body",
        };
        // A panic around us is nobody's wish; the owned span tells of it.
        if !thread::panicking() {
            self.span.set_tag(tags::http::CANCELLED, true);
            self.span.set_tag(tags::http::CANCELLED_IN, cancelled_in);
            self.judge.without_status(&self.span, grpc::CANCELLED);
        }
    }
}
