//! Integration with the `tracing` crate: its spans in Datadog traces, and trace ids in its logs.
//!
//! [`layer`] records libraries that only use `tracing`: each of their spans becomes a Datadog span
//! with the right parent, also if both kinds of spans interleave. [`CorrelatedJson`] and
//! [`CorrelatedText`] write the ids of the current span into each log line, with which Datadog
//! connects logs and traces.
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
