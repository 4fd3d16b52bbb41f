//! A fresh server with an Agent behind it, and its endpoints as functions.

use packdog_tests::peers::{AgentRequest, Span, TestAgent};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{agent::Lent, headers::Headers, process::Process};

/// The server of one test.
pub(crate) struct App {
    // The server ends before its agent is free for others.
    process: Process,
    agent: Lent,
    client: reqwest::Client,
}

/// Variables of a server's environment.
pub(crate) type Env<'a> = &'a [(&'a str, &'a str)];

/// The ids that the server gives for a span.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) span_id: u64,
    pub(crate) trace_id: u64,
}

impl App {
    /// A server with these variables, or `None` where Python is missing.
    pub(crate) async fn start(environment: Env<'_>) -> Option<Self> {
        Self::start_with_info(environment, &json!({})).await
    }

    /// The same with an agent whose `/info` has these members too.
    pub(crate) async fn start_with_info(environment: Env<'_>, info: &Value) -> Option<Self> {
        let agent = Lent::with_info(info).await?;
        let mut variables = common(&agent);
        variables.extend_from_slice(environment);
        let process = Process::start(&variables);
        Some(Self::of(process, agent))
    }

    /// A server without some of the variables that every server of the suite has.
    pub(crate) async fn start_without(names: &[&str], environment: Env<'_>) -> Option<Self> {
        let agent = Lent::with_info(&json!({})).await?;
        let mut variables = common(&agent);
        variables.retain(|(name, _)| !names.contains(name));
        variables.extend_from_slice(environment);
        let process = Process::start(&variables);
        Some(Self::of(process, agent))
    }

    fn of(process: Process, agent: Lent) -> Self {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { process, agent, client }
    }

    pub(crate) fn agent(&self) -> &TestAgent {
        &self.agent
    }

    /// Ends the server, and returns what it wrote to standard error.
    pub(crate) fn end(mut self) -> String {
        self.process.end()
    }

    /// Makes the server crash, and returns the signal that ended it.
    pub(crate) async fn crash(mut self) -> Option<i32> {
        let call = self.client.get(format!("{}/trace/crash", self.process.url)).send().await;
        assert!(call.is_err(), "the server replies: {call:?}");
        self.process.signal()
    }

    /// Calls an endpoint, and returns status and body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> (u16, String) {
        let url = format!("{}{path}", self.process.url);
        let request = self.client.request(method.parse().unwrap(), url).json(&body);
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Calls an endpoint that must succeed, and returns its reply; null if that is empty.
    async fn reply(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, text) = self.call(method, path, body).await;
        assert_eq!(status, 200, "{path}: {text}");
        if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.reply("POST", path, body).await
    }

    /// `GET`, with a body as the readers of baggage take it.
    pub(crate) async fn get(&self, path: &str, body: Value) -> Value {
        self.reply("GET", path, body).await
    }

    /// Starts a span without a parent.
    pub(crate) async fn span(&self, name: &str) -> Ids {
        self.span_with(json!({ "name": name })).await
    }

    /// Starts a span below a span or an extracted context.
    pub(crate) async fn child(&self, name: &str, parent: u64) -> Ids {
        self.span_with(json!({ "name": name, "parent_id": parent })).await
    }

    /// Starts a span; members that the request lacks are sent as null.
    pub(crate) async fn span_with(&self, request: Value) -> Ids {
        let mut whole = json!({
            "service": null, "resource": null, "type": null, "parent_id": null, "span_tags": [],
        });
        whole.as_object_mut().unwrap().extend(request.as_object().unwrap().clone());
        serde_json::from_value(self.post("/trace/span/start", whole).await).unwrap()
    }

    pub(crate) async fn finish(&self, span: Ids) {
        self.post("/trace/span/finish", json!({ "span_id": span.span_id })).await;
    }

    pub(crate) async fn set_meta(&self, span: Ids, key: &str, value: &str) {
        let request = json!({ "span_id": span.span_id, "key": key, "value": value });
        self.post("/trace/span/set_meta", request).await;
    }

    pub(crate) async fn extract(&self, headers: &[(&str, &str)]) -> Option<u64> {
        let reply = self.post("/trace/span/extract_headers", json!({ "http_headers": headers }));
        reply.await["span_id"].as_u64()
    }

    pub(crate) async fn inject(&self, span: Ids) -> Headers {
        let reply = self.post("/trace/span/inject_headers", json!({ "span_id": span.span_id }));
        serde_json::from_value(reply.await["http_headers"].take()).unwrap()
    }

    /// Does what a service does with a request: extracts, starts a span, calls another service, and finishes.
    pub(crate) async fn hop(&self, headers: &[(&str, &str)]) -> (Ids, Headers) {
        let parent = self.extract(headers).await;
        let span = self.span_with(json!({ "name": "hop", "parent_id": parent })).await;
        let injected = self.inject(span).await;
        self.finish(span).await;
        (span, injected)
    }

    /// Sends the requests that the client of the suite sends at the end of a test.
    pub(crate) async fn flush(&self) {
        self.post("/trace/span/flush", json!({})).await;
        self.post("/trace/stats/flush", json!({})).await;
        let reply = self.post("/trace/otel/flush", json!({ "seconds": 1 })).await;
        assert_eq!(reply, json!({ "success": true }));
    }

    /// Flushes, and returns the traces that the agent has; it has checked the payloads as well.
    pub(crate) async fn traces(&self) -> Vec<Vec<Span>> {
        self.flush().await;
        let traces = self.agent.traces().await;
        if !traces.is_empty() {
            self.agent.assert_no_failed_checks().await;
        }
        traces
    }

    /// All spans after a flush, as they came.
    pub(crate) async fn spans(&self) -> Vec<Span> {
        self.traces().await.into_iter().flatten().collect()
    }

    /// The only span after a flush.
    pub(crate) async fn only_span(&self) -> Span {
        let spans = self.spans().await;
        let [span] = <[Span; 1]>::try_from(spans).unwrap_or_else(|spans| panic!("{spans:#?}"));
        span
    }

    /// The requests with traces after a flush.
    pub(crate) async fn trace_requests(&self) -> Vec<AgentRequest> {
        self.flush().await;
        let requests = self.agent.requests().await;
        requests.into_iter().filter(|request| request.url.ends_with("/traces")).collect()
    }
}

/// The variables that every server of the suite has.
fn common(agent: &Lent) -> Vec<(&str, &str)> {
    let (host, port) = agent.url().strip_prefix("http://").unwrap().split_once(':').unwrap();
    vec![
        ("DD_TRACE_AGENT_URL", agent.url()),
        ("DD_AGENT_HOST", host),
        ("DD_TRACE_AGENT_PORT", port),
        ("DD_TRACE_DEBUG", "true"),
        ("DD_TRACE_OTEL_ENABLED", "true"),
    ]
}
