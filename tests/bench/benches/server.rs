//! How much does the server layer add to a request of an axum router?

use std::process::ExitCode;

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Path, Request},
    response::Response,
    routing::get,
};
use axum_tracing_opentelemetry::middleware::OtelAxumLayer;
use fastrace_axum::FastraceLayer;
use http_body_util::BodyExt;
use packdog_bench::{Case, Goal, Operation, Peer, Step, peers, request, run};
use packdog_server::ServerTraceLayer;
use tokio::runtime::Builder;
use tower::{Service, layer::util::Identity};
use tower_http::trace::TraceLayer;

fn main() -> ExitCode {
    run(&[Operation {
        name: "server layer over an axum router",
        bare: Some(Case { name: "bare router", start: |_| serve(router(), ()) }),
        ours: Case { name: "packdog", start: ours },
        max_instructions: None,
        max_allocations: Some(6.0),
        peers: vec![
            Peer::new("a layer that does nothing", |_| serve(router().layer(Identity::new()), ())),
            Peer::new("tower-http's TraceLayer, no subscriber", |_| {
                serve(router().layer(TraceLayer::new_for_http()), ())
            }),
            Peer::new("tower-http's TraceLayer, spans in a registry", trace_layer),
            Peer::new("fastrace-axum, null reporter", fastrace),
            Peer::new("axum-tracing-opentelemetry, datadog-opentelemetry", opentelemetry)
                .with_goal(Goal::Calling(1.0 / 8.0)),
        ],
    }])
}

fn router() -> Router {
    async fn user(Path(id): Path<u64>) -> String {
        format!("user {id}")
    }
    Router::new().route("/users/{id}", get(user))
}

fn ours(agent: &str) -> Step {
    let packdog = peers::packdog(agent);
    let app = router().layer(ServerTraceLayer::new().tracer(packdog.tracer()));
    serve(app, packdog)
}

fn trace_layer(_: &str) -> Step {
    peers::registry();
    let level = tower_http::trace::DefaultMakeSpan::new().level(tracing::Level::INFO);
    serve(router().layer(TraceLayer::new_for_http().make_span_with(level)), ())
}

fn fastrace(_: &str) -> Step {
    let sent = peers::fastrace();
    serve(router().layer(FastraceLayer::default()), sent)
}

fn opentelemetry(agent: &str) -> Step {
    let provider = peers::datadog_opentelemetry(agent);
    peers::bridge(&provider);
    serve(router().layer(OtelAxumLayer::default()), provider)
}

/// A request and its answer to the last byte, without a network.
fn serve<S, B>(mut app: S, until_the_end: impl Sized + 'static) -> Step
where
    S: Service<Request, Response = Response<B>, Error: std::fmt::Debug> + 'static,
    B: HttpBody<Error: std::fmt::Debug>,
{
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let headers = request::headers();
    Box::new(move || {
        let _until_the_end = &until_the_end;
        runtime.block_on(async {
            let request = request::request::<Body>(headers.clone());
            let response = app.call(request).await.expect("the router answers");
            assert_eq!(response.status(), 200);
            response.into_body().collect().await.expect("the body ends");
        });
    })
}
