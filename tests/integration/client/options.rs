//! Settings of a span: by the client, by its tracer's configuration, and by one call.

use ::http::{Request, StatusCode};
use ::tower::{Layer, ServiceExt, service_fn};
use packdog::{
    Tracer,
    http::{Endpoint, HttpConfig, StatusRanges, host::Host},
    test_util::{CollectedSpan, Collector},
};
use packdog_client::{CallOptions, ClientTraceLayer, Egress};
use packdog_tests::{start_tracer, start_tracer_with};

use super::{
    call::BOTH,
    server::{Server, values},
};

/// The span of a call to `http://pantry:81/`, which is never made.
async fn called(
    layer: ClientTraceLayer,
    collector: &Collector,
    options: CallOptions,
) -> CollectedSpan {
    let nowhere = service_fn(async |_: Request<()>| {
        Ok::<_, std::convert::Infallible>(::http::Response::new(()))
    });
    let request = Request::get("http://pantry:81/").extension(options).body(()).unwrap();
    layer.layer(nowhere).oneshot(request).await.unwrap();
    collector.only_span()
}

fn layer(tracer: &Tracer) -> ClientTraceLayer {
    ClientTraceLayer::new().tracer(tracer)
}

#[tokio::test]
async fn one_call_sets_name_resource_service_and_tags_of_its_span() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let options = CallOptions::new()
            .operation_name("pantry.request")
            .resource("GET /status/{code}")
            .service("shop")
            .peer_service("pantry")
            .tag("aisle", 3);
        let request = Request::get(server.url("/status/200")).extension(options).body(()).unwrap();
        client.call(&tracer, request).await.unwrap();
        let span = collector.only_span();
        assert_eq!(span.name, "pantry.request");
        assert_eq!(span.resource, "GET /status/{code}");
        assert_eq!(span.service, "shop");
        assert_eq!(span.text("peer.service"), Some("pantry"));
        assert_eq!(span.text("_dd.peer.service.source"), None);
        assert_eq!(span.number("aisle"), Some(3.0));
    }
}

#[tokio::test]
async fn one_call_can_be_left_alone() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let request = Request::get(server.url("/status/200"))
            .header("traceparent", "theirs")
            .extension(CallOptions::new().untraced())
            .body(())
            .unwrap();
        let (_, lines) = client.call(&tracer, request).await.unwrap();
        assert_eq!(values(&lines, "traceparent"), ["theirs"]);
        assert_eq!(collector.spans().len(), 0);
    }
}

#[tokio::test]
async fn the_service_is_that_of_the_call_else_of_the_client_else_the_host_if_split() {
    let mapping = |http: &mut HttpConfig| {
        http.client.service_mapping = vec![
            ("pantry".to_owned(), "kitchen".to_owned()),
            ("shop".to_owned(), "never".to_owned()),
        ];
    };
    // The source is that of a service that the host gives; the application's own has none yet.
    type Row = (
        Option<&'static str>,
        Option<&'static str>,
        bool,
        bool,
        &'static str,
        Option<&'static str>,
    );
    #[rustfmt::skip]
    let table: [Row; 5] = [
        // call         client        split  removed  service    source
        (None,          None,         false, false,   "users",   None),
        (None,          None,         true,  false,   "kitchen", Some("opt.service_mapping")), // mapped, not chosen
        (None,          None,         true,  true,    "users",   None),
        (None,          Some("shop"), true,  false,   "shop",    None),
        (Some("till"),  Some("shop"), true,  false,   "till",    None),
    ];
    for (of_call, of_client, is_split, is_removed, service, source) in table {
        let mut http = HttpConfig::default();
        mapping(&mut http);
        http.client.is_split_by_domain = is_split;
        http.client.removes_integration_services = is_removed;
        let (tracer, collector) = start_tracer_with(http);
        let layer = match of_client {
            Some(service) => layer(&tracer).service(service),
            None => layer(&tracer),
        };
        let options = match of_call {
            Some(service) => CallOptions::new().service(service),
            None => CallOptions::new(),
        };
        let span = called(layer, &collector, options).await;
        assert_eq!((&*span.service, span.text("_dd.svc_src")), (service, source), "{of_call:?}");
    }
}

