//! Which hosts get trace headers, and which get baggage.
//!
//! ```text
//! URL ──▶ Endpoint ──Receivers──▶ what it may have ──▶ headers that are written
//!                                       └── what it may not ──▶ removed, counted, warned about
//! ```
//! The host counts as it stands in the URL, never a `Host` header, and nothing is looked up.

mod headers;
mod policy;
mod receivers;
mod redirect;
#[cfg(feature = "reqwest")]
mod reqwest_redirect;
mod withheld;

pub(crate) use self::headers::Call;
pub use self::{
    policy::Egress,
    withheld::{MAX_WITHHELD_HOSTS, Withheld},
};
