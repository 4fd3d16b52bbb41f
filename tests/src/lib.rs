//! What the tests need.

pub mod client_recorder;
pub mod peers;
pub mod recorder;
