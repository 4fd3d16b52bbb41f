//! The client's side of an exchange: its own error statuses, and kinds of errors.

use std::{any::Any, convert::Infallible, error::Error, io};

use http::{HeaderMap, Response, StatusCode};
use http_body::Body;
use packdog::http::{HttpConfig, StatusRanges};
use packdog_http::{Exchange, Failure, ResponseHead, ResponseHook, Side, Verdict};

/// A call that is made from here. Below an ignored span it records nothing and only forwards.
pub(crate) type ClientExchange = Exchange<ClientSide>;

/// The client's side of one exchange.
#[derive(Debug)]
pub struct ClientSide {
    /// `None` takes the statuses that the tracer is configured with.
    pub(crate) error_statuses: Option<StatusRanges>,
    pub(crate) on_response: Option<ResponseHook>,
    /// Whether the call may carry baggage at all.
    pub(crate) has_baggage: bool,
}

impl ClientSide {
    /// Judges a response by its status.
    pub(crate) fn judge(&self, status: StatusCode, http: &HttpConfig) -> Verdict<Infallible> {
        let statuses = self.error_statuses.as_ref().unwrap_or(&http.client_error_statuses);
        Verdict::of(status, statuses)
    }
}

/// Calls the hook of the application, if there is one.
fn on_response(exchange: &mut ClientExchange, head: &ResponseHead<'_>) {
    if let Some(hook) = exchange.side().on_response.clone() {
        exchange.call_hook(|span| hook.call(span, head));
    }
}

/// Records the head of the response, and ends the exchange with it.
pub(crate) fn end_with_head(exchange: &mut ClientExchange, head: &ResponseHead<'_>) {
    on_response(exchange, head);
    let status = head.status();
    exchange.end_with_head(status, head.headers(), |side, http| side.judge(status, http));
}

/// Records the head of the response, and goes on with the body, if there is one.
pub(crate) fn go_on_with_body(exchange: &mut ClientExchange, response: &Response<impl Body>) {
    on_response(exchange, &ResponseHead::of(response));
    exchange.on_response(response, |side, http| side.judge(response.status(), http));
}

impl Side for ClientSide {
    type AtEnd = Infallible;

    fn judge_end(at_end: Infallible, _: Option<&HeaderMap>) -> Result<(), Failure> {
        match at_end {}
    }

    fn known_error<'e>(error: &'e (dyn Any + 'static)) -> Option<&'e (dyn Error + 'static)> {
        #[cfg(feature = "hyper-util")]
        if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return Some(error);
        }
        #[cfg(feature = "reqwest")]
        if let Some(error) = error.downcast_ref::<reqwest::Error>() {
            return Some(error);
        }
        error.downcast_ref::<io::Error>().map(|error| error as &dyn Error)
    }

    /// `timeout`, `connect`, `redirect`, `body` or `decode`.
    fn error_kind(error: &(dyn Error + 'static)) -> Option<&'static str> {
        #[cfg(feature = "reqwest")]
        if let Some(error) = error.downcast_ref::<reqwest::Error>() {
            return kind_of_reqwest(error);
        }
        // It stands for the error in it, which is then not among the causes.
        #[cfg(feature = "reqwest")]
        if let Some(reqwest_middleware::Error::Reqwest(error)) = error.downcast_ref() {
            return kind_of_reqwest(error);
        }
        #[cfg(any(feature = "hyper-util", feature = "reqwest"))]
        if error.is::<::tower::timeout::error::Elapsed>() {
            return Some("timeout");
        }
        #[cfg(feature = "hyper-util")]
        if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return error.is_connect().then_some("connect");
        }
        let error = error.downcast_ref::<io::Error>()?;
        (error.kind() == io::ErrorKind::TimedOut).then_some("timeout")
    }
}

/// A timeout comes first: it may strike while connecting, and while the body is read.
#[cfg(feature = "reqwest")]
fn kind_of_reqwest(error: &reqwest::Error) -> Option<&'static str> {
    [
        (error.is_timeout(), "timeout"),
        (error.is_connect(), "connect"),
        (error.is_redirect(), "redirect"),
        (error.is_decode(), "decode"),
        (error.is_body(), "body"),
    ]
    .into_iter()
    .find_map(|(is_kind, kind)| is_kind.then_some(kind))
}
