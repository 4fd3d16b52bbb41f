//! The policy that decides which callers may continue a trace, force a sampling decision or set
//! baggage.
//!
//! ```text
//! headers ──extract──▶ SpanContext ──Ingress::admit──▶ SpanContext ──▶ the span of the request
//! ```
//! Its counterpart on the way out is `Egress` of packdog-client.

mod acceptance;
mod policy;

pub use self::{acceptance::Acceptance, policy::Ingress};
