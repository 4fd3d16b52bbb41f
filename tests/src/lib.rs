//! What the tests need.

pub mod client_recorder;
pub mod peers;
pub mod recorder;
pub mod rust_service;

/// The examples of the README, compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
