//! Helpers shared by the packages of packdog. Not for other packages: they may change in any
//! version.

#[cfg(all(feature = "agent", feature = "test-util"))]
pub use crate::agent::plain as wire;
pub use packdog_api::internal::*;

pub use crate::without_tracer::write_without_tracer;
