//! Hooks of the application, which set resources and tags of its own.

use std::{fmt, sync::Arc};

use http::{Extensions, HeaderMap, Response, StatusCode};
use packdog::Span;

/// The head of a response, for hooks.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> ResponseHead<'a> {
    /// The head of a response with these parts.
    pub fn new(status: StatusCode, headers: &'a HeaderMap, extensions: &'a Extensions) -> Self {
        Self { status, headers, extensions }
    }

    /// The head of a response.
    pub fn of<B>(response: &'a Response<B>) -> Self {
        Self::new(response.status(), response.headers(), response.extensions())
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The extensions.
    pub fn extensions(&self) -> &'a Extensions {
        self.extensions
    }
}

type Hook = dyn Fn(&Span, &ResponseHead<'_>) + Send + Sync;

/// A hook that sees the head of each response with the span.
#[derive(Clone)]
pub struct ResponseHook(Arc<Hook>);

impl ResponseHook {
    /// A hook that calls `hook`.
    pub fn new(hook: impl Fn(&Span, &ResponseHead<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    /// Calls the hook.
    pub fn call(&self, span: &Span, head: &ResponseHead<'_>) {
        (self.0)(span, head);
    }
}

impl fmt::Debug for ResponseHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseHook(..)")
    }
}
