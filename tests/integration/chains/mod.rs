//! Chains of services in Rust, Python and Node, whose tracers know nothing of each other but headers.
//!
//! ```text
//! test ──▶ first ──▶ second ──▶ third ··        all ──▶ ddapm-test-agent
//! ```
//! Our service is compared with chains of peers alone; where the two peers differ, a test says so.

mod decisions;
mod fleet;
mod orders;
mod styles;
