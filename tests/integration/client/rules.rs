//! Rules for both clients: parent, headers, tags, errors, and the calls that they leave alone.

use ::http::{Request, StatusCode};
use packdog::{
    Baggage, InSpanExt, Span, Tracer,
    span::{SpanContext, SpanId, TraceId},
    test_util::CollectedSpan,
};
use packdog_tests::{start_tracer, traceparent};

use super::{
    call::BOTH,
    server::{Server, refusing, values},
};

#[tokio::test]
async fn a_call_below_a_span_is_its_child_and_the_server_continues_it() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let parent = tracer.span("job").start();
        let handle = parent.handle();
        parent.baggage().set("plan", "pro");
        let call = async { client.get(&tracer, &server.url("/status/200?token=x")).await.unwrap() };
        let (_, lines) = call.in_span(parent).await;

        let [job, span] = <[CollectedSpan; 2]>::try_from(collector.spans()).unwrap();
        assert_eq!((span.parent_id, job.parent_id), (handle.span_id(), None));
        assert_eq!(values(&lines, "traceparent"), [traceparent(&span)]);
        assert_eq!(values(&lines, "baggage"), ["plan=pro"]);
        assert_eq!(span.name, "http.request");
        assert_eq!(span.span_type, "http");
        assert_eq!(span.resource, "GET");
        assert!(!span.is_error);
        let port = server.address.port();
        let url = server.url("/status/200?<redacted>");
        let expected = [
            ("component", client.component()),
            ("http.method", "GET"),
            ("http.status_code", "200"),
            ("http.url", &url),
            ("out.host", "127.0.0.1"),
            ("span.kind", "client"),
        ];
        let texts =
            span.tags.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
        assert!(texts.eq(expected), "{client:?}: {:?}", span.tags);
        assert_eq!(span.number("network.destination.port"), Some(port.into()));
    }
}

#[tokio::test]
async fn a_call_without_a_current_span_begins_a_trace() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let (_, lines) = client.get(&tracer, &server.url("/status/200")).await.unwrap();
        let span = collector.only_span();
        assert_eq!(span.parent_id, None);
        assert_eq!(values(&lines, "traceparent"), [traceparent(&span)]);
    }
}

#[tokio::test]
async fn existing_headers_are_replaced() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let request = Request::get(server.url("/status/200"))
            .header("traceparent", "old")
            .header("traceparent", "older")
            .header("x-mine", "kept")
            .body(())
            .unwrap();
        let (_, lines) = client.call(&tracer, request).await.unwrap();
        assert_eq!(values(&lines, "traceparent"), [traceparent(&collector.only_span())]);
        assert_eq!(values(&lines, "x-mine"), ["kept"]);
    }
}

#[tokio::test]
async fn a_client_error_marks_the_span_and_a_server_error_does_not() {
    let server = Server::start().await;
    #[rustfmt::skip]
    let table = [
        // status  error
        (200,      false),
        (301,      false), // No Location to follow.
        (399,      false),
        (400,      true),
        (404,      true),
        (499,      true),
        (500,      false),
        (503,      false),
    ];
    for client in BOTH {
        for (status, is_error) in table {
            let (tracer, collector) = start_tracer("users");
            let url = server.url(&format!("/status/{status}"));
            let (received, _) = client.get(&tracer, &url).await.unwrap();
            assert_eq!(received.as_u16(), status);
            let span = collector.only_span();
            assert_eq!(span.text("http.status_code"), Some(status.to_string().as_str()));
            assert_eq!(span.is_error, is_error, "{client:?} {status}");
        }
    }
}

#[tokio::test]
async fn a_refused_connection_is_an_error_with_its_causes_and_without_secrets() {
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let (_socket, url) = refusing();
        client.get(&tracer, &url).await.unwrap_err();
        let span = collector.only_span();
        assert!(span.is_error);
        assert_eq!(span.text("error.type"), Some("connect"), "{client:?}");
        assert!(!span.text("error.message").unwrap().contains("secret"), "{:?}", span.tags);
        let stack = span.text("error.stack").unwrap();
        assert!(stack.lines().any(|cause| cause.starts_with("Connection refused")), "{stack}");
        assert_eq!(span.text("http.status_code"), None);
        assert_eq!(span.text("http.request.cancelled"), None);
    }
}

