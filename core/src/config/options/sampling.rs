//! Options of sampling: which traces are kept.

use super::ConfigOption;
use crate::config::parse::{integer, sample_rate};

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["DD_TRACE_SAMPLE_RATE"],
        default: "the Datadog Agent decides",
        about: "Fraction of new traces that is kept, from `0` to `1`.",
        takes_empty: false,
        read: |config, text| {
            config.sample_rate = Some(sample_rate(text)?);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_RATE_LIMIT"],
        default: "`100`",
        about: "The most new traces that `DD_TRACE_SAMPLE_RATE` keeps in a second; below `0` there is no limit.",
        takes_empty: false,
        read: |config, text| {
            config.rate_limit = integer(text)?;
            Ok(())
        },
    },
];
