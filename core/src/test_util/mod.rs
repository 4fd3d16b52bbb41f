//! A collector for tests of one's own spans: nothing is sent, everything can be looked at.
//!
//! [`collect`] makes a tracer that is current in the scope of the test. Traces that begin in that
//! scope belong to the collector wherever their spans run, so that tests running side by side do
//! not see each other's.
//!
//! ```
//! use packdog::{span, test_util};
//!
//! let (collector, _scope) = test_util::collect();
//! span("sandwich.make").in_scope(|span| {
//!     span.set_tag("num_ingredients", 3);
//!     span.child("butter.spread").in_scope(|_| ());
//! });
//! assert_eq!(collector.span("sandwich.make").number("num_ingredients"), Some(3.0));
//! assert_eq!(
//!     collector.picture(),
//!     "sandwich.make  service=test\n\
//!      └─ butter.spread\n"
//! );
//! ```

mod collected;
mod collector;
mod picture;
#[cfg(test)]
mod tests;

pub use self::{
    collected::{CollectedSpan, CollectedTrace},
    collector::Collector,
};
use crate::{Config, TracerScope};

/// A collector of the service `test`, and the scope in which its tracer is current.
///
/// The scope belongs to this thread, and to futures that are carried from here in a span; hand
/// [`Collector::tracer`] to what runs elsewhere.
pub fn collect() -> (Collector, TracerScope) {
    collect_with(&Config::new().with_service("test"))
}

/// Like [`collect`], with a configuration of one's own: its service, headers and ids count.
pub fn collect_with(config: &Config) -> (Collector, TracerScope) {
    let collector = Collector::new(config);
    let scope = collector.tracer().enter();
    (collector, scope)
}
