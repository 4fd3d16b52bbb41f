//! Tracing for reqwest, as a middleware of reqwest-middleware.
//!
//! Redirects happen below: one span covers all hops, and shows the URL of the first.

use std::any::type_name;

use ::reqwest::{Request, Response, Url};
use async_trait::async_trait;
use http::Extensions;
use packdog::{InSpanExt, Tracer, http::client::Destination};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::span::{ClientSpan, ClientTracing};

/// Traces the calls of a reqwest client, and sends trace and baggage along.
///
/// Before a retry middleware it shows one span for all attempts, which then share its headers;
/// after it, one span for each. The response is handed on as reqwest made it.
///
/// ```
/// use packdog_client::ClientTraceMiddleware;
///
/// let client = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
///     .with(ClientTraceMiddleware::new())
///     .build();
/// ```
///
/// # Cancellation
/// Dropping the future of a call finishes its span, tagged `http.request.cancelled`.
#[derive(Clone, Debug)]
pub struct ClientTraceMiddleware {
    tracing: ClientTracing,
}

impl ClientTraceMiddleware {
    /// Traces with the tracer of the scope in which it is built, else with the installed one,
    /// also if that is installed later.
    pub fn new() -> Self {
        Self { tracing: ClientTracing::new("reqwest") }
    }

    /// Begins traces with this tracer. Calls below a span stay in the trace of that span.
    pub fn tracer(self, tracer: &Tracer) -> Self {
        Self { tracing: self.tracing.with_tracer(tracer.clone()) }
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
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let destination = destination(request.url());
        let Some(span) = self.tracing.open(request.method(), &destination, request.headers())
        else {
            return next.run(request, extensions).await;
        };
        span.inject(request.headers_mut());
        // The next middleware may start spans before its future is first polled.
        let call = async move { next.run(request, extensions).await };
        let mut result = call.in_span(span.handle()).await;
        match &mut result {
            Ok(response) => span.record_status(response.status()),
            Err(error) => record_error(&span, error),
        }
        span.close();
        result
    }
}

fn destination(url: &Url) -> Destination<'_> {
    Destination { scheme: url.scheme(), authority: url.authority(), path: url.path() }
}

fn record_error(span: &ClientSpan, error: &mut Error) {
    match error {
        Error::Reqwest(error) => without_secrets(error, |error| {
            span.record_error(error, Some(type_name::<::reqwest::Error>()));
        }),
        Error::Middleware(error) => span.record_error(error.as_ref(), None),
    }
}

/// Lends the error out with a URL that may be shown: reqwest prints it whole.
fn without_secrets(error: &mut ::reqwest::Error, look: impl FnOnce(&::reqwest::Error)) {
    let kept = error.url().cloned();
    if let Some(url) = error.url_mut() {
        // Refused by URLs that have no host, and so no user info.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        url.set_query(None);
        url.set_fragment(None);
    }
    look(error);
    if let (Some(url), Some(kept)) = (error.url_mut(), kept) {
        *url = kept;
    }
}
