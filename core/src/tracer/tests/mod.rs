//! Delivery to an Agent that is well, down, failing or silent: nothing waits, and every span is counted.

mod faults;
mod messages;
mod processor;

use std::{
    env,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use packdog_api::{Report, SamplingPriority, Tracer};

use super::agent_backend::AgentBackend;
use crate::{
    Config,
    agent::{Limits, Retry, Tuning},
    config::AgentUrl,
    log::{Log, tests::Written},
    test_util::agent::{FakeAgent, Reply},
};

/// Longer than any test, so that everything that ends earlier has ended on its own.
const LONG: Duration = Duration::from_secs(600);

/// A tracer that retries at once and logs into `Written`; `change` adjusts it further.
fn start(url: AgentUrl, change: impl FnOnce(&mut Tuning)) -> (Tracer, Written) {
    let config = Config::new().with_agent_url(url).with_agent_timeout(Duration::from_secs(60));
    start_with(&config, change)
}

fn start_with(config: &Config, change: impl FnOnce(&mut Tuning)) -> (Tracer, Written) {
    let written = Written::default();
    let retry = Retry { attempts: 3, first_pause: Duration::ZERO };
    let mut tuning = Tuning { retry, ..Tuning::default() };
    change(&mut tuning);
    let log = Log::new(written.clone(), LONG);
    let backend = Arc::new(AgentBackend::with(config, tuning, log).unwrap());
    (backend.tracer(config), written)
}

fn limits(change: impl FnOnce(&mut Limits)) -> impl FnOnce(&mut Tuning) {
    let mut limits = Limits::default();
    change(&mut limits);
    move |tuning| tuning.limits = limits
}

/// Traces of one span each.
fn create(tracer: &Tracer, count: usize) {
    for _ in 0..count {
        drop(tracer.span("work").start());
    }
}

fn chunks_of(body: &[u8]) -> usize {
    rmp_serde::from_slice::<Vec<serde::de::IgnoredAny>>(body).unwrap().len()
}

#[test]
fn a_warning_of_a_middleware_is_a_line_among_the_messages_of_its_tracer() {
    let config = Config::new();
    let (tracer, written) = start_with(&config, |_| {});
    tracer.warn(&"mind the gap");
    Tracer::disabled().warn(&"unheard");
    tracer.flush(LONG);
    assert_eq!(written.lines(), ["packdog: mind the gap"]);
}

#[test]
fn all_headers_and_the_number_of_chunks_are_sent() {
    let agent = FakeAgent::responding(|| 200);
    let (tracer, written) = start(agent.url(), |_| {});
    create(&tracer, 3);
    assert_eq!(tracer.flush(LONG), Report::new(3, 0, 0));
    let mut chunks = 0;
    for request in agent.requests() {
        assert_eq!(request.head[0], "put /v0.4/traces http/1.1");
        #[rustfmt::skip]
        let table = [
            // header                             value
            ("content-type",                      "application/msgpack"),
            ("datadog-meta-lang",                 "rust"),
            ("datadog-meta-lang-interpreter",     "rustc"),
            ("datadog-meta-lang-version",         env!("PACKDOG_RUSTC_VERSION")),
            ("datadog-meta-tracer-version",       env!("CARGO_PKG_VERSION")),
            ("datadog-client-computed-top-level", "yes"),
            ("datadog-send-real-http-status",     "true"),
        ];
        for (name, value) in table {
            assert_eq!(request.header(name), Some(value), "{name}");
        }
        let count = chunks_of(&request.body);
        assert_eq!(request.header("x-datadog-trace-count"), Some(&*count.to_string()));
        chunks += count;
    }
    assert_eq!(chunks, 3);
    assert_eq!(written.lines(), [""; 0]);
}

/// The variables of a process cannot be changed safely while its tests run, so a child process does it.
#[test]
fn proxies_of_the_environment_are_not_used() {
    let down = FakeAgent::down();
    let mut tests = Command::new(env::current_exe().unwrap());
    tests.args(["--exact", "tracer::tests::all_headers_and_the_number_of_chunks_are_sent"]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        tests.env(variable, down.url().to_string());
    }
    let output = tests.env_remove("NO_PROXY").env_remove("no_proxy").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn every_unusable_setting_warns_when_the_tracer_starts() {
    let (config, warnings) = Config::from_lookup(|name| {
        matches!(name, "DD_TRACE_AGENT_URL" | "DD_TRACE_AGENT_PORT").then(|| "x".to_owned())
    });
    let (tracer, written) = start_with(&config, |_| {});
    tracer.flush(LONG);
    assert_eq!(warnings.len(), 2);
    let expected = warnings.iter().map(|warning| format!("packdog: {warning}"));
    assert_eq!(written.lines(), expected.collect::<Vec<_>>());
}

#[test]
fn an_agent_that_is_down_costs_the_spans_and_one_warning() {
    let down = FakeAgent::down();
    let (tracer, written) = start(down.url(), |_| {});
    for batch in 1..=5 {
        create(&tracer, 10);
        assert_eq!(tracer.flush(LONG), Report::new(0, 10 * batch, 0));
    }
    let lines = written.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(&down.url().to_string()), "{lines:?}");
}

#[test]
fn a_payload_is_retried_after_status_500_and_then_given_up() {
    let agent = FakeAgent::responding(|| 500);
    let (tracer, written) = start(agent.url(), |_| {});
    for batch in 1..=2 {
        create(&tracer, 1);
        assert_eq!(tracer.flush(LONG), Report::new(0, batch, 0));
    }
    assert_eq!(agent.requests().len(), 2 * 3);
    assert_eq!(written.lines().len(), 1, "{:?}", written.lines());
}

#[test]
fn a_payload_that_the_agent_refuses_for_good_is_not_sent_again() {
    for status in [307, 400, 413] {
        let agent = FakeAgent::responding(move || status);
        let (tracer, _) = start(agent.url(), |_| {});
        create(&tracer, 1);
        assert_eq!(tracer.flush(LONG), Report::new(0, 1, 0), "{status}");
        assert_eq!(agent.requests().len(), 1, "{status}");
    }
}

#[test]
fn a_payload_is_sent_again_until_it_is_accepted() {
    let attempts = AtomicUsize::new(0);
    let agent = FakeAgent::responding(move || match attempts.fetch_add(1, SeqCst) {
        0 => 503,
        1 => 429,
        _ => 202,
    });
    let (tracer, written) = start(agent.url(), |_| {});
    create(&tracer, 1);
    assert_eq!(tracer.flush(LONG), Report::new(1, 0, 0));
    let bodies = agent.requests().into_iter().map(|request| request.body).collect::<Vec<_>>();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    assert_eq!(written.lines(), [""; 0]);
}

#[test]
fn unchanged_rates_of_the_agent_are_not_read_again() {
    let responses = AtomicUsize::new(0);
    let agent = FakeAgent::replying(move || {
        let (version, rate) = [("a", 0), ("a", 1), ("b", 1)][responses.fetch_add(1, SeqCst).min(2)];
        Reply {
            status: 200,
            headers: format!("Datadog-Rates-Payload-Version: {version}\r\n"),
            body: format!(r#"{{"rate_by_service": {{"service:,env:": {rate}}}}}"#),
        }
    });
    let (tracer, _) = start(agent.url(), |_| {});
    #[rustfmt::skip]
    let table = [
        // known   priority of the trace
        (None,      1), // No rate has been received.
        (Some("a"), 0),
        (Some("a"), 0),
        (Some("b"), 1),
    ];
    for (known, priority) in table {
        let span = tracer.span("work").start();
        span.inject(&mut Vec::new());
        let decided = span.context().sampling_priority().map(SamplingPriority::to_i32);
        drop(span);
        tracer.flush(LONG);
        let request = agent.request();
        assert_eq!(request.header("datadog-rates-payload-version"), known);
        assert_eq!(decided, Some(priority), "{known:?}");
    }
}

#[test]
fn spans_finish_while_the_agent_is_silent_and_are_sent_once_it_responds() {
    let (agent, gate) = FakeAgent::gated();
    let (tracer, written) = start(agent.url(), |_| {});
    create(&tracer, 1);
    tracer.flush(Duration::ZERO);
    agent.request(); // It is held at the gate from here on.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| create(&tracer, 250));
        }
    });
    assert_eq!(tracer.flush(Duration::ZERO), Report::new(0, 0, 1_001));
    drop(gate);
    assert_eq!(tracer.flush(LONG), Report::new(1_001, 0, 0));
    assert_eq!(written.lines(), [""; 0]);
}

