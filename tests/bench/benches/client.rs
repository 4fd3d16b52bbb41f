//! How much does the client middleware add to a call of reqwest?

use std::process::ExitCode;

use async_trait::async_trait;
use fastrace::{
    future::FutureExt,
    prelude::{Span as FastSpan, SpanContext as FastContext},
};
use http::Extensions;
use opentelemetry_0_32::trace::TracerProvider;
use opentelemetry_sdk_0_32::{
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use packdog_bench::{Case, Operation, Peer, Step, peers, run};
use packdog_client::ClientTraceMiddleware;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next, Result};
use reqwest_tracing::TracingMiddleware;
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::layer::SubscriberExt;

const URL: &str = "http://billing.example.com/invoices/42";

fn main() -> ExitCode {
    run(&[Operation {
        name: "client middleware of reqwest",
        bare: Some(Case { name: "bare client", start: |_| call(client(), ()) }),
        ours: Case { name: "packdog", start: ours },
        max_instructions: None,
        max_allocations: None,
        peers: vec![
            Peer::new("reqwest-tracing, opentelemetry, null exporter", reqwest_tracing),
            Peer::new("fastrace-reqwest, null reporter", fastrace),
        ],
    }])
}

/// Answers instead of the network.
struct Answer;

#[async_trait]
impl Middleware for Answer {
    async fn handle(&self, _: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
        Ok(Response::from(http::Response::new("paid")))
    }
}

fn client() -> ClientBuilder {
    ClientBuilder::new(reqwest::Client::new())
}

fn ours(agent: &str) -> Step {
    let packdog = peers::packdog(agent);
    let client = client().with(ClientTraceMiddleware::new().tracer(packdog.tracer()));
    call(client, packdog)
}

fn reqwest_tracing(_: &str) -> Step {
    let provider = SdkTracerProvider::builder().with_batch_exporter(Dropping).build();
    opentelemetry_0_32::global::set_text_map_propagator(TraceContextPropagator::new());
    let layer = tracing_opentelemetry_0_33::layer().with_tracer(provider.tracer("bench"));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::set_global_default(subscriber).expect("the only one in this process");
    call(client().with(TracingMiddleware::default()), provider)
}

#[derive(Debug)]
struct Dropping;

impl SpanExporter for Dropping {
    async fn export(&self, _: Vec<SpanData>) -> OTelSdkResult {
        Ok(())
    }
}

/// fastrace has no middleware: a span around the call, and its header in the request.
fn fastrace(_: &str) -> Step {
    let (sent, client, runtime) = (peers::fastrace(), finished(client()), runtime());
    Box::new(move || {
        let _until_the_end = &sent;
        let span = FastSpan::root("http.request", FastContext::random())
            .with_properties(|| [("http.method", "GET"), ("http.url", URL)]);
        runtime.block_on(
            async {
                let headers = fastrace_reqwest::traceparent_headers();
                check(client.get(URL).headers(headers).send().await);
            }
            .in_span(span),
        );
    })
}

/// Calls and lets the response go, without a network.
fn call(client: ClientBuilder, until_the_end: impl Sized + 'static) -> Step {
    let (client, runtime) = (finished(client), runtime());
    Box::new(move || {
        let _until_the_end = &until_the_end;
        runtime.block_on(async { check(client.get(URL).send().await) });
    })
}

fn finished(client: ClientBuilder) -> ClientWithMiddleware {
    client.with(Answer).build()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

fn check(result: Result<Response>) {
    assert_eq!(result.expect("the call is answered").status(), 200);
}
