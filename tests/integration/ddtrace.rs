//! The payloads of packdog and of Datadog's own tracer for Python, field by field: both trace the
//! same small program, `tests/peers/program.py` and [`run`], before the same Agent.
//!
//! Every difference is in one of the lists below, with its reason.

use std::collections::BTreeMap;

use packdog::{Config, Tracer};
use packdog_dev_agent::{StatsPayload, StatsRow};
use packdog_tests::peers::{AgentRequest, PeerService, Span, TestAgent};
use serde_json::json;

/// Tags that differ in their values.
const OTHER_VALUES: [(&str, &str); 4] = [
    ("language", "the language"),
    ("runtime-id", "a random UUID of the process; ours has its dashes"),
    ("_dd.p.tid", "the high half of a random id"),
    ("_dd.tags.process", "the name and the directories of the program"),
];
/// Numbers that differ in their values.
const OTHER_NUMBERS: [(&str, &str); 1] = [("process_id", "the process")];
/// Tags and numbers of ddtrace alone.
const ONLY_DDTRACE: [(&str, &str); 2] = [
    ("_dd.tracer_kr", "an optional rate of payloads that were not lost; ours are in `Metrics`"),
    ("_dd.peer.service.source", "our client layer sets it where it derives `peer.service`"),
];

/// Records the same spans as `program.py`.
fn run(tracer: &Tracer) {
    let web = |resource| tracer.span("web.request").resource(resource).span_type("web");
    let root = web("GET /users/{id}")
        .tag("span.kind", "server")
        .tag("http.method", "GET")
        .tag("http.route", "/users/{id}")
        .tag("http.status_code", "200")
        .tag("team", "apm")
        .tag("items", 3)
        .tag("_dd.measured", 1)
        .start();
    root.child("users.load").resource("users").tag("cache", "miss").start().finish();
    root.child("postgres.query")
        .service("users-db")
        .resource("SELECT")
        .span_type("sql")
        .tag("span.kind", "client")
        .tag("peer.service", "users-db")
        .tag("out.host", "10.1.2.3")
        .start()
        .finish();
    let mail = root.child("mail.send").resource("welcome").tag("_dd.measured", 1).start();
    mail.set_error_parts(Some("Timeout"), Some("no response"), None);
    mail.finish();
    root.finish();
    for status in ["200", "404"] {
        let root = web("GET /").tag("span.kind", "server").tag("http.status_code", status);
        root.start().finish();
    }
    let job = tracer.span("job.run").resource("dropped").start();
    job.manual_drop();
    job.finish();
}

/// The payloads that an Agent received from one of the tracers.
struct Received {
    spans: Vec<Span>,
    stats: StatsPayload,
    requests: Vec<AgentRequest>,
}

impl Received {
    async fn by(agent: &TestAgent) -> Self {
        agent.assert_no_failed_checks().await;
        let spans = agent.traces().await.into_iter().flatten();
        let spans = spans.filter(|span| span.name != WARM_UP).collect();
        // The last payload has it all, unless a bucket was full before the program ran.
        let mut stats = agent.stats().await.pop().unwrap();
        for bucket in &mut stats.buckets {
            bucket.rows.retain(|row| row.name != WARM_UP);
        }
        Self { spans, stats, requests: agent.requests().await }
    }

    /// The value of a header of the first request with traces that has it: ddtrace may divide the
    /// traces between several, and counts what it dropped in one.
    fn header(&self, name: &str) -> Option<&str> {
        Self::header_of(&self.requests, name)
    }

    fn header_of<'a>(requests: &'a [AgentRequest], name: &str) -> Option<&'a str> {
        let requests = requests.iter().filter(|request| request.url.ends_with("/traces"));
        let mut headers = requests.flat_map(|request| &request.headers);
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

const COMPUTED_STATS: &str = "datadog-client-computed-stats";
/// The spans before those of the program.
const WARM_UP: &str = "warm.up";

const VARIABLES: [(&str, &str); 6] = [
    ("DD_SERVICE", "users"),
    ("DD_ENV", "prod"),
    ("DD_VERSION", "1.2"),
    ("DD_TAGS", "region:eu"),
    ("DD_TRACE_STATS_COMPUTATION_ENABLED", "true"),
    ("DD_TRACE_API_VERSION", "v0.4"),
];

/// The program under ddtrace, once that computes statistics.
///
/// It asks the Agent at its start whether it may. On a machine that is too busy to respond in
/// time, it does not ask again for long, and another one has to be started.
async fn computing_program(agent: &TestAgent) -> Option<PeerService> {
    for _ in 0..10 {
        let builder = PeerService::python_program("users").agent(agent);
        let builder =
            VARIABLES.iter().fold(builder, |builder, (name, value)| builder.env(name, value));
        let program = builder.start().await?;
        for _ in 0..50 {
            agent.forget().await;
            program.warm_up().await;
            if Received::header_of(&agent.requests().await, COMPUTED_STATS).is_some() {
                return Some(program);
            }
        }
    }
    panic!("ddtrace does not compute statistics");
}

