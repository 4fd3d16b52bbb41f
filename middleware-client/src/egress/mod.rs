//! The policy that decides which hosts get trace headers, and which get baggage.
//!
//! ```text
//! the span of the call ──▶ SpanContext ──Egress::admit──▶ SpanContext ──inject──▶ headers
//!                                             └── withheld parts: counted, warned about
//! ```
//! Its counterpart on the way in is `Ingress` of packdog-server.
//! The host counts as it stands in the URL, never a `Host` header, and nothing is looked up.

mod admit;
#[cfg(feature = "reqwest")]
mod carried;
mod headers;
mod policy;
mod receivers;
#[cfg(feature = "tower-http")]
mod redirect;
#[cfg(feature = "reqwest")]
mod reqwest_redirect;
mod withheld;

pub(crate) use self::headers::strip_baggage;
pub use self::{
    policy::Egress,
    withheld::{MAX_WITHHELD_HOSTS, Withheld},
};
