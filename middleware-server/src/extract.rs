//! Extractors for axum handlers; they never reject a request.
//!
//! Each also tells the route to a layer around the whole router, which cannot see it.

use std::{convert::Infallible, ops::Deref};

use axum::{extract::FromRequestParts, http::request::Parts};
use packdog::{Span, SpanBaggage, current_root_span, current_span};

use crate::route;

/// The span that is current where the handler runs; without a layer around, it is nothing.
///
/// ```
/// use packdog_server::ActiveSpan;
///
/// async fn user(span: ActiveSpan) {
///     span.set_tag("user.plan", "pro");
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ActiveSpan(pub Span);

/// The first span in this process of the trace: usually that of the request.
#[derive(Clone, Debug)]
pub struct RootSpan(pub Span);

/// The baggage of the span that is current where the handler runs.
///
/// What is set on it goes along with the calls that the handler makes from then on.
///
/// ```
/// use packdog_server::ActiveBaggage;
///
/// async fn user(baggage: ActiveBaggage) -> String {
///     baggage.set("plan", "pro");
///     baggage.get("tenant").unwrap_or_default()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct ActiveBaggage(pub SpanBaggage);

macro_rules! extractor {
    ($extractor:ident($target:ty) = $current:expr) => {
        impl Deref for $extractor {
            type Target = $target;

            fn deref(&self) -> &$target {
                &self.0
            }
        }

        impl<S: Send + Sync> FromRequestParts<S> for $extractor {
            type Rejection = Infallible;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
                route::tell_outer(&parts.extensions);
                Ok(Self($current))
            }
        }
    };
}

extractor!(ActiveSpan(Span) = current_span());
extractor!(RootSpan(Span) = current_root_span());
extractor!(ActiveBaggage(SpanBaggage) = current_span().baggage());
