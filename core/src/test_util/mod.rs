//! A collector for tests of your own spans: it keeps them in the process instead of sending them.
//!
//! [`collect`] returns a collector and makes its tracer current in the test. Traces that begin in
//! that scope are recorded by the collector, wherever their spans run, so that tests that run in
//! parallel do not see each other's spans.
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
//! test_util::assert_picture!(
//!     collector,
//!     "
//!     sandwich.make  service=test
//!     └─ butter.spread
//!     "
//! );
//! ```

#[doc(hidden)]
pub mod agent;
mod collected;
mod collector;
mod compare;
pub(crate) mod picture;
#[cfg(test)]
mod tests;
mod wait;

#[doc(inline)]
pub use self::compare::assert_picture;
pub use self::{
    collected::{CollectedSpan, CollectedTrace},
    collector::Collector,
    compare::assert_same_picture,
};
use crate::{Config, scope::TracerScope};

/// Returns a collector of the service `test`, and the scope in which its tracer is current.
///
/// The scope is bound to the calling thread. It also covers the tasks of a runtime that runs them
/// on this thread, as `#[tokio::test]` does; for tasks and threads that are spawned with
/// [`task`](crate::task) and [`thread`](crate::thread), wherever they run; for futures that carry a
/// span; and for any code that enters [`Collector::tracer`].
pub fn collect() -> (Collector, TracerScope) {
    collect_with(&Config::new().with_service("test"))
}

/// Like [`collect`], with a configuration: its service, headers, ids and HTTP settings apply.
pub fn collect_with(config: &Config) -> (Collector, TracerScope) {
    let collector = Collector::new(config);
    let scope = collector.tracer().enter();
    (collector, scope)
}
