//! Statistics of the tracer: the counted spans, and the traces that are not sent because of them. The
//! Agent is the development one, over real HTTP, which decodes with structs of its own.

use std::{collections::BTreeMap, time::Duration};

use http::StatusCode;
use packdog::{
    Config, Guard, OwnedSpan,
    limits::Report,
    span::{SpanContext, SpanId, TraceId},
};
use packdog_dev_agent::{Behavior, DevAgent, StatsPayload, StatsRow};
use serde_json::json;

/// Longer than any test, so that everything that ends earlier has ended on its own.
const LONG: Duration = Duration::from_secs(60);
const BLOCKED: &str = "tracer_blocked_value";

fn config() -> Config {
    Config::new().with_service("users").with_env("prod").with_agent_timeout(Duration::from_secs(60))
}

/// An Agent that lets tracers compute statistics, and a tracer that knows.
fn start_with(config: Config, behavior: impl FnOnce(&mut Behavior)) -> (DevAgent, Guard) {
    let agent = DevAgent::start().unwrap();
    agent.behave(|known| {
        known.client_drop_p0s = true;
        behavior(known);
    });
    let packdog = config.with_agent_url(agent.url()).build().unwrap();
    assert!(packdog.wait_for_agent(LONG));
    (agent, packdog)
}

fn start(config: Config) -> (DevAgent, Guard) {
    start_with(config, |_| ())
}

/// The rows of all buckets of all payloads.
fn rows(agent: &DevAgent) -> Vec<StatsRow> {
    let buckets = agent.stats().into_iter().flat_map(|payload| payload.buckets);
    buckets.flat_map(|bucket| bucket.rows).collect()
}

/// The hits by resource, also where the clock has divided them between buckets.
fn hits(agent: &DevAgent) -> BTreeMap<String, u64> {
    let mut hits = BTreeMap::new();
    for row in rows(agent) {
        *hits.entry(row.resource).or_default() += row.hits;
    }
    hits
}

fn by_resource(expected: &[(&str, u64)]) -> BTreeMap<String, u64> {
    expected.iter().map(|(resource, hits)| ((*resource).to_owned(), *hits)).collect()
}

fn only<T>(items: Vec<T>) -> T {
    let count = items.len();
    items.into_iter().next().filter(|_| count == 1).unwrap_or_else(|| panic!("there are {count}"))
}

fn number_of_spans(agent: &DevAgent) -> usize {
    agent.traces().iter().map(|trace| trace.spans().count()).sum()
}

/// A parent whose trace was dropped in another service.
fn dropped_elsewhere() -> SpanContext {
    SpanContext::new()
        .with_trace(TraceId::new(7).unwrap(), SpanId::new(9))
        .with_sampling_priority(packdog::sampling::SamplingPriority::AUTO_DROP)
}

#[test]
fn a_payload_names_the_service_and_process_of_its_statistics() {
    let config = config().with_version("1.2").with_git_commit_sha("abc");
    let (agent, packdog) = start(config);
    for _ in 0..2 {
        packdog.tracer().span("root").in_scope(|_| ());
        packdog.flush(LONG);
    }
    let payloads = agent.stats();
    let [first, second] = payloads.as_slice() else { panic!("{payloads:#?}") };
    let StatsPayload { hostname, env, version, service, lang, runtime_id, .. } = first;
    let texts = [hostname, env, version, service, lang].map(String::as_str);
    assert_eq!(texts, ["", "prod", "1.2", "users", "rust"]);
    assert_eq!(first.tracer_version, env!("CARGO_PKG_VERSION"));
    assert_eq!((runtime_id.len(), runtime_id), (36, &second.runtime_id));
    assert_eq!(second.sequence, first.sequence + 1);
    let bucket = &first.buckets[0];
    assert_eq!((bucket.duration, bucket.start % bucket.duration), (10_000_000_000, 0));
}

