//! Log lines below tower-http's `TraceLayer`, whose own spans are often filtered out.

use std::{
    convert::Infallible,
    io,
    sync::{Arc, Mutex},
};

use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use packdog::{
    correlation::LogCorrelation,
    test_util::collect,
    tracing::{CorrelatedJson, layer},
};
use packdog_server::ServerTraceLayer;
use serde_json::Value;
use tower::{ServiceBuilder, ServiceExt};
use tower_http::trace::TraceLayer;
use tracing_subscriber::{EnvFilter, Layer, fmt, prelude::*, registry};

/// A buffer for log lines.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn lines(&self) -> Vec<Value> {
        let bytes = self.0.lock().unwrap();
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A request that fails, through our layer and then `TraceLayer`.
async fn failing_request() {
    let service = ServiceBuilder::new()
        .layer(ServerTraceLayer::new())
        .layer(TraceLayer::new_for_http())
        .service_fn(async |_: Request<Empty<&[u8]>>| {
            let response = Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR);
            Ok::<_, Infallible>(response.body(Empty::<&[u8]>::new()).unwrap())
        });
    let response = service.oneshot(Request::new(Empty::new())).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[tokio::test]
async fn a_line_whose_parent_is_filtered_out_names_the_request() {
    let (collector, _scope) = collect();
    let log = Log::default();
    let writer = log.clone();
    let logs = fmt::layer()
        .json()
        .with_writer(move || writer.clone())
        .map_event_format(|json| CorrelatedJson::new(json, LogCorrelation::new()));
    // `TraceLayer` opens its span at DEBUG and logs the failure with that span as the parent.
    let subscriber = registry().with(EnvFilter::new("info")).with(layer()).with(logs);
    let _subscriber = tracing::subscriber::set_default(subscriber);
    failing_request().await;

    let lines = log.lines();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    let request = collector.span("http.request");
    assert_eq!(line["fields"]["message"], "response failed");
    assert_eq!(line["dd.trace_id"], request.trace_id.to_string());
    assert_eq!(line["dd.span_id"], request.span_id.to_u64().to_string());
}

#[tokio::test]
async fn a_filter_on_the_log_alone_leaves_bridged_spans_in_the_trace() {
    let spans_with = async |subscriber: Box<dyn tracing::Subscriber + Send + Sync>| {
        let (collector, _scope) = collect();
        let _subscriber = tracing::subscriber::set_default(subscriber);
        packdog::span("request").in_scope(|_| tracing::info_span!("query").in_scope(|| {}));
        collector.picture()
    };
    let logs = fmt::layer().with_writer(io::sink);
    let everywhere = registry().with(EnvFilter::new("warn")).with(layer()).with(logs);
    assert_eq!(spans_with(Box::new(everywhere)).await, "request  service=test\n");
    let logs = fmt::layer().with_writer(io::sink).with_filter(EnvFilter::new("warn"));
    let on_the_log = registry().with(layer()).with(logs);
    let expected = "request  service=test\n└─ query\n";
    assert_eq!(spans_with(Box::new(on_the_log)).await, expected);
}
