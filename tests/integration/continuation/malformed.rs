//! Malformed headers from any sender: the response is the same as without the layer, and nothing
//! of a broken context is taken.

use packdog::propagation::{PropagationConfig, Styles};

use super::service::{Line, Outcome, Service};

/// The low half of each trace id below that a careless reader could take.
const LOW: u64 = 1234;
/// More than any tracer sends; the server takes heads of about 400 KiB.
const HUGE: usize = 64 << 10;

/// Baggage as a handler sees it.
type Items<'a> = &'a [(&'a str, &'a str)];

/// The request was served as ever, and its trace is new.
#[track_caller]
fn assert_new_trace(outcome: &Outcome, why: &str) {
    assert_eq!(outcome.response, outcome.bare_response, "{why}");
    assert!(
        outcome.response.starts_with("HTTP/1.1 201 Created\r\n"),
        "{why}: {}",
        outcome.response
    );
    assert_ne!(outcome.trace_id as u64, LOW, "{why}");
    let seen = outcome.seen.trace_id.unwrap().to_string();
    assert_eq!(seen, format!("{:032x}", outcome.trace_id), "{why}");
    let span = &outcome.span;
    assert_eq!(span.parent_id, 0, "{why}");
    assert_eq!(span.metrics["_sampling_priority_v1"], 1.0, "{why}: decided here");
    for taken in ["_dd.origin", "_dd.parent_id", "_dd.p.usr.id"] {
        assert!(!span.meta.contains_key(taken), "{why}: {taken}");
    }
}

#[tokio::test]
async fn a_broken_traceparent_starts_a_new_trace() {
    let huge = [&b"00-640cfd8d0000000000000000000004d2-000000000000162e-01"[..], &[b'0'; HUGE]];
    let huge = huge.concat();
    #[rustfmt::skip]
    let table: [(&str, &[u8]); 19] = [
        ("empty",               b""),
        ("no field",            b"garbage"),
        ("only dashes",         b"---"),
        ("bad hex",             b"00-640cfd8d0000000000000000000004dg-000000000000162e-01"),
        ("uppercase hex",       b"00-640CFD8D0000000000000000000004D2-000000000000162E-01"),
        ("sign in an id",       b"00-+40cfd8d0000000000000000000004d2-000000000000162e-01"),
        ("zero trace id",       b"00-00000000000000000000000000000000-000000000000162e-01"),
        ("zero parent id",      b"00-640cfd8d0000000000000000000004d2-0000000000000000-01"),
        ("short trace id",      b"00-00000000000004d2-000000000000162e-01"),
        ("long trace id",       b"00-0640cfd8d0000000000000000000004d2-000000000000162e-01"),
        ("bad parent",          b"00-640cfd8d0000000000000000000004d2-00000000000016xx-01"),
        ("bad flags",           b"00-640cfd8d0000000000000000000004d2-000000000000162e-0x"),
        ("no flags",            b"00-640cfd8d0000000000000000000004d2-000000000000162e"),
        ("version ff",          b"ff-640cfd8d0000000000000000000004d2-000000000000162e-01"),
        ("version 00 is longer", b"00-640cfd8d0000000000000000000004d2-000000000000162e-01-00"),
        ("tab inside",          b"00-640cfd8d0000000000000000000004d2\t000000000000162e-01"),
        ("not UTF-8",           b"00-640cfd8d0000000000000000000004d\xff-000000000000162e-01"),
        ("UTF-8 digits",        "00-640cfd8d000000000000000000000４-000000000000162e-01".as_bytes()),
        ("huge",                &huge),
    ];
    let mut service = Service::start(PropagationConfig::default()).await;
    for (why, value) in table {
        // What accompanies a broken traceparent is not looked at.
        let state: Line<'_> = ("tracestate", b"dd=s:2;o:rum;p:00000000000004d2;t.usr.id:x");
        assert_new_trace(&service.call(&[("traceparent", value), state]).await, why);
    }
    let whole: Line<'_> =
        ("traceparent", b"00-640cfd8d0000000000000000000004d2-000000000000162e-01");
    assert_new_trace(&service.call(&[whole, whole]).await, "twice");
}

