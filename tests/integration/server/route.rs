//! Resources and routes, wherever the layer stands around or inside an axum router.

use std::convert::Infallible;

use axum::{
    Router,
    body::Body,
    response::IntoResponse,
    routing::{any, get},
};
use http::{Request, StatusCode};
use packdog::{
    Tracer,
    test_util::{CollectedSpan, Collector},
};
use packdog_server::{ActiveSpan, ServerTraceLayer};
use packdog_tests::{numbers, start_tracer, texts};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::services::ServeDir;

use super::harness::{request, serve};

async fn user() {}

async fn user_with_extractor(_: ActiveSpan) {}

fn users() -> Router {
    Router::new().route("/users/{id}", get(user))
}

type App = fn(ServerTraceLayer) -> Router;

#[tokio::test]
async fn each_of_many_routes_is_shown_however_many_there_were_before() {
    let (tracer, collector) = start_tracer("many");
    let routes = (0..100).map(|number| format!("/{}{number}/{{id}}", "a/".repeat(number % 5)));
    let routes: Vec<_> = routes.collect();
    let app = routes.iter().fold(Router::new(), |app, route| app.route(route, get(user)));
    let app = app.layer(ServerTraceLayer::new().tracer(&tracer));
    let mut expected = Vec::new();
    for route in routes.iter().chain(&routes) {
        for method in ["GET", "POST"] {
            let request = Request::builder().method(method).uri(route.replace("{id}", "7"));
            let _ = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
            expected.push((format!("{method} {route}"), method, route));
        }
    }
    let spans = collector.spans();
    assert_eq!(spans.len(), expected.len());
    for (span, (resource, method, route)) in spans.iter().zip(expected) {
        assert_eq!((&*span.resource, &*span.span_type), (&*resource, "web"));
        let tags = ["http.route", "http.method", "component", "span.kind"];
        let shown = [Some(route.as_str()), Some(method), Some("axum"), Some("server")];
        assert_eq!(tags.map(|tag| span.text(tag)), shown);
    }
}

#[tokio::test]
async fn the_resource_is_the_route_as_declared() {
    let layered: App = |layer| users().layer(layer);
    let nested: App = |layer| Router::new().nest("/api", users()).layer(layer);
    let layered_inside: App = |layer| Router::new().nest("/api", users().layer(layer));
    let nested_twice: App =
        |layer| Router::new().nest("/api", Router::new().nest("/v1", users().layer(layer)));
    let nested_service: App = |layer| Router::new().nest_service("/api", users().layer(layer));
    let both_sides: App =
        |layer| Router::new().nest_service("/api", users().layer(layer.clone())).layer(layer);
    let merged: App = |layer| Router::new().merge(users().layer(layer)).route("/", get(user));
    let route_layered: App = |layer| users().route_layer(layer);
    let all_methods: App = |layer| Router::new().route("/users/{id}", any(user)).layer(layer);
    let missing: App = |layer| {
        Router::new().route("/users/{id}", get(async || StatusCode::NOT_FOUND)).layer(layer)
    };
    let after_layer: App = |layer| users().layer(layer).route("/late", get(user));
    let with_fallback: App = |layer| users().fallback(user).layer(layer);
    let around: App = |layer| Router::new().fallback_service(layer.layer(users()));
    let around_extractor: App = |layer| {
        let users = Router::new().route("/users/{id}", get(user_with_extractor));
        Router::new().fallback_service(layer.layer(Router::new().nest("/api", users)))
    };
    #[rustfmt::skip]
    let table = [
        // app             method   path              status  resource                    route
        (layered,          "GET",   "/users/7",       200,    "GET /users/{id}",          Some("/users/{id}")),
        (layered,          "HEAD",  "/users/7",       200,    "HEAD /users/{id}",         Some("/users/{id}")),
        (layered,          "POST",  "/users/7",       405,    "POST /users/{id}",         Some("/users/{id}")),
        (layered,          "GET",   "/nowhere",       404,    "GET 404",                  None),
        (nested,           "GET",   "/api/users/7",   200,    "GET /api/users/{id}",      Some("/api/users/{id}")),
        (layered_inside,   "GET",   "/api/users/7",   200,    "GET /api/users/{id}",      Some("/api/users/{id}")),
        (nested_twice,     "GET",   "/api/v1/users/7", 200,   "GET /api/v1/users/{id}",   Some("/api/v1/users/{id}")),
        (nested_service,   "GET",   "/api/users/7",   200,    "GET /api/users/{id}",      Some("/api/users/{id}")),
        (nested_service,   "GET",   "/api/nowhere",   404,    "GET 404",                  None),
        (both_sides,       "GET",   "/api/users/7",   200,    "GET /api/users/{id}",      Some("/api/users/{id}")),
        (merged,           "GET",   "/users/7",       200,    "GET /users/{id}",          Some("/users/{id}")),
        (route_layered,    "GET",   "/users/7",       200,    "GET /users/{id}",          Some("/users/{id}")),
        (all_methods,      "BREW",  "/users/7",       200,    "_OTHER /users/{id}",       Some("/users/{id}")),
        (missing,          "GET",   "/users/7",       404,    "GET /users/{id}",          Some("/users/{id}")),
        (after_layer,      "GET",   "/late",           200,    "",                         None),
        (with_fallback,    "GET",   "/nowhere",       200,    "GET",                      None),
        (around,           "GET",   "/users/7",       200,    "GET",                      None),
        (around,           "GET",   "/nowhere",       404,    "GET 404",                  None),
        (around_extractor, "GET",   "/api/users/7",   200,    "GET /api/users/{id}",      Some("/api/users/{id}")),
    ];
    for (row, (app, method, path, status, resource, route)) in table.into_iter().enumerate() {
        let (tracer, collector) = start_tracer("users");
        let address = serve(app(ServerTraceLayer::new().tracer(&tracer))).await;
        assert_eq!(request(address, method, path).await.0, status, "row {row}");
        if resource.is_empty() {
            assert!(collector.traces().is_empty(), "row {row} is not traced");
            continue;
        }
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.resource, resource, "row {row}");
        assert_eq!(span.text("http.route"), route, "row {row}");
        let component = if route.is_some() { "axum" } else { "tower" };
        assert_eq!(span.text("component"), Some(component), "row {row}");
        let url = format!("http://{address}{path}");
        assert_eq!(span.text("http.url"), Some(url.as_str()), "row {row}");
    }
}

