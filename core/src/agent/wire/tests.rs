//! Bodies as an Agent sees them, decoded by structs that are not those of the encoder.

use std::collections::BTreeMap;

use packdog_api::{SamplingPriority, SpanContext, SpanId, SpanLink, TraceId, TraceTags, Tracer};
use serde::Deserialize;

use crate::{Config, Guard, test_util::agent::FakeAgent};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    service: String,
    name: String,
    resource: String,
    #[serde(default, rename = "type")]
    span_type: String,
    trace_id: u64,
    span_id: u64,
    #[serde(default)]
    parent_id: u64,
    start: i64,
    duration: i64,
    #[serde(default)]
    error: i32,
    #[serde(default)]
    meta: BTreeMap<String, String>,
    #[serde(default)]
    metrics: BTreeMap<String, f64>,
    #[serde(default)]
    span_links: Vec<Link>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Link {
    trace_id: u64,
    #[serde(default)]
    trace_id_high: u64,
    span_id: u64,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    tracestate: Option<String>,
    flags: Option<u32>,
}

impl Span {
    fn meta(&self, key: &str) -> Option<&str> {
        self.meta.get(key).map(String::as_str)
    }

    fn metric(&self, key: &str) -> Option<f64> {
        self.metrics.get(key).copied()
    }
}

fn config() -> Config {
    Config::new().with_service("users")
}

/// The chunks that reach an Agent when `trace` was traced with this configuration.
fn sent(config: Config, trace: impl FnOnce(&Tracer)) -> Vec<Vec<Span>> {
    let agent = FakeAgent::responding(|| 200);
    let packdog: Guard = config.with_agent_url(agent.url()).build().unwrap();
    trace(packdog.tracer());
    drop(packdog);
    rmp_serde::from_slice(&agent.request().body).unwrap()
}

fn remote() -> SpanContext {
    let trace_id = TraceId::new(0x0123_4567_89ab_cdef_0000_0000_0000_0007).unwrap();
    SpanContext::new()
        .with_trace(trace_id, SpanId::new(9))
        .with_sampling_priority(SamplingPriority::USER_KEEP)
        .with_origin("rum")
        .with_trace_tags(TraceTags::from_iter([("_dd.p.dm", "-4"), ("_dd.p.usr", "u")]))
        .with_last_parent_id("00000000000000aa")
        .with_propagation_error("decoding_error")
}

#[test]
fn a_span_and_its_child_have_their_fields() {
    let chunks = sent(config(), |tracer| {
        let root = tracer.span("http.request").resource("GET /").span_type("web").start();
        let child = root.child("query").service("db").tag("rows", 3).tag("sql", "SELECT").start();
        child.set_is_error(true);
        drop((child, root));
    });
    let [chunk] = &chunks[..] else { panic!("{chunks:?}") };
    let [root, child] = &chunk[..] else { panic!("{chunk:?}") };
    assert_eq!((&*root.service, &*root.name, &*root.resource), ("users", "http.request", "GET /"));
    assert_eq!((&*root.span_type, root.error, root.parent_id), ("web", 0, 0));
    assert_eq!((&*child.service, &*child.name, &*child.resource), ("db", "query", "query"));
    assert_eq!((&*child.span_type, child.error, child.parent_id), ("", 1, root.span_id));
    assert_eq!((child.metric("rows"), child.meta("sql")), (Some(3.0), Some("SELECT")));
    assert_eq!(child.trace_id, root.trace_id);
    assert!(root.start <= child.start && child.duration <= root.duration && child.duration > 0);
}

#[test]
fn tags_of_the_trace_are_on_the_first_span_and_the_root_only() {
    let chunks = sent(config(), |tracer| {
        let root = tracer.span("root").child_of(remote()).start();
        let child = root.child("child").start();
        drop((child, root));
    });
    let [root, child] = &chunks[0][..] else { panic!("{chunks:?}") };
    assert_eq!((root.trace_id, root.parent_id), (7, 9));
    #[rustfmt::skip]
    let table = [
        // tag                      first span and root
        ("_dd.p.tid",               "0123456789abcdef"),
        ("_dd.p.dm",                "-4"),
        ("_dd.p.usr",               "u"),
        ("language",                "rust"),
        ("_dd.parent_id",           "00000000000000aa"),
        ("_dd.propagation_error",   "decoding_error"),
    ];
    for (key, value) in table {
        assert_eq!((root.meta(key), child.meta(key)), (Some(value), None), "{key}");
    }
    for key in ["_sampling_priority_v1", "process_id", "_dd.top_level"] {
        assert!(root.metric(key).is_some() && child.metric(key).is_none(), "{key}");
    }
    assert_eq!(root.metric("_sampling_priority_v1"), Some(2.0));
    assert_eq!(root.metric("process_id"), Some(f64::from(std::process::id())));
    assert_eq!(root.meta("runtime-id").map(str::len), Some(36));
    assert_eq!([root.meta("_dd.origin"), child.meta("_dd.origin")], [Some("rum"); 2]);
}

