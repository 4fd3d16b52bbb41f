//! Tracing for reqwest, as a middleware of reqwest-middleware.
//!
//! Redirects happen below: one span covers all hops, and shows the URL of the first.

use ::reqwest::{Body, Request, Response, ResponseBuilderExt, Url};
use async_trait::async_trait;
use http::Extensions;
use packdog_http::{ExchangeFuture, ResponseHead, destination::Destination};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::{
    ResponseBody,
    attempts::CountedExtensions,
    settings::settings,
    side::{self, ClientExchange},
    tracing::{ClientTracing, Head},
};

/// A middleware that traces the calls of a reqwest client, and sends trace and baggage along.
///
/// | position | spans | headers of an attempt |
/// |---|---|---|
/// | before a retry middleware | one for all attempts | those of that span |
/// | after it | one for each attempt, counted as `http.retry_count` | those of the attempt |
/// | one on both sides | one for the call, with a child for each attempt, counted as `http.retry_count` | those of the attempt |
///
/// ```
/// use packdog_client::ClientTraceMiddleware;
///
/// let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
///     .with(ClientTraceMiddleware::new())
///     .build();
/// ```
///
/// # Redirects
/// reqwest follows them itself, without asking the middleware, and sends trace headers and baggage to
/// any host, unless the client is built with
/// [`Egress::redirect_policy`](crate::Egress::redirect_policy).
///
/// # Cancellation
/// Dropping the future of a call finishes its span, tagged `http.request.cancelled`.
#[derive(Clone, Debug)]
pub struct ClientTraceMiddleware {
    tracing: ClientTracing,
    ends_with_body: bool,
}

impl ClientTraceMiddleware {
    /// Traces with the tracer of the scope in which it is built, else with the installed one,
    /// also if that is installed later.
    pub fn new() -> Self {
        Self { tracing: ClientTracing::new("reqwest"), ends_with_body: false }
    }

    settings!();

    /// Ends each span with the body of the response, and not with its head: when its last frame
    /// was read, it failed, or it is dropped. Responses without a body end with their head.
    pub fn until_body_end(mut self) -> Self {
        self.ends_with_body = true;
        self
    }

    /// Opens the exchange of a call; `None` leaves the call alone.
    ///
    /// Everything is moved in and out, because a future keeps a second place for a value that it lends
    /// before it moves it. glibc keeps memory of up to 1032 bytes ready for a thread; a future that
    /// needs more costs 400 instructions more.
    fn open<'e>(
        &self,
        mut request: Request,
        extensions: &'e mut Extensions,
    ) -> (Request, CountedExtensions<'e>, Option<ClientExchange>) {
        let destination = destination(request.url());
        let endpoint = destination.lent_endpoint();
        let (method, query, headers) = (request.method(), request.url().query(), request.headers());
        let head = Head { method, destination, query, endpoint: &endpoint, headers };
        let opened = self.tracing.open(&head, extensions);
        if let Some((exchange, _)) = &opened {
            self.tracing.inject(exchange, &endpoint, request.headers_mut());
        }
        let (exchange, attempts) = opened.unzip();
        (request, CountedExtensions { attempts, extensions }, exchange)
    }
}

impl Default for ClientTraceMiddleware {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Middleware for ClientTraceMiddleware {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        // A retry middleware that gives up waiting drops this future, and counts on.
        let (request, counted, exchange) = self.open(request, extensions);
        // The next middleware may start spans before its future is first polled.
        let call = async move {
            let counted = counted; // As a whole.
            next.run(request, counted.extensions).await
        };
        let (result, exchange) = ExchangeFuture::new(call, exchange).await;
        let Some(mut exchange) = exchange else { return result };
        match &result {
            Ok(_) if self.ends_with_body => {
                return result.map(|response| until_body_end(exchange, response));
            }
            Ok(response) => side::end_with_head(&mut exchange, &head(response)),
            Err(error) => record_error(&mut exchange, error),
        }
        result
    }
}

fn destination(url: &Url) -> Destination<'_> {
    Destination::new(url.scheme(), url.authority(), url.path())
}

fn head(response: &Response) -> ResponseHead<'_> {
    ResponseHead::new(response.status(), response.headers(), response.extensions())
}

/// Puts the exchange into the body; all else of the response stays, also what reqwest keeps beside
/// the parts of HTTP: the URL, and through the extensions the remote address.
fn until_body_end(mut exchange: ClientExchange, response: Response) -> Response {
    let url = response.url().clone();
    let response = http::Response::from(response);
    side::go_on_with_body(&mut exchange, &response);
    let response = if exchange.is_over() {
        response
    } else {
        response.map(|body| Body::wrap(ResponseBody::new(body, Some(exchange))))
    };
    with_url(response, url)
}

fn with_url(mut response: http::Response<Body>, url: Url) -> Response {
    let (carrier, ()) =
        http::Response::builder().url(url).body(()).unwrap_or_default().into_parts();
    response.extensions_mut().extend(carrier.extensions);
    response.into()
}

fn record_error(exchange: &mut ClientExchange, error: &Error) {
    match error {
        Error::Reqwest(error) => exchange.on_error(error),
        Error::Middleware(error) => exchange.on_boxed_error(error.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use ::reqwest::Client;
    use reqwest_middleware::ClientBuilder;

    use super::*;

    /// Fails each call with the size of the future below it.
    struct Measure;

    #[async_trait]
    impl Middleware for Measure {
        async fn handle(
            &self,
            request: Request,
            extensions: &mut Extensions,
            next: Next<'_>,
        ) -> Result<Response> {
            let call = next.run(request, extensions);
            Err(Error::middleware(io::Error::other(size_of_val(&*call).to_string())))
        }
    }

    #[tokio::test]
    async fn the_future_of_a_call_fits_into_the_memory_that_the_allocator_keeps_ready() {
        let client = ClientBuilder::new(Client::new()).with(Measure);
        let client = client.with(ClientTraceMiddleware::new()).build();
        let error = client.get("http://stock.internal/").send().await.unwrap_err();
        // More would be correct, and slower.
        let bytes: usize = error.to_string().parse().unwrap();
        assert!(bytes <= 1032, "{bytes}");
    }
}
