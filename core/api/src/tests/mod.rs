//! Rules that need all layers: spans from start to finish, misuse, limits, interleavings.

mod hostile;
#[cfg(shuttle)]
mod interleavings;
mod limits;
mod spans;