#[test]
fn a_full_queue_drops_the_newest_chunks_and_warns_once() {
    let (agent, gate) = FakeAgent::gated();
    let (tracer, written) = start(agent.url(), limits(|limits| limits.chunks = 10));
    create(&tracer, 1);
    tracer.flush(Duration::ZERO);
    let in_flight = chunks_of(&agent.request().body);
    assert_eq!(in_flight, 1);
    for round in 1..=3 {
        create(&tracer, 100);
        let dropped = 300 - 9 - 100 * (3 - round);
        assert_eq!(tracer.flush(Duration::ZERO), Report::new(0, dropped, 10));
    }
    drop(gate);
    assert_eq!(tracer.shutdown(LONG), Report::new(10, 291, 0));
    // The thread looks for lost spans after the first request, so before the second is settled.
    assert_eq!(written.lines().len(), 1, "{:?}", written.lines());
}

#[test]
fn the_memory_of_the_queue_is_bounded_for_spans_of_any_size() {
    const LIMIT: usize = 1 << 20;
    let (agent, gate) = FakeAgent::gated();
    let (tracer, _) = start(agent.url(), limits(|limits| limits.bytes = LIMIT));
    create(&tracer, 1);
    tracer.flush(Duration::ZERO);
    agent.request();
    let value = "x".repeat(20_000);
    for _ in 0..1_000 {
        drop(tracer.span("work").tag("large", &value).start());
    }
    let report = tracer.flush(Duration::ZERO);
    assert_eq!(report.queued + report.dropped, 1_001);
    let most = (LIMIT / value.len()) as u64 + 1;
    assert!((most / 2..=most).contains(&report.queued), "{report:?}");
    drop(gate);
    assert_eq!(tracer.flush(LONG), Report::new(report.queued, report.dropped, 0));
}