/// A hook names the resource of a request whose route axum does not tell.
#[tokio::test]
async fn a_hook_sees_requests_whose_route_is_hidden() {
    let hidden = |layer: ServerTraceLayer| {
        let files = ServeDir::new(env!("CARGO_MANIFEST_DIR"));
        let handler = service_fn(async |_: Request<_>| Ok::<_, Infallible>(StatusCode::OK));
        Router::new()
            .nest_service("/assets", files)
            .nest_service("/nested", handler.map_response(IntoResponse::into_response))
            .layer(layer)
    };
    for (path, status, resource) in [
        ("/assets/Cargo.toml", 200, "GET /assets/*"),
        ("/assets/none", 404, "GET /assets/*"),
        ("/nested/7", 200, "GET /nested/*"),
    ] {
        let (tracer, collector) = start_tracer("users");
        let layer = ServerTraceLayer::new().tracer(&tracer).on_request(|span, head| {
            let folder = head.uri().path().split('/').nth(1).unwrap();
            span.set_resource(format!("{} /{folder}/*", head.method()));
        });
        let address = serve(hidden(layer)).await;
        assert_eq!(request(address, "GET", path).await.0, status, "{path}");
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.resource, resource, "{path}");
        assert_eq!(span.text("http.status_code"), Some(&*status.to_string()), "{path}");
    }
}

async fn span_of(app: Router, collector: &Collector) -> CollectedSpan {
    let url = format!("http://{}/users/7?page=1&token=secret", serve(app).await);
    let client = reqwest::Client::builder().user_agent("walker/1").build().unwrap();
    client.get(url).header("host", "example.com").send().await.unwrap();
    collector.wait_for_only_span().await
}

#[tokio::test]
async fn a_request_span_has_the_tags_of_a_server() {
    let (tracer, collector) = start_tracer("users");
    let span = span_of(users().layer(ServerTraceLayer::new().tracer(&tracer)), &collector).await;
    assert_eq!(numbers(&span), [("_dd.measured", 1.0)]);
    assert_eq!(
        texts(&span),
        [
            ("component", "axum"),
            ("http.method", "GET"),
            ("http.route", "/users/{id}"),
            ("http.status_code", "200"),
            ("http.url", "http://example.com/users/7?page=1&<redacted>"),
            ("http.useragent", "walker/1"),
            ("http.version", "1.1"),
            ("span.kind", "server"),
        ]
    );
    assert_eq!([&span.name, &span.span_type, &span.service], ["http.request", "web", "users"]);
    assert_eq!((span.is_error, span.parent_id), (false, None));
}

#[tokio::test]
async fn service_and_operation_name_can_be_chosen() {
    let (tracer, collector) = start_tracer("users");
    let layer = ServerTraceLayer::new().service("billing").operation_name("axum.request");
    let span = span_of(users().layer(layer.tracer(&tracer)), &collector).await;
    assert_eq!([span.service, span.name], ["billing", "axum.request"]);
}

#[tokio::test]
async fn a_layer_belongs_to_the_tracer_of_the_scope_in_which_it_is_built() {
    let (tracer, collector) = start_tracer("users");
    let layer = {
        let _scope = tracer.enter();
        ServerTraceLayer::new()
    };
    assert_eq!(span_of(users().layer(layer), &collector).await.resource, "GET /users/{id}");
}

