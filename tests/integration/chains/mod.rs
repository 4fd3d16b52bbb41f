//! Chains of services in Rust, Python and Node, whose tracers know nothing of each other but headers.
//!
//! ```text
//! test ──▶ first ──▶ second ──▶ third ··        all ──▶ ddapm-test-agent
//! ```
//! What the peers do by themselves is what ours is compared with; where the two of them differ, a test says so.

mod decisions;
mod fleet;
mod orders;
mod styles;
