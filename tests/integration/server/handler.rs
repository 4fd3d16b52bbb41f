//! Access from handlers and inner layers: the current span, its trace and its baggage.

use std::{fmt, num::ParseIntError, str::FromStr};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
    routing::get,
};
use packdog::{InSpanExt, current_span, span, span::BaggageItem};
use packdog_server::{
    ActiveBaggage, ActiveSpan, BaggageValue, RootSpan, ServerTraceLayer, TraceContext,
};
use packdog_tests::start_tracer;

use super::harness::{request, serve};

#[tokio::test]
async fn the_trace_of_a_caller_is_continued() {
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/", get(async || ()));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    let caller = "00-0123456789abcdef0123456789abcdef-00000000000000ff-01";
    let client = reqwest::Client::new().get(format!("http://{address}/"));
    client.header("traceparent", caller).send().await.unwrap();
    let trace = collector.wait_for_traces(1).await.remove(0);
    let parent = trace.spans[0].parent_id.unwrap();
    assert_eq!(format!("00-{}-{parent}-01", trace.trace_id), caller);
}

#[tokio::test]
async fn extractors_give_the_active_span_the_root_span_and_the_baggage() {
    async fn handler(active: ActiveSpan, root: RootSpan, baggage: ActiveBaggage) -> String {
        assert_eq!(active.span_id(), root.span_id());
        active.set_tag("seen", "by handler");
        baggage.set("key1", "value1");
        async { current_span().baggage().get("key1").unwrap() }.in_span(span("work")).await
    }
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/hello", get(handler));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    assert_eq!(request(address, "GET", "/hello").await, (200, "value1".to_owned()));
    let trace = collector.wait_for_traces(1).await.remove(0);
    assert_eq!(trace.spans[0].text("seen"), Some("by handler"));
    assert_eq!(
        trace.picture(),
        "http.request  GET /hello  200  kind=server  service=users\n\
         └─ work\n"
    );
}

#[derive(Debug)]
struct TenantId(u64);

impl BaggageItem for TenantId {
    const KEY: &'static str = "tenant.id";
}

impl FromStr for TenantId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[tokio::test]
async fn a_typed_item_is_extracted_or_the_request_is_rejected() {
    async fn needed(BaggageValue(tenant): BaggageValue<TenantId>) -> String {
        tenant.to_string()
    }
    async fn wanted(tenant: Option<BaggageValue<TenantId>>) -> String {
        format!("{:?}", tenant.map(|tenant| tenant.0.0))
    }
    let (tracer, _collector) = start_tracer("users");
    let app = Router::new().route("/needed", get(needed)).route("/wanted", get(wanted));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    #[rustfmt::skip]
    let table = [
        // path      baggage            status  response
        ("/needed",  "tenant.id=7",     200,    "7"),
        ("/needed",  "tenant.id=many",  400,    "malformed baggage item tenant.id"),
        ("/needed",  "",                400,    "no baggage item tenant.id"),
        ("/wanted",  "tenant.id=7",     200,    "Some(7)"),
        ("/wanted",  "tenant.id=many",  400,    "malformed baggage item tenant.id"),
        ("/wanted",  "",                200,    "None"),
    ];
    for (path, baggage, status, text) in table {
        let client = reqwest::Client::new().get(format!("http://{address}{path}"));
        let response = client.header("baggage", baggage).send().await.unwrap();
        assert_eq!(response.status(), status, "{path} {baggage}");
        assert_eq!(response.text().await.unwrap(), text, "{path} {baggage}");
    }
}

#[tokio::test]
async fn the_context_of_the_request_can_be_taken_along() {
    async fn handler(TraceContext(context): TraceContext) -> String {
        let late = span("late").child_of(context).start();
        late.trace_id().unwrap().to_string()
    }
    let (tracer, collector) = start_tracer("users");
    let _scope = tracer.enter();
    let app = Router::new().route("/", get(handler));
    let address = serve(app.layer(ServerTraceLayer::new())).await;
    let (_, trace_id) = request(address, "GET", "/").await;
    let spans = collector.wait_for_spans(2).await;
    assert!(spans.iter().all(|span| span.trace_id.to_string() == trace_id), "{spans:?}");
    let [first, late] = <[_; 2]>::try_from(spans).unwrap();
    assert_eq!(late.parent_id, Some(first.span_id));
}