#[test]
fn shutdown_returns_at_its_deadline_and_drops_the_queue() {
    let (agent, _gate) = FakeAgent::gated();
    let (tracer, written) = start(agent.url(), |_| {});
    create(&tracer, 1);
    tracer.flush(Duration::ZERO);
    agent.request();
    create(&tracer, 5);
    let late = tracer.span("late").start();
    assert_eq!(tracer.shutdown(Duration::ZERO), Report::new(0, 5, 1));
    assert_eq!(written.lines().len(), 1, "{:?}", written.lines());

    assert!(tracer.span("after").start().is_nothing());
    drop(late);
    // The span under way has no waiter any more.
    assert_eq!(tracer.flush(LONG), Report::new(0, 6, 1));
    assert_eq!(tracer.shutdown(LONG), Report::new(0, 6, 1));
}

#[test]
fn shutdown_interrupts_the_pause_before_the_next_attempt() {
    let down = FakeAgent::down();
    let (tracer, _) =
        start(down.url(), |tuning| tuning.retry = Retry { attempts: 3, first_pause: LONG });
    create(&tracer, 1);
    assert_eq!(tracer.shutdown(LONG), Report::new(0, 1, 0));
}

#[test]
fn a_chunk_too_large_for_one_request_is_sent_in_parts() {
    let agent = FakeAgent::responding(|| 200);
    let (tracer, written) = start(agent.url(), |tuning| tuning.max_payload_bytes = 2_000);
    create(&tracer, 1);
    tracer.span("root").in_scope(|root| {
        for _ in 0..20 {
            drop(root.child("child").tag("text", "x".repeat(100)).start());
        }
    });
    create(&tracer, 19);
    assert_eq!(tracer.shutdown(LONG), Report::new(41, 0, 0));
    let requests = agent.requests();
    assert!(!requests.is_empty());
    assert!(requests.iter().all(|request| request.body.len() <= 2_000));
    let parts = requests.iter().map(|request| chunks_of(&request.body)).sum::<usize>() - 20;
    assert!((3..=6).contains(&parts), "{parts}");
    assert_eq!(written.lines(), [""; 0]);
}

