//! Options of recording, and of delivery to the Datadog Agent.

use super::ConfigOption;
use crate::config::parse::{agent_host, boolean, positive_integer, positive_seconds};

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["DD_TRACE_ENABLED"],
        default: "`true`",
        about: "Whether anything is traced; `false` sends no spans and writes no headers.",
        takes_empty: false,
        read: |config, text| {
            config.is_enabled = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_AGENT_URL"],
        default: "made of `DD_AGENT_HOST` and `DD_TRACE_AGENT_PORT`; if neither is set, `unix:///var/run/datadog/apm.socket` if it is there",
        about: "Where the Datadog Agent listens: `http://host:port`, a path may follow, or `unix:///path`.",
        takes_empty: false,
        read: |config, text| {
            config.agent_url = Some(text.parse()?);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_AGENT_HOST", "DD_TRACE_AGENT_HOSTNAME"],
        default: "`localhost`",
        about: "Host of the Datadog Agent: a name or an address, IPv6 with or without brackets.",
        takes_empty: false,
        read: |config, text| {
            config.agent_host = Some(agent_host(text)?);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_AGENT_PORT"],
        default: "`8126`",
        about: "Port of the Datadog Agent.",
        takes_empty: false,
        read: |config, text| {
            config.agent_port = Some(positive_integer(text)?);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_AGENT_TIMEOUT_SECONDS"],
        default: "`2`",
        about: "How long one request to the Datadog Agent may take.",
        takes_empty: false,
        read: |config, text| {
            config.agent_timeout = positive_seconds(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_API_VERSION"],
        default: "`v0.4`",
        about: "Format in which traces are sent, `v0.4` or `v0.5`; the latter if the Datadog Agent takes it.",
        takes_empty: false,
        read: |config, text| {
            config.api_version = text.parse()?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_NATIVE_SPAN_EVENTS"],
        default: "`false`",
        about: "Whether span events have a field of their own in `v0.4` even if the Datadog Agent does not say that it knows it.",
        takes_empty: false,
        read: |config, text| {
            config.has_native_span_events = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_EXTERNAL_ENV"],
        default: "none",
        about: "Where the process runs, as Datadog's admission controller sets it; handed to the Datadog Agent.",
        takes_empty: false,
        read: |config, text| {
            config.external_env = Some(text.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_128_BIT_TRACEID_GENERATION_ENABLED"],
        default: "`true`",
        about: "Whether new traces get ids of 128 bits; 64 otherwise.",
        takes_empty: false,
        read: |config, text| {
            config.has_wide_trace_ids = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_128_BIT_TRACEID_LOGGING_ENABLED"],
        default: "`true`",
        about: "Whether logs show trace ids of 128 bits whole; their low 64 bits otherwise.",
        takes_empty: false,
        read: |config, text| {
            config.logs_wide_trace_ids = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["PACKDOG_UNFINISHED_SPANS_AFTER_SECONDS"],
        default: "never",
        about: "After how long a span that is still open is reported, with the place that created it; for debugging.",
        takes_empty: false,
        read: |config, text| {
            config.unfinished_after = Some(positive_seconds(text)?);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_PARTIAL_FLUSH_ENABLED"],
        default: "`true`",
        about: "Whether finished spans of a long trace leave before its end.",
        takes_empty: false,
        read: |config, text| {
            config.is_partial_flush_enabled = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_PARTIAL_FLUSH_MIN_SPANS"],
        default: "`300`",
        about: "How many finished spans leave before the end of their trace.",
        takes_empty: false,
        read: |config, text| {
            config.partial_flush_min_spans = positive_integer(text)?;
            Ok(())
        },
    },
];
