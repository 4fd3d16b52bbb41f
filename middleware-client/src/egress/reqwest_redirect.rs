//! The policy for redirects that reqwest follows: it can be stopped, but not given other headers.

use ::reqwest::{Url, redirect};
use packdog::{current_span, http::Endpoint, tags};
use packdog_http::destination::Destination;

use super::{Egress, carried};

/// The most redirects that reqwest follows by default; one more is an error.
const MAX_REDIRECTS: usize = 10;

impl Egress {
    /// Follows redirects as reqwest does by default, except to hosts that may not have the headers
    /// that the request carries: there the caller gets the redirect as the response. Each one that is
    /// followed is counted on the current span, as `http.redirect_count`.
    ///
    /// A policy of reqwest sees URLs and no headers. A request counts as one that carries baggage
    /// if its host has ever been given baggage by this process: from then on its redirects to hosts
    /// that may have no baggage are not followed, also for requests without baggage.
    ///
    /// A host is given baggage by the middlewares, or by [`Egress::inject`] for headers that you add
    /// to a request yourself. [`Span::inject`](packdog::Span::inject) is told no host, and neither is
    /// a `baggage` header of your own: the policy does not know of such baggage, and follows
    /// redirects with it. Call [`Egress::inject`] for the headers of the request instead, or after
    /// adding your own: it gives the host what it may have, and remembers it.
    ///
    /// Without this policy, reqwest takes trace headers and baggage along to any host.
    ///
    /// ```
    /// use packdog_client::{ClientTraceMiddleware, Egress};
    ///
    /// # fn build() -> reqwest::Result<()> {
    /// let egress = Egress::new();
    /// let client = reqwest::Client::builder().redirect(egress.redirect_policy()).build()?;
    /// let client = reqwest_middleware::ClientBuilder::new(client)
    ///     .with(ClientTraceMiddleware::new().egress(egress))
    ///     .build();
    /// # drop(client);
    /// # Ok(())
    /// # }
    /// ```
    pub fn redirect_policy(&self) -> redirect::Policy {
        let egress = self.clone();
        redirect::Policy::custom(move |attempt| {
            let carried = attempt.previous().first().map(endpoint).unwrap_or_default();
            if !egress.may_follow(&carried, &endpoint(attempt.url())) {
                return attempt.stop();
            }
            let count = attempt.previous().len();
            if count <= MAX_REDIRECTS {
                current_span().set_derived_tag(tags::http::REDIRECT_COUNT, count);
            }
            redirect::Policy::limited(MAX_REDIRECTS).redirect(attempt)
        })
    }

    /// Whether the second host may have the headers that were sent to the first.
    fn may_follow(&self, from: &Endpoint, to: &Endpoint) -> bool {
        let leaks_trace = self.gives_trace(from) && !self.gives_trace(to);
        // Another policy may have given it.
        let has_baggage =
            carried::has_been_given_baggage(from) || self.keeps_present && self.gives_baggage(from);
        let leaks_baggage = has_baggage && !self.gives_baggage(to);
        !leaks_trace && !leaks_baggage
    }
}

fn endpoint(url: &Url) -> Endpoint {
    Destination::new(url.scheme(), url.authority(), url.path()).endpoint()
}
