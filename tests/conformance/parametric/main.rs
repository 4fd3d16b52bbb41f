//! The parametric server under our own cases, one module for each file of DataDog/system-tests that we are to pass.
//!
//! ```text
//! test ──HTTP──▶ parametric-server, a fresh process ──spans──▶ ddapm-test-agent
//!   └────────────────── what it received ◀──────────────────────────┘
//! ```
//! The name of a test, or the first column of its table, is the rule that fails with it.

// Clippy lets functions beside the tests unwrap only below `cfg(test)`.
#[cfg(test)]
mod harness;

#[cfg(test)]
mod b3;
#[cfg(test)]
mod baggage;
#[cfg(test)]
mod config;
#[cfg(test)]
mod datadog;
#[cfg(test)]
mod endpoints;
#[cfg(test)]
mod extract_behavior;
#[cfg(test)]
mod fallback;
#[cfg(test)]
mod library_stats;
#[cfg(test)]
mod manual_sampling;
#[cfg(test)]
mod opentelemetry;
#[cfg(test)]
mod org_guard;
#[cfg(test)]
mod otel_env;
#[cfg(test)]
mod otel_tracestate;
#[cfg(test)]
mod partial_flush;
#[cfg(test)]
mod rate_limit;
#[cfg(test)]
mod span_events;
#[cfg(test)]
mod span_links;
#[cfg(test)]
mod span_sampling;
#[cfg(test)]
mod startup_logs;
#[cfg(test)]
mod styles;
#[cfg(test)]
mod trace_ids;
#[cfg(test)]
mod trace_sampling;
#[cfg(test)]
mod trace_tags;
#[cfg(test)]
mod tracecontext;
#[cfg(test)]
mod tracestate;
