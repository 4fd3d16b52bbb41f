//! The route of a request, as axum declares it, and how it reaches a layer that cannot see it.
//!
//! Inside a router, requests have a `MatchedPath`. Around a whole router, and before
//! `nest_service`, they have none yet: there the layer leaves its span in the request's
//! extensions, and whoever of us sees the route first, a layer or an extractor inside, tells it.

use http::{Extensions, Uri};
use packdog::{Span, Tracer, tags};
use packdog_http::request;

/// The open span of a request, left in the request's extensions.
#[derive(Clone, Debug)]
pub(crate) struct RequestSpan {
    span: Span,
    tracer: Tracer,
    method: &'static str,
    is_grpc: bool,
}

impl RequestSpan {
    pub(crate) fn new(span: &Span, tracer: Tracer, method: &'static str, is_grpc: bool) -> Self {
        Self { span: span.clone(), tracer, method, is_grpc }
    }

    /// The tracer of the span.
    #[cfg(feature = "axum")]
    pub(crate) fn tracer(&self) -> &Tracer {
        &self.tracer
    }

    /// Records the route that `extensions` know, unless one is known already.
    pub(crate) fn learn_route(&self, extensions: &Extensions) {
        let Some(route) = matched_path(extensions) else { return };
        // The method of a gRPC call says more than the route of its service.
        if !self.is_grpc && !is_known(&self.span) {
            self.span.set_tag(tags::COMPONENT, "axum");
            self.span.set_tag(tags::http::ROUTE, route);
            if self.span.tag(tags::http::ENDPOINT).is_some() {
                self.span.set_tag(tags::http::ENDPOINT, route);
            }
            self.span.set_resource(request::resource_of_route(self.method, route));
        }
    }
}

/// Tells the route to the layer that traces this request; `false` if none does.
pub(crate) fn tell_outer(extensions: &Extensions) -> bool {
    let outer = extensions.get::<RequestSpan>();
    if let Some(outer) = outer {
        outer.learn_route(extensions);
    }
    outer.is_some()
}

/// Whether the span has a route.
pub(crate) fn is_known(span: &Span) -> bool {
    span.tag(tags::http::ROUTE).is_some()
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
