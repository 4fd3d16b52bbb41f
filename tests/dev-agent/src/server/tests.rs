//! The Agent over real sockets, as a tracer, a test and a browser see it.

use std::{sync::mpsc, thread, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};
use ureq::{Agent, Body, http::Response};

use crate::{DevAgent, Outcome, Refusal, wire::MAX_BODY_BYTES};

/// A timeout for things that happen at once unless something is broken.
const PATIENCE: Duration = Duration::from_secs(60);

const HEADERS: [(&str, &str); 4] = [
    ("Content-Type", "application/msgpack"),
    ("Datadog-Meta-Lang", "rust"),
    ("Datadog-Meta-Tracer-Version", "1.2.3"),
    ("X-Datadog-Trace-Count", "1"),
];

fn client() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}

fn span(span_id: u64) -> Value {
    json!({"service": "s", "name": "n", "resource": "n", "trace_id": 1, "span_id": span_id, "start": 1, "duration": 1})
}

fn payload(chunks: Value) -> Vec<u8> {
    rmp_serde::to_vec(&chunks).unwrap()
}

/// Sends one chunk of two spans.
fn send(url: &str) -> Response<Body> {
    send_with(url, "v0.4", &HEADERS, &payload(json!([[span(1), span(2)]])))
}

fn send_with(url: &str, version: &str, headers: &[(&str, &str)], body: &[u8]) -> Response<Body> {
    let request = client().put(format!("{url}/{version}/traces"));
    headers
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value))
        .send(body)
        .unwrap()
}

fn get(url: &str) -> Value {
    serde_json::from_str(&client().get(url).call().unwrap().body_mut().read_to_string().unwrap())
        .unwrap()
}

#[test]
fn accepted_spans_are_kept_and_the_response_has_the_rates() {
    let agent = DevAgent::start().unwrap();
    agent.behave(|behavior| behavior.rates = [("service:s,env:".into(), 0.5)].into());
    let mut response = send(&agent.url());
    assert_eq!(response.status(), 200);
    let rates: Value =
        serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
    assert_eq!(rates, json!({"rate_by_service": {"service:s,env:": 0.5}}));

    let traces = agent.wait_for_spans_blocking(2, PATIENCE).unwrap();
    assert_eq!(traces.len(), 1);
    assert_eq!(traces[0].picture(), "n  service=s\nn  service=s");
    let requests = agent.requests();
    assert_eq!(requests[0].outcome, Outcome::Accepted { chunks: 1, spans: 2 });
    assert_eq!((requests[0].path.as_str(), requests[0].method.as_str()), ("/v0.4/traces", "PUT"));
    assert_eq!(requests[0].headers["datadog-meta-tracer-version"], "1.2.3");
}