#[tokio::test]
async fn extractors_work_without_a_layer() {
    async fn handler(active: ActiveSpan, root: RootSpan, baggage: ActiveBaggage) -> String {
        baggage.set("key1", "value1");
        format!("{} {} {:?}", active.is_nothing(), root.is_nothing(), baggage.get("key1"))
    }
    let address = serve(Router::new().route("/", get(handler))).await;
    assert_eq!(request(address, "GET", "/").await, (200, "true true None".to_owned()));
}

#[tokio::test]
async fn middleware_inside_sees_the_span_before_and_after_the_handler() {
    async fn middleware(request: Request, next: Next) -> Response {
        current_span().set_tag("before", true);
        current_span().baggage().set("plan", "pro");
        let response = next.run(request).await;
        current_span().set_tag("after", true);
        response
    }
    async fn handler(baggage: ActiveBaggage) -> String {
        baggage.get("plan").unwrap_or_default()
    }
    let (tracer, collector) = start_tracer("users");
    let app = Router::new().route("/", get(handler)).layer(from_fn(middleware));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    assert_eq!(request(address, "GET", "/").await, (200, "pro".to_owned()));
    let span = collector.wait_for_only_span().await;
    assert_eq!([span.text("before"), span.text("after")], [Some("true"); 2]);
}

#[tokio::test]
async fn a_resource_that_the_application_chose_stays() {
    async fn middleware(request: Request, next: Next) -> Response {
        current_span().set_resource("chosen");
        next.run(request).await
    }
    let (tracer, collector) = start_tracer("users");
    let layer = ServerTraceLayer::new().tracer(&tracer);
    let app = Router::new().route("/", get(async |_: ActiveSpan| ()));
    let app = app.layer(layer.clone()).layer(from_fn(middleware)).layer(layer);
    request(serve(app).await, "GET", "/").await;
    assert_eq!(collector.wait_for_only_span().await.resource, "chosen");
}

#[tokio::test]
async fn a_layer_applied_twice_gives_one_span() {
    let (tracer, collector) = start_tracer("users");
    let layer = ServerTraceLayer::new().tracer(&tracer);
    let app = Router::new().route("/", get(async || "hello")).layer(layer.clone()).layer(layer);
    assert_eq!(request(serve(app).await, "GET", "/").await, (200, "hello".to_owned()));
    assert_eq!(collector.wait_for_only_span().await.resource, "GET /");
}

/// As many requests as are in the handler at the same time.
const CONCURRENT: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_requests_do_not_mix() {
    let (tracer, collector) = start_tracer("users");
    let all_inside = std::sync::Arc::new(tokio::sync::Barrier::new(CONCURRENT));
    let handler = move |baggage: ActiveBaggage| async move {
        all_inside.wait().await;
        let number = current_span().baggage().get("number").unwrap();
        current_span().set_tag("number", number.as_str());
        // Written by one request, it must not be seen by the others.
        baggage.set("written", &number);
        tokio::task::yield_now().await;
        let work = async { current_span().baggage().get("written").unwrap() };
        tokio::spawn(work.in_span(span("work"))).await.unwrap()
    };
    let app = Router::new().route("/", get(handler));
    let address = serve(app.layer(ServerTraceLayer::new().tracer(&tracer))).await;
    let requests = (0..CONCURRENT).map(|number| {
        let client = reqwest::Client::new().get(format!("http://{address}/"));
        let client = client.header("baggage", format!("number={number}"));
        tokio::spawn(async move { (number, client.send().await.unwrap().text().await.unwrap()) })
    });
    for request in requests.collect::<Vec<_>>() {
        let (number, response) = request.await.unwrap();
        assert_eq!(response, number.to_string());
    }
    let traces = collector.wait_for_traces(CONCURRENT).await;
    let mut numbers = Vec::new();
    for trace in &traces {
        assert_eq!(trace.spans.len(), 2, "{trace:?}");
        assert_eq!(trace.spans[1].parent_id, Some(trace.spans[0].span_id));
        numbers.push(trace.spans[0].text("number").unwrap().parse::<usize>().unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (0..CONCURRENT).collect::<Vec<_>>());
}
