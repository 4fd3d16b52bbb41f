//! What the tests need.
