//! Chains of services in Rust, Python and Node, whose tracers share nothing but headers.
//!
//! ```text
//! test ──▶ first ──▶ second ──▶ third ··        all ──▶ ddapm-test-agent
//! ```
//! Our service is compared with chains of peers alone; where the two peers differ, a test shows it.

mod decisions;
mod fleet;
mod orders;
mod styles;
