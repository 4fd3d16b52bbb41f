//! The peers among themselves, without packdog: the behavior of Datadog's own tracers, with which ours is compared.
//!
//! ```text
//! test ──▶ python "first" ──▶ node "second" ──▶ python "third"        all ──▶ ddapm-test-agent
//! ```

use std::collections::BTreeMap;

use packdog_tests::peers::{
    Hop, HopReply, PeerService, PeerServiceBuilder, Span, TestAgent, picture,
};

/// The chain of three services and the Agent that they report to.
struct Chain {
    agent: TestAgent,
    first: PeerService,
    second: PeerService,
    third: PeerService,
}

impl Chain {
    async fn start() -> Option<Self> {
        let agent = TestAgent::start().await?;
        let first = PeerService::python("first").agent(&agent).start();
        let second = PeerService::node("second").agent(&agent).start();
        let third = PeerService::python("third").agent(&agent).start();
        let (first, second, third) = tokio::join!(first, second, third);
        Some(Self { agent, first: first?, second: second?, third: third? })
    }

    /// Sends a request through all three, each doing its part, and returns their replies.
    async fn through(&self, [first, second, third]: [Hop; 3]) -> [HopReply; 3] {
        let second = second.with_next(self.third.hop_url(), third);
        let first = first.with_next(self.second.hop_url(), second);
        let mut first = self.first.hop(&first).await;
        let mut second = first.replies.pop().expect("the reply of the second");
        let third = second.replies.pop().expect("the reply of the third");
        [first, second, third]
    }
}

#[tokio::test]
async fn three_hops_make_one_trace() {
    let Some(chain) = Chain::start().await else { return };
    let tagged = Hop::default().with_tag("hop", "third");
    let replies = chain.through([Hop::default(), Hop::default(), tagged]).await;
    assert_eq!(
        replies.each_ref().map(|reply| reply.service.as_str()),
        ["first", "second", "third"]
    );
    assert!(replies.iter().all(|reply| reply.trace_id == replies[0].trace_id), "{replies:?}");

    let traces = chain.agent.wait_for_spans(5).await;
    let [spans] = traces.as_slice() else { panic!("not one trace: {traces:?}") };
    let expected = "\
starlette.request  POST /hop  200  kind=server  service=first
└─ http.request  200  kind=client
   └─ express.request  POST /hop  200  kind=server  service=second
      └─ http.request  POST  200  kind=client
         └─ starlette.request  POST /hop  200  kind=server  service=third
";
    assert_eq!(picture(spans), expected);
    for reply in &replies {
        let span = span_of(spans, reply);
        assert_eq!(span.service, reply.service);
        assert_eq!(reply.trace_id[16..], format!("{:016x}", span.trace_id));
    }
    assert_eq!(span_of(spans, &replies[2]).tag("hop"), Some("third"));
    chain.agent.assert_no_failed_checks().await;
}

/// The span that was active when the service made this reply.
fn span_of<'a>(spans: &'a [Span], reply: &HopReply) -> &'a Span {
    spans
        .iter()
        .find(|span| format!("{:016x}", span.span_id) == reply.span_id)
        .expect("a span of that id")
}

#[tokio::test]
async fn default_styles_send_all_three_kinds_of_headers() {
    let Some(chain) = Chain::start().await else { return };
    let [_, from_python, from_node] = chain
        .through([Hop::default().with_baggage("plan", "pro"), Hop::default(), Hop::default()])
        .await;
    for reply in [from_python, from_node] {
        let names: Vec<_> = reply.headers.keys().map(String::as_str).collect();
        let expected = [
            "baggage",
            "traceparent",
            "tracestate",
            "x-datadog-parent-id",
            "x-datadog-sampling-priority",
            "x-datadog-tags",
            "x-datadog-trace-id",
        ];
        assert_eq!(names, expected, "sent to {}", reply.service);
    }
}

#[tokio::test]
async fn baggage_of_any_text_reaches_every_later_hop() {
    let Some(chain) = Chain::start().await else { return };
    let awkward = [
        ("unicode", "Grüße, 世界 🐕"),
        ("equals", "a=b=c"),
        ("semicolon", "a;b"),
        ("percent", "100% of it"),
        ("space", "a b  c"),
        ("quote", "\"\\"),
    ];
    let set = |prefix: &str| {
        awkward.iter().fold(Hop::default(), |hop, (key, value)| {
            hop.with_baggage(&format!("{prefix}.{key}"), value)
        })
    };
    let items =
        |prefix: &str| awkward.map(|(key, value)| (format!("{prefix}.{key}"), value.to_owned()));

    let [first, second, third] = chain.through([set("python"), set("node"), Hop::default()]).await;
    assert_eq!(first.baggage, BTreeMap::new());
    assert_eq!(second.baggage, BTreeMap::from(items("python")));
    assert_eq!(third.baggage, items("python").into_iter().chain(items("node")).collect());
}

