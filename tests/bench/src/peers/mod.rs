//! Other tracers, set up as an application would, and the work that each omits.

pub(crate) mod datadog;
pub(crate) mod fast;
pub(crate) mod libdatadog;
pub(crate) mod otel;
mod sdk;

use std::{ops::Deref, time::Duration};

/// Longer than any delivery takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Delivers when dropped, so that the delivery is part of the measurement.
#[derive(Debug)]
pub(crate) struct Delivered<T>(T, fn(&T));

impl<T> Drop for Delivered<T> {
    fn drop(&mut self) {
        (self.1)(&self.0);
    }
}

impl<T> Deref for Delivered<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