#[test]
fn both_formats_and_methods_are_served() {
    let agent = DevAgent::start().unwrap();
    let v05 = payload(json!([["", "s"], [[[1, 1, 1, 1, 2, 0, 3, 4, 0, {}, {}, 0]]]]));
    assert_eq!(send_with(&agent.url(), "v0.5", &HEADERS, &v05).status(), 200);
    let mut request = client().post(format!("{}/v0.4/traces", agent.url()));
    for (name, value) in HEADERS {
        request = request.header(name, value);
    }
    assert_eq!(request.send(payload(json!([[span(3)]]))).unwrap().status(), 200);
    assert_eq!(agent.traces()[0].spans().map(|span| span.span_id).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(client().get(format!("{}/v0.4/traces", agent.url())).call().unwrap().status(), 405);
}

#[test]
fn requests_are_refused_with_a_reason() {
    let without =
        |name: &str| HEADERS.into_iter().filter(|header| header.0 != name).collect::<Vec<_>>();
    let with = |name, value| [&without(name)[..], &[(name, value)]].concat();
    let fine = payload(json!([[span(1)]]));
    let count = |header: &str| Refusal::TraceCount { header: header.into(), chunks: 1 };
    let missing = |name| Refusal::MissingHeader { name };
    #[rustfmt::skip]
    let table = [
        (with("Content-Type", "application/json"), &fine, 415, Refusal::ContentType { found: "application/json".into() }),
        (without("Content-Type"),                  &fine, 415, Refusal::ContentType { found: "".into() }),
        (without("Datadog-Meta-Lang"),             &fine, 400, missing("datadog-meta-lang")),
        (with("Datadog-Meta-Lang", ""),            &fine, 400, missing("datadog-meta-lang")),
        (without("Datadog-Meta-Tracer-Version"),   &fine, 400, missing("datadog-meta-tracer-version")),
        (with("Transfer-Encoding", "chunked"),     &fine, 400, missing("content-length")),
        (without("X-Datadog-Trace-Count"),         &fine, 400, missing("x-datadog-trace-count")),
        (with("X-Datadog-Trace-Count", "2"),       &fine, 400, count("2")),
        (with("X-Datadog-Trace-Count", "01"),      &fine, 400, count("01")),
        (HEADERS.to_vec(), &payload(json!([[]])),         400, Refusal::EmptyChunk { chunk: 0 }),
    ];
    let agent = DevAgent::start().unwrap();
    for (headers, body, status, refusal) in table {
        let mut response = send_with(&agent.url(), "v0.4", &headers, body);
        assert_eq!(response.status(), status, "{refusal}");
        assert_eq!(response.body_mut().read_to_string().unwrap(), format!("{refusal}\n"));
        assert_eq!(agent.requests().last().unwrap().outcome, Outcome::Refused(refusal));
    }
    assert_eq!(agent.traces(), []);
}

#[test]
fn bodies_are_limited() {
    let agent = DevAgent::start().unwrap();
    let send = |bytes| send_with(&agent.url(), "v0.4", &HEADERS, &vec![0xc0; bytes]).status();
    assert_eq!(send(MAX_BODY_BYTES), 400, "read, but malformed");
    assert_eq!(send(MAX_BODY_BYTES + 1), 413); // Only the last byte is too much, so all was sent before the response.
    let too_large = Refusal::TooLarge { limit_bytes: MAX_BODY_BYTES };
    assert_eq!(agent.requests()[1].outcome, Outcome::Refused(too_large));
}

#[test]
fn held_requests_are_seen_but_get_no_response_until_released() {
    let agent = DevAgent::start().unwrap();
    agent.hold();
    let (url, (responded, responses)) = (agent.url(), mpsc::channel());
    let sender = thread::spawn(move || responded.send(send(&url).status()));
    let requests = agent.wait_for_requests_blocking(1, PATIENCE).unwrap();
    assert_eq!(requests[0].outcome, Outcome::Waiting);
    assert_eq!(agent.traces(), [], "nothing is stored before the response");
    assert!(responses.try_recv().is_err());
    agent.release();
    assert_eq!(responses.recv_timeout(PATIENCE), Ok(StatusCode::OK));
    assert_eq!(agent.traces()[0].spans().count(), 2);
    sender.join().unwrap().unwrap();
}

#[test]
fn every_response_has_the_configured_status_until_it_is_cleared() {
    let agent = DevAgent::start().unwrap();
    agent.respond_with(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(send(&agent.url()).status(), 500);
    assert_eq!(client().get(format!("{}/info", agent.url())).call().unwrap().status(), 500);
    agent.respond_with(None);
    assert_eq!(send(&agent.url()).status(), 200);
    let outcomes: Vec<_> = agent.requests().into_iter().map(|request| request.outcome).collect();
    let failed = Outcome::FixedStatus(StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(outcomes, [failed, Outcome::Accepted { chunks: 1, spans: 2 }]);
    assert_eq!(agent.traces()[0].spans().count(), 2);
}

fn stats_payload(sketch: &[u8]) -> Vec<u8> {
    use rmp_serde::{Serializer, encode::Error};
    use serde::Serialize as _;

    #[derive(serde::Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Row<'a> {
        service: &'a str,
        name: &'a str,
        resource: &'a str,
        r#type: &'a str,
        #[serde(rename = "HTTPStatusCode")]
        status: u32,
        hits: u64,
        errors: u64,
        duration: u64,
        top_level_hits: u64,
        #[serde(with = "as_bin")]
        ok_summary: &'a [u8],
        #[serde(with = "as_bin")]
        error_summary: &'a [u8],
        synthetics: bool,
        span_kind: &'a str,
    }
    mod as_bin {
        pub(super) fn serialize<S: serde::Serializer>(
            bytes: &[u8],
            out: S,
        ) -> Result<S::Ok, S::Error> {
            out.serialize_bytes(bytes)
        }
    }
    #[derive(serde::Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Bucket<'a> {
        start: u64,
        duration: u64,
        stats: Vec<Row<'a>>,
    }
    #[derive(serde::Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Payload<'a> {
        hostname: &'a str,
        env: &'a str,
        version: &'a str,
        #[serde(rename = "RuntimeID")]
        runtime_id: &'a str,
        sequence: u64,
        stats: Vec<Bucket<'a>>,
    }
    let row = Row {
        service: "s",
        name: "n",
        resource: "r",
        r#type: "web",
        status: 200,
        hits: 2,
        errors: 0,
        duration: 3,
        top_level_hits: 2,
        ok_summary: sketch,
        error_summary: sketch,
        synthetics: false,
        span_kind: "server",
    };
    let bucket = Bucket { start: 0, duration: 10_000_000_000, stats: vec![row] };
    let payload = Payload {
        hostname: "",
        env: "prod",
        version: "1",
        runtime_id: "7",
        sequence: 1,
        stats: vec![bucket],
    };
    let mut bytes = Vec::new();
    let written: Result<(), Error> =
        payload.serialize(&mut Serializer::new(&mut bytes).with_struct_map());
    written.unwrap();
    bytes
}

