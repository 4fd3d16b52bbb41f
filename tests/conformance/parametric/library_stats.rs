//! Statistics for an Agent that lets tracers compute them, and the traces that are then not sent.

use packdog_dev_agent::StatsRow;
use serde_json::{Value, json};

use crate::harness::{App, Env, Ids};

const ENABLED: &str = "DD_TRACE_STATS_COMPUTATION_ENABLED";
const DROP: (&str, &str) = ("DD_TRACE_SAMPLE_RATE", "0");

/// A server before an Agent of the first version that takes statistics.
async fn start(environment: Env<'_>) -> Option<App> {
    App::start_with_info(environment, &json!({ "version": "7.65.0" })).await
}

impl App {
    /// The rows of all payloads after a flush.
    async fn stats_rows(&self) -> Vec<StatsRow> {
        self.flush().await;
        let buckets = self.agent().stats().await.into_iter().flat_map(|payload| payload.buckets);
        buckets.flat_map(|bucket| bucket.rows).collect()
    }

    /// Starts and finishes a span with these texts and numbers.
    async fn spend(&self, request: Value, meta: &[(&str, &str)], metrics: &[(&str, f64)]) -> Ids {
        let span = self.span_with(request).await;
        for (key, value) in meta {
            self.set_meta(span, key, value).await;
        }
        for (key, value) in metrics {
            let request = json!({ "span_id": span.span_id, "key": key, "value": value });
            self.post("/trace/span/set_metric", request).await;
        }
        self.finish(span).await;
        span
    }
}

#[tokio::test]
async fn spans_are_grouped_by_their_dimensions() {
    let Some(app) = start(&[(ENABLED, "1")]).await else { return };
    let request = json!({
        "name": "web.request", "resource": "/users", "service": "webserver", "type": "web",
    });
    app.spend(request.clone(), &[], &[]).await;
    app.spend(request.clone(), &[("http.status_code", "400")], &[]).await;
    app.spend(request.clone(), &[("_dd.origin", "synthetics")], &[]).await;
    app.spend(request.clone(), &[("http.method", "GET"), ("http.endpoint", "/u")], &[]).await;
    let failed = app.span_with(request).await;
    let error = json!({ "span_id": failed.span_id, "type": "", "message": "", "stack": "" });
    app.post("/trace/span/error", error).await;
    app.finish(failed).await;
    let rows = app.stats_rows().await;
    let sum = |count: fn(&StatsRow) -> u64| rows.iter().map(count).sum::<u64>();
    assert_eq!(
        (sum(|row| row.hits), sum(|row| row.errors), sum(|row| row.top_level_hits)),
        (5, 1, 5)
    );
    let has = |is: fn(&StatsRow) -> bool| rows.iter().filter(|row| is(row)).count();
    assert_eq!(has(|row| row.http_status_code == 400), 1);
    assert_eq!(has(|row| row.synthetics), 1);
    assert_eq!(has(|row| row.http_method == "GET" && row.http_endpoint == "/u"), 1);
    for row in &rows {
        assert_eq!(
            (&*row.service, &*row.name, &*row.resource),
            ("webserver", "web.request", "/users")
        );
        assert_eq!((&*row.span_type, row.is_trace_root), ("web", 1));
        assert!(row.duration > 0);
        assert_eq!(row.ok_summary.count() + row.error_summary.count(), row.hits as f64);
    }
}

#[tokio::test]
async fn measured_and_kind_make_children_count_and_partial_spans_never_do() {
    let Some(app) = start(&[(ENABLED, "1")]).await else { return };
    let root = app.span("root").await;
    let child = |name: &str| json!({ "name": name, "parent_id": root.span_id });
    app.spend(child("plain"), &[], &[]).await;
    app.spend(child("internal"), &[("span.kind", "internal")], &[]).await;
    app.spend(child("client"), &[("span.kind", "client")], &[]).await;
    app.spend(child("measured"), &[], &[("_dd.measured", 1.0)]).await;
    app.spend(child("partial"), &[], &[("_dd.measured", 1.0), ("_dd.partial_version", 0.0)]).await;
    app.finish(root).await;
    let mut names: Vec<_> = app.stats_rows().await.into_iter().map(|row| row.name).collect();
    names.sort();
    assert_eq!(names, ["client", "measured", "root"]);
}

