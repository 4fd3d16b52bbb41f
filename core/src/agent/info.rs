//! The response to `GET /info`: the capabilities of the Datadog Agent.
//!
//! An Agent without it is an old one, which accepts `v0.4` and nothing else.

use std::sync::{Arc, RwLock};

use packdog_api::internal::unpoisoned;
use serde::Deserialize;

use crate::stats::{STATS_PATH, StatsInfo};

/// The fields that matter here; all others are ignored.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Info {
    endpoints: Option<Vec<String>>,
    span_events: Option<bool>,
    org_prop_marker: Option<String>,
    #[serde(flatten)]
    stats: StatsInfo,
}

impl Info {
    pub(super) fn has_endpoint(&self, path: &str) -> bool {
        self.endpoints.iter().flatten().any(|endpoint| endpoint == path)
    }

    /// Whether spans may have a field for their events.
    pub(super) fn takes_span_events(&self) -> bool {
        self.span_events == Some(true)
    }

    /// The fields that statistics depend on, and whether there is an endpoint for them.
    pub(super) fn stats(&self) -> (&StatsInfo, bool) {
        (&self.stats, self.has_endpoint(STATS_PATH))
    }

    /// Returns the version and the endpoints.
    pub(super) fn description(self) -> (Option<String>, Vec<String>) {
        (self.stats.version().map(str::to_owned), self.endpoints.unwrap_or_default())
    }

    pub(super) fn org_marker(&self) -> Option<&str> {
        self.org_prop_marker.as_deref()
    }
}

/// The reason why the capabilities of the Agent are unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InfoError {
    /// It could not be asked.
    Unreachable,
    /// It has no such response, so it is an old one.
    Unsupported,
}

/// The marker of the organisation whose Agent this is, by which its traces know each other.
///
/// Discovery replaces it; extraction and injection read it.
#[derive(Debug, Default)]
pub(crate) struct OrgMarker(RwLock<Option<Arc<str>>>);

impl OrgMarker {
    pub(super) fn replace(&self, marker: Option<&str>) {
        *unpoisoned(self.0.write()) = marker.map(Arc::from);
    }

    /// `None` while the Agent has not named one.
    pub(crate) fn known(&self) -> Option<Arc<str>> {
        unpoisoned(self.0.read()).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_optional_and_unknown_ones_are_ignored() {
        #[rustfmt::skip]
        let table = [
            // body                                                       v0.5   events marker
            (r#"{}"#,                                                     false, false, None),
            (r#"{"endpoints": null, "span_events": null, "x": [1]}"#,     false, false, None),
            (r#"{"endpoints": ["/v0.4/traces"], "span_events": false}"#,  false, false, None),
            (r#"{"endpoints": ["/v0.5/traces"], "span_events": true}"#,   true,  true,  None),
            (r#"{"org_prop_marker": "ours"}"#,                            false, false, Some("ours")),
            (r#"{"org_prop_marker": null}"#,                              false, false, None),
        ];
        for (body, takes_v05, takes_span_events, marker) in table {
            let info: Info = serde_json::from_str(body).unwrap();
            let seen = (info.has_endpoint("/v0.5/traces"), info.takes_span_events());
            assert_eq!(seen, (takes_v05, takes_span_events), "{body}");
            assert_eq!(info.org_marker(), marker, "{body}");
        }
    }
}