#[test]
fn statistics_are_kept_and_refused_with_a_reason() {
    let agent = DevAgent::start().unwrap();
    let url = format!("{}/v0.6/stats", agent.url());
    let send = |body: Vec<u8>| {
        let request = HEADERS[..3]
            .iter()
            .fold(client().put(&url), |request, (name, value)| request.header(*name, *value));
        let mut response = request.send(body).unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    };
    let mapping =
        [0x0a, 18, 0x09, 0, 0, 0, 0, 0, 0x40, 0xf0, 0x3f, 0x11, 0, 0, 0, 0, 0, 0xea, 0x94, 0x40];
    assert_eq!(send(stats_payload(&mapping)), (200, String::new()));
    let stats = agent.wait_for_stats_blocking(1, PATIENCE).unwrap();
    assert_eq!((stats[0].env.as_str(), stats[0].sequence), ("prod", 1));
    let row = &stats[0].buckets[0].rows[0];
    assert_eq!((row.resource.as_str(), row.hits, row.ok_summary.count()), ("r", 2, 0.0));

    let (status, reason) = send(stats_payload(&[]));
    assert_eq!(status, 400);
    assert_eq!(reason, "at Stats[0].Stats[0].OkSummary: the sketch has no mapping\n");
    assert_eq!(send(vec![0xc0]).0, 400);
    assert_eq!(agent.stats().len(), 1);
}

#[test]
fn telemetry_and_remote_configuration_get_a_response() {
    let agent = DevAgent::start().unwrap();
    let post = |path: &str| client().post(format!("{}{path}", agent.url())).send("{}").unwrap();
    assert_eq!(post("/telemetry/proxy/api/v2/apmtelemetry").status(), 202);
    assert_eq!(post("/v0.7/config").body_mut().read_to_string().unwrap(), "{}");
}

