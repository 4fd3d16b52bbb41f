//! The sizes and times of the delivery that no setting changes; tests make them smaller.

use std::time::Duration;

use super::{Limits, Retry};

/// The time for which chunks wait for others.
const INTERVAL: Duration = Duration::from_secs(1);
/// The most bytes of one body. The Datadog Agent accepts 25 MB by default.
const MAX_PAYLOAD_BYTES: usize = 10 << 20;

/// The sizes and times of the delivery.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tuning {
    pub(crate) limits: Limits,
    pub(crate) retry: Retry,
    /// The time between two requests, unless a batch fills up before.
    pub(crate) interval: Duration,
    pub(crate) max_payload_bytes: usize,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            retry: Retry::default(),
            interval: INTERVAL,
            max_payload_bytes: MAX_PAYLOAD_BYTES,
        }
    }
}
