//! The `tracing` crate and packdog together: its spans in our traces.
//!
//! Libraries that know only `tracing` become visible through [`layer`]: each of their spans is a
//! span of ours as well, with the right parent, however the two kinds interleave.
//!
//! ```
//! use packdog::tracing::layer;
//! use tracing_subscriber::{prelude::*, registry};
//!
//! let subscriber = registry().with(layer());
//! # drop(subscriber);
//! ```

mod entered;
mod error;
mod event;
mod fields;
mod layer;
#[cfg(test)]
mod tests;

pub use self::layer::{SpanLayer, layer};
