//! When a span ends, as a type: a response is only touched where its body is watched.

use std::fmt::Display;

use http::Response;
use http_body::Body;

use crate::{ResponseBody, span::ClientSpan};

/// The span ends with the head of the response, which is handed on as it is.
#[derive(Clone, Copy, Debug)]
pub struct AtHead;

/// The span ends with the body of the response, which is wrapped in a [`ResponseBody`].
#[derive(Clone, Copy, Debug)]
pub struct AtBodyEnd;

/// When the span of a call ends: [`AtHead`] or [`AtBodyEnd`].
pub trait End<B>: sealed::Sealed {
    /// The body that the caller gets.
    type Body;

    #[doc(hidden)]
    fn end(span: Option<ClientSpan>, response: Response<B>) -> Response<Self::Body>;
}

impl<B> End<B> for AtHead {
    type Body = B;

    fn end(span: Option<ClientSpan>, response: Response<B>) -> Response<B> {
        if let Some(span) = span {
            span.close_with(response.status(), response.headers());
        }
        response
    }
}

impl<B> End<B> for AtBodyEnd
where
    B: Body,
    B::Error: Display + 'static,
{
    type Body = ResponseBody<B>;

    fn end(span: Option<ClientSpan>, response: Response<B>) -> Response<ResponseBody<B>> {
        let span = span.and_then(|span| span.follow(&response));
        response.map(|body| ResponseBody::new(body, span))
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::AtHead {}
    impl Sealed for super::AtBodyEnd {}
}
