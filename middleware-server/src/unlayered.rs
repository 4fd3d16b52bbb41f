//! The message for a handler that asks for its span on a route that no layer covers.

use axum::http::request::Parts;
use packdog::Tracer;

use crate::route;

/// Writes the message once for each tracer, with the first such route.
///
/// It is not written where a layer is: an ignored request has a span, which records nothing; a layer
/// with a disabled tracer opens none, and in a task of its own a handler does not have it.
pub(crate) fn warn_once(extractor: &str, parts: &Parts) {
    if route::is_covered(&parts.extensions) {
        return;
    }
    let route = route::matched_path(&parts.extensions).unwrap_or_else(|| parts.uri.path());
    let message = format_args!(
        "{extractor} found no span in the handler of {route:?}: no ServerTraceLayer is around this \
         route. Router::layer covers only the routes that were added before it: call it last."
    );
    Tracer::current().warn_once("server.unlayered", "", &message);
}
