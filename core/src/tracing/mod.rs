//! The `tracing` crate and packdog together: its spans in our traces, our ids in its logs.
//!
//! Libraries that know only `tracing` become visible through [`layer`]: each of their spans is a
//! span of ours as well, with the right parent, however the two kinds interleave.
//! [`CorrelatedJson`] and [`CorrelatedText`] write the ids of the current span into each log line,
//! by which Datadog shows logs and traces together.
//!
//! ```
//! use packdog::{
//!     correlation::LogCorrelation,
//!     tracing::{CorrelatedJson, layer},
//! };
//! use tracing_subscriber::{fmt, prelude::*, registry};
//!
//! let correlation = LogCorrelation::current(); // After `packdog::init()`.
//! let logs = fmt::layer().json().map_event_format(|json| CorrelatedJson::new(json, correlation));
//! let subscriber = registry().with(layer()).with(logs);
//! # drop(subscriber);
//! ```

mod belongs;
mod entered;
mod error;
mod event;
mod fields;
mod json;
mod layer;
#[cfg(test)]
mod tests;
mod text;

pub use self::{
    json::CorrelatedJson,
    layer::{SpanLayer, layer},
    text::CorrelatedText,
};
