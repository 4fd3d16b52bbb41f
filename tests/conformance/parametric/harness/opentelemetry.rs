//! The endpoints of OpenTelemetry's API as functions.

use serde_json::{Value, json};

use super::{App, Ids};

impl App {
    /// Starts a span of OpenTelemetry's API without a parent.
    pub(crate) async fn otel_span(&self, name: &str) -> Ids {
        self.otel_span_with(json!({ "name": name })).await
    }

    /// Starts a span of OpenTelemetry's API below one of either.
    pub(crate) async fn otel_child(&self, name: &str, parent: Ids) -> Ids {
        self.otel_span_with(json!({ "name": name, "parent_id": parent.span_id })).await
    }

    /// Starts a span of OpenTelemetry's API; members that the request lacks are sent as the client
    /// of the suite sends them.
    pub(crate) async fn otel_span_with(&self, request: Value) -> Ids {
        let mut whole = json!({
            "timestamp": null, "span_kind": null, "parent_id": null,
            "links": [], "events": [], "attributes": {},
        });
        whole.as_object_mut().unwrap().extend(request.as_object().unwrap().clone());
        serde_json::from_value(self.post("/trace/otel/start_span", whole).await).unwrap()
    }

    pub(crate) async fn otel_end(&self, span: Ids) {
        self.otel_end_at(span, Value::Null).await;
    }

    /// Ends the span at this number of microseconds.
    pub(crate) async fn otel_end_at(&self, span: Ids, timestamp: impl Into<Value>) {
        let request = json!({ "id": span.span_id, "timestamp": timestamp.into() });
        self.post("/trace/otel/end_span", request).await;
    }

    /// Calls an endpoint about one span.
    pub(crate) async fn otel(&self, endpoint: &str, span: Ids, mut request: Value) -> Value {
        request["span_id"] = span.span_id.into();
        self.post(&format!("/trace/otel/{endpoint}"), request).await
    }

    pub(crate) async fn otel_set(&self, span: Ids, attributes: Value) {
        self.otel("set_attributes", span, json!({ "attributes": attributes })).await;
    }

    pub(crate) async fn otel_status(&self, span: Ids, code: &str, description: &str) {
        let request = json!({ "code": code, "description": description });
        self.otel("set_status", span, request).await;
    }

    pub(crate) async fn is_recording(&self, span: Ids) -> bool {
        self.otel("is_recording", span, json!({})).await["is_recording"].as_bool().unwrap()
    }

    pub(crate) async fn span_context(&self, span: Ids) -> Value {
        self.otel("span_context", span, json!({})).await
    }

    /// The active span as each API sees it: its id and its trace; zeros without one.
    pub(crate) async fn active(&self) -> [(u64, Value); 2] {
        let ours = self.get("/trace/span/current", Value::Null).await;
        let theirs = self.get("/trace/otel/current_span", json!({})).await;
        [ours, theirs].map(|ids| (ids["span_id"].as_u64().unwrap(), ids["trace_id"].clone()))
    }

    /// Asserts that both APIs see this span as the active one.
    #[track_caller]
    pub(crate) fn assert_active(&self, span: Ids) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let trace_id = self.span_context(span).await["trace_id"].clone();
            let expected = (span.span_id, trace_id);
            assert_eq!(self.active().await, [expected.clone(), expected], "{caller}");
        }
    }

    /// Asserts that neither API sees an active span.
    pub(crate) async fn assert_none_active(&self) {
        assert_eq!(self.active().await, [(0, json!(0)), (0, json!(0))]);
    }
}
