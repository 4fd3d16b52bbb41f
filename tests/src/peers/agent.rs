//! ddapm-test-agent, the test double of the Datadog Agent that Datadog's own tracers are tested with.
//!
//! It checks each payload by itself: the trace count header, the content length, the tracer version header, JSON events.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use packdog_dev_agent::{StatsPayload, decode_stats};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::Instant;

use super::{
    process::{PATIENCE, Peer, client},
    runtime::Runtime,
    span::{Span, picture},
};

/// The interval at which [`TestAgent::wait_for_spans`] polls, since the agent has no way to wait.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A ddapm-test-agent that is up, for one test. It ends when this drops.
#[derive(Debug)]
pub struct TestAgent {
    peer: Peer,
    url: String,
}

/// A request that a tracer sent.
#[derive(Clone, Debug, Deserialize)]
pub struct AgentRequest {
    /// The method, such as `PUT`.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// The headers, spelled as they came.
    pub headers: BTreeMap<String, String>,
    /// The body in base64.
    pub body: String,
}

/// The number of times that one check passed and failed.
#[derive(Debug, Deserialize)]
struct CheckSummary {
    #[serde(rename = "Passed_Checks")]
    passed: u32,
    #[serde(rename = "Failed_Checks")]
    failed: u32,
}

impl TestAgent {
    /// Starts an agent, or prints that Python is missing and returns `None`.
    ///
    /// # Panics
    /// When it does not start, and when Python is missing while `CI` is set.
    pub async fn start() -> Option<Self> {
        Self::start_with_info(&serde_json::json!({})).await
    }

    /// Like [`start`](Self::start); the members of the object `info` replace those of its `/info`.
    ///
    /// # Panics
    /// When it does not start, and when Python is missing while `CI` is set.
    pub async fn start_with_info(info: &serde_json::Value) -> Option<Self> {
        let environment = [("DD_AGENT_EXTRA_INFO".to_owned(), info.to_string())];
        let peer = Peer::start(
            "ddapm-test-agent",
            Runtime::Python,
            "test_agent.py",
            &environment,
            "/info",
        )
        .await?;
        let url = peer.url("");
        Some(Self { peer, url })
    }

    /// Its address without a path, as in `DD_TRACE_AGENT_URL`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// All spans so far, grouped by trace across chunks.
    ///
    /// # Panics
    /// When the agent cannot decode what it received.
    pub async fn traces(&self) -> Vec<Vec<Span>> {
        self.get("/test/session/traces").await
    }

    /// The [`traces`](Self::traces) once there are `count` spans or more.
    ///
    /// # Panics
    /// When they have not arrived within a minute; the message shows those that have.
    pub async fn wait_for_spans(&self, count: usize) -> Vec<Vec<Span>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let traces = self.traces().await;
            if traces.iter().map(Vec::len).sum::<usize>() >= count {
                return traces;
            }
            if Instant::now() > deadline {
                let pictures: Vec<_> = traces.iter().map(|spans| picture(spans)).collect();
                panic!("not {count} spans within {PATIENCE:?}, but\n{}", pictures.join("\n"));
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// The requests of tracers so far, oldest first.
    ///
    /// # Panics
    /// When the agent fails.
    pub async fn requests(&self) -> Vec<AgentRequest> {
        let mut requests: Vec<_> = self.get("/test/session/requests").await;
        requests.reverse();
        requests
    }

    /// The statistics so far, oldest first; the agent has decoded them as well.
    ///
    /// # Panics
    /// When a payload breaks the format.
    pub async fn stats(&self) -> Vec<StatsPayload> {
        let decoded: Vec<serde_json::Value> = self.get("/test/session/stats").await;
        let requests = self.requests().await.into_iter();
        let payloads: Vec<_> = requests
            .filter(|request| request.url.ends_with("/v0.6/stats"))
            .map(|request| {
                let body = BASE64_STANDARD.decode(&request.body);
                let body = body.unwrap_or_else(|error| panic!("a body is not base64: {error}"));
                decode_stats(&body).unwrap_or_else(|refusal| panic!("statistics: {refusal}"))
            })
            .collect();
        assert_eq!(decoded.len(), payloads.len(), "the agent decodes all of them");
        payloads
    }

    /// Forgets all received traces, so that another test can use the agent.
    ///
    /// # Panics
    /// When the agent fails.
    pub async fn forget(&self) {
        for path in ["/test/session/clear", "/test/trace_check/clear"] {
            let (status, text) = self.fetch(path).await;
            assert!(status.is_success(), "{path}: {status} {text}");
        }
    }

    /// Asserts that the agent's own checks ran and all passed.
    ///
    /// # Panics
    /// When one failed, or none ran because no payload came.
    pub async fn assert_no_failed_checks(&self) {
        let summary: BTreeMap<String, CheckSummary> =
            self.get("/test/trace_check/summary?return_all=true").await;
        let (_, failures) = self.fetch("/test/trace_check/failures?return_all=true").await;
        for check in ["trace_count_header", "trace_content_length", "meta_tracer_version_header"] {
            assert!(
                summary.get(check).is_some_and(|check| check.passed > 0),
                "{check} never ran: {summary:?} {failures}"
            );
        }
        assert!(summary.values().all(|check| check.failed == 0), "{failures}");
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let (status, text) = self.fetch(path).await;
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error} in {text}"))
    }

    async fn fetch(&self, path: &str) -> (reqwest::StatusCode, String) {
        let response = client().get(self.peer.url(path)).send().await;
        let response = response.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = response.status();
        (status, response.text().await.unwrap_or_else(|error| panic!("{path}: {error}")))
    }
}
