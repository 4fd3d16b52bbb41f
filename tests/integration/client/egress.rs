//! Egress of each client: headers for allowed hosts and for all others, and the warnings.

use ::http::Request;
use packdog::{
    InSpanExt, Tracer,
    http::{HostRules, HttpConfig},
};
use packdog_client::{CallOptions, Egress};
use packdog_tests::{start_tracer, start_tracer_with};

use super::{
    call::{BOTH, Client},
    server::{Lines, Server, values},
};

/// The names of the headers that are ours, of a call with baggage.
async fn sent(
    client: Client,
    tracer: &Tracer,
    egress: impl Into<Option<Egress>>,
    request: Request<()>,
) -> Lines {
    let job = tracer.span("job").start();
    job.baggage().set("plan", "pro");
    job.baggage().set("user.id", "42");
    let call = client.call_with(tracer, egress.into(), request);
    call.in_span(job).await.unwrap().1
}

fn get(url: &str) -> Request<()> {
    Request::get(url).body(()).unwrap()
}

#[tokio::test]
async fn a_host_gets_the_headers_that_its_address_and_port_may_have() {
    let [near, far] = [Server::start_at("127.0.0.1").await, Server::start_at("127.0.0.2").await];
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let port = near.address.port();
        let egress = Egress::new()
            .trace_only_to([format!("127.0.0.1:{port}")])
            .baggage_to(["none", "127.0.0.1/32"]);
        let received = sent(client, &tracer, egress.clone(), get(&near.url("/status/200"))).await;
        assert_eq!(values(&received, "baggage"), ["plan=pro,user.id=42"]);
        assert_eq!(values(&received, "traceparent").len(), 1);

        for _ in 0..2 {
            let received =
                sent(client, &tracer, egress.clone(), get(&far.url("/status/200"))).await;
            for name in ["baggage", "traceparent", "tracestate", "x-datadog-trace-id"] {
                assert_eq!(values(&received, name), [""; 0], "{client:?} {name}");
            }
        }
        let [withheld] = &egress.withheld()[..] else { panic!("{:?}", egress.withheld()) };
        let counts = (withheld.host.as_str(), withheld.trace, withheld.baggage);
        assert_eq!(counts, ("127.0.0.2", 2, 2));
        assert_eq!(collector.warnings().len(), 2, "one for each of trace and baggage");
    }
}

#[tokio::test]
async fn without_a_policy_the_configuration_of_the_tracer_counts() {
    let server = Server::start().await;
    for client in BOTH {
        let mut http = HttpConfig::default();
        http.client.baggage_to = HostRules::none();
        let (tracer, _collector) = start_tracer_with(http);
        let received = sent(client, &tracer, None, get(&server.url("/status/200"))).await;
        assert_eq!(values(&received, "baggage"), [""; 0]);
        let received = sent(client, &tracer, Egress::new(), get(&server.url("/status/200"))).await;
        assert_eq!(values(&received, "baggage"), ["plan=pro,user.id=42"]);
    }
}

#[tokio::test]
async fn a_condition_of_the_application_lets_hosts_in() {
    let server = Server::start().await;
    let port = server.address.port();
    for client in BOTH {
        let (tracer, _collector) = start_tracer("users");
        let egress = Egress::closed().baggage_if(move |endpoint| endpoint.port == Some(port));
        let received = sent(client, &tracer, egress, get(&server.url("/status/200"))).await;
        assert_eq!(values(&received, "baggage"), ["plan=pro,user.id=42"]);
        assert_eq!(values(&received, "traceparent"), [""; 0]);
    }
}

#[tokio::test]
async fn baggage_is_narrowed_on_its_way_out_and_kept_inside() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, _collector) = start_tracer("users");
        let egress = Egress::new().baggage_keys(["user.id"]);
        let received = sent(client, &tracer, egress, get(&server.url("/status/200"))).await;
        assert_eq!(values(&received, "baggage"), ["user.id=42"]);
    }
}

