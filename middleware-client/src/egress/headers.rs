//! The headers of one call: those that its host may have are written, the others removed.

use std::collections::HashSet;

use http::{HeaderMap, Uri};
use packdog::{Baggage, Span, Tracer, http::Endpoint, propagation::HeaderKind, span::SpanContext};
use packdog_http::destination::Destination;

use super::Egress;

/// The facts about a call that decide about its headers.
pub(crate) struct Call<'a> {
    pub(crate) endpoint: Endpoint,
    /// The tracer that logs warnings.
    pub(crate) tracer: &'a Tracer,
    /// Whether the call may carry baggage at all.
    pub(crate) has_baggage: bool,
}

impl Egress {
    /// Writes the headers by which the called service continues from `span`, as far as its host
    /// may have them: for clients that cannot have a middleware.
    ///
    /// ```
    /// use http::{HeaderMap, Uri};
    /// use packdog_client::Egress;
    ///
    /// let uri = Uri::from_static("https://api.example.com/orders");
    /// let mut headers = HeaderMap::new();
    /// Egress::new().inject(&packdog::current_span(), &uri, &mut headers);
    /// ```
    pub fn inject(&self, span: &Span, uri: &Uri, headers: &mut HeaderMap) {
        let endpoint = Destination::of_uri(uri).endpoint();
        let tracer = Tracer::current();
        self.inject_call(span, &Call { endpoint, tracer: &tracer, has_baggage: true }, headers);
    }

    pub(crate) fn inject_call(&self, span: &Span, call: &Call<'_>, headers: &mut HeaderMap) {
        self.ledger.warn_of(&self.unreadable, call.tracer);
        let given = self.given_to(&call.endpoint);
        given.strip(headers);
        let admit = |mut context: SpanContext| {
            if !call.has_baggage {
                context = context.with_baggage(Baggage::new());
            }
            self.admit(given, &call.endpoint, context, call.tracer)
        };
        if self.keeps_present {
            let mut ours = HeaderMap::new();
            span.inject_part(&mut ours, admit);
            add_missing(headers, ours);
        } else {
            span.inject_part(headers, admit);
        }
    }
}

/// Adds our headers, unless one of the same kind is there: two traces in one request count as none.
fn add_missing(headers: &mut HeaderMap, ours: HeaderMap) {
    let present =
        headers.keys().filter_map(|name| HeaderKind::of(name.as_str())).collect::<HashSet<_>>();
    for (name, value) in ours {
        // The iterator yields a name once for all of its values.
        let Some(name) = name else { continue };
        if HeaderKind::of(name.as_str()).is_none_or(|kind| !present.contains(&kind)) {
            headers.insert(name, value);
        }
    }
}
