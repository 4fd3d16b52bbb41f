//! The negotiation between a tracer and the Datadog Agent: the content of `/info`, refusals, and
//! the rates in responses. The Agent is the development one, over real HTTP.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use http::StatusCode;
use packdog::{Config, Guard, Tracer, config::ApiVersion, limits::Report};
use packdog_api::SpanEvent;
use packdog_dev_agent::{AttributeValue, Behavior, DevAgent, Outcome, Span};

/// Longer than any test, so that everything that ends earlier has ended on its own.
const LONG: Duration = Duration::from_secs(60);

fn config() -> Config {
    Config::new().with_service("users").with_env("prod").with_agent_timeout(Duration::from_secs(60))
}

/// An Agent, and a tracer that has read its `/info`.
fn start(config: Config, behavior: impl FnOnce(&mut Behavior)) -> (DevAgent, Guard) {
    let agent = DevAgent::start().unwrap();
    agent.behave(behavior);
    let packdog = config.with_agent_url(agent.url()).build().unwrap();
    packdog.wait_for_agent(LONG);
    (agent, packdog)
}

/// A trace of one span with an event and a link.
fn create(tracer: &Tracer) {
    let other = tracer.span("other").start();
    let link = packdog::span::SpanLink::to(&other.context()).unwrap();
    let span = tracer.span("root").link(link.with_attribute("sizes", vec![1, 2])).start();
    span.add_event(SpanEvent::new("cache.miss").with_attribute("tries", 2));
    drop(span);
}

/// The last span that [`create`] made.
fn newest(agent: &DevAgent) -> Span {
    let spans = agent.traces().iter().flat_map(|trace| trace.spans().cloned()).collect::<Vec<_>>();
    spans.into_iter().rfind(|span| span.name == "root").unwrap()
}

/// Path and outcome of each request.
fn requests(agent: &DevAgent) -> Vec<(String, Outcome)> {
    agent.requests().into_iter().map(|request| (request.path, request.outcome)).collect()
}

fn is_accepted((path, outcome): &(String, Outcome), wanted: &str) -> bool {
    path == wanted && matches!(outcome, Outcome::Accepted { .. })
}

#[test]
fn the_format_is_the_wanted_one_if_the_agent_lists_it() {
    const V04: &str = "/v0.4/traces";
    const V05: &str = "/v0.5/traces";
    #[rustfmt::skip]
    let table = [
        // wanted         has /info  lists            used  warns
        (ApiVersion::V04, true,      &[V04, V05][..], V04,  false),
        (ApiVersion::V05, true,      &[V04, V05][..], V05,  false),
        (ApiVersion::V05, true,      &[V04][..],      V04,  true),
        (ApiVersion::V05, false,     &[V04, V05][..], V04,  true),
        (ApiVersion::V04, false,     &[V04, V05][..], V04,  false),
    ];
    for (wanted, has_info, lists, used, warns) in table {
        let messages = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&messages);
        let config = config().with_api_version(wanted);
        let config =
            config.with_messages(move |message| sink.lock().unwrap().push(message.clone()));
        let (agent, packdog) = start(config, |behavior| {
            behavior.info = has_info;
            behavior.endpoints = lists.iter().map(|path| (*path).to_owned()).collect();
        });
        create(packdog.tracer());
        assert_eq!(packdog.flush(LONG), Report::new(2, 0, 0));
        let requests = requests(&agent);
        assert!(
            requests.iter().all(|request| is_accepted(request, used)),
            "{wanted} {has_info} {lists:?}: {requests:?}"
        );
        let span = newest(&agent);
        assert_eq!(span.span_links.len(), 1, "{wanted}");
        assert_eq!(span.span_links[0].attributes["sizes.1"], "2", "{wanted}");

        packdog.shutdown(LONG); // Writes what there is to write.
        let messages = messages.lock().unwrap().clone();
        let texts = messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>();
        let expected = format!(
            "{} does not take traces in v0.5 (its /info does not list it); they are sent in v0.4. \
             Unset DD_TRACE_API_VERSION, or update the Datadog Agent",
            agent.url()
        );
        assert_eq!(texts, Vec::from_iter(warns.then_some(expected.as_str())), "{wanted} {lists:?}");
    }
}