#[tokio::test]
async fn one_call_can_go_without_baggage() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let mut request = get(&server.url("/status/200"));
        request.extensions_mut().insert(CallOptions::new().without_baggage());
        let received = sent(client, &tracer, Egress::open(), request).await;
        assert_eq!(values(&received, "baggage"), [""; 0]);
        assert_eq!(values(&received, "traceparent").len(), 1);
        assert_eq!(collector.warnings(), [""; 0], "that was wanted");
    }
}

/// Headers as a gateway copies them from the request that it received.
fn copied(server: &Server) -> Request<()> {
    let stale = [
        ("x-datadog-origin", "rum"),
        ("x-datadog-tags", "_dd.p.dm=-4"),
        ("tracestate", "dd=s:2"),
        ("baggage", "plan=stale"),
    ];
    let request = Request::get(server.url("/status/200"));
    stale
        .into_iter()
        .fold(request, |request, (name, value)| request.header(name, value))
        .body(())
        .unwrap()
}

#[tokio::test]
async fn copied_headers_of_another_trace_do_not_mix_with_ours() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, _collector) = start_tracer("users");
        let (_, received) = client.call(&tracer, copied(&server)).await.unwrap();
        for name in ["x-datadog-origin", "baggage"] {
            assert_eq!(values(&received, name), [""; 0], "{client:?} {name}");
        }
        for name in ["traceparent", "tracestate", "x-datadog-tags"] {
            assert_eq!(values(&received, name).len(), 1, "{client:?} {name}");
            assert!(!["dd=s:2", "_dd.p.dm=-4"].contains(&values(&received, name)[0]), "{name}");
        }
    }
}

#[tokio::test]
async fn present_headers_stay_where_that_is_asked_for_and_the_host_may_have_them() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, _collector) = start_tracer("users");
        let keep = Egress::new().keep_present();
        let received = sent(client, &tracer, keep.clone(), copied(&server)).await;
        assert_eq!(values(&received, "baggage"), ["plan=stale"]);
        assert_eq!(values(&received, "tracestate"), ["dd=s:2"]);
        assert_eq!(values(&received, "traceparent"), [""; 0], "half a trace is none");

        let received = sent(client, &tracer, keep.baggage_to(["none"]), copied(&server)).await;
        assert_eq!(values(&received, "baggage"), [""; 0]);
        assert_eq!(values(&received, "tracestate"), ["dd=s:2"]);
    }
}

#[tokio::test]
async fn rules_that_cannot_be_read_allow_no_host_and_warn_once() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let egress = Egress::new().trace_only_to(["http://127.0.0.1/"]);
        for _ in 0..2 {
            let received =
                sent(client, &tracer, egress.clone(), get(&server.url("/status/200"))).await;
            assert_eq!(values(&received, "traceparent"), [""; 0]);
        }
        let warnings = collector.warnings();
        assert_eq!(
            warnings[0],
            "Egress cannot read these hosts and gives them nothing: http://127.0.0.1/. Write \
         example.com, *.example.com, 10.0.0.0/8, local or *."
        );
        assert_eq!(warnings.len(), 2, "{warnings:?}");
    }
}

#[tokio::test]
async fn a_policy_that_is_built_for_each_call_warns_once_for_each_host() {
    let (tracer, collector) = start_tracer("users");
    let uri = "http://api.test/".parse().unwrap();
    let _scope = tracer.enter();
    let job = tracer.span("job").start();
    job.baggage().set("plan", "pro");
    for _ in 0..3 {
        Egress::new().inject(&job, &uri, &mut ::http::HeaderMap::new());
        Egress::new().baggage_to(["not a host"]).inject(&job, &uri, &mut Default::default());
    }
    assert_eq!(collector.warnings().len(), 2, "{:?}", collector.warnings());
}

#[tokio::test]
async fn a_call_without_baggage_sends_none_of_its_own_either() {
    let server = Server::start().await;
    let (tracer, _) = start_tracer("users");
    for client in BOTH {
        for egress in [Egress::open(), Egress::open().keep_present()] {
            let mut request = get(&server.url("/status/200"));
            request.headers_mut().insert("baggage", "own=1".parse().unwrap());
            request.extensions_mut().insert(CallOptions::new().without_baggage());
            let headers = sent(client, &tracer, egress, request).await;
            assert_eq!(values(&headers, "baggage"), [""; 0], "{client:?}");
        }
    }
}