#[tokio::test]
async fn broken_datadog_headers_start_a_new_trace() {
    let huge = [b'1'; HUGE];
    let (trace, parent, priority) =
        ("x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-sampling-priority");
    let id: Line<'_> = (trace, b"1234");
    #[rustfmt::skip]
    let table: [(&str, &[Line<'_>]); 16] = [
        ("empty id",              &[(trace, b"")]),
        ("zero id",               &[(trace, b"0")]),
        ("negative id",           &[(trace, b"-1234")]),
        ("plus",                  &[(trace, b"+1234")]),
        ("hexadecimal id",        &[(trace, b"0x4d2")]),
        ("fraction",              &[(trace, b"1234.0")]),
        ("id of more than 64 bits", &[(trace, b"18446744073709551616")]),
        ("huge id",               &[(trace, &huge)]),
        ("id not UTF-8",          &[(trace, b"1234\xff")]),
        ("digits of UTF-8",       &[(trace, "１２３４".as_bytes())]),
        ("parent not a number",   &[id, (parent, b"x")]),
        ("parent of more than 64 bits", &[id, (parent, b"18446744073709551616")]),
        ("parent not UTF-8",      &[id, (parent, b"\xfe")]),
        ("priority not a number", &[id, (parent, b"5678"), (priority, b"high")]),
        ("huge priority",         &[id, (parent, b"5678"), (priority, &huge)]),
        ("first of two is zero",  &[(trace, b"0"), id]),
    ];
    let mut service = Service::start(PropagationConfig::default()).await;
    for (why, headers) in table {
        let rest: [Line<'_>; 2] =
            [("x-datadog-origin", b"rum"), ("x-datadog-tags", b"_dd.p.usr.id=x")];
        let outcome = service.call(&[headers, &rest].concat()).await;
        assert_new_trace(&outcome, why);
    }
}

#[tokio::test]
async fn broken_companions_of_no_trace_start_a_new_one() {
    let huge = [b'x'; HUGE];
    let many_members = b"a=1,".repeat(10_000);
    #[rustfmt::skip]
    let table: [(&str, &str, &[u8]); 7] = [
        ("tags alone",           "x-datadog-tags",   b"_dd.p.usr.id=x"),
        ("tags not UTF-8",       "x-datadog-tags",   b"\xff=\xfe,,="),
        ("huge tags",            "x-datadog-tags",   &huge),
        ("origin alone",         "x-datadog-origin", b"rum"),
        ("tracestate alone",     "tracestate",       b"dd=s:2;o:rum"),
        ("tracestate not UTF-8", "tracestate",       b"dd=\xff"),
        ("many members",         "tracestate",       &many_members),
    ];
    let mut service = Service::start(PropagationConfig::default()).await;
    for (why, name, value) in table {
        assert_new_trace(&service.call(&[(name, value)]).await, why);
    }
}

#[tokio::test]
async fn broken_b3_headers_start_a_new_trace() {
    let huge = [b'1'; HUGE];
    let (trace, span) = ("x-b3-traceid", "x-b3-spanid");
    let id: Line<'_> = (trace, b"00000000000004d2");
    #[rustfmt::skip]
    let table: [(&str, &str, &[Line<'_>]); 10] = [
        // style     why
        ("b3multi", "zero id",        &[(trace, b"0"), (span, b"162e")]),
        ("b3multi", "bad hex",        &[(trace, b"4dg"), (span, b"162e")]),
        ("b3multi", "huge",           &[(trace, &huge), (span, b"162e")]),
        ("b3multi", "not UTF-8",      &[(trace, b"4d2\xff"), (span, b"162e")]),
        ("b3multi", "bad span id",    &[id, (span, b"x")]),
        ("b3",      "zero id",        &[("b3", b"0-162e-1")]),
        ("b3",      "no span id",     &[("b3", b"00000000000004d2")]),
        ("b3",      "bad span id",    &[("b3", b"00000000000004d2-x-1")]),
        ("b3",      "only dashes",    &[("b3", b"---")]),
        ("b3",      "huge",           &[("b3", &huge)]),
    ];
    for (style, why, headers) in table {
        let styles = Styles::parse(style).0.unwrap();
        let mut service = Service::start(PropagationConfig::default().with_style(styles)).await;
        assert_new_trace(&service.call(headers).await, &format!("{style}: {why}"));
    }
}

#[tokio::test]
async fn baggage_with_a_broken_member_is_no_baggage_and_broken_bytes_are_replaced() {
    let huge = [&b"a="[..], &[b'x'; HUGE]].concat();
    let many_items = b"a=1,".repeat(10_000);
    #[rustfmt::skip]
    let table: [(&str, &[u8], Items<'_>); 9] = [
        // why                 value                 what the handler sees
        ("empty",              b"",                  &[]),
        ("no equals sign",     b"a=1,broken,c=3",    &[]),
        ("no key",             b"=1",                &[]),
        ("no value",           b"a=1,b=",            &[]),
        ("member over the limit", &huge,             &[]),
        ("items over the limit", &many_items,        &[("a", "1")]),
        ("bad escape",         b"a=%zz,b=%4",        &[("a", "%zz"), ("b", "%4")]),
        ("escape not UTF-8",   b"a=%ff",             &[("a", "\u{fffd}")]),
        ("not UTF-8",          b"a=1\xff2",          &[("a", "1\u{fffd}2")]),
    ];
    let mut service = Service::start(PropagationConfig::default()).await;
    for (why, value, items) in table {
        let outcome = service.call(&[("baggage", value)]).await;
        assert_new_trace(&outcome, why);
        assert_eq!(outcome.baggage(), items, "{why}");
    }
}

#[tokio::test]
async fn a_sound_trace_survives_broken_companions() {
    let trace: [Line<'_>; 2] = [("x-datadog-trace-id", b"1234"), ("x-datadog-parent-id", b"5678")];
    #[rustfmt::skip]
    let table: [(Line<'_>, Option<&str>); 6] = [
        (("x-datadog-tags", b"_dd.p.usr.id=x,,"),   Some("decoding_error")),
        (("x-datadog-tags", &[b'x'; HUGE]),         Some("extract_max_size")),
        (("x-datadog-tags", b"_dd.p.tid=short"),    Some("malformed_tid short")),
        (("x-datadog-origin", b"\xff"),             None),
        (("traceparent", b"garbage"),               None),
        (("tracestate", b"dd=\xff"),                None),
    ];
    let mut service = Service::start(PropagationConfig::default()).await;
    for (broken, error) in table {
        let outcome = service.call(&[&trace[..], &[broken]].concat()).await;
        let name = broken.0;
        assert_eq!(outcome.response, outcome.bare_response, "{name}");
        assert_eq!((outcome.trace_id, outcome.span.parent_id), (1234, 5678), "{name}");
        let reported = outcome.span.meta.get("_dd.propagation_error").map(String::as_str);
        assert_eq!(reported, error, "{name}");
    }
}

/// Such a request reaches no layer: the server refuses it, with and without us, and goes on.
#[tokio::test]
async fn bytes_that_http_forbids_are_refused_by_the_server_alone() {
    let mut service = Service::start(PropagationConfig::default()).await;
    let too_many = vec![("baggage", &b"a=1"[..]); 200];
    #[rustfmt::skip]
    let table: [(&str, &[Line<'_>]); 4] = [
        ("HTTP/1.1 400 ", &[("traceparent", b"00-\0-\0-01")]),
        ("HTTP/1.1 400 ", &[("baggage", b"a=\x7f")]),
        ("HTTP/1.1 400 ", &[("b3 ", b"0")]),
        ("HTTP/1.1 431 ", &too_many),
    ];
    for (status, headers) in table {
        let [response, bare_response] = service.responses(headers).await;
        assert_eq!(response, bare_response);
        assert!(response.starts_with(status), "{response}");
    }
    service.call(&[]).await; // Finds one span: its own.
}
