//! The SDK of OpenTelemetry with a batch exporter that drops everything; two header styles.

use axum::Router;
use http::HeaderMap;
use opentelemetry::{global, propagation::TextMapCompositePropagator};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    propagation::{BaggagePropagator, TraceContextPropagator},
    trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider, SpanData, SpanExporter},
};
use tracing_subscriber::layer::SubscriberExt;

use super::{Delivered, PATIENCE, sdk};
use crate::{call, row::Step, subject::Recorder};

pub(crate) const NAME: (&str, &str) = ("opentelemetry", "opentelemetry, null exporter");
pub(crate) const AXUM: (&str, &str) =
    ("opentelemetry", "axum-tracing-opentelemetry, opentelemetry, null exporter");
pub(crate) const REQWEST: (&str, &str) =
    ("reqwest-tracing", "reqwest-tracing, opentelemetry, null exporter");
pub(crate) const STYLES: &str = "Datadog's headers: `traceparent`, `tracestate`, `baggage` only";
pub(crate) const SPAN: &str = "encoding and sending; Datadog's sampling";
pub(crate) const SERVER: &str =
    "Datadog's headers; encoding and sending; time of the response's body";
pub(crate) const CLIENT: &str =
    "headers but `traceparent`; encoding and sending; time of the response's body";

pub(crate) fn start() -> sdk::Provider {
    // With the default queue most spans would be thrown away, which costs less.
    let config = BatchConfigBuilder::default().with_max_queue_size(1 << 20).build();
    let processor = BatchSpanProcessor::builder(Dropping).with_batch_config(config).build();
    let provider = SdkTracerProvider::builder().with_span_processor(processor).build();
    global::set_text_map_propagator(TextMapCompositePropagator::new(vec![
        Box::new(TraceContextPropagator::new()),
        Box::new(BaggagePropagator::new()),
    ]));
    Delivered(provider, |provider| {
        provider.shutdown_with_timeout(PATIENCE).expect("dropping works");
    })
}

#[derive(Debug)]
struct Dropping;

impl SpanExporter for Dropping {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

pub(crate) fn extract(headers: HeaderMap) -> Step {
    sdk::extract(start(), headers)
}

pub(crate) fn inject() -> Step {
    sdk::inject(start())
}

pub(crate) fn trace(children: usize) -> Step {
    sdk::trace(start(), children)
}

pub(crate) fn dropped() -> Step {
    sdk::dropped(start())
}

pub(crate) fn active() -> Step {
    sdk::active(start())
}

pub(crate) fn recorder() -> Recorder {
    sdk::recorder(start())
}

pub(crate) fn layered() -> (Router, sdk::Provider) {
    let provider = start();
    (sdk::layered(&provider), provider)
}

pub(crate) fn server(headers: HeaderMap) -> Step {
    sdk::server(start(), headers)
}

/// reqwest-tracing, with the newest versions of OpenTelemetry that it injects with.
pub(crate) fn reqwest_client() -> Step {
    use opentelemetry_0_32::{global, trace::TracerProvider as _};
    use opentelemetry_sdk_0_32::{propagation::TraceContextPropagator, trace::SdkTracerProvider};

    let provider = SdkTracerProvider::builder().with_batch_exporter(old::Dropping).build();
    global::set_text_map_propagator(TraceContextPropagator::new());
    let layer = tracing_opentelemetry_0_33::layer().with_tracer(provider.tracer("bench"));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).expect("the only one in this process");
    let middleware = reqwest_tracing::TracingMiddleware::default();
    // An empty `tracestate` goes along.
    let client = call::client(|client| client.with(middleware), 2);
    call::reqwest_step(client, provider)
}

mod old {
    use opentelemetry_sdk_0_32::{
        error::OTelSdkResult,
        trace::{SpanData, SpanExporter},
    };

    #[derive(Debug)]
    pub(super) struct Dropping;

    impl SpanExporter for Dropping {
        async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
            Ok(())
        }
    }
}