#[test]
fn info_lists_the_supported_endpoints_and_its_state_changes_with_them() {
    let agent = DevAgent::start().unwrap();
    let state = |response: &Response<Body>| response.headers()["datadog-agent-state"].clone();
    let before = state(&send(&agent.url()));
    let info = format!("{}/info", agent.url());
    assert_eq!(state(&client().get(&info).call().unwrap()), before);
    assert_eq!(get(&info)["span_events"], true);
    assert_eq!(get(&info)["client_drop_p0s"], false);

    agent.behave(|behavior| {
        behavior.span_events = false;
        behavior.endpoints = vec!["/v0.4/traces".into()];
    });
    assert_eq!(get(&info)["span_events"], false);
    assert_eq!(get(&info)["endpoints"], json!(["/v0.4/traces"]));
    assert_ne!(state(&send(&agent.url())), before);
    assert_eq!(send_with(&agent.url(), "v0.5", &HEADERS, &[]).status(), 404, "no longer there");
    agent.behave(|behavior| behavior.info = false);
    assert_eq!(client().get(&info).call().unwrap().status(), 404, "as very old Agents do");
    assert_eq!(send(&agent.url()).status(), 200);
}

#[test]
fn traces_are_json_in_the_order_of_the_picture_until_forgotten() {
    let agent = DevAgent::start().unwrap();
    let child = json!({"service": "s", "name": "c", "resource": "c", "trace_id": 1, "span_id": 2, "parent_id": 1,
                       "start": 2, "duration": 1});
    send_with(&agent.url(), "v0.4", &HEADERS, &payload(json!([[child, span(1)]])));
    let url = format!("{}/traces", agent.url());
    let first = client().get(&url).call().unwrap();
    let response = get(&url);
    assert_eq!(response["traces"][0]["trace_id"], "00000000000000000000000000000001");
    let spans = response["traces"][0]["spans"].as_array().unwrap();
    let lines: Vec<_> =
        spans.iter().map(|span| [&span["branch"], &span["label"], &span["span_id"]]).collect();
    assert_eq!(lines, [["", "n  service=s", "0000000000000001"], ["└─ ", "c", "0000000000000002"]]);
    assert_eq!(get(&format!("{url}?last=0"))["traces"], json!([]));

    let again =
        || client().get(&url).header("If-None-Match", &first.headers()["etag"]).call().unwrap();
    assert_eq!(again().status(), 304);
    assert_eq!(client().delete(&url).call().unwrap().status(), 204);
    assert_eq!(again().status(), 200);
    assert_eq!(get(&url)["traces"], json!([]));
}

#[test]
fn a_search_finds_traces_and_an_id_finds_one_trace() {
    let agent = DevAgent::start().unwrap();
    let failed = json!({"service": "billing", "name": "pay", "resource": "pay", "trace_id": 2, "span_id": 3,
                        "start": 5, "duration": 7, "error": 1});
    let two = [&HEADERS[..3], &[("X-Datadog-Trace-Count", "2")]].concat();
    send_with(&agent.url(), "v0.4", &two, &payload(json!([[span(1), span(2)], [failed]])));
    let url = agent.url();
    let found = |search: &str| get(&format!("{url}/search?q={search}"))["traces"].clone();
    assert_eq!(found("").as_array().unwrap().len(), 2);
    let billing = json!([{
        "trace_id": "00000000000000000000000000000002", "service": "billing", "name": "pay", "resource": "pay",
        "services": 1, "spans": 1, "errors": 1, "start": 5, "duration": 7,
    }]);
    assert_eq!(found("error"), billing);
    assert_eq!(found("service:billing%20duration%3E7ns"), json!([]));

    let trace = format!("{url}/traces/00000000000000000000000000000002");
    assert_eq!(get(&trace)["spans"][0]["depth"], 0);
    assert_eq!(client().get(format!("{url}/traces/9")).call().unwrap().status(), 404);
    let first = client().get(&trace).call().unwrap();
    let again = client().get(&trace).header("If-None-Match", &first.headers()["etag"]);
    assert_eq!(again.call().unwrap().status(), 304);
}