#[test]
fn a_format_that_is_listed_and_yet_unknown_is_given_up_and_nothing_is_lost() {
    let (agent, packdog) = start(config().with_api_version(ApiVersion::V05), |_| {});
    // As if the Agent had been replaced by an older one.
    let all = Behavior::default().endpoints;
    agent.behave(|behavior| behavior.endpoints.retain(|path| path == "/v0.4/traces"));
    for batch in 1..=4 {
        create(packdog.tracer());
        assert_eq!(packdog.flush(LONG), Report::new(2 * batch, 0, 0));
        // It stays with that, also if the Agent lists the format again.
        agent.behave(|behavior| behavior.endpoints.clone_from(&all));
    }
    let requests = requests(&agent);
    assert_eq!(
        requests[0],
        ("/v0.5/traces".to_owned(), Outcome::FixedStatus(StatusCode::NOT_FOUND))
    );
    assert!(
        requests[1..].iter().all(|request| is_accepted(request, "/v0.4/traces")),
        "{requests:?}"
    );
    assert_eq!(agent.traces().len(), 8);
}

#[test]
fn events_have_a_field_where_the_agent_knows_it_and_are_json_otherwise() {
    let native = config().with_native_span_events(true);
    let v05 = config().with_api_version(ApiVersion::V05);
    #[rustfmt::skip]
    let table = [
        // config    Agent knows the field   JSON among the tags
        (config(),   true,                   false),
        (config(),   false,                  true),
        (native,     false,                  false),
        (v05,        true,                   false), // The Agent takes the JSON apart.
    ];
    for (config, takes_span_events, is_json) in table {
        let (agent, packdog) = start(config, |behavior| behavior.span_events = takes_span_events);
        create(packdog.tracer());
        packdog.flush(LONG);
        let span = newest(&agent);
        assert_eq!(span.meta.contains_key("events"), is_json, "{span:?}");
        assert_eq!(span.span_events.is_empty(), is_json, "{span:?}");
        for event in &span.span_events {
            assert_eq!(
                (&*event.name, &event.attributes["tries"]),
                ("cache.miss", &AttributeValue::Int(2))
            );
            assert!(event.time_unix_nano >= span.start.unsigned_abs());
        }
    }
}

#[test]
fn a_new_state_of_the_agent_makes_the_tracer_read_info_again() {
    let (agent, packdog) = start(config(), |behavior| behavior.span_events = false);
    let is_native = || {
        create(packdog.tracer());
        packdog.flush(LONG);
        !newest(&agent).span_events.is_empty()
    };
    assert!(!is_native());
    agent.behave(|behavior| behavior.span_events = true);
    // The response to this request names the new state. The Agent is asked beside the delivery, so
    // that some more requests may be sent before `/info` has arrived.
    assert!(!is_native());
    while !is_native() {}
}

#[test]
fn an_agent_that_does_not_respond_counts_as_an_old_one() {
    let (agent, packdog) = start(config(), |behavior| behavior.info = false);
    assert!(!packdog.wait_for_agent(LONG));
    create(packdog.tracer());
    packdog.flush(LONG);
    assert!(newest(&agent).meta.contains_key("events"));
}

#[test]
fn rates_in_a_response_apply_to_later_traces() {
    let (agent, packdog) = start(config(), |behavior| {
        behavior.rates = [("service:users,env:prod", 0.0), ("service:,env:", 1.0)]
            .map(|(key, rate)| (key.to_owned(), rate))
            .into();
    });
    let seen = |service: Option<&str>, env: Option<&str>| {
        let mut builder = packdog.tracer().span("root");
        if let Some(service) = service {
            builder = builder.service(service.to_owned());
        }
        let span = builder.start();
        if let Some(env) = env {
            span.set_tag("env", env);
        }
        drop(span);
        packdog.flush(LONG);
        let span = newest(&agent);
        let text = |key| span.meta.get(key).cloned().unwrap_or_default();
        let number = |key| span.metrics.get(key).copied();
        let priority = number("_sampling_priority_v1");
        (priority, text("_dd.p.dm"), number("_dd.agent_psr"), text("_dd.p.ksr"))
    };
    let expected = |priority, maker: &str, rate, text: &str| {
        (Some(priority), maker.to_owned(), rate, text.to_owned())
    };
    // No rate has been received yet.
    assert_eq!(seen(None, None), expected(1.0, "-0", None, ""));
    assert_eq!(seen(None, None), expected(0.0, "-1", Some(0.0), "0"));
    assert_eq!(seen(Some("other"), None), expected(1.0, "-1", Some(1.0), "1"));
    assert_eq!(seen(None, Some("dev")), expected(1.0, "-1", Some(1.0), "1"));
    // A response replaces all rates.
    agent.behave(|behavior| behavior.rates.clear());
    seen(None, None);
    assert_eq!(seen(None, None), expected(1.0, "-1", Some(1.0), "1"));
}
