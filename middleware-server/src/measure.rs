//! The size of a body that has left, and the time of its first byte.

use std::time::{Duration, Instant};

use packdog::{Span, tags};

/// Counts the bytes of one response body.
#[derive(Debug)]
pub(crate) struct BodyMeasure {
    start: Instant,
    first_byte: Option<Duration>,
    bytes: u64,
}

impl BodyMeasure {
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), first_byte: None, bytes: 0 }
    }

    /// Counts a frame of so many bytes, which is handed to the server now.
    pub(crate) fn pass(&mut self, bytes: u64) {
        if bytes > 0 {
            self.first_byte.get_or_insert_with(|| self.start.elapsed());
            self.bytes = self.bytes.saturating_add(bytes);
        }
    }

    pub(crate) fn tag(&self, span: &Span) {
        span.set_derived_tag(tags::http::RESPONSE_BYTES, self.bytes);
        if let Some(first_byte) = self.first_byte {
            let nanos = u64::try_from(first_byte.as_nanos()).unwrap_or(u64::MAX);
            span.set_derived_tag(tags::http::TIME_TO_FIRST_BYTE, nanos);
        }
    }
}