#[test]
fn spans_are_counted_by_all_of_their_dimensions() {
    let (agent, packdog) = start(config());
    let tracer = packdog.tracer();
    let span = || tracer.span("web.request").resource("GET /users").span_type("web");
    let finish = |span: packdog::span::SpanBuilder| span.start().finish();
    finish(span());
    finish(span());
    finish(span().tag("http.status_code", "404"));
    finish(span().tag("http.status_code", 404));
    finish(span().tag("http.status_code", "none"));
    finish(span().tag("span.kind", "server"));
    finish(span().tag("http.method", "GET"));
    finish(span().tag("http.route", "/users"));
    finish(span().tag("http.route", "/{any}").tag("http.endpoint", "/users"));
    finish(span().tag("_dd.origin", "synthetics-browser"));
    finish(span().tag("_dd.origin", "rum"));
    finish(span().tag("rpc.grpc.status_code", "NOT_FOUND"));
    finish(span().tag("grpc.code", 5));
    finish(span().service("billing"));
    finish(span().resource("GET /"));
    finish(span().span_type("http"));
    finish(tracer.span("other.request").resource("GET /users").span_type("web"));
    finish(span().child_of(dropped_elsewhere()));
    packdog.flush(LONG);

    let usual = StatsRow::default();
    let mut seen: Vec<_> = rows(&agent)
        .into_iter()
        .map(|row| {
            let differing = [
                (row.service != "users").then(|| format!("service={}", row.service)),
                (row.name != "web.request").then(|| format!("name={}", row.name)),
                (row.resource != "GET /users").then(|| format!("resource={}", row.resource)),
                (row.span_type != "web").then(|| format!("type={}", row.span_type)),
                (row.http_status_code != 0).then(|| format!("status={}", row.http_status_code)),
                (row.span_kind != usual.span_kind).then(|| format!("kind={}", row.span_kind)),
                (row.http_method != usual.http_method)
                    .then(|| format!("method={}", row.http_method)),
                (!row.http_endpoint.is_empty()).then(|| format!("endpoint={}", row.http_endpoint)),
                (!row.grpc_status_code.is_empty())
                    .then(|| format!("grpc={}", row.grpc_status_code)),
                row.synthetics.then(|| "synthetics".to_owned()),
                (!row.peer_tags.is_empty()).then(|| row.peer_tags.join(",")),
                (row.is_trace_root != 1).then(|| format!("root={}", row.is_trace_root)),
            ];
            let key = differing.into_iter().flatten().collect::<Vec<_>>().join(" ");
            (key, row.hits)
        })
        .collect();
    seen.sort();
    // A change of the bucket in between would divide a row.
    seen.dedup_by(|next, known| {
        next.0 == known.0 && {
            known.1 += next.1;
            true
        }
    });
    let expected = [
        ("", 4), // Twice as it is, once with a status that is none, once with another origin.
        ("endpoint=/users", 2),
        ("grpc=5", 2),
        ("kind=server", 1),
        ("method=GET", 1),
        ("name=other.request", 1),
        ("resource=GET /", 1),
        ("root=2", 1),
        ("service=billing _dd.base_service:users", 1),
        ("status=404", 2),
        ("synthetics", 1),
        ("type=http", 1),
    ];
    assert_eq!(seen, expected.map(|(key, hits)| (key.to_owned(), hits)));
}

#[test]
fn only_some_spans_count() {
    let (agent, packdog) = start(config());
    let root = packdog.tracer().span("root").start();
    #[rustfmt::skip]
    let table = [
        // resource          tag                                   counts
        ("plain",            None,                                 false),
        ("internal",         Some(("span.kind", "internal".into())),        false),
        ("server",           Some(("span.kind", "SERVER".into())),          true),
        ("client",           Some(("span.kind", "client".into())),          true),
        ("producer",         Some(("span.kind", "producer".into())),        true),
        ("consumer",         Some(("span.kind", "consumer".into())),        true),
        ("measured",         Some(("_dd.measured", packdog::span::TagValue::from(1))), true),
        ("not measured",     Some(("_dd.measured", 0.into())),     false),
    ];
    for (resource, tag, _) in &table {
        let mut span = root.child("work").resource(*resource);
        if let Some((key, value)) = tag {
            span = span.tag(*key, value.clone());
        }
        span.start().finish();
    }
    root.child("work").resource("another service").service("db").start().finish();
    let partial = root.child("work").resource("partial").tag("span.kind", "server");
    partial.tag("_dd.partial_version", 0).start().finish();
    drop(root);
    packdog.flush(LONG);
    let mut expected = vec![("root", 1), ("another service", 1)];
    expected.extend(table.iter().filter(|row| row.2).map(|row| (row.0, 1)));
    assert_eq!(hits(&agent), by_resource(&expected));
    let top_level: u64 = rows(&agent).iter().map(|row| row.top_level_hits).sum();
    assert_eq!(top_level, 2);
}

