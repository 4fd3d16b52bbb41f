//! The part of the Datadog Agent's `/info` that statistics depend on.

use serde::Deserialize;

/// The path for statistics, if the Agent takes them.
pub(crate) const STATS_PATH: &str = "/v0.6/stats";
/// The first Agent version, as major and minor number, whose statistics and trace filters a
/// tracer can take over.
const FIRST_VERSION: (u32, u32) = (7, 65);
/// The kinds of spans that count, unless the Agent names others.
const SPAN_KINDS: [&str; 4] = ["server", "client", "producer", "consumer"];

/// The fields of `/info` that statistics depend on; all of them may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct StatsInfo {
    version: Option<String>,
    client_drop_p0s: Option<bool>,
    span_kinds_stats_computed: Option<Vec<String>>,
    peer_tags: Option<Vec<String>>,
    filter_tags: Option<TagFilters>,
    filter_tags_regex: Option<TagFilters>,
    ignore_resources: Option<Vec<String>>,
}

/// Tags that the root of a trace must have, and tags that it must not have, as `key:value` or
/// `key`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct TagFilters {
    require: Option<Vec<String>>,
    reject: Option<Vec<String>>,
}

impl StatsInfo {
    /// Returns the version of the Agent.
    pub(crate) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether the Agent, as far as it does not depend on its endpoints, lets tracers compute
    /// statistics and drop traces.
    pub(crate) fn offers_stats(&self) -> bool {
        let version = self.version.as_deref().and_then(major_and_minor);
        self.client_drop_p0s == Some(true) && version >= Some(FIRST_VERSION)
    }

    /// Whether spans of this kind count, also where they are not the first of their service.
    pub(super) fn computes_kind(&self, kind: &[u8]) -> bool {
        let is_kind = |known: &str| known.as_bytes().eq_ignore_ascii_case(kind);
        match &self.span_kinds_stats_computed {
            Some(kinds) => kinds.iter().any(|known| is_kind(known)),
            None => SPAN_KINDS.into_iter().any(is_kind),
        }
    }

    /// The keys of peer tags.
    pub(super) fn peer_tags(&self) -> &[String] {
        self.peer_tags.as_deref().unwrap_or_default()
    }

    pub(super) fn filter_tags(&self) -> (&[String], &[String]) {
        TagFilters::lists(&self.filter_tags)
    }

    pub(super) fn filter_tags_regex(&self) -> (&[String], &[String]) {
        TagFilters::lists(&self.filter_tags_regex)
    }

    pub(super) fn ignore_resources(&self) -> &[String] {
        self.ignore_resources.as_deref().unwrap_or_default()
    }
}

impl TagFilters {
    /// The required tags and the rejected ones.
    fn lists(filters: &Option<Self>) -> (&[String], &[String]) {
        let Some(Self { require, reject }) = filters else { return (&[], &[]) };
        (require.as_deref().unwrap_or_default(), reject.as_deref().unwrap_or_default())
    }
}

/// `7.65.0-rc.1` is 7 and 65; a text that does not begin with two numbers is no version.
fn major_and_minor(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(json: &str) -> StatsInfo {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn an_agent_offers_statistics_by_its_flag_and_its_version() {
        #[rustfmt::skip]
        let table = [
            // info                                                  offers
            (r#"{"version": "7.65.0", "client_drop_p0s": true}"#,     true),
            (r#"{"version": "7.100.1-rc.2", "client_drop_p0s": true}"#, true),
            (r#"{"version": "8.0", "client_drop_p0s": true}"#,        true),
            (r#"{"version": "7.64.3", "client_drop_p0s": true}"#,     false),
            (r#"{"version": "6.99.0", "client_drop_p0s": true}"#,     false),
            (r#"{"version": "test", "client_drop_p0s": true}"#,       false),
            (r#"{"client_drop_p0s": true}"#,                          false),
            (r#"{"version": "7.65.0", "client_drop_p0s": false}"#,    false),
            (r#"{"version": "7.65.0"}"#,                              false),
            (r#"{}"#,                                                 false),
        ];
        for (json, expected) in table {
            assert_eq!(info(json).offers_stats(), expected, "{json}");
        }
    }

    #[test]
    fn kinds_of_spans_have_a_default_and_no_case() {
        let default = info("{}");
        for kind in ["server", "Client", "PRODUCER", "consumer"] {
            assert!(default.computes_kind(kind.as_bytes()), "{kind}");
        }
        for kind in ["internal", "", "serverless"] {
            assert!(!default.computes_kind(kind.as_bytes()), "{kind}");
        }
        let named = info(r#"{"span_kinds_stats_computed": ["internal"]}"#);
        assert!(named.computes_kind(b"Internal") && !named.computes_kind(b"server"));
    }
}