#[tokio::test]
async fn removed_baggage_goes_no_further() {
    let Some(chain) = Chain::start().await else { return };
    let start = Hop::default().with_baggage("kept", "1").with_baggage("removed", "2");
    let [_, second, third] =
        chain.through([start, Hop::default().without_baggage("removed"), Hop::default()]).await;
    assert!(second.baggage.contains_key("removed"));
    assert_eq!(third.baggage, BTreeMap::from([("kept".to_owned(), "1".to_owned())]));
}

#[tokio::test]
async fn sixty_four_items_pass_and_the_next_one_does_not() {
    let Some(chain) = Chain::start().await else { return };
    let items = |count| {
        (0..count)
            .fold(Hop::default(), |hop, index| hop.with_baggage(&format!("key{index:02}"), "value"))
    };
    for (count, arrive) in [(64, 64), (65, 64)] {
        let [_, second, third] =
            chain.through([items(count), Hop::default(), Hop::default()]).await;
        assert_eq!(
            (second.baggage.len(), third.baggage.len()),
            (arrive, arrive),
            "{count} set in Python"
        );
        let [_, _, third] = chain.through([Hop::default(), items(count), Hop::default()]).await;
        assert_eq!(third.baggage.len(), arrive, "{count} set in Node");
    }
}

#[tokio::test]
async fn services_take_their_settings_from_the_environment_given() {
    let only = |builder: PeerServiceBuilder| {
        builder.env("DD_TRACE_PROPAGATION_STYLE", "tracecontext").start()
    };
    let Some(sender) = only(PeerService::python("sender")).await else { return };
    let Some(receiver) = only(PeerService::node("receiver")).await else { return };
    let forward =
        Hop::default().with_baggage("plan", "pro").with_next(receiver.hop_url(), Hop::default());
    let backward =
        Hop::default().with_baggage("plan", "pro").with_next(sender.hop_url(), Hop::default());
    for reply in [sender.hop(&forward).await, receiver.hop(&backward).await] {
        let names: Vec<_> = reply.replies[0].headers.keys().collect();
        assert_eq!(names, ["traceparent", "tracestate"], "sent by {}", reply.service);
    }
}

#[tokio::test]
async fn headers_of_the_test_are_continued() {
    let Some(service) = PeerService::python("first").start().await else { return };
    let traceparent = "00-640cfd8d0000000000000000000004d2-000000000000162e-01";
    let headers = [("traceparent", traceparent), ("baggage", "plan=pro")];
    let reply = service.hop_with_headers(&headers, &Hop::default()).await;
    assert_eq!(reply.trace_id, "640cfd8d0000000000000000000004d2");
    assert_eq!(reply.headers["traceparent"], traceparent);
    assert_eq!(reply.baggage["plan"], "pro");
}

#[tokio::test]
async fn the_agent_returns_the_info_that_it_was_given() {
    let Some(agent) =
        TestAgent::start_with_info(&serde_json::json!({"org_prop_marker": "acme"})).await
    else {
        return;
    };
    let info = reqwest::get(format!("{}/info", agent.url()))
        .await
        .unwrap()
        .json::<serde_json::Value>()
        .await
        .unwrap();
    assert_eq!(info["org_prop_marker"], "acme");
    assert_eq!(info["span_events"], true);
}

#[tokio::test]
async fn a_failed_check_of_the_agent_fails_the_test() {
    let Some(agent) = TestAgent::start().await else { return };
    let empty_list = [0x90_u8]; // MessagePack.
    let request = reqwest::Client::new()
        .put(format!("{}/v0.4/traces", agent.url()))
        .body(empty_list.to_vec());
    let request =
        request.header("datadog-meta-tracer-version", "1").header("x-datadog-trace-count", "3");
    assert_eq!(request.send().await.unwrap().status(), 400);

    let requests = agent.requests().await;
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].method, "PUT");
    assert_eq!(requests[0].body, "kA==");
    let panic = tokio::spawn(async move { agent.assert_no_failed_checks().await })
        .await
        .unwrap_err()
        .into_panic();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("trace_count_header"), "{message}");
}

/// ddtrace does not encode `%`, against [W3C Baggage](https://www.w3.org/TR/baggage/#value); dd-trace does.
#[tokio::test]
async fn percent_before_two_hex_digits_survives_node_and_not_python() {
    let Some(chain) = Chain::start().await else { return };
    let [_, second, _] = chain
        .through([Hop::default().with_baggage("key", "%41"), Hop::default(), Hop::default()])
        .await;
    assert_eq!(second.baggage["key"], "A");
    let [_, _, third] = chain
        .through([Hop::default(), Hop::default().with_baggage("key", "%41"), Hop::default()])
        .await;
    assert_eq!(third.baggage["key"], "%41");
}

#[tokio::test]
async fn keep_and_drop_travel_as_priorities() {
    let Some(chain) = Chain::start().await else { return };
    let keep = Hop { keep: true, ..Hop::default() };
    let drop = Hop { drop: true, ..Hop::default() };
    for (first, priority) in [(Hop::default(), "1"), (keep, "2"), (drop, "-1")] {
        let [_, second, third] = chain.through([first, Hop::default(), Hop::default()]).await;
        assert_eq!(second.headers["x-datadog-sampling-priority"], priority);
        assert_eq!(third.headers["x-datadog-sampling-priority"], priority);
    }
}
