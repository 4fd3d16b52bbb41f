//! One current span for both APIs.
//!
//! Each scope of packdog also attaches a context, so OpenTelemetry's stack holds the scopes of both
//! APIs in their true order, and its top is the most recent one:
//!
//! ```text
//! packdog enter(A)     contexts: [A']            A' = context with a view of A
//! cx(B).attach()                 [A', B]         current span of both APIs: B
//! packdog enter(C)               [A', B, C']     C
//! drop C                         [A', B]         B
//! ```

mod beside;
mod bridge;
mod resolve;

pub(crate) use self::{beside::Beside, bridge::Bridge, resolve::span_of};