#[test]
fn refusals_stay_listed_with_their_reasons_after_they_were_noticed() {
    let agent = DevAgent::start().unwrap();
    send_with(&agent.url(), "v0.4", &HEADERS, &payload(json!([[]])));
    let refusals = format!("{}/refusals", agent.url());
    let expected = json!([{"method": "PUT", "path": "/v0.4/traces", "body_bytes": 2, "reason": "chunk 0 has no spans"}]);
    assert_eq!(get(&refusals), expected);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(agent.next_notice(Duration::ZERO));
    assert_eq!(get(&refusals), expected);
}

#[test]
fn the_page_loads_nothing_from_other_hosts() {
    let agent = DevAgent::start().unwrap();
    let mut response = client().get(agent.url()).call().unwrap();
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let page = response.body_mut().read_to_string().unwrap();
    assert!(page.starts_with("<!doctype html>"));
    let mut texts = vec![page];
    let files =
        ["style.css", "main.js", "element.js", "list.js", "waterfall.js", "span.js", "tables.js"];
    for file in files {
        let mut response = client().get(format!("{}/page/{file}", agent.url())).call().unwrap();
        assert_eq!(response.status(), 200, "{file}");
        texts.push(response.body_mut().read_to_string().unwrap());
    }
    let imports = texts.iter().flat_map(|text| text.split("from \"./").skip(1));
    for import in imports {
        assert!(files.contains(&import.split('"').next().unwrap()), "{import}");
    }
    assert!(texts.iter().all(|text| !text.contains("http://") && !text.contains("https://")));
}

#[test]
fn a_wait_that_times_out_reports_the_received_spans() {
    let agent = DevAgent::start().unwrap();
    send(&agent.url());
    send_with(&agent.url(), "v0.4", &HEADERS, &payload(json!([[]])));
    let error = agent.wait_for_spans_blocking(3, Duration::ZERO).unwrap_err();
    let expected =
        "waited 0ns for 3 spans, got 2 spans in 2 requests; last refusal: chunk 0 has no spans";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn dropping_the_agent_closes_its_port_even_while_it_holds() {
    let agent = DevAgent::start().unwrap();
    agent.hold();
    let (url, address) = (agent.url(), agent.address());
    let sender = thread::spawn(move || {
        let request = HEADERS
            .iter()
            .fold(client().put(format!("{url}/v0.4/traces")), |request, (name, value)| {
                request.header(*name, *value)
            });
        request.send(payload(json!([[span(1)]]))).is_err()
    });
    agent.wait_for_requests_blocking(1, PATIENCE).unwrap();
    drop(agent);
    assert!(sender.join().unwrap(), "the held request breaks off");
    drop(DevAgent::start_on(address).unwrap());
}

#[tokio::test(start_paused = true)]
async fn waits_in_async_code_with_any_clock() {
    let agent = DevAgent::start().unwrap();
    let url = agent.url();
    let sender = thread::spawn(move || send(&url).status());
    assert_eq!(agent.wait_for_spans(2, PATIENCE).await.unwrap().len(), 1);
    assert_eq!(sender.join().unwrap(), 200);
}

#[tokio::test]
async fn notices_are_refusals_and_quiet_traces() {
    let agent = DevAgent::start().unwrap();
    let url = agent.url();
    let sender = thread::spawn(move || {
        send(&url);
        send_with(&url, "v0.4", &HEADERS, &payload(json!([[]])));
    });
    sender.join().unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        match agent.next_notice(Duration::ZERO).await {
            crate::Notice::Trace(trace) => seen.push(trace.picture()),
            crate::Notice::Refused(request) => seen.push(format!("{:?}", request.outcome)),
        }
    }
    assert_eq!(seen, ["Refused(EmptyChunk { chunk: 0 })", "n  service=s\nn  service=s"]);
}

#[test]
fn an_agent_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let agent = DevAgent::start().unwrap();
    shared(&agent);
    shared(&agent.wait_for_spans(1, PATIENCE));
}
