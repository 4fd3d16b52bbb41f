//! Statistics about all finished spans, computed before any of them is dropped.
//!
//! ```text
//! finished span ──facts──▶ key, measures ──▶ bucket of ten seconds: rows by key
//!                                                      │ full
//!                                                  payload ──▶ Agent /v0.6/stats
//! ```
//! The tracer computes them where the Datadog Agent offers to leave that to it. Then it need not
//! send what sampling drops. All of this happens on the thread of the sender.

mod bucket;
mod buckets;
mod computation;
mod facts;
mod filter;
mod grpc;
mod info;
mod key;
mod payload;
mod peer_tags;
mod rows;
mod sketch;
mod text_hash;

pub(crate) use self::{
    computation::{STATS_INTERVAL, StatsBody, StatsComputation},
    info::{STATS_PATH, StatsInfo},
};
