//! Options of the spans of HTTP servers and clients.

use std::fmt::Display;

use super::ConfigOption;
use crate::{
    config::{ParseError, parse::boolean},
    http::{ClientIp, HeaderTags, QueryRedaction, StatusRanges},
};

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["DD_TRACE_HTTP_SERVER_ERROR_STATUSES"],
        default: "`500-599`",
        about: "Answers that mark a server span as an error: statuses and ranges, separated by commas.",
        takes_empty: false,
        read: |config, text| statuses(text, &mut config.http.server_error_statuses),
    },
    ConfigOption {
        env: &["DD_TRACE_HTTP_CLIENT_ERROR_STATUSES"],
        default: "`400-499`",
        about: "Answers that mark a client span as an error.",
        takes_empty: false,
        read: |config, text| statuses(text, &mut config.http.client_error_statuses),
    },
    ConfigOption {
        env: &["DD_HTTP_SERVER_TAG_QUERY_STRING", "DD_TRACE_HTTP_SERVER_TAG_QUERY_STRING"],
        default: "`true`",
        about: "Whether `http.url` of server spans has a query.",
        takes_empty: false,
        read: |config, text| {
            config.http.server_query_enabled = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_HTTP_URL_QUERY_STRING_DISABLED"],
        default: "`false`",
        about: "`true` leaves the query out of `http.url` of server spans, whatever the option above says.",
        takes_empty: false,
        read: |config, text| {
            config.http.server_query_enabled &= !boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_HTTP_CLIENT_TAG_QUERY_STRING"],
        default: "`true`",
        about: "Whether `http.url` of client spans has a query.",
        takes_empty: false,
        read: |config, text| {
            config.http.client_query_enabled = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_OBFUSCATION_QUERY_STRING_REGEXP"],
        default: "what Datadog's tracers take for secrets",
        about: "Regular expression of what is redacted in the query of `http.url`; empty redacts nothing.",
        takes_empty: true,
        read: |config, text| {
            if text.is_empty() {
                config.http.query_redaction = QueryRedaction::nothing();
                return Ok(());
            }
            // Nobody knows what was to be redacted, so nothing is shown.
            config.http.query_redaction = QueryRedaction::whole_query();
            config.http.query_redaction =
                QueryRedaction::pattern(text).map_err(|_| ParseError::Pattern)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_HEADER_TAGS"],
        default: "none",
        about: "Headers that become tags: `header` or `header:tag`, separated by commas.",
        takes_empty: false,
        read: |config, text| {
            let (tags, invalid) = HeaderTags::parse(text);
            let used = (!tags.is_empty()).then_some(&tags);
            let result = complete(used, invalid);
            config.http.header_tags = tags;
            result
        },
    },
    ConfigOption {
        env: &["DD_TRACE_CLIENT_IP_ENABLED"],
        default: "`false`",
        about: "Whether server spans tell the address of the client.",
        takes_empty: false,
        read: |config, text| {
            config.http.client_ip_enabled = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_CLIENT_IP_HEADER"],
        default: "the headers that proxies usually write",
        about: "The one header in which the address of the client is looked for.",
        takes_empty: false,
        read: |config, text| {
            let header = text.parse().map_err(|_| ParseError::HeaderName)?;
            config.http.client_ip = ClientIp::Header(header);
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_RESOURCE_RENAMING_ENABLED"],
        default: "`false`",
        about: "Whether server spans have a tag `http.endpoint`: the route, else a simplified path.",
        takes_empty: false,
        read: |config, text| {
            config.http.resource_renaming_enabled = boolean(text)?;
            Ok(())
        },
    },
];

fn statuses(text: &str, into: &mut StatusRanges) -> Result<(), ParseError> {
    let (ranges, invalid) = StatusRanges::parse(text);
    let result = complete(ranges.as_ref(), invalid);
    if let Some(ranges) = ranges {
        *into = ranges;
    }
    result
}

/// Says what of a list was not used.
fn complete(used: Option<&impl Display>, invalid: Vec<&str>) -> Result<(), ParseError> {
    if invalid.is_empty() {
        return Ok(());
    }
    let unknown = invalid.into_iter().map(str::to_owned).collect();
    Err(ParseError::UnknownNames { unknown, used: used.map(ToString::to_string) })
}
