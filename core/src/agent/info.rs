//! What the Datadog Agent says that it can do: the answer to `GET /info`.
//!
//! It is asked at the start, every 45 s, and when an answer to traces says that its state has
//! changed. An Agent that does not answer is an old one, which takes `v0.4` and nothing else.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use serde::Deserialize;

use super::Client;

/// How long an answer is good.
const INTERVAL: Duration = Duration::from_secs(45);

/// The fields that matter here; all others are ignored.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Info {
    endpoints: Option<Vec<String>>,
    span_events: Option<bool>,
    org_prop_marker: Option<String>,
}

impl Info {
    pub(super) fn has_endpoint(&self, path: &str) -> bool {
        self.endpoints.iter().flatten().any(|endpoint| endpoint == path)
    }

    /// Whether spans may have a field for their events.
    pub(super) fn takes_span_events(&self) -> bool {
        self.span_events == Some(true)
    }

    pub(super) fn org_marker(&self) -> Option<&str> {
        self.org_prop_marker.as_deref()
    }
}

/// What is known of the Agent, on the thread of the sender.
#[derive(Debug)]
pub(super) struct Discovery {
    info: Info,
    /// The state that the Agent named last.
    state: Option<String>,
    due_at: Instant,
}

impl Discovery {
    /// Knows nothing, and wants to ask at once.
    pub(super) fn new(now: Instant) -> Self {
        Self { info: Info::default(), state: None, due_at: now }
    }

    pub(super) fn info(&self) -> &Info {
        &self.info
    }

    /// When to ask again.
    pub(super) fn due_at(&self) -> Instant {
        self.due_at
    }

    /// Asks; returns whether there was an answer. Blocks, at most for the timeout of the client.
    pub(super) fn ask(&mut self, client: &Client) -> bool {
        let answer = client.info();
        let has_answered = answer.is_some();
        let (info, state) = answer.unwrap_or_default();
        self.info = info;
        self.state = state.or(self.state.take());
        self.due_at = Instant::now() + INTERVAL;
        has_answered
    }

    /// Takes note of the state that an answer names.
    pub(super) fn hear(&mut self, state: Option<String>, now: Instant) {
        if state.is_some() && state != self.state {
            self.state = state;
            self.due_at = now;
        }
    }
}

/// The marker of the organisation whose Agent this is, by which its traces know each other.
///
/// The sender thread replaces it; whoever extracts or injects reads it.
#[derive(Debug, Default)]
pub(crate) struct OrgMarker(RwLock<Option<Arc<str>>>);

impl OrgMarker {
    pub(super) fn replace(&self, marker: Option<&str>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = marker.map(Arc::from);
    }

    /// `None` while the Agent has not named one.
    pub(crate) fn known(&self) -> Option<Arc<str>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
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

    #[test]
    fn only_another_state_is_a_cue_to_ask() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let mut discovery = Discovery::new(start);
        discovery.due_at = start + INTERVAL;
        discovery.state = Some("a".to_owned());
        for state in [None, Some("a")] {
            discovery.hear(state.map(str::to_owned), later);
            assert_eq!(discovery.due_at(), start + INTERVAL, "{state:?}");
        }
        discovery.hear(Some("b".to_owned()), later);
        assert_eq!(discovery.due_at(), later);
    }
}
