//! Rules that need all layers: spans from start to finish, misuse, limits, interleavings.

mod bounds;
mod hostile;
#[cfg(shuttle)]
mod interleavings;
mod limits;
mod spans;