#[tokio::test]
async fn tags_name_the_destination_of_a_call() {
    #[rustfmt::skip]
    let table = [
        // called                               http.url                        out.host       port
        ("http://example.com/a?q=1",            "http://example.com/a?q=1",     "example.com", 80.0),
        ("https://example.com/",                "https://example.com/",         "example.com", 443.0),
        ("https://example.com:8443/a/b",        "https://example.com:8443/a/b", "example.com", 8443.0),
        ("http://[::1]/",                       "http://[::1]/",                "::1",         80.0),
        ("http://[::1]:8126/a",                 "http://[::1]:8126/a",          "::1",         8126.0),
        ("https://user:secret@example.com/a",   "https://example.com/a",        "example.com", 443.0),
    ];
    for client in BOTH {
        for (called, url, host, port) in table {
            let (tracer, collector) = start_tracer("users");
            client.call_nowhere(&tracer, called).await;
            let span = collector.only_span();
            assert_eq!(span.text("http.url"), Some(url), "{client:?}");
            assert_eq!(span.text("out.host"), Some(host), "{client:?} {called}");
            assert_eq!(span.number("network.destination.port"), Some(port), "{client:?} {called}");
        }
    }
}

#[tokio::test]
async fn calls_to_the_agent_are_left_alone() {
    let server = Server::start().await;
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let request = Request::get(server.url("/status/200"))
            .header("Datadog-Meta-Lang", "rust")
            .body(())
            .unwrap();
        let job = tracer.span("job");
        let (_, lines) = client.call(&tracer, request).in_span(job).await.unwrap();
        assert_eq!(values(&lines, "traceparent"), [""; 0]);
        assert_eq!(collector.only_span().name, "job");
    }
}

#[tokio::test]
async fn below_an_ignored_span_context_and_baggage_are_passed_on_unrecorded() {
    let server = Server::start().await;
    let context = SpanContext::new()
        .with_trace(TraceId::new(7).unwrap(), SpanId::new(8))
        .with_baggage(Baggage::from_iter([("plan", "pro")]));
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let ignored = {
            let _scope = tracer.enter();
            Span::ignored(context.clone())
        };
        let call = async { client.get(&tracer, &server.url("/status/200")).await.unwrap() };
        let (_, lines) = call.in_span(ignored).await;
        assert_eq!(values(&lines, "traceparent"), [format!("00-{:032x}-{:016x}-00", 7, 8)]);
        assert_eq!(values(&lines, "baggage"), ["plan=pro"]);
        assert_eq!(collector.spans().len(), 0);
    }
}

#[tokio::test]
async fn received_baggage_without_a_trace_travels_on_in_the_trace_that_the_call_begins() {
    let server = Server::start().await;
    let context = SpanContext::new().with_baggage(Baggage::from_iter([("plan", "pro")]));
    for client in BOTH {
        let (tracer, collector) = start_tracer("users");
        let passing = {
            let _scope = tracer.enter();
            Span::passing(context.clone())
        };
        let call = async { client.get(&tracer, &server.url("/status/200")).await.unwrap() };
        let (_, lines) = call.in_span(passing).await;
        assert_eq!(values(&lines, "traceparent"), [traceparent(&collector.only_span())]);
        assert_eq!(values(&lines, "baggage"), ["plan=pro"]);
    }
}

#[tokio::test]
async fn without_a_tracer_the_request_is_left_alone() {
    let server = Server::start().await;
    for client in BOTH {
        let request = Request::get(server.url("/status/200"))
            .header("traceparent", "theirs")
            .body(())
            .unwrap();
        let (status, lines) = client.call(&Tracer::disabled(), request).await.unwrap();
        assert_eq!(status, StatusCode::OK);
        assert_eq!(values(&lines, "traceparent"), ["theirs"]);
    }
}
