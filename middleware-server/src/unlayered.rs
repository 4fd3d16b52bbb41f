//! The message for a handler that asks for its span on a route that no layer covers.

use axum::http::request::Parts;
use packdog::Tracer;

use crate::route;

/// Writes the message once for each tracer, with the first such route.
///
/// An ignored request does not come here: it has a span, which records nothing.
pub(crate) fn warn_once(extractor: &str, parts: &Parts) {
    let route = route::matched_path(&parts.extensions).unwrap_or_else(|| parts.uri.path());
    let message = format_args!(
        "{extractor} found no span in the handler of {route:?}: no ServerTraceLayer is around this \
         route. Router::layer covers only the routes that were added before it: call it last."
    );
    Tracer::current().warn_once("server.unlayered", "", &message);
}