#[test]
fn repository_commit_and_process_are_on_the_first_span_and_the_host_on_the_root() {
    let variables = |name: &str| {
        let value = match name {
            "DD_GIT_REPOSITORY_URL" => "https://user:secret@example.com/users",
            "DD_TAGS" => "git.repository_url:https://other,git.commit.sha:abc,team:apm",
            "DD_TRACE_REPORT_HOSTNAME" => "true",
            "DD_HOSTNAME" => "box",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let (config, warnings) = Config::from_lookup(variables);
    assert_eq!(warnings, []);
    let chunks = sent(config.with_partial_flush(Some(2)), |tracer| {
        let root = tracer.span("root").start();
        drop((root.child("first").start(), root.child("second").start()));
        drop(root.child("last").start());
    });
    let spans = chunks.iter().flatten().collect::<Vec<_>>();
    let seen = |key| spans.iter().map(|span| span.meta(key)).collect::<Vec<_>>();
    // The chunks are: first, second; root, last.
    let first = |value| [Some(value), None, Some(value), None];
    assert_eq!(seen("_dd.git.repository_url"), first("https://example.com/users"));
    assert_eq!(seen("_dd.git.commit.sha"), first("abc"));
    assert_eq!(seen("_dd.hostname"), [None, None, Some("box"), None]);
    assert_eq!(seen("team"), [Some("apm"); 4]);
    assert_eq!(seen("git.commit.sha"), [None; 4]);
    let process = spans[0].meta("_dd.tags.process").unwrap();
    assert!(process.contains("entrypoint.type:executable"), "{process}");
    assert!(process.ends_with("svc.auto:unnamed-rust-service"), "{process}");
    assert_eq!(seen("_dd.tags.process"), first(process));
}

#[test]
fn tags_that_are_turned_off_are_not_sent() {
    let variables = |name: &str| {
        let value = match name {
            "DD_SERVICE" => "users",
            "DD_GIT_COMMIT_SHA" => "abc",
            "DD_HOSTNAME" => "box",
            "DD_TRACE_GIT_METADATA_ENABLED" => "false",
            "DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED" => "0",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let chunks = sent(Config::from_lookup(variables).0, |tracer| {
        drop(tracer.span("root").start());
    });
    for key in ["_dd.git.commit.sha", "_dd.git.repository_url", "_dd.hostname", "_dd.tags.process"]
    {
        assert_eq!(chunks[0][0].meta(key), None, "{key}");
    }
}

#[test]
fn a_configured_rate_decides_and_is_on_the_root_alone() {
    #[rustfmt::skip]
    let table = [
        // rate  limit       priority  ksr      rule_psr   limit_psr
        (1.0,    Some(100),  2.0,      "1",     Some(1.0), Some(1.0)),
        (1.0,    None,       2.0,      "1",     Some(1.0), None),
        (1.0,    Some(0),    -1.0,     "1",     Some(1.0), Some(0.0)),
        (0.0,    Some(100),  -1.0,     "0",     Some(0.0), None),
    ];
    for (rate, limit, priority, ksr, rule_psr, limit_psr) in table {
        let chunks = sent(config().with_sample_rate(rate).with_rate_limit(limit), |tracer| {
            let root = tracer.span("root").start();
            drop((root.child("child").start(), root));
        });
        let [root, child] = &chunks[0][..] else { panic!("{chunks:?}") };
        let seen = (
            root.metric("_sampling_priority_v1"),
            root.meta("_dd.p.dm"),
            root.meta("_dd.p.ksr"),
            root.metric("_dd.rule_psr"),
            root.metric("_dd.limit_psr"),
        );
        let expected = (Some(priority), Some("-3"), Some(ksr), rule_psr, limit_psr);
        assert_eq!(seen, expected, "{rate} {limit:?}");
        for key in ["_dd.rule_psr", "_dd.limit_psr", "_dd.agent_psr"] {
            assert_eq!(child.metric(key), None, "{key}");
        }
        assert_eq!((child.meta("_dd.p.ksr"), root.metric("_dd.agent_psr")), (None, None));
    }
}

#[test]
fn a_received_or_manual_decision_wins_over_the_configured_rate() {
    let chunks = sent(config().with_sample_rate(0.0), |tracer| {
        drop(tracer.span("received").child_of(remote()).start());
        drop(tracer.span("by hand").tag("manual.keep", true).start());
        let late = tracer.span("by hand, late").start();
        late.inject(&mut Vec::new());
        late.manual_keep();
    });
    for span in chunks.iter().flatten() {
        let seen = (
            span.metric("_sampling_priority_v1"),
            span.meta("_dd.p.dm"),
            span.metric("_dd.rule_psr"),
            span.meta("_dd.p.ksr"),
        );
        assert_eq!(seen, (Some(2.0), Some("-4"), None, None), "{}", span.name);
    }
    assert_eq!(chunks.len(), 3);
}

#[test]
fn baggage_is_on_the_root_and_the_measured_mark_where_it_was_set() {
    let headers = vec![("baggage".to_owned(), "user.id=7,other=x".to_owned())];
    let chunks = sent(config(), |tracer| {
        let root = tracer.span("root").child_of(tracer.extract(&headers)).start();
        drop((root.child("child").tag("_dd.measured", 1).start(), root));
    });
    let [root, child] = &chunks[0][..] else { panic!("{chunks:?}") };
    assert_eq!((root.meta("baggage.user.id"), root.meta("baggage.other")), (Some("7"), None));
    assert_eq!(child.meta("baggage.user.id"), None);
    let measured = [root, child].map(|span| span.metric("_dd.measured"));
    assert_eq!(measured, [None, Some(1.0)]);
}

#[test]
fn a_partial_chunk_without_the_root_carries_the_decision_on_its_first_span() {
    let chunks = sent(config().with_partial_flush(Some(2)), |tracer| {
        let root = tracer.span("root").child_of(remote()).start();
        drop((root.child("first").start(), root.child("second").start()));
    });
    let [first, second] = &chunks[0][..] else { panic!("{chunks:?}") };
    for key in ["_dd.p.tid", "_dd.p.dm", "language"] {
        assert!(first.meta(key).is_some() && second.meta(key).is_none(), "{key}");
    }
    assert_eq!(first.metric("_sampling_priority_v1"), Some(2.0));
    assert_eq!(second.metric("_sampling_priority_v1"), None);
    assert_eq!((first.meta("_dd.parent_id"), first.meta("runtime-id")), (None, None));
}

#[test]
fn tags_of_the_service_go_on_every_span_and_give_way_to_its_own() {
    let config = config().with_env("prod").with_version("7").with_tag("team", "apm");
    let chunks = sent(config, |tracer| {
        let root = tracer.span("root").service("USERS").start();
        let other = root.child("other").service("db").start();
        let own = root.child("own").tag("team", 1).tag("env", "dev").tag("version", "8").start();
        drop((own, other, root));
    });
    let [root, other, own] = &chunks[0][..] else { panic!("{chunks:?}") };
    let seen = |span: &Span| {
        ["env", "version", "team", "_dd.base_service", "_dd.svc_src"]
            .map(|key| span.meta(key).unwrap_or("-").to_owned())
    };
    assert_eq!(seen(root), ["prod", "7", "apm", "-", "-"]);
    assert_eq!(seen(other), ["prod", "-", "apm", "users", "m"]);
    assert_eq!(seen(own), ["dev", "8", "-", "-", "-"]);
    assert_eq!(own.metric("team"), Some(1.0));
    let tops = [root, other, own].map(|span| span.metric("_dd.top_level"));
    assert_eq!(tops, [Some(1.0), Some(1.0), None]);
}

#[test]
fn a_tag_that_meets_another_one_is_sent_once() {
    let config = config().with_tag("language", "global").with_tag("_dd.origin", "global");
    let chunks = sent(config, |tracer| {
        let root = tracer.span("root").child_of(remote()).start();
        root.set_tag("_dd.parent_id", "own");
        root.set_tag("_sampling_priority_v1", "own");
    });
    let root = &chunks[0][0];
    assert_eq!((root.meta("language"), root.meta("_dd.origin")), (Some("rust"), Some("rum")));
    assert_eq!(root.meta("_dd.parent_id"), Some("own"));
    assert_eq!(root.meta("_sampling_priority_v1"), Some("own"));
    assert_eq!(root.metric("_sampling_priority_v1"), None);
}

#[test]
fn a_64_bit_trace_has_no_high_bits_and_a_new_one_its_own_decision() {
    let chunks = sent(config().with_128_bit_trace_ids(false), |tracer| {
        drop(tracer.span("root").start());
    });
    let root = &chunks[0][0];
    assert_eq!((root.meta("_dd.p.tid"), root.meta("_dd.p.dm")), (None, Some("-0")));
    assert_eq!(root.metric("_sampling_priority_v1"), Some(1.0));
}

#[test]
fn links_mark_whether_their_flags_are_known() {
    let trace_id = TraceId::new((5 << 64) | 7).unwrap();
    let link = || SpanLink::new(trace_id, SpanId::new(9).unwrap());
    let chunks = sent(config(), |tracer| {
        let all = link().with_sampled(true).with_tracestate("dd=s:1").with_attribute("k", "v");
        let span = tracer.span("root").link(all).link(link().with_sampled(false)).link(link());
        drop(span.start());
    });
    let plain = || Link { trace_id: 7, trace_id_high: 5, span_id: 9, ..Link::default() };
    let expected = [
        Link {
            attributes: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
            tracestate: Some("dd=s:1".to_owned()),
            flags: Some(0x8000_0001),
            ..plain()
        },
        Link { flags: Some(0x8000_0000), ..plain() },
        plain(),
    ];
    assert_eq!(chunks[0][0].span_links, expected);
}
