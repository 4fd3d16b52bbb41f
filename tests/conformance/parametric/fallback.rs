//! `DD_TRACE_API_VERSION=v0.5` before an Agent that names the format and then refuses it: v0.4 from there on.
//!
//! ```text
//! server ──▶ gate ── /v0.4/traces ──▶ ddapm-test-agent
//!              └─ /v0.5/traces: 404, 415
//! ```

use std::sync::{Arc, Mutex, OnceLock};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Request, State},
    http::StatusCode,
    routing::{get, put},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::App;

const BODY_LIMIT: usize = 1 << 20;

/// A proxy in front of the test agent, which accepts every format.
#[derive(Debug, Default)]
struct Gate {
    /// The address of the test agent, once that is known.
    agent: OnceLock<String>,
    /// The paths of the requests with traces.
    asked: Mutex<Vec<String>>,
}

impl Gate {
    /// Listens, and responds to requests in v0.5 with this status.
    async fn open(refusal: StatusCode) -> (String, Arc<Self>) {
        let gate = Arc::new(Self::default());
        let info = async || Json(json!({ "endpoints": ["/v0.4/traces", "/v0.5/traces"] }));
        let refuse = async move |State(gate): State<Arc<Self>>, _: Bytes| {
            gate.note("/v0.5/traces");
            refusal
        };
        let router = Router::new()
            .route("/info", get(info))
            .route("/v0.5/traces", put(refuse))
            .route("/v0.4/traces", put(forward))
            .with_state(Arc::clone(&gate));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, router).await });
        (url, gate)
    }

    fn note(&self, path: &str) {
        self.asked.lock().unwrap().push(path.to_owned());
    }
}

/// Passes a request on as it is, and the status of its response back.
async fn forward(State(gate): State<Arc<Gate>>, request: Request) -> StatusCode {
    gate.note("/v0.4/traces");
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_LIMIT).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v0.4/traces", gate.agent.get().unwrap());
    let forwarded = client.put(url).headers(head.headers).body(body).send().await.unwrap();
    forwarded.status()
}

#[tokio::test]
async fn an_agent_that_refuses_v05_gets_the_same_chunks_and_all_later_ones_in_v04() {
    for refusal in [StatusCode::NOT_FOUND, StatusCode::UNSUPPORTED_MEDIA_TYPE] {
        let (url, gate) = Gate::open(refusal).await;
        let env = [("DD_TRACE_API_VERSION", "v0.5"), ("DD_TRACE_AGENT_URL", &url)];
        let Some(app) = App::start(&env).await else { return };
        gate.agent.set(app.agent().url().to_owned()).unwrap();
        assert_eq!(app.get("/trace/agent/ensure_agent_info", Value::Null).await["ready"], true);

        let (refused, _) = app.hop(&[]).await;
        assert_eq!(app.only_span().await.span_id, refused.span_id, "{refusal}");
        let (later, _) = app.hop(&[]).await;
        let spans = app.spans().await;
        assert!(spans.iter().any(|span| span.span_id == later.span_id), "{spans:#?}");
        assert_eq!(spans.len(), 2, "{refusal}");
        let asked = gate.asked.lock().unwrap().clone();
        assert_eq!(asked, ["/v0.5/traces", "/v0.4/traces", "/v0.4/traces"], "{refusal}");
    }
}