/// The payloads of both tracers; `None` if Python is missing.
async fn both() -> Option<(Received, Received)> {
    let info = json!({ "version": "7.65.0", "peer_tags": ["peer.service", "out.host"] });
    let agent = TestAgent::start_with_info(&info).await?;
    computing_program(&agent).await?.run().await;
    let theirs = Received::by(&agent).await;
    agent.forget().await;

    let url = agent.url().to_owned();
    let delivery = tokio::task::spawn_blocking(move || {
        let lookup = |name: &str| {
            let known = VARIABLES.iter().find(|(known, _)| *known == name);
            known.map(|(_, value)| (*value).to_owned())
        };
        let (config, warnings) = Config::from_lookup(lookup);
        assert!(warnings.is_empty(), "{warnings:?}");
        let packdog = config.with_agent_url(url).build().unwrap();
        assert!(packdog.wait_for_agent(std::time::Duration::from_secs(60)));
        run(packdog.tracer());
        packdog.shutdown(std::time::Duration::from_secs(60))
    });
    let report = delivery.await.unwrap();
    assert_eq!((report.sent, report.sampled_out, report.dropped), (6, 1, 0));
    Some((Received::by(&agent).await, theirs))
}

/// The fields of a span that both tracers are to have; the differing ones show that they are there.
fn fields(span: &Span) -> BTreeMap<String, String> {
    let differs =
        |key: &str| OTHER_VALUES.iter().chain(&OTHER_NUMBERS).any(|(other, _)| *other == key);
    let is_ddtraces = |key: &str| ONLY_DDTRACE.iter().any(|(other, _)| *other == key);
    let texts = span.meta.iter().map(|(key, value)| (key, format!("{value:?}")));
    let numbers = span.metrics.iter().map(|(key, value)| (key, value.to_string()));
    let tags = texts.chain(numbers).filter(|(key, _)| !is_ddtraces(key)).map(|(key, value)| {
        let value = if differs(key) { "(there)".to_owned() } else { value };
        (format!("tag {key}"), value)
    });
    let mut fields: BTreeMap<_, _> = tags.collect();
    fields.insert("service".to_owned(), span.service.clone());
    fields.insert("name".to_owned(), span.name.clone());
    fields.insert("resource".to_owned(), span.resource.clone());
    fields.insert("type".to_owned(), span.span_type.clone().unwrap_or_default());
    fields.insert("error".to_owned(), span.error.to_string());
    fields.insert("is a root".to_owned(), (span.parent_id == 0).to_string());
    fields
}

#[tokio::test]
async fn payloads_have_the_fields_that_ddtrace_gives_them() {
    let Some((ours, theirs)) = both().await else { return };
    assert_same_spans(&ours, &theirs);
    assert_same_statistics(&ours, &theirs);
}

fn assert_same_spans(ours: &Received, theirs: &Received) {
    let sorted = |received: &Received| {
        let mut spans: Vec<_> = received.spans.iter().map(fields).collect();
        spans.sort();
        spans
    };
    assert_eq!(sorted(ours), sorted(theirs));
    // Each entry of the list is one that ddtrace has and we do not.
    for (key, _) in ONLY_DDTRACE {
        let has = |received: &Received| {
            let mut spans = received.spans.iter();
            spans.any(|span| span.meta.contains_key(key) || span.metrics.contains_key(key))
        };
        assert_eq!((has(ours), has(theirs)), (false, true), "{key}");
    }
    for header in ["datadog-client-dropped-p0-traces", "datadog-client-dropped-p0-spans"] {
        assert_eq!(ours.header(header), Some("1"), "{header}");
        assert_eq!(ours.header(header), theirs.header(header), "{header}");
    }
    // Any text works; ours is the one in the documentation.
    for (header, value) in [(COMPUTED_STATS, "yes"), ("datadog-client-computed-top-level", "yes")] {
        assert_eq!((ours.header(header), theirs.header(header)), (Some(value), Some("true")));
    }
}

/// A row without the fields that depend on time.
fn row(row: &StatsRow) -> String {
    let mut row = row.clone();
    row.duration = 0;
    let shape = [&mut row.ok_summary, &mut row.error_summary].map(|sketch| {
        let bins = std::mem::take(&mut sketch.bins);
        bins.values().map(f64::to_string).collect::<Vec<_>>().join(",")
    });
    format!("{row:?} {shape:?}")
}

fn assert_same_statistics(ours: &Received, theirs: &Received) {
    let sorted = |received: &Received| {
        let buckets = received.stats.buckets.iter();
        let mut rows: Vec<_> = buckets.flat_map(|bucket| bucket.rows.iter().map(row)).collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(ours), sorted(theirs));
    let header = |received: &Received| {
        let StatsPayload { hostname, env, version, service, .. } = received.stats.clone();
        (hostname, env, version, service, received.stats.buckets[0].duration)
    };
    assert_eq!(header(ours), header(theirs));
    // The rest differs: they leave language and tracer out, and begin to count at another number.
    let StatsPayload { lang, tracer_version, runtime_id, sequence, .. } = &ours.stats;
    assert_eq!((lang.as_str(), *sequence), ("rust", 1));
    assert!(!tracer_version.is_empty() && !runtime_id.is_empty());
    let StatsPayload { lang, tracer_version, runtime_id, sequence, .. } = &theirs.stats;
    assert_eq!((lang.as_str(), tracer_version.as_str()), ("", ""));
    assert!(*sequence < 2, "{sequence}");
    assert!(!runtime_id.is_empty());
}
