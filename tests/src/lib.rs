//! What the tests need.

pub mod peers;
