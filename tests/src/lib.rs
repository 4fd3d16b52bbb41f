//! What the tests need.

pub mod client_recorder;
pub mod peers;
pub mod recorder;

/// The examples of the README, compiled and run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
pub mod rust_service;
