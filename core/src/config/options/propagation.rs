//! Options of the headers by which trace and baggage travel.

use super::ConfigOption;
use crate::{
    config::{
        ParseError,
        parse::{boolean, limit, list},
    },
    propagation::{BaggageTagKeys, ExtractBehavior, Styles},
};

const STYLES: &str = "`datadog,tracecontext,baggage`";

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["DD_TRACE_PROPAGATION_STYLE"],
        default: STYLES,
        about: "Header styles: `datadog`, `tracecontext`, `b3multi`, `b3`, `baggage`, or `none`.",
        takes_empty: false,
        read: |config, text| styles(Styles::parse(text), &mut config.propagation.style),
    },
    ConfigOption {
        env: &["DD_TRACE_PROPAGATION_STYLE_EXTRACT"],
        default: "`DD_TRACE_PROPAGATION_STYLE`",
        about: "Header styles that are read; the first one that has a trace decides.",
        takes_empty: false,
        read: |config, text| styles(Styles::parse(text), &mut config.propagation.extract_style),
    },
    ConfigOption {
        env: &["DD_TRACE_PROPAGATION_STYLE_INJECT"],
        default: "`DD_TRACE_PROPAGATION_STYLE`",
        about: "Header styles that are written.",
        takes_empty: false,
        read: |config, text| styles(Styles::parse(text), &mut config.propagation.inject_style),
    },
    ConfigOption {
        env: &["OTEL_PROPAGATORS"],
        default: STYLES,
        about: "Header styles, where none of the three above is set.",
        takes_empty: false,
        read: |config, text| {
            styles(Styles::parse_otel(text), &mut config.propagation.otel_propagators)
        },
    },
    ConfigOption {
        env: &["DD_TRACE_PROPAGATION_EXTRACT_FIRST"],
        default: "`false`",
        about: "Whether reading stops at the first style that has a trace.",
        takes_empty: false,
        read: |config, text| {
            config.propagation.extract_first = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT"],
        default: "`continue`",
        about: "What is done with a trace that comes: `continue`, `restart` (a new one with a link), `ignore`.",
        takes_empty: false,
        read: |config, text| {
            let behavior = ExtractBehavior::parse(text).ok_or(ParseError::ExtractBehavior)?;
            config.propagation.extract_behavior = behavior;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH"],
        default: "`512`",
        about: "The most bytes of `x-datadog-tags`; `0` switches the header off.",
        takes_empty: false,
        read: |config, text| {
            config.propagation.x_datadog_tags_max_bytes = limit(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_BAGGAGE_MAX_ITEMS"],
        default: "`64`",
        about: "The most items of baggage that travel.",
        takes_empty: false,
        read: |config, text| {
            config.propagation.baggage_max_items = limit(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_BAGGAGE_MAX_BYTES"],
        default: "`8192`",
        about: "The most bytes of baggage that travel.",
        takes_empty: false,
        read: |config, text| {
            config.propagation.baggage_max_bytes = limit(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_BAGGAGE_TAG_KEYS"],
        default: "`user.id,session.id,account.id`",
        about: "Baggage items that become tags `baggage.<key>` of the local root; `*` for all, empty for none.",
        takes_empty: true,
        read: |config, text| {
            config.propagation.baggage_tag_keys = BaggageTagKeys::parse(text);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_PROPAGATION_HTTP_BAGGAGE_ENABLED"],
        default: "`false`",
        about: "Whether baggage is also read from and written to the old headers `ot-baggage-*`.",
        takes_empty: false,
        read: |config, text| {
            config.propagation.http_baggage_enabled = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_ORG_GUARD_ENABLED"],
        default: "`false`",
        about: "Whether priority, origin and tags of a trace that comes from another organisation are dropped; the Datadog Agent says which is ours.",
        takes_empty: false,
        read: |config, text| {
            config.propagation.org_guard_enabled = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_ORG_GUARD_STRICT"],
        default: "`false`",
        about: "Whether a trace that names no organisation is as one of another.",
        takes_empty: false,
        read: |config, text| {
            config.propagation.org_guard_strict = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_ORG_GUARD_TRUSTED_OPMS"],
        default: "none",
        about: "Markers of other organisations that are trusted, separated by commas.",
        takes_empty: false,
        read: |config, text| {
            config.propagation.org_guard_trusted_opms = list(text);
            Ok(())
        },
    },
];

/// Takes what is known of a list, and says what is not.
fn styles(
    (known, unknown): (Option<Styles>, Vec<&str>),
    into: &mut Option<Styles>,
) -> Result<(), ParseError> {
    into.clone_from(&known);
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown = unknown.into_iter().map(str::to_owned).collect();
    Err(ParseError::UnknownNames { unknown, used: known.map(|styles| styles.to_string()) })
}