#[tokio::test]
async fn tags_set_after_the_end_change_nothing() {
    let Some(app) = start(&[(ENABLED, "1")]).await else { return };
    let span = app.span("root").await;
    app.finish(span).await;
    app.set_meta(span, "http.status_code", "500").await;
    let rows = app.stats_rows().await;
    assert_eq!(rows.iter().map(|row| row.http_status_code).collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn dropped_traces_are_counted_and_not_sent() {
    let Some(app) = start(&[(ENABLED, "1"), DROP]).await else { return };
    app.spend(json!({ "name": "root" }), &[], &[]).await;
    let hits: u64 = app.stats_rows().await.iter().map(|row| row.hits).sum();
    assert_eq!((hits, app.agent().traces().await.len()), (1, 0));
}

#[tokio::test]
async fn a_single_span_of_a_dropped_trace_is_sent_as_a_kept_chunk() {
    let rules = json!([{ "name": "child" }]).to_string();
    let environment = [(ENABLED, "1"), DROP, ("DD_SPAN_SAMPLING_RULES", rules.as_str())];
    let Some(app) = start(&environment).await else { return };
    let root = app.span("root").await;
    let child = app.child("child", root.span_id).await;
    app.finish(child).await;
    app.finish(root).await;
    let span = app.only_span().await;
    assert_eq!(span.span_id, child.span_id);
    assert_eq!(span.metric("_sampling_priority_v1"), Some(2.0));
    assert_eq!(span.metric("_dd.span_sampling.mechanism"), Some(8.0));
}

#[tokio::test]
async fn statistics_are_on_by_default_from_agent_7_65_on_and_a_setting_turns_them_off() {
    #[rustfmt::skip]
    let table: [(&str, Env<'_>, usize); 5] = [
        // version  environment            payloads
        ("7.65.0",  &[],                   1),
        ("7.64.1",  &[],                   0),
        ("test",    &[(ENABLED, "true")],  0),
        ("7.65.0",  &[(ENABLED, "0")],     0),
        ("7.65.0",  &[(ENABLED, "false")], 0),
    ];
    for (version, environment, payloads) in table {
        let info = json!({ "version": version });
        let Some(app) = App::start_with_info(environment, &info).await else { return };
        app.spend(json!({ "name": "root" }), &[], &[]).await;
        app.flush().await;
        let seen = app.agent().stats().await.len();
        assert_eq!(seen, payloads, "{version} {environment:?}");
        let requests = app.trace_requests().await;
        let says = requests[0]
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("datadog-client-computed-stats"));
        assert_eq!(says, payloads > 0, "{version} {environment:?}");
    }
}

#[tokio::test]
async fn the_host_is_named_where_it_is_reported() {
    #[rustfmt::skip]
    let table: [(Env<'_>, &str); 2] = [
        (&[("DD_HOSTNAME", "a-host")],                                         ""),
        (&[("DD_HOSTNAME", "a-host"), ("DD_TRACE_REPORT_HOSTNAME", "true")],   "a-host"),
    ];
    for (environment, hostname) in table {
        let Some(app) = start(environment).await else { return };
        app.spend(json!({ "name": "root" }), &[], &[]).await;
        app.flush().await;
        let payloads = app.agent().stats().await;
        assert_eq!(payloads.len(), 1);
        assert_eq!(payloads[0].hostname, hostname, "{environment:?}");
        assert!(!payloads[0].runtime_id.is_empty());
    }
}

#[tokio::test]
async fn values_over_the_limit_are_counted_under_one_value() {
    #[rustfmt::skip]
    let table = [
        // limit                                            blocked service
        ("DD_TRACE_STATS_CARDINALITY_LIMIT",                "tracer_blocked_value"),
        ("DD_TRACE_STATS_RESOURCE_CARDINALITY_LIMIT",       "webserver"),
    ];
    for (limit, service) in table {
        let Some(app) = start(&[(limit, "2")]).await else { return };
        for resource in ["a", "b", "c", "d", "e"] {
            let request = json!({ "name": "r", "resource": resource, "service": "webserver" });
            app.spend(request, &[], &[]).await;
        }
        let rows = app.stats_rows().await;
        assert_eq!(rows.iter().map(|row| row.hits).sum::<u64>(), 5, "{limit}");
        // A new bucket, if one begins in between, has room again.
        let blocked = rows.iter().filter(|row| row.resource == "tracer_blocked_value");
        for row in blocked {
            assert_eq!(row.service, service, "{limit}");
        }
    }
}

#[tokio::test]
async fn traces_are_filtered_as_the_agent_would_filter_them() {
    #[rustfmt::skip]
    let table = [
        // /info                                                          left
        (json!({ "filter_tags": { "reject": ["tier:test"] } }),             &["GET /", "none"][..]),
        (json!({ "filter_tags": { "require": ["tier"] } }),                 &["GET /", "test"]),
        (json!({ "filter_tags_regex": { "reject": ["tier:^t.*"] } }),       &["GET /", "none"]),
        (json!({ "filter_tags_regex": { "require": ["tier:^g"] } }),        &["GET /"]),
        (json!({ "ignore_resources": ["^GET"] }),                           &["none", "test"]),
    ];
    for (mut info, left) in table {
        info["version"] = "7.65.0".into();
        let Some(app) = App::start_with_info(&[], &info).await else { return };
        for (resource, tier) in [("GET /", Some("gold")), ("test", Some("test")), ("none", None)] {
            let meta: Vec<_> = tier.map(|tier| ("tier", tier)).into_iter().collect();
            app.spend(json!({ "name": "root", "resource": resource }), &meta, &[]).await;
        }
        let mut counted: Vec<_> =
            app.stats_rows().await.into_iter().map(|row| row.resource).collect();
        counted.sort();
        assert_eq!(counted, left, "{info}");
        assert_eq!(app.agent().traces().await.len(), left.len(), "{info}");
    }
}