#[tokio::test]
async fn the_called_host_is_the_peer_service_if_configured_and_can_be_mapped() {
    let mut http = HttpConfig::default();
    http.client.has_peer_service = true;
    let (tracer, collector) = start_tracer_with(http.clone());
    let span = called(layer(&tracer), &collector, CallOptions::new()).await;
    assert_eq!(span.text("peer.service"), Some("pantry"));
    assert_eq!(span.text("_dd.peer.service.source"), Some("out.host"));
    assert_eq!(span.text("_dd.peer.service.remapped_from"), None);

    http.client.peer_service_mapping = vec![("pantry".to_owned(), "kitchen".to_owned())];
    let (tracer, collector) = start_tracer_with(http);
    let span = called(layer(&tracer), &collector, CallOptions::new()).await;
    assert_eq!(span.text("peer.service"), Some("kitchen"));
    assert_eq!(span.text("_dd.peer.service.remapped_from"), Some("pantry"));
}

#[tokio::test]
async fn the_client_or_the_configuration_lists_the_statuses_that_are_errors() {
    let http = HttpConfig::default();
    let (tracer, collector) = start_tracer_with(http);
    let broken = service_fn(async |_: Request<()>| {
        let response = ::http::Response::builder().status(StatusCode::BAD_GATEWAY).body(());
        Ok::<_, std::convert::Infallible>(response.unwrap())
    });
    let request = || Request::get("http://pantry/").body(()).unwrap();
    layer(&tracer).layer(broken).oneshot(request()).await.unwrap();
    let errors = layer(&tracer).error_statuses(StatusRanges::SERVER_ERRORS);
    errors.layer(broken).oneshot(request()).await.unwrap();
    let marks = collector.spans().iter().map(|span| span.is_error).collect::<Vec<_>>();
    assert_eq!(marks, [false, true]);
}

#[tokio::test]
async fn calls_to_the_configured_agent_are_left_alone() {
    let server = Server::start().await;
    let mut http = HttpConfig::default();
    let host = Host::parse("127.0.0.1");
    http.client.agent = Some(Endpoint { host, port: Some(server.address.port()) });
    for client in BOTH {
        let (tracer, collector) = start_tracer_with(http.clone());
        let (_, lines) = client.get(&tracer, &server.url("/status/200")).await.unwrap();
        assert_eq!(values(&lines, "traceparent"), [""; 0]);
        assert_eq!(collector.spans().len(), 0);
    }
}

/// A service that knows by itself where it calls, as a channel of tonic does.
#[tokio::test]
async fn a_bare_path_goes_to_the_configured_origin_and_never_to_its_host_header() {
    let received = |layer: ClientTraceLayer| async move {
        let channel = service_fn(async |request: Request<()>| {
            Ok::<_, std::convert::Infallible>(::http::Response::new(request.headers().clone()))
        });
        let request = Request::post("/pantry.Pantry/List").header("host", "localhost");
        layer.layer(channel).oneshot(request.body(()).unwrap()).await.unwrap().into_body()
    };
    let (tracer, collector) = start_tracer("users");
    let job = tracer.span("job").start();
    job.baggage().set("plan", "pro");
    let _scope = job.enter();
    let layer = layer(&tracer).egress(Egress::new());
    let unknown = received(layer.clone()).await;
    assert!(unknown.contains_key("traceparent") && !unknown.contains_key("baggage"));
    assert!(collector.warnings()[0].starts_with("baggage withheld from unknown;"));
    let known = received(layer.origin("http://pantry:50051".parse().unwrap())).await;
    assert_eq!(known["baggage"], "plan=pro");
}
