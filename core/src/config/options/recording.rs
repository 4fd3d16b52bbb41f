//! The recording of spans, and the moment at which they are sent.

use std::time::Duration;

use packdog_api::implementation::MAX_WAITING_SPANS;

use crate::{
    Config,
    config::{
        ParseError,
        declare::options,
        parse::{positive_integer, set_within},
        warning::Unusable,
    },
};

const DEFAULT_PARTIAL_FLUSH_MIN_SPANS: usize = 300;

const MIN_SPANS: &str = "DD_TRACE_PARTIAL_FLUSH_MIN_SPANS";

options! {
    /// The recording of spans, and the moment at which they are sent.
    #[derive(Clone, Debug)]
    pub(crate) struct RecordingSettings at |config| config.recording;

    /// Whether anything is traced. `false` sends no spans and writes no headers.
    is_enabled: bool = true, {
        variables: ["DD_TRACE_ENABLED"],
        default: "`true`",
        /// Sets whether anything is traced. `false` sends no spans and writes no headers.
        set: with_enabled(is_enabled: bool) => is_enabled,
        get: is_enabled -> bool = |is_enabled| *is_enabled,
    }

    /// Whether new traces have 128-bit ids. Otherwise the ids have 64 bits.
    has_128_bit_trace_ids: bool = true, {
        variables: ["DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED"],
        default: "`true`",
        /// Sets whether new traces have 128-bit ids. Otherwise the ids have 64 bits.
        set: with_128_bit_trace_ids(has_128_bit_trace_ids: bool) => has_128_bit_trace_ids,
        get: has_128_bit_trace_ids -> bool = |has_128_bit_trace_ids| *has_128_bit_trace_ids,
    }

    /// Whether logs show all of a 128-bit trace id. Otherwise they show its low 64 bits.
    logs_128_bit_trace_ids: bool = true, {
        variables: ["DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED"],
        default: "`true`",
        /// Sets whether logs show all of a 128-bit trace id. Otherwise they show its low 64 bits.
        set: with_128_bit_trace_ids_in_logs(logs_128_bit_trace_ids: bool) => logs_128_bit_trace_ids,
        get: logs_128_bit_trace_ids -> bool = |logs_128_bit_trace_ids| *logs_128_bit_trace_ids,
    }

    /// The time after which a span that is still open is listed by `Tracer::unfinished()`. A
    /// warning, at most once a minute, names the oldest one and the place that created it. For
    /// debugging.
    unfinished_after: Option<Duration> = None, {
        variables: ["PACKDOG_UNFINISHED_SPANS_AFTER_SECONDS"],
        default: "never",
        /// Sets the time after which a span that is still open is listed by
        /// [`Tracer::unfinished`](crate::Tracer::unfinished); `None` for never. A warning, at most
        /// once a minute, names the oldest one and the place that created it. For debugging.
        set: with_unfinished_after(after: Option<Duration>) => after,
        get: unfinished_after -> Option<Duration> = |after| *after,
    }

    /// Whether finished spans of a long trace are sent before its end.
    is_partial_flush_enabled: bool = true, {
        variables: ["DD_TRACE_PARTIAL_FLUSH_ENABLED"],
        default: "`true`",
    }

    /// The number of finished spans at which a trace that is still open sends them, from 1 to
    /// 10000.
    partial_flush_min_spans: usize = DEFAULT_PARTIAL_FLUSH_MIN_SPANS, {
        variables: ["DD_TRACE_PARTIAL_FLUSH_MIN_SPANS"],
        default: "`300`",
        read: |config, text| {
            bounded(&mut config.recording.partial_flush_min_spans, positive_integer(text)?)
        },
    }
}

impl Config {
    /// Sets the number of finished spans at which a trace that is still open sends them; `None`
    /// sends them only from 10 000 on, which is also the largest number.
    ///
    /// Beyond 1 to 10 000, the nearest one is used, and there is a [warning](Config::warnings).
    ///
    /// Variables: `DD_TRACE_PARTIAL_FLUSH_MIN_SPANS` and `DD_TRACE_PARTIAL_FLUSH_ENABLED`; default:
    /// 300.
    pub fn with_partial_flush(mut self, min_spans: Option<usize>) -> Self {
        self.recording.is_partial_flush_enabled = min_spans.is_some();
        self.set_by_code("DD_TRACE_PARTIAL_FLUSH_ENABLED");
        self.set_by_code(MIN_SPANS);
        let min_spans = min_spans.unwrap_or(DEFAULT_PARTIAL_FLUSH_MIN_SPANS);
        if let Err(error) = bounded(&mut self.recording.partial_flush_min_spans, min_spans) {
            self.unusable.push(Unusable::of(MIN_SPANS, &min_spans.to_string(), error));
        }
        self
    }

    /// The number of finished spans at which a trace that is still open sends them; with `None`
    /// it sends them only from 10 000 on.
    pub fn partial_flush(&self) -> Option<usize> {
        let recording = &self.recording;
        recording.is_partial_flush_enabled.then_some(recording.partial_flush_min_spans)
    }
}

fn bounded(place: &mut usize, min_spans: usize) -> Result<(), ParseError> {
    set_within(place, min_spans, 1..=MAX_WAITING_SPANS, "from 1 to 10000")
}
