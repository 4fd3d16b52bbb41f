//! The number of allocations on the calling thread, which is the same on every machine.
//!
//! A program of its own, because it counts with a global allocator.

#[cfg(test)]
mod headers;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod request;