#[test]
fn durations_of_good_and_failed_spans_have_separate_sketches_and_one_sum() {
    let (agent, packdog) = start(config());
    for is_error in [false, true, false] {
        packdog.tracer().span("root").in_scope(|span| {
            if is_error {
                span.set_error_parts(None, None, None);
            }
        });
    }
    packdog.flush(LONG);
    let rows = rows(&agent);
    let sum = |count: fn(&StatsRow) -> u64| rows.iter().map(count).sum::<u64>();
    assert_eq!((sum(|row| row.hits), sum(|row| row.errors)), (3, 1));
    let sent: u64 = agent
        .traces()
        .iter()
        .flat_map(|trace| trace.spans().map(|span| span.duration as u64).collect::<Vec<_>>())
        .sum();
    assert_eq!(sum(|row| row.duration), sent);
    for row in &rows {
        assert_eq!(row.ok_summary.count(), (row.hits - row.errors) as f64);
        assert_eq!(row.error_summary.count(), row.errors as f64);
        for sketch in [&row.ok_summary, &row.error_summary] {
            assert_eq!((sketch.gamma, sketch.index_offset), (1.015625, 1338.5));
        }
    }
}

#[test]
fn peers_are_distinguished_by_the_tags_that_the_agent_lists() {
    let (agent, packdog) = start_with(config(), |agent| {
        agent.peer_tags = vec!["peer.service".to_owned(), "out.host".to_owned()];
    });
    let root = packdog.tracer().span("root").start();
    let call = |kind: &'static str, host: &'static str| {
        let call = root.child("call").resource(kind).tag("span.kind", kind);
        call.tag("out.host", host).tag("peer.service", "db").tag("db.name", "x").start().finish();
    };
    call("client", "10.0.0.1");
    call("client", "10.0.0.2");
    call("producer", "queue");
    call("server", "10.0.0.3");
    drop(root);
    packdog.flush(LONG);
    let peers = |kind: &str| {
        let row = only(rows(&agent).into_iter().filter(|row| row.resource == kind).collect());
        (row.hits, row.peer_tags)
    };
    let list = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    assert_eq!(peers("client"), (2, list(&["peer.service:db", "out.host:blocked-ip-address"])));
    assert_eq!(peers("producer"), (1, list(&["peer.service:db", "out.host:queue"])));
    assert_eq!(peers("server"), (1, list(&[])));
}

/// Starts a trace that is sampled out, with two spans.
fn dropped_trace(packdog: &Guard) -> OwnedSpan {
    let root = packdog.tracer().span("root").start();
    root.child("child").start().finish();
    root
}

#[test]
fn dropped_traces_are_counted_and_not_sent() {
    let (agent, packdog) = start(config().with_sample_rate(0.0));
    for _ in 0..3 {
        dropped_trace(&packdog).finish();
    }
    let report = packdog.flush(LONG);
    assert_eq!(report, Report::new(0, 0, 0).with_sampled_out(6));
    assert_eq!((number_of_spans(&agent), agent.requests().len()), (0, 0));
    assert_eq!(hits(&agent), by_resource(&[("root", 3)]));

    let kept = dropped_trace(&packdog);
    kept.manual_keep();
    kept.finish();
    dropped_trace(&packdog).finish();
    let report = packdog.flush(LONG);
    assert_eq!(report, Report::new(2, 0, 0).with_sampled_out(8));
    let headers = only(agent.requests()).headers;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!(header("datadog-client-computed-stats"), Some("yes"));
    assert_eq!(header("datadog-client-dropped-p0-traces"), Some("4"));
    assert_eq!(header("datadog-client-dropped-p0-spans"), Some("8"));

    let kept = dropped_trace(&packdog);
    kept.manual_keep();
    kept.finish();
    packdog.flush(LONG);
    let requests = agent.requests();
    let dropped = &requests.last().unwrap().headers["datadog-client-dropped-p0-traces"];
    assert_eq!(dropped, "0", "reported spans are not reported again");
}

#[test]
fn a_dropped_trace_with_an_error_is_sent_whole() {
    let (agent, packdog) = start(config().with_sample_rate(0.0));
    let root = packdog.tracer().span("root").start();
    root.child("child").start().set_error_parts(None, Some("no"), None);
    drop(root);
    assert_eq!(packdog.flush(LONG), Report::new(2, 0, 0));
    let trace = only(agent.traces());
    let priorities: Vec<_> =
        trace.spans().filter_map(|span| span.metrics.get("_sampling_priority_v1")).collect();
    assert_eq!(priorities, [&-1.0]);
}

