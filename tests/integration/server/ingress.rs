//! Trust: which callers' traces are continued, and which callers' baggage is accepted.

use std::time::Duration;

use axum::{Router, routing::get};
use http::{HeaderValue, header::COOKIE};
use packdog::Config;
use packdog_dev_agent::DevAgent;
use packdog_server::{Acceptance, ActiveBaggage, Ingress, ServerTraceLayer};
use packdog_tests::start_tracer;

use super::harness::{serve, serve_with_peers};

/// Longer than any test, so that everything that ends earlier has ended on its own.
const DEADLINE: Duration = Duration::from_secs(60);

/// A caller's trace; it carries baggage as well.
const CALLER: &str = "00-0123456789abcdef0123456789abcdef-00000000000000ff-01";

/// The accepted part of the caller's context: whether its trace continues, and the keys of its baggage.
async fn admitted(ingress: Ingress, knows_peer: bool) -> (bool, String) {
    let (tracer, collector) = start_tracer("users");
    let handler = async |baggage: ActiveBaggage| {
        baggage.items().iter().map(|(key, _)| key.to_owned()).collect::<Vec<_>>().join(",")
    };
    let layer = ServerTraceLayer::new().tracer(&tracer).ingress(ingress);
    let app = Router::new().route("/", get(handler)).layer(layer);
    let address = if knows_peer { serve_with_peers(app).await } else { serve(app).await };
    let client = reqwest::Client::new().get(format!("http://{address}/"));
    let client = client.header("traceparent", CALLER).header("baggage", "plan=pro,locale=de");
    let keys = client.header("x-internal", "42").send().await.unwrap().text().await.unwrap();
    let trace = collector.wait_for_traces(1).await.remove(0);
    (CALLER.contains(&trace.trace_id.to_string()), keys)
}

fn strict() -> Ingress {
    Ingress::trusting_none()
}

#[tokio::test]
async fn a_callers_trace_and_baggage_are_accepted_as_far_as_it_is_trusted() {
    let header = |value: &'static str| {
        strict().trust_header("x-internal".parse().unwrap(), value.parse().unwrap())
    };
    let locale = || Acceptance::restart().baggage_keys(["locale"]);
    let all = "plan,locale";
    #[rustfmt::skip]
    let table = [
        // policy                                                          peer   continued  baggage
        (Ingress::default(),                                               true,  true,      all),
        (Ingress::default(),                                               false, true,      all),
        (strict(),                                                         true,  false,     ""),
        (strict().trust_network("127.0.0.0/8").unwrap(),                   true,  true,      all),
        (strict().trust_network("127.0.0.0/8").unwrap(),                   false, false,     ""),
        (strict().trust_network("10.0.0.0/8").unwrap(),                    true,  false,     ""),
        (header("42"),                                                     true,  true,      all),
        (header("42"),                                                     false, false,     ""),
        (header("43"),                                                     true,  false,     ""),
        (header("4"),                                                      true,  false,     ""),
        (strict().trust_if(|head| head.method() == "GET"),                 true,  true,      all),
        (strict().trust_if(|head| head.route() == Some("/")),              true,  true,      all),
        (strict().trust_if(|head| head.uri().path() != "/"),               true,  false,     ""),
        (strict().strangers(locale()),                                     true,  false,     "locale"),
        (strict().strangers(Acceptance::nothing()),                        true,  false,     ""),
        (strict().strangers(Acceptance::everything().baggage_max_bytes(9)), true, true,      "plan"),
        (Ingress::default().trusted(Acceptance::nothing()),                true,  false,     ""),
    ];
    for (row, (ingress, knows_peer, is_continued, baggage)) in table.into_iter().enumerate() {
        let found = admitted(ingress, knows_peer).await;
        assert_eq!(found, (is_continued, baggage.to_owned()), "row {row}");
    }
}

#[tokio::test]
async fn rules_about_callers_whose_addresses_are_unknown_warn_once() {
    let network = || strict().trust_network("127.0.0.0/8").unwrap();
    #[rustfmt::skip]
    let table = [
        // policy                                                          peer   warnings
        (network(),                                                        true,  0),
        (network(),                                                        false, 1),
        (strict().trust_header(COOKIE, HeaderValue::from_static("42")),    false, 1),
        (strict(),                                                         false, 0),
        (Ingress::default(),                                               false, 0),
    ];
    for (row, (ingress, knows_peer, count)) in table.into_iter().enumerate() {
        let (tracer, collector) = start_tracer("users");
        let layer = ServerTraceLayer::new().tracer(&tracer).ingress(ingress);
        let app = Router::new().route("/", get(async || ())).layer(layer);
        let address = if knows_peer { serve_with_peers(app).await } else { serve(app).await };
        for _ in 0..3 {
            reqwest::get(format!("http://{address}/")).await.unwrap();
        }
        let warnings = collector.warnings();
        assert_eq!(warnings.len(), count, "row {row}: {warnings:?}");
        assert!(warnings.iter().all(|text| text.contains("into_make_service_with_connect_info")));
    }
}

#[tokio::test]
async fn the_service_decides_whether_a_caller_can_force_its_trace_to_be_kept() {
    #[rustfmt::skip]
    let table = [
        // may force  priority  decided by
        (true,        2.0,      "-4"),
        (false,       -1.0,     "-3"), // A rate of our own, as it was configured.
    ];
    for (may_force, priority, decision_maker) in table {
        let agent = DevAgent::start().unwrap();
        let config = Config::new().with_agent_url(agent.url());
        let guard = config.with_sample_rate(0.0).build().unwrap();
        let ingress = strict().strangers(Acceptance::everything().may_force_keep(may_force));
        let layer = ServerTraceLayer::new().tracer(guard.tracer()).ingress(ingress);
        let address = serve(Router::new().route("/", get(async || ())).layer(layer)).await;
        let client = reqwest::Client::new().get(format!("http://{address}/"));
        let client = client.header("x-datadog-trace-id", "7").header("x-datadog-parent-id", "8");
        let client = client.header("x-datadog-sampling-priority", "2");
        client.header("x-datadog-tags", "_dd.p.dm=-4,_dd.p.ksr=1").send().await.unwrap();
        let flushed = tokio::task::spawn_blocking(move || guard.flush(DEADLINE));
        assert!(flushed.await.unwrap().is_complete());
        let traces = agent.wait_for_spans(1, DEADLINE).await.unwrap();
        let span = traces[0].spans().next().unwrap();
        assert_eq!((traces[0].trace_id as u64, span.parent_id), (7, 8));
        assert_eq!(span.metrics.get("_sampling_priority_v1"), Some(&priority), "{may_force}");
        assert_eq!(span.meta["_dd.p.dm"], decision_maker, "{may_force}");
        let rate = if may_force { "1" } else { "0" };
        assert_eq!(span.meta["_dd.p.ksr"], rate, "{may_force}");
    }
}
