//! The headers of one call: those that its host may have are written, the others removed.

use http::{HeaderMap, HeaderName, Uri};
use packdog::{Span, Tracer, http::Endpoint, propagation::HeaderKind, span::SpanContext};
use packdog_http::destination::Destination;

use super::{Egress, admit::Grant};

const KINDS: [HeaderKind; 2] = [HeaderKind::Trace, HeaderKind::Baggage];

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
        self.inject_context(span, &mut span.outgoing_context(), &endpoint, headers);
    }

    /// Reduces `context`, that of `span`, to the part which the host may have, and writes it.
    pub(crate) fn inject_context(
        &self,
        span: &Span,
        context: &mut SpanContext,
        endpoint: &Endpoint,
        headers: &mut HeaderMap,
    ) {
        let tracer = span.tracer().unwrap_or_else(Tracer::current);
        self.ledger.warn_of(&self.unreadable, &tracer);
        let given = Grant::to(endpoint, self);
        strip(given, headers);
        self.admit(endpoint, given, context, &tracer);
        #[cfg(feature = "reqwest")]
        if !context.baggage().is_empty() || names(headers, HeaderKind::Baggage).next().is_some() {
            super::carried::remember(endpoint);
        }
        if self.keeps_present {
            let mut ours = HeaderMap::new();
            span.inject_context(context, &mut ours);
            add_missing(headers, ours);
        } else {
            span.inject_context(context, headers);
        }
    }
}

/// Removes the headers that are not given.
pub(super) fn strip(given: Grant, headers: &mut HeaderMap) {
    for (kind, is_given) in KINDS.into_iter().zip([given.trace, given.baggage]) {
        if !is_given {
            for name in names(headers, kind).cloned().collect::<Vec<_>>() {
                headers.remove(name);
            }
        }
    }
}

/// Removes baggage of the application's own.
pub(crate) fn strip_baggage(headers: &mut HeaderMap) {
    strip(Grant { trace: true, baggage: false }, headers);
}

/// Returns the names of the headers of this kind that are present.
fn names(headers: &HeaderMap, kind: HeaderKind) -> impl Iterator<Item = &HeaderName> {
    headers.keys().filter(move |name| HeaderKind::of(name.as_str()) == Some(kind))
}

/// Adds our headers, unless one of the same kind is there: two traces in one request count as none.
fn add_missing(headers: &mut HeaderMap, ours: HeaderMap) {
    let missing = KINDS.map(|kind| names(headers, kind).next().is_none().then_some(kind));
    for (name, value) in ours {
        // The iterator yields a name once for all of its values.
        let Some(name) = name else { continue };
        let kind = HeaderKind::of(name.as_str());
        if kind.is_none() || missing.contains(&kind) {
            // A full map is left unchanged; `insert` would panic.
            let _ = headers.try_insert(name, value);
        }
    }
}