#[test]
fn single_spans_that_are_kept_leave_as_a_chunk_that_is_kept() {
    let rules = [packdog::sampling::SpanSamplingRule::new().name("kept")];
    let config = config().with_sample_rate(0.0).with_span_sampling_rules(rules);
    let (agent, packdog) = start(config);
    let root = packdog.tracer().span("root").start();
    for name in ["kept", "other", "kept"] {
        root.child(name).start().finish();
    }
    drop(root);
    let alone = dropped_trace(&packdog);
    alone.finish();
    assert_eq!(packdog.flush(LONG), Report::new(2, 0, 0).with_sampled_out(4));
    let trace = only(agent.traces());
    let spans: Vec<_> = trace.spans().collect();
    let priorities: Vec<_> =
        spans.iter().map(|span| span.metrics.get("_sampling_priority_v1")).collect();
    assert_eq!(priorities, [Some(&2.0), None]);
    for span in spans {
        assert_eq!(span.name, "kept");
        assert_eq!(span.metrics["_dd.span_sampling.mechanism"], 8.0);
    }
    let headers = only(agent.requests()).headers;
    assert_eq!(headers["datadog-client-dropped-p0-traces"], "1");
    assert_eq!(headers["datadog-client-dropped-p0-spans"], "4");
}

#[test]
fn without_an_agent_that_accepts_statistics_everything_is_sent_and_nothing_computed() {
    type Row = (&'static str, Config, fn(&mut Behavior));
    #[rustfmt::skip]
    let table: [Row; 5] = [
        ("it does not drop",     config(),                    |agent| agent.client_drop_p0s = false),
        ("no endpoint",          config(),                    |agent| agent.endpoints.retain(|path| path != "/v0.6/stats")),
        ("too old",              config(),                    |agent| { agent.info_fields.insert("version".into(), json!("7.64.0")); }),
        ("no /info",             config(),                    |agent| agent.info = false),
        ("a setting forbids it", config().with_stats(false),  |_| ()),
    ];
    for (why, config, behavior) in table {
        let agent = DevAgent::start().unwrap();
        agent.behave(|known| {
            known.client_drop_p0s = true;
            behavior(known);
        });
        let config = config.with_sample_rate(0.0).with_agent_url(agent.url());
        let packdog = config.build().unwrap();
        packdog.wait_for_agent(LONG);
        dropped_trace(&packdog).finish();
        assert_eq!(packdog.flush(LONG), Report::new(2, 0, 0), "{why}");
        assert_eq!(agent.stats(), [], "{why}");
        let headers = only(agent.requests()).headers;
        assert!(!headers.contains_key("datadog-client-computed-stats"), "{why}");
        assert!(!headers.contains_key("datadog-client-dropped-p0-traces"), "{why}");
    }
}

#[test]
fn a_change_of_the_agents_info_is_followed() {
    let (agent, packdog) = start(config().with_sample_rate(0.0));
    dropped_trace(&packdog).finish();
    packdog.flush(LONG);
    agent.behave(|behavior| behavior.client_drop_p0s = false);
    // The response to a trace signals that `/info` has changed. Then it is asked for in the
    // background, while spans go on.
    let is_sent = || {
        let failed = packdog.tracer().span("failed").start();
        failed.set_error_parts(None, None, None);
        failed.finish();
        dropped_trace(&packdog).finish();
        packdog.flush(LONG);
        !agent.requests().last().unwrap().headers.contains_key("datadog-client-computed-stats")
    };
    assert!((0..10_000).any(|_| is_sent()));
    let before = packdog.flush(LONG);
    dropped_trace(&packdog).finish();
    let after = packdog.flush(LONG);
    assert_eq!((after.sent, after.sampled_out), (before.sent + 2, before.sampled_out));
}

#[test]
fn values_over_the_limit_are_counted_together_and_the_sums_stay_exact() {
    #[rustfmt::skip]
    let table = [
        // groups  resources   rows
        (100,      2,          vec![("a", "users", 2), ("b", "users", 1), (BLOCKED, "users", 2)]),
        (2,        100,        vec![("a", "users", 2), ("b", "users", 1), (BLOCKED, BLOCKED, 2)]),
    ];
    for (groups, resources, expected) in table {
        let (agent, packdog) = start(
            config()
                .with_stats_cardinality_limit(groups)
                .with_stats_resource_cardinality_limit(resources),
        );
        for resource in ["a", "b", "c", "a", "d"] {
            packdog.tracer().span("root").resource(resource).start().finish();
        }
        packdog.flush(LONG);
        let stats = only(agent.stats());
        // In the seldom case that the bucket changes in between, each has its own limits.
        let [bucket] = stats.buckets.as_slice() else { continue };
        let mut rows: Vec<_> = bucket
            .rows
            .iter()
            .map(|row| (row.resource.as_str(), row.service.as_str(), row.hits))
            .collect();
        rows.sort();
        assert_eq!(rows, expected);
    }
}

#[test]
fn traces_that_the_agent_would_filter_are_neither_counted_nor_sent() {
    #[rustfmt::skip]
    let table = [
        // /info                                                            resources that are left
        (json!({"filter_tags": {"reject": ["tier:test"]}}),                 &["plain", "gold", "GET /health"][..]),
        (json!({"filter_tags": {"reject": ["tier"]}}),                      &["plain", "GET /health"]),
        (json!({"filter_tags": {"require": ["tier:gold"]}}),                &["gold"]),
        (json!({"filter_tags": {"require": ["tier"], "reject": ["tier:gold"]}}), &["test"]),
        (json!({"filter_tags": {"require": ["env:prod"]}}),                 &["plain", "test", "gold", "GET /health"]),
        (json!({"filter_tags": {"require": ["env:dev"]}}),                  &[]),
        (json!({"filter_tags_regex": {"reject": ["tier:t.st"]}}),           &["plain", "gold", "GET /health"]),
        (json!({"filter_tags_regex": {"require": ["tier:^(gold|silver)$"]}}), &["gold"]),
        (json!({"filter_tags_regex": {"reject": ["tier:["]}}),              &["plain", "test", "gold", "GET /health"]),
        (json!({"filter_tags": {"reject": [":test", " tier : test "]}}),    &["plain", "gold", "GET /health"]),
        (json!({"ignore_resources": ["/health$", "^g\\w+d$"]}),             &["plain", "test"]),
        (json!({"ignore_resources": ["("]}),                                &["plain", "test", "gold", "GET /health"]),
        (json!({"filter_tags": null, "ignore_resources": null}),            &["plain", "test", "gold", "GET /health"]),
    ];
    for (info, left) in table {
        let (agent, packdog) = start_with(config().with_sample_rate(1.0), |agent| {
            agent.info_fields = serde_json::from_value(info.clone()).unwrap();
        });
        let roots = [
            ("plain", None),
            ("test", Some("test")),
            ("gold", Some("gold")),
            ("GET /health", None),
        ];
        for (resource, tier) in roots {
            let mut root = packdog.tracer().span("root").resource(resource);
            if let Some(tier) = tier {
                root = root.tag("tier", tier);
            }
            let root = root.start();
            // The filters look at roots alone.
            root.child("child").resource("GET /health").tag("tier", "test").start().finish();
        }
        let report = packdog.flush(LONG);
        let expected: Vec<_> = left.iter().map(|resource| (*resource, 1)).collect();
        assert_eq!(hits(&agent), by_resource(&expected), "{info}");
        assert_eq!(number_of_spans(&agent), 2 * left.len(), "{info}");
        assert_eq!(report.sent + report.sampled_out, 8, "{info}");
    }
}

#[test]
fn a_shutdown_sends_the_statistics() {
    let (agent, packdog) = start(config().with_sample_rate(0.0));
    dropped_trace(&packdog).finish();
    let report = packdog.shutdown(LONG);
    assert_eq!(report, Report::new(0, 0, 0).with_sampled_out(2));
    assert_eq!(hits(&agent), by_resource(&[("root", 1)]));
}

#[test]
fn dropping_the_last_handle_of_a_tracer_sends_the_statistics() {
    let (agent, packdog) = start(config().with_sample_rate(0.0));
    dropped_trace(&packdog).finish();
    drop(packdog); // It flushes as well.
    assert_eq!(hits(&agent), by_resource(&[("root", 1)]));
}

#[test]
fn statistics_that_the_agent_refuses_delay_nothing() {
    let (agent, packdog) = start(config());
    agent.behave(|behavior| behavior.endpoints.retain(|path| path != "/v0.6/stats"));
    packdog.tracer().span("root").start().finish();
    assert_eq!(packdog.flush(LONG), Report::new(1, 0, 0));
    agent.respond_with(StatusCode::BAD_REQUEST);
    packdog.tracer().span("root").start().finish();
    assert_eq!(packdog.flush(LONG), Report::new(1, 1, 0));
    assert_eq!(agent.stats(), []);
}
