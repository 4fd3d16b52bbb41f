//! Agents that fail in unusual ways: spans are delivered or counted, and nothing waits for long.

use super::*;

#[test]
fn an_agent_that_hangs_at_info_still_gets_spans() {
    let agent = FakeAgent::hanging_at_info();
    let (tracer, written) = start(agent.url(), |_| {});
    create(&tracer, 100);
    assert_eq!(tracer.shutdown(LONG), Report::new(100, 0, 0));
    assert_eq!(written.lines(), [""; 0]);
}

#[test]
fn an_endless_timeout_counts_as_a_long_one() {
    let agent = FakeAgent::responding(|| 200);
    let config = Config::new().with_agent_url(agent.url()).with_agent_timeout(Duration::MAX);
    let (tracer, written) = start_with(&config, |_| {});
    create(&tracer, 1);
    assert_eq!(tracer.flush(LONG), Report::new(1, 0, 0));
    let lines = written.lines();
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(line.contains("is not from 0.1 to 60; using 60."), "{line}");
}

#[test]
fn a_response_of_any_size_is_an_acceptance_and_its_rates_are_not_read() {
    let body = format!(r#"{{"rate_by_service": {{"service:,env:": 0}}}}{}"#, " ".repeat(1 << 20));
    let agent = FakeAgent::replying(move || Reply {
        status: 200,
        headers: String::new(),
        body: body.clone(),
    });
    let (tracer, _) = start(agent.url(), |_| {});
    for batch in 1..=2 {
        create(&tracer, 1);
        assert_eq!(tracer.flush(LONG), Report::new(batch, 0, 0));
    }
    let span = tracer.span("work").start();
    span.inject(&mut Vec::new());
    assert_eq!(span.context().sampling_priority(), Some(SamplingPriority::AUTO_KEEP));
}

#[test]
fn each_span_is_in_exactly_one_of_the_counts() {
    let (agent, gate) = FakeAgent::gated();
    let (tracer, _) = start(agent.url(), |tuning| {
        tuning.limits.chunks = 10;
        tuning.max_payload_bytes = 2_000;
    });
    create(&tracer, 1);
    tracer.flush(Duration::ZERO);
    agent.request();
    drop(tracer.span("work").tag("text", "x".repeat(2_001)).start());
    create(&tracer, 11);
    let waiting = tracer.metrics();
    assert_eq!((waiting.finished, waiting.waiting, waiting.dropped.queue_full), (13, 10, 3));
    drop(gate);
    tracer.shutdown(LONG);
    create(&tracer, 1); // Not recorded any more.
    let metrics = tracer.metrics();
    assert_eq!((metrics.sent, metrics.waiting, metrics.sampled_out), (9, 0, 0));
    assert_eq!((metrics.dropped.queue_full, metrics.dropped.too_large), (3, 1));
    assert_eq!(metrics.finished, metrics.sent + metrics.dropped.total());
}

#[test]
fn lost_spans_are_counted_by_their_cause() {
    for (status, refused, gave_up) in [(400, 1, 0), (503, 0, 1)] {
        let agent = FakeAgent::responding(move || status);
        let (tracer, written) = start(agent.url(), |_| {});
        create(&tracer, 1);
        tracer.flush(LONG);
        let dropped = tracer.metrics().dropped;
        assert_eq!((dropped.refused, dropped.gave_up), (refused, gave_up), "{status}");
        let line = &written.lines()[0];
        assert!(line.contains("cannot deliver 1 span to "), "{line}");
    }
    let down = FakeAgent::down();
    let (tracer, _) = start(down.url(), |_| {});
    create(&tracer, 2);
    let late = tracer.span("late").start();
    tracer.shutdown(LONG);
    drop(late);
    let dropped = tracer.metrics().dropped;
    assert_eq!((dropped.gave_up, dropped.shut_down), (2, 1));
}

#[cfg(unix)]
#[test]
fn a_full_backlog_of_a_socket_is_given_up_in_time_and_a_new_socket_is_found() {
    use socket2::{Domain, SockAddr, Socket, Type};

    let path = SocketPath::new("backlog");
    let address = SockAddr::unix(&path.0).unwrap();
    let listener = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
    listener.bind(&address).unwrap();
    listener.listen(1).unwrap();
    let mut waiting = Vec::new();
    loop {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
        socket.set_nonblocking(true).unwrap();
        match socket.connect(&address) {
            Ok(()) => waiting.push(socket),
            Err(error) => break assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock),
        }
    }
    let config =
        Config::new().with_agent_url(path.url()).with_agent_timeout(Duration::from_millis(100));
    let (tracer, written) = start_with(&config, |_| {});
    create(&tracer, 1);
    assert_eq!(tracer.flush(LONG), Report::new(0, 1, 0));
    assert!(written.lines()[0].contains("timeout"), "{:?}", written.lines());

    std::fs::remove_file(&path.0).unwrap();
    let _agent = FakeAgent::on_socket(&path.0);
    create(&tracer, 1);
    assert_eq!(tracer.flush(LONG), Report::new(1, 1, 0));
}

#[cfg(feature = "health-metrics")]
#[test]
fn counts_go_to_dogstatsd_if_configured() {
    for host in ["127.0.0.1", "::1"] {
        counts_go_to_dogstatsd_at(host);
    }
}

#[cfg(feature = "health-metrics")]
fn counts_go_to_dogstatsd_at(host: &'static str) {
    let dogstatsd = std::net::UdpSocket::bind((host, 0)).unwrap();
    dogstatsd.set_read_timeout(Some(LONG)).unwrap();
    let port = dogstatsd.local_addr().unwrap().port().to_string();
    let variables = move |name: &str| {
        let value = match name {
            "DD_TRACE_HEALTH_METRICS_ENABLED" => "true",
            "DD_DOGSTATSD_HOST" => host,
            "DD_DOGSTATSD_PORT" => &port,
            "DD_SERVICE" => "users",
            "DD_ENV" => "a,b|c",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let agent = FakeAgent::responding(|| 400);
    let config = Config::from_lookup(variables).0.with_agent_url(agent.url());
    let (tracer, _) = start_with(&config, |_| {});
    create(&tracer, 2);
    tracer.shutdown(LONG);
    let (mut packets, mut buffer) = (Vec::new(), [0; 1_500]);
    while packets.len() < 3 {
        let length = dogstatsd.recv(&mut buffer).unwrap();
        packets.extend(String::from_utf8_lossy(&buffer[..length]).lines().map(str::to_owned));
    }
    for (start, tag) in [
        ("datadog.tracer.spans_finished:2|c", "service:users"),
        ("datadog.tracer.spans_finished:2|c", "env:a_b_c"),
        ("datadog.tracer.spans_dropped:2|c", "reason:refused"),
        ("datadog.tracer.spans_waiting:0|g", "lang:rust"),
    ] {
        let is_there = |packet: &String| packet.starts_with(start) && packet.contains(tag);
        assert!(packets.iter().any(is_there), "{start}: {packets:?}");
    }
}
