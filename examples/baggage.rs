//! Baggage across three services.
fn main() {}
