//! The end of a span, as a type: a response is wrapped only if its body is watched.

use std::fmt::Display;

use http::Response;
use http_body::Body;
use packdog_http::ResponseHead;

use crate::{
    ResponseBody,
    side::{self, ClientExchange},
};

/// The span ends with the head of the response, which is handed on as it is.
#[derive(Clone, Copy, Debug)]
pub struct AtHead;

/// The span ends with the body of the response, which is wrapped in a [`ResponseBody`].
#[derive(Clone, Copy, Debug)]
pub struct AtBodyEnd;

/// The moment at which the span of a call ends: [`AtHead`] or [`AtBodyEnd`].
pub trait End<B>: sealed::Sealed {
    /// The body that the caller gets.
    type Body;

    #[doc(hidden)]
    fn end(exchange: Option<ClientExchange>, response: Response<B>) -> Response<Self::Body>;
}

impl<B> End<B> for AtHead {
    type Body = B;

    fn end(exchange: Option<ClientExchange>, response: Response<B>) -> Response<B> {
        if let Some(mut exchange) = exchange {
            side::end_with_head(&mut exchange, &ResponseHead::of(&response));
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

    fn end(
        mut exchange: Option<ClientExchange>,
        response: Response<B>,
    ) -> Response<ResponseBody<B>> {
        if let Some(exchange) = &mut exchange {
            side::go_on_with_body(exchange, &response);
        }
        response.map(|body| ResponseBody::new(body, exchange))
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::AtHead {}
    impl Sealed for super::AtBodyEnd {}
}