#[test]
fn a_span_too_large_for_any_request_is_dropped_alone_with_a_warning() {
    let agent = FakeAgent::responding(|| 200);
    let (tracer, written) = start(agent.url(), |tuning| tuning.max_payload_bytes = 2_000);
    create(&tracer, 1);
    tracer.span("root").in_scope(|root| {
        for length in [1, 25_000, 1] {
            drop(root.child("child").tag("text", "x".repeat(length)).start());
        }
    });
    drop(tracer.span("work").tag("text", "x".repeat(2_001)).start());
    create(&tracer, 1);
    assert_eq!(tracer.shutdown(LONG), Report::new(5, 2, 0));
    let lines = written.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("dropped a span that is too large for a request"), "{lines:?}");
}

#[test]
fn dropping_the_last_handle_of_a_tracer_sends_the_queue() {
    let agent = FakeAgent::responding(|| 200);
    let (tracer, _) = start(agent.url(), |_| {});
    create(&tracer, 1);
    drop(tracer);
    assert_eq!(chunks_of(&agent.request().body), 1);
}

#[test]
fn a_tracer_that_is_turned_off_records_nothing_and_its_guard_works() {
    let guard = Config::new().with_enabled(false).init().unwrap();
    assert!(guard.tracer().span("work").start().is_nothing());
    assert_eq!(guard.flush(LONG), Report::default());
    assert_eq!(guard.shutdown(LONG), Report::default());
}

#[test]
fn several_tracers_with_different_settings_live_in_one_process() {
    let [first, second] = [(); 2].map(|()| FakeAgent::responding(|| 200));
    let [a, b] = [("a", &first), ("b", &second)].map(|(service, agent)| {
        Config::new().with_service(service).with_agent_url(agent.url()).build().unwrap()
    });
    create(a.tracer(), 1);
    create(b.tracer(), 2);
    assert_eq!([a.flush(LONG), b.flush(LONG)], [Report::new(1, 0, 0), Report::new(2, 0, 0)]);
    for (agent, service) in [(first, "a"), (second, "b")] {
        let body = agent.request().body;
        let service = [&[0xa7][..], b"service", &[0xa1], service.as_bytes()].concat();
        assert!(body.windows(service.len()).any(|window| window == service));
    }
}

/// The path of a socket that is removed in the end.
#[cfg(unix)]
struct SocketPath(std::path::PathBuf);

#[cfg(unix)]
impl SocketPath {
    fn new(test: &str) -> Self {
        let name = format!("packdog-{test}-{}.socket", std::process::id());
        Self(env::temp_dir().join(name))
    }

    fn url(&self) -> AgentUrl {
        format!("unix://{}", self.0.display()).parse().unwrap()
    }
}

#[cfg(unix)]
impl Drop for SocketPath {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(unix)]
#[test]
fn a_unix_socket_carries_long_requests_one_after_the_other() {
    let path = SocketPath::new("carries");
    let agent = FakeAgent::on_socket(&path.0);
    let (tracer, written) = start(agent.url(), |_| {});
    let value = "x".repeat(200_000); // More than the buffers of a socket.
    for batch in 1..=3 {
        tracer.span("root").in_scope(|root| {
            for _ in 0..9 {
                drop(root.child("child").tag("a", &value).tag("b", &value).start());
            }
        });
        assert_eq!(tracer.flush(LONG), Report::new(10 * batch, 0, 0));
        let request = agent.request();
        assert_eq!(request.head[0], "put /v0.4/traces http/1.1");
        assert_eq!(request.header("host"), Some("localhost:8126"));
        assert_eq!(chunks_of(&request.body), 1);
    }
    assert_eq!(written.lines(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_unix_socket_that_is_not_there_costs_the_spans_and_one_warning_that_names_it() {
    let path = SocketPath::new("missing");
    let (tracer, written) = start(path.url(), |_| {});
    create(&tracer, 2);
    assert_eq!(tracer.flush(LONG), Report::new(0, 2, 0));
    let lines = written.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(&path.url().to_string()), "{lines:?}");
}

#[cfg(unix)]
#[test]
fn a_silent_agent_behind_a_unix_socket_is_given_up_in_time() {
    let path = SocketPath::new("silent");
    let _listener = std::os::unix::net::UnixListener::bind(&path.0).unwrap();
    let config =
        Config::new().with_agent_url(path.url()).with_agent_timeout(Duration::from_millis(100));
    let (tracer, written) = start_with(&config, |_| {});
    create(&tracer, 1);
    assert_eq!(tracer.flush(LONG), Report::new(0, 1, 0));
    assert!(written.lines()[0].contains("timeout"), "{:?}", written.lines());
}
