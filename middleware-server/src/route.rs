//! The route of a request, as axum declares it, and its way to a layer outside of the router.
//!
//! Inside a router, requests have a `MatchedPath`. Around a whole router, and before
//! `nest_service`, they have none yet: there the layer leaves its span in the request's
//! extensions, and the first of our layers or extractors inside that sees the route records it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use http::{Extensions, Uri};
use packdog::{Span, tags};
use packdog_http::request;

/// Whether the route of a request is known; shared by the layers and extractors that may see it.
#[derive(Clone, Debug)]
pub(crate) enum RouteCell {
    /// Known from the start, or of no interest: nothing has to be shared.
    Known,
    Open(Arc<AtomicBool>),
}

impl Default for RouteCell {
    fn default() -> Self {
        Self::Open(Arc::default())
    }
}

impl RouteCell {
    pub(crate) fn is_known(&self) -> bool {
        match self {
            Self::Known => true,
            Self::Open(is_known) => is_known.load(Relaxed),
        }
    }

    /// Marks the route as known; `false` if it was so already.
    fn learn(&self) -> bool {
        match self {
            Self::Known => false,
            Self::Open(is_known) => !is_known.swap(true, Relaxed),
        }
    }
}

/// Marks a request that a layer traces and whose route it knows.
///
/// A mark without content costs no allocation; a [`RequestSpan`] would cost one and never be read.
#[derive(Clone, Copy, Debug)]
struct Traced;

/// Whether a layer of ours traces this request already.
pub(crate) fn is_traced(extensions: &Extensions) -> bool {
    extensions.get::<RequestSpan>().is_some() || extensions.get::<Traced>().is_some()
}

/// Marks a request as traced, whose route is known.
pub(crate) fn mark_traced(extensions: &mut Extensions) {
    extensions.insert(Traced);
}

/// Marks a request that passed a layer whose own tracer is disabled. A layer further in may trace it.
#[derive(Clone, Copy, Debug)]
struct Passed;

/// Marks a request as one that a layer leaves alone.
pub(crate) fn mark_passed(extensions: &mut Extensions) {
    extensions.insert(Passed);
}

/// Whether a layer of ours is around the handler of this request, whether it traces it or not.
#[cfg(feature = "axum")]
pub(crate) fn is_covered(extensions: &Extensions) -> bool {
    is_traced(extensions) || extensions.get::<Passed>().is_some()
}

/// The open span of a request whose route is not known yet, left in the request's extensions.
#[derive(Clone, Debug)]
pub(crate) struct RequestSpan {
    pub(crate) span: Span,
    pub(crate) method: &'static str,
    /// Whether the span shows an endpoint, which the route replaces.
    pub(crate) has_endpoint: bool,
    pub(crate) route: RouteCell,
}

/// Shows the route on a span that has started without it.
fn show(span: &Span, method: &'static str, route: &str, has_endpoint: bool) {
    span.set_derived_tag(tags::COMPONENT, "axum");
    span.set_derived_tag(tags::http::ROUTE, route);
    if has_endpoint {
        span.set_derived_tag(tags::http::ENDPOINT, route);
    }
    span.set_derived_resource(request::resource_of_route(method, route));
}

/// Shows the route that is known here on the span of the layer that traces this request, unless
/// that layer knows one already.
pub(crate) fn tell_layer(extensions: &Extensions) {
    if let Some(outer) = extensions.get::<RequestSpan>()
        && let Some(route) = matched_path(extensions)
        && outer.route.learn()
    {
        show(&outer.span, outer.method, route, outer.has_endpoint);
    }
}

/// The route that matched, with the prefixes of the routers around it.
#[cfg(feature = "axum")]
pub(crate) fn matched_path(extensions: &Extensions) -> Option<&str> {
    extensions.get::<axum::extract::MatchedPath>().map(|path| path.as_str())
}

/// The URI before `nest` took prefixes off its path.
#[cfg(feature = "axum")]
pub(crate) fn original_uri(extensions: &Extensions) -> Option<&Uri> {
    extensions.get::<axum::extract::OriginalUri>().map(|uri| &uri.0)
}

#[cfg(not(feature = "axum"))]
pub(crate) fn matched_path(_: &Extensions) -> Option<&str> {
    None
}

#[cfg(not(feature = "axum"))]
pub(crate) fn original_uri(_: &Extensions) -> Option<&Uri> {
    None
}
