//! Extractors for axum handlers; only that of a typed baggage item can reject a request.
//!
//! Each also reports the route to a layer around the whole router, which cannot see it.

use std::{convert::Infallible, fmt, ops::Deref};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use packdog::{
    Span, current_root_span, current_span,
    span::{BaggageItem, SpanBaggage, SpanContext},
};

use crate::{Handshake, route, unlayered};

/// The span that is current where the handler runs; without a layer, a handle to no span.
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
/// Items that are set on it go along with the calls that the handler makes from then on.
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

/// The context from which other services continue the span that is current where the handler runs:
/// to pass to work outside this process, such as a queue message.
#[derive(Clone)]
pub struct TraceContext(pub SpanContext);

/// The ids alone: baggage may be private.
impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TraceContext").field(&self.0.trace_id()).field(&self.0.span_id()).finish()
    }
}

macro_rules! extractor {
    ($extractor:ident($target:ty) = $of_span:expr) => {
        impl Deref for $extractor {
            type Target = $target;

            fn deref(&self) -> &$target {
                &self.0
            }
        }

        impl<S: Send + Sync> FromRequestParts<S> for $extractor {
            type Rejection = Infallible;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
                route::tell_layer(&parts.extensions);
                let span = current_span();
                if span.is_nothing() {
                    unlayered::warn_once(stringify!($extractor), parts);
                }
                Ok(Self($of_span(span)))
            }
        }
    };
}

extractor!(ActiveSpan(Span) = |span| span);
extractor!(RootSpan(Span) = |_| current_root_span());
extractor!(ActiveBaggage(SpanBaggage) = |span: Span| span.baggage());
extractor!(TraceContext(SpanContext) = |span: Span| span.context());

impl<S: Send + Sync> FromRequestParts<S> for Handshake {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        route::tell_layer(&parts.extensions);
        let span = current_span();
        Ok(Self::of(&span, span.tracer()))
    }
}

/// The baggage item of type `T`.
///
/// As `Option<BaggageValue<T>>` it is `None` where there is no such item.
///
/// ```
/// use packdog::span::BaggageItem;
/// use packdog_server::BaggageValue;
///
/// #[derive(Debug)]
/// struct TenantId(u64);
///
/// impl BaggageItem for TenantId {
///     const KEY: &'static str = "tenant.id";
/// }
/// # impl std::str::FromStr for TenantId {
/// #     type Err = std::num::ParseIntError;
/// #     fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
/// # }
/// # impl std::fmt::Display for TenantId {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
/// # }
///
/// async fn orders(BaggageValue(tenant): BaggageValue<TenantId>) -> String {
///     format!("orders of tenant {tenant}")
/// }
/// ```
///
/// # Errors
/// The item is not there, or cannot be read: the request is rejected with 400.
#[derive(Clone, Copy, Debug)]
pub struct BaggageValue<T>(pub T);

/// The reason why a [`BaggageValue`] could not be extracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaggageValueRejection {
    /// There is no baggage item of this key.
    Missing(&'static str),
    /// The baggage item of this key cannot be read.
    Malformed(&'static str),
}

impl fmt::Display for BaggageValueRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(key) => write!(f, "no baggage item {key}"),
            Self::Malformed(key) => write!(f, "malformed baggage item {key}"),
        }
    }
}

impl std::error::Error for BaggageValueRejection {}

impl IntoResponse for BaggageValueRejection {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.to_string()).into_response()
    }
}

/// The item, if it is there.
fn item<T: BaggageItem>(parts: &Parts) -> Result<Option<BaggageValue<T>>, BaggageValueRejection> {
    route::tell_layer(&parts.extensions);
    let item = current_span().baggage().value::<T>().transpose();
    let item = item.map_err(|_| BaggageValueRejection::Malformed(T::KEY))?;
    Ok(item.map(BaggageValue))
}

impl<S: Send + Sync, T: BaggageItem> FromRequestParts<S> for BaggageValue<T> {
    type Rejection = BaggageValueRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, BaggageValueRejection> {
        item(parts)?.ok_or(BaggageValueRejection::Missing(T::KEY))
    }
}

impl<S: Send + Sync, T: BaggageItem> OptionalFromRequestParts<S> for BaggageValue<T> {
    type Rejection = BaggageValueRejection;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Option<Self>, BaggageValueRejection> {
        item(parts)
    }
}
