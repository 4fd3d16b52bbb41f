//! Custom instrumentation, as an application does it: through `packdog` alone, seen by the
//! collector that it would use in tests of its own.
//!
//! One module per row of Datadog's page "Python Custom Instrumentation using the Datadog API",
//! in its order; from `tasks` on, features that only Rust has.

mod attribute;
mod baggage;
mod blocks;
mod by_hand;
mod current;
mod delivery;
mod errors;
mod headers;
mod library;
mod logs;
mod tags;

mod streams;
mod tasks;
mod tracing;
mod whole_trace;

mod example;
