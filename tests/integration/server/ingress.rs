//! Whose traces are continued, and whose baggage comes in.

use axum::{Router, routing::get};
use packdog_server::{Acceptance, ActiveBaggage, Ingress, ServerTraceLayer};
use packdog_tests::recorder::Recorder;

use super::harness::{serve, serve_with_peers};

/// A caller's trace; it carries baggage as well.
const CALLER: &str = "0123456789abcdef0123456789abcdef-00000000000000ff";

/// What is left of the caller: whether its trace goes on, and the keys of its baggage.
async fn admitted(ingress: Ingress, knows_peer: bool) -> (bool, String) {
    let (tracer, recorder) = Recorder::start("users");
    let handler = async |baggage: ActiveBaggage| {
        baggage.items().iter().map(|(key, _)| key.to_owned()).collect::<Vec<_>>().join(",")
    };
    let layer = ServerTraceLayer::new().tracer(&tracer).ingress(ingress);
    let app = Router::new().route("/", get(handler)).layer(layer);
    let address = if knows_peer { serve_with_peers(app).await } else { serve(app).await };
    let client = reqwest::Client::new().get(format!("http://{address}/"));
    let client = client.header("toy-trace", CALLER).header("toy-baggage", "plan=pro;locale=de");
    let keys = client.header("x-internal", "42").send().await.unwrap().text().await.unwrap();
    let trace = recorder.traces(1).await.remove(0);
    (CALLER.starts_with(&trace.trace_id.to_string()), keys)
}

fn nobody() -> Ingress {
    Ingress::trusting_nobody()
}

#[tokio::test]
async fn callers_are_continued_as_far_as_they_are_trusted() {
    let header = |value: &'static str| {
        nobody().trust_header("x-internal".parse().unwrap(), value.parse().unwrap())
    };
    let locale = || Acceptance::restart().baggage_keys(["locale"]);
    let all = "plan,locale";
    #[rustfmt::skip]
    let table = [
        // policy                                                          peer   continued  baggage
        (Ingress::default(),                                               true,  true,      all),
        (Ingress::default(),                                               false, true,      all),
        (nobody(),                                                         true,  false,     ""),
        (nobody().trust_network("127.0.0.0/8").unwrap(),                   true,  true,      all),
        (nobody().trust_network("127.0.0.0/8").unwrap(),                   false, false,     ""),
        (nobody().trust_network("10.0.0.0/8").unwrap(),                    true,  false,     ""),
        (header("42"),                                                     true,  true,      all),
        (header("42"),                                                     false, false,     ""),
        (header("43"),                                                     true,  false,     ""),
        (header("4"),                                                      true,  false,     ""),
        (nobody().trust_if(|head| head.method() == "GET"),                 true,  true,      all),
        (nobody().trust_if(|head| head.route() == Some("/")),              true,  true,      all),
        (nobody().trust_if(|head| head.uri().path() != "/"),               true,  false,     ""),
        (nobody().strangers(locale()),                                     true,  false,     "locale"),
        (nobody().strangers(Acceptance::nothing()),                        true,  false,     ""),
        (nobody().strangers(Acceptance::everything().max_baggage_bytes(7)), true, true,      "plan"),
        (Ingress::default().trusted(Acceptance::nothing()),                true,  false,     ""),
    ];
    for (row, (ingress, knows_peer, is_continued, baggage)) in table.into_iter().enumerate() {
        let found = admitted(ingress, knows_peer).await;
        assert_eq!(found, (is_continued, baggage.to_owned()), "row {row}");
    }
}
