//! The recording of spans, and the moment at which they are sent.

use std::time::Duration;

use crate::{
    Config,
    config::{declare::options, parse::positive_integer},
};

const DEFAULT_PARTIAL_FLUSH_MIN_SPANS: usize = 300;

options! {
    /// The recording of spans, and the moment at which they are sent.
    #[derive(Clone, Debug)]
    pub(crate) struct RecordingSettings at |config| config.recording;

    /// Whether anything is traced. `false` sends no spans and writes no headers.
    is_enabled: bool = true, {
        variables: ["DD_TRACE_ENABLED"],
        default: "`true`",
        set: with_enabled(is_enabled: bool) => is_enabled,
        get: is_enabled -> bool = |is_enabled| *is_enabled,
    }

    /// Whether new traces have 128-bit ids. Otherwise the ids have 64 bits.
    has_128_bit_trace_ids: bool = true, {
        variables: ["DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED"],
        default: "`true`",
        set: with_128_bit_trace_ids(has_128_bit_trace_ids: bool) => has_128_bit_trace_ids,
        get: has_128_bit_trace_ids -> bool = |has_128_bit_trace_ids| *has_128_bit_trace_ids,
    }

    /// Whether logs show all of a 128-bit trace id. Otherwise they show its low 64 bits.
    logs_128_bit_trace_ids: bool = true, {
        variables: ["DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED"],
        default: "`true`",
        set: with_128_bit_trace_ids_in_logs(logs_128_bit_trace_ids: bool) => logs_128_bit_trace_ids,
        get: logs_128_bit_trace_ids -> bool = |logs_128_bit_trace_ids| *logs_128_bit_trace_ids,
    }

    /// The time after which a span that is still open is reported, with the place that created it.
    /// For debugging.
    unfinished_after: Option<Duration> = None, {
        variables: ["PACKDOG_UNFINISHED_SPANS_AFTER_SECONDS"],
        default: "never",
        set: with_unfinished_after(after: Option<Duration>) => after,
        get: unfinished_after -> Option<Duration> = |after| *after,
    }

    /// Whether finished spans of a long trace are sent before its end.
    is_partial_flush_enabled: bool = true, {
        variables: ["DD_TRACE_PARTIAL_FLUSH_ENABLED"],
        default: "`true`",
    }

    /// The number of finished spans that are sent before the end of their trace.
    partial_flush_min_spans: usize = DEFAULT_PARTIAL_FLUSH_MIN_SPANS, {
        variables: ["DD_TRACE_PARTIAL_FLUSH_MIN_SPANS"],
        default: "`300`",
        read: |config, text| {
            config.recording.partial_flush_min_spans = positive_integer(text)?;
            Ok(())
        },
    }
}

impl Config {
    /// Sets the number of finished spans that are sent before the end of their trace
    /// (`DD_TRACE_PARTIAL_FLUSH_MIN_SPANS`), 300 by default; `None` waits for 10 000.
    pub fn with_partial_flush(mut self, min_spans: Option<usize>) -> Self {
        self.recording.is_partial_flush_enabled = min_spans.is_some();
        self.recording.partial_flush_min_spans =
            min_spans.unwrap_or(DEFAULT_PARTIAL_FLUSH_MIN_SPANS);
        self.set_by_code("DD_TRACE_PARTIAL_FLUSH_ENABLED");
        self.set_by_code("DD_TRACE_PARTIAL_FLUSH_MIN_SPANS");
        self
    }

    /// The number of finished spans that are sent before the end of their trace; `None` waits
    /// for 10 000.
    pub fn partial_flush(&self) -> Option<usize> {
        let recording = &self.recording;
        recording.is_partial_flush_enabled.then_some(recording.partial_flush_min_spans)
    }
}