#[tokio::test]
async fn a_disabled_tracer_records_nothing_and_the_request_is_served() {
    let (tracer, collector) = start_tracer("users");
    let app = {
        let _scope = tracer.enter();
        users().layer(ServerTraceLayer::new().tracer(&Tracer::disabled()))
    };
    assert_eq!(request(serve(app).await, "GET", "/users/7").await.0, StatusCode::OK);
    assert!(collector.traces().is_empty());
}

#[tokio::test]
async fn a_resource_or_tag_of_the_application_stays_when_the_route_becomes_known() {
    let (tracer, collector) = start_tracer("users");
    let handler = async |_: packdog_server::ActiveSpan| "user";
    let name = axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
        packdog::current_span().set_resource("users.read");
        packdog::current_span().set_tag("component", "shop");
        next.run(request).await
    });
    let inner = Router::new().route("/users/{id}", get(handler)).layer(name);
    let layer = ServerTraceLayer::new().tracer(&tracer);
    let app = Router::new().fallback_service(layer.layer(inner));
    let span = span_of(app, &collector).await;
    assert_eq!(span.resource, "users.read");
    assert_eq!(span.text("component"), Some("shop"));
    assert_eq!(span.text("http.route"), Some("/users/{id}"));
}

/// Inside of a layer that sets the resource before any route is known.
fn named(router: Router) -> Router {
    router.layer(axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
        packdog::current_span().set_resource("users.read");
        next.run(request).await
    }))
}

#[tokio::test]
async fn a_resource_of_the_application_stays_in_nested_routers_and_fallbacks() {
    fn users() -> Router {
        Router::new().route("/users/{id}", get(user_with_extractor))
    }
    let nested: App = |layer| named(Router::new().nest("/api", users())).layer(layer);
    let named_inside: App = |layer| Router::new().nest("/api", named(users())).layer(layer);
    let layered_inside: App = |layer| Router::new().nest("/api", named(users()).layer(layer));
    let twice: App =
        |layer| named(Router::new().nest("/v1", Router::new().nest("/api", users()))).layer(layer);
    let service: App = |layer| named(Router::new().nest_service("/api", users())).layer(layer);
    let service_inside: App =
        |layer| Router::new().nest_service("/api", named(users()).layer(layer));
    let both_sides: App = |layer| {
        Router::new().nest_service("/api", named(users()).layer(layer.clone())).layer(layer)
    };
    let fallback: App = |layer| named(users().fallback(user_with_extractor)).layer(layer);
    let nested_fallback: App = |layer| {
        named(Router::new().nest("/api", users().fallback(user_with_extractor))).layer(layer)
    };
    let around: App = |layer| Router::new().fallback_service(layer.layer(named(users())));
    let around_nested: App = |layer| {
        let nested = Router::new().nest("/api", users());
        Router::new().fallback_service(layer.layer(named(nested)))
    };
    let in_handler: App = |layer| {
        let handler = async |span: ActiveSpan| span.set_resource("users.read");
        Router::new().nest("/api", Router::new().route("/users/{id}", get(handler))).layer(layer)
    };
    let missing: App = |layer| named(users()).layer(layer);
    #[rustfmt::skip]
    let table = [
        // app             path                status  route
        (nested,           "/api/users/7",     200,    Some("/api/users/{id}")),
        (named_inside,     "/api/users/7",     200,    Some("/api/users/{id}")),
        (layered_inside,   "/api/users/7",     200,    Some("/api/users/{id}")),
        (twice,            "/v1/api/users/7",  200,    Some("/v1/api/users/{id}")),
        (service,          "/api/users/7",     200,    Some("/api/users/{id}")),
        (service_inside,   "/api/users/7",     200,    Some("/api/users/{id}")),
        (both_sides,       "/api/users/7",     200,    Some("/api/users/{id}")),
        (fallback,         "/nowhere",         200,    None),
        (nested_fallback,  "/api/nowhere",     200,    None),
        (around,           "/users/7",         200,    Some("/users/{id}")),
        (around_nested,    "/api/users/7",     200,    Some("/api/users/{id}")),
        (in_handler,       "/api/users/7",     200,    Some("/api/users/{id}")),
        (missing,          "/nowhere",         404,    None),
    ];
    for (row, (app, path, status, route)) in table.into_iter().enumerate() {
        let (tracer, collector) = start_tracer("users");
        let address = serve(app(ServerTraceLayer::new().tracer(&tracer))).await;
        assert_eq!(request(address, "GET", path).await.0, status, "row {row}");
        let span = collector.wait_for_only_span().await;
        assert_eq!(span.resource, "users.read", "row {row}");
        assert_eq!(span.text("http.route"), route, "row {row}");
    }
}

#[tokio::test]
async fn a_layer_around_a_whole_router_is_served_as_a_router_is() {
    let (tracer, collector) = start_tracer("users");
    let app = ServerTraceLayer::new().tracer(&tracer).layer(users());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<std::net::SocketAddr>())
            .await
    });
    assert_eq!(request(address, "GET", "/users/7").await.0, StatusCode::OK);
    server.abort();
    let span = collector.wait_for_only_span().await;
    assert_eq!(span.text("http.status_code"), Some("200"));
}
