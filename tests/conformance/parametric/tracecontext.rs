//! Style `tracecontext`: [W3C Trace Context](https://www.w3.org/TR/trace-context/), header by header.

use crate::harness::{
    App,
    Expect::{self, Absent, Is, Lacks},
    Row,
};

const TRACE: &str = "12345678901234567890123456789012";
const VALID: (&str, &str) =
    ("traceparent", "00-12345678901234567890123456789012-1234567890123456-01");
const STYLE: (&str, &str) = ("DD_TRACE_PROPAGATION_STYLE", "tracecontext");

/// The trace goes on, kept.
const CONTINUED: (&str, Expect<'_>) =
    ("traceparent", Is("00-12345678901234567890123456789012-{hex}-01"));
/// A new trace begins.
const NEW: (&str, Expect<'_>) = ("traceparent", Lacks(TRACE));

#[tokio::test]
async fn a_traceparent_is_read_by_its_grammar() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    const NEXT: &str = "12345678901234567890123456789012-1234567890123456";
    let mut failures = Vec::new();
    #[rustfmt::skip]
    let table = [
        // rule                                     traceparent                        continued
        ("the sampled bit is kept",                 format!("00-{NEXT}-01"),           Some("01")),
        ("not sampled stays so",                    format!("00-{NEXT}-00"),           Some("00")),
        ("only bits 0 and 1 of the flags count",    format!("00-{NEXT}-ff"),           Some("03")),
        ("the random flag stays with the trace",    format!("00-{NEXT}-02"),           Some("02")),
        ("no other flag does",                      format!("00-{NEXT}-fc"),           Some("00")),
        ("flags are hex",                           format!("00-{NEXT}-.0"),           None),
        ("flags are two digits, not three",         format!("00-{NEXT}-001"),          None),
        ("flags are two digits, not one",           format!("00-{NEXT}-1"),            None),
        ("version 00 ends with the flags",          format!("00-{NEXT}-01-more"),      None),
        ("version 00 ends even before a point",     format!("00-{NEXT}-01."),          None),
        ("a later version is read like 00",         format!("cc-{NEXT}-01"),           Some("01")),
        ("a later version may go on after a dash",  format!("cc-{NEXT}-01-what"),      Some("01")),
        ("a later version goes on with a dash only", format!("cc-{NEXT}-01.what"),     None),
        ("version ff is invalid",                   format!("ff-{NEXT}-01"),           None),
        ("a version is hex",                        format!(".0-{NEXT}-01"),           None),
        ("a version is two digits, not one",        format!("0-{NEXT}-01"),            None),
        ("a version is two digits, not three",      format!("000-{NEXT}-01"),          None),
        ("a zero trace id is invalid",              format!("00-{:032}-1234567890123456-01", 0), None),
        ("a zero parent id is invalid",             format!("00-{TRACE}-{:016}-01", 0), None),
        ("a trace id is lower case",                "00-1234567890123456789012345678901A-1234567890123456-01".into(), None),
        ("a trace id is hex",                       "00-.2345678901234567890123456789012-1234567890123456-01".into(), None),
        ("a trace id is 32 digits, not 33",         "00-123456789012345678901234567890123-1234567890123456-01".into(), None),
        ("a trace id is 32 digits, not 31",         "00-1234567890123456789012345678901-1234567890123456-01".into(), None),
        ("a parent id is hex",                      format!("00-{TRACE}-123456789012345.-01"), None),
        ("a parent id is 16 digits, not 17",        format!("00-{TRACE}-12345678901234567-01"), None),
        ("a parent id is 16 digits, not 15",        format!("00-{TRACE}-123456789012345-01"), None),
        ("blanks around it do not count",           format!(" \t00-{NEXT}-01 \t "),    Some("01")),
        ("an empty one is none",                    String::new(),                     None),
    ];
    for (rule, traceparent, flags) in &table {
        let (span, injected) = app.hop(&[("traceparent", traceparent)]).await;
        let sent = injected.get("traceparent").unwrap();
        let is_fine = match flags {
            Some(flags) => sent == format!("00-{TRACE}-{:016x}-{flags}", span.span_id),
            None => !sent.contains(&TRACE[..31]) && sent.len() == 55 && sent.ends_with("-01"),
        };
        if !is_fine {
            failures.push(format!("{rule}: {traceparent:?} became {sent:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[tokio::test]
async fn headers_are_found_by_their_names() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    const STATE: (&str, &str) = ("tracestate", "foo=1");
    const KEPT: (&str, Expect<'_>) = ("tracestate", Is("dd=s:1;p:{hex},foo=1"));
    #[rustfmt::skip]
    let rows: [Row<'_>; 12] = [
        ("without headers a new trace begins", &[], &[NEW]),
        ("without a tracestate the trace goes on", &[VALID], &[CONTINUED]),
        ("a tracestate alone is nothing", &[STATE], &[NEW, ("tracestate", Lacks("foo"))]),
        ("a tracestate beside an invalid traceparent is nothing",
            &[("traceparent", "00-1-2-03"), STATE], &[NEW, ("tracestate", Lacks("foo"))]),
        ("both are read together", &[VALID, STATE], &[CONTINUED, KEPT]),
        ("names are read in any case",
            &[("TraceParent", VALID.1), ("TRACESTATE", STATE.1)], &[CONTINUED, KEPT]),
        ("names are read in the strangest case",
            &[("TrAcEpArEnT", VALID.1), ("TrAcEsTaTe", STATE.1)], &[CONTINUED, KEPT]),
        ("trace-parent is another header", &[("trace-parent", VALID.1)], &[NEW]),
        ("trace.parent is another header", &[("trace.parent", VALID.1)], &[NEW]),
        ("trace-state is another header", &[VALID, ("trace-state", STATE.1)], &[("tracestate", Lacks("foo"))]),
        ("two different traceparents are none",
            &[VALID, ("traceparent", "00-12345678901234567890123456789011-1234567890123456-01")],
            &[("traceparent", Lacks("1234567890123456789012345678901"))]),
        ("two equal traceparents are none", &[VALID, VALID], &[NEW]),
    ];
    app.check(&rows).await;
}

#[tokio::test]
async fn members_of_other_vendors_follow_ours_in_their_order() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    let name = "tracestate";
    let longest_key = format!("{}=1", "z".repeat(256));
    let longest = format!("dd=s:1;p:{{hex}},{longest_key}");
    let too_long_key = format!("bar=2,{}=1", "z".repeat(257));
    let everything = "a0_-*/=!\"#$%&'()*+-./:;<>?@[\\]^_`{|}~";
    let everything_kept = format!("dd=s:1;p:{{hex}},{everything}");
    #[rustfmt::skip]
    let rows: [Row<'_>; 19] = [
        ("ours comes first, once", &[VALID, (name, "foo=1,dd=s:1;o:rum,bar=2")],
            &[(name, Is("dd=s:1;o:rum;p:{hex},foo=1,bar=2"))]),
        ("lines are joined in their order", &[VALID, (name, "foo=1,bar=2"), (name, "rojo=1"), (name, "baz=3")],
            &[(name, Is("dd=s:1;p:{hex},foo=1,bar=2,rojo=1,baz=3"))]),
        ("empty lines are nothing", &[VALID, (name, ""), (name, "foo=1")], &[(name, Is("dd=s:1;p:{hex},foo=1"))]),
        ("empty members are not sent on", &[VALID, (name, "foo=1,,bar=2,")], &[(name, Is("dd=s:1;p:{hex},foo=1,bar=2"))]),
        ("blanks around members do not count", &[VALID, (name, " foo=1 \t , \t bar=2, \t baz=3\t")],
            &[(name, Is("dd=s:1;p:{hex},foo=1,bar=2,baz=3"))]),
        ("repeated keys pass", &[VALID, (name, "foo=1,foo=2")], &[(name, Is("dd=s:1;p:{hex},foo=1,foo=2"))]),
        ("all allowed characters pass", &[VALID, (name, everything)], &[(name, Is(&everything_kept))]),
        ("a key may name tenant and vendor", &[VALID, (name, "tenant@vendor=1")], &[(name, Is("dd=s:1;p:{hex},tenant@vendor=1"))]),
        ("a key may begin with a digit", &[VALID, (name, "0foo=1")], &[(name, Is("dd=s:1;p:{hex},0foo=1"))]),
        ("a key of 256 characters passes", &[VALID, (name, &longest_key)], &[(name, Is(&longest))]),
        ("a key of 257 characters drops all members of others", &[VALID, (name, &too_long_key)], &[(name, Is("dd=s:1;p:{hex}"))]),
        ("a key in upper case drops all members of others", &[VALID, (name, "FOO=1,bar=2")], &[(name, Is("dd=s:1;p:{hex}"))]),
        ("a key with a blank drops all members of others", &[VALID, (name, "foo =1,bar=2")], &[(name, Is("dd=s:1;p:{hex}"))]),
        ("a key with a point drops all members of others", &[VALID, (name, "foo.bar=1,bar=2")], &[(name, Is("dd=s:1;p:{hex}"))]),
        ("a key without a tenant drops all members of others", &[VALID, (name, "@foo=1,bar=2")], &[(name, Is("dd=s:1;p:{hex}"))]),
        ("a value with = drops all members of others", &[VALID, (name, "foo=bar=baz,bar=2")], &[(name, Is("dd=s:1;p:{hex}"))]),
        ("an empty value drops all members of others", &[VALID, (name, "foo=,bar=3")], &[(name, Is("dd=s:1;p:{hex}"))]),
        ("what is not ASCII drops the tracestate, not the trace", &[VALID, (name, "foo=ä,bar=2")],
            &[CONTINUED, (name, Is("dd=s:1;p:{hex}"))]),
        ("DD and ddx are members of others", &[VALID, (name, "ddx=s:2")], &[(name, Is("dd=s:1;p:{hex},ddx=s:2"))]),
    ];
    app.check(&rows).await;
}

#[tokio::test]
async fn a_tracestate_has_32_members_at_most() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    let members =
        |count: usize| (1..=count).map(|n| format!("m{n:02}=1")).collect::<Vec<_>>().join(",");
    let sent = |count: usize| format!("dd=s:1;p:{{hex}},{}", members(count));
    let (of_31, of_32, of_33) = (members(31), members(32), members(33));
    let (all, cut) = (sent(31), sent(31));
    let rows: [Row<'_>; 3] = [
        (
            "31 members and ours go on",
            &[VALID, ("tracestate", &of_31)],
            &[("tracestate", Is(&all))],
        ),
        (
            "the last of 32 members makes room for ours",
            &[VALID, ("tracestate", &of_32)],
            &[("tracestate", Is(&cut))],
        ),
        (
            "33 members are too many: none goes on, and the trace does",
            &[VALID, ("tracestate", &of_33)],
            &[CONTINUED, ("tracestate", Is("dd=s:1;p:{hex}"))],
        ),
    ];
    app.check(&rows).await;
}

#[tokio::test]
async fn the_local_root_has_a_tag_for_the_last_datadog_span() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    #[rustfmt::skip]
    let table = [
        // trace  tracestate                    parent reported
        (1_u64,   "dd=s:2;p:0123456789abcdef",  Some("0123456789abcdef")),
        (2,       "dd=s:2;p:XX!X",              Some("XX!X")),
        (3,       "dd=s:2",                     None),
        (4,       "foo=1",                      None),
    ];
    for (trace, tracestate, _) in table {
        let traceparent = format!("00-{trace:032x}-00000000000000ff-01");
        app.hop(&[("traceparent", &traceparent), ("tracestate", tracestate)]).await;
    }
    let spans = app.spans().await;
    for (trace, tracestate, reported) in table {
        let span = spans.iter().find(|span| span.trace_id == trace).unwrap();
        assert_eq!(span.tag("_dd.parent_id"), reported, "{tracestate}");
        assert_eq!(span.parent_id, 255, "{tracestate}");
    }
}

#[tokio::test]
async fn a_child_names_itself_as_the_last_datadog_span() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    let parent = app.extract(&[VALID, ("tracestate", "dd=p:00f067aa0ba902b7")]).await.unwrap();
    let root = app.child("root", parent).await;
    let child = app.child("child", root.span_id).await;
    let injected = app.inject(child).await;
    let expected = format!("dd=s:1;p:{:016x}", child.span_id);
    assert_eq!(injected.get("tracestate"), Some(expected.as_str()));
    app.finish(child).await;
    app.finish(root).await;
    let spans = app.spans().await;
    let reported = |id| spans.iter().find(|span| span.span_id == id).unwrap().tag("_dd.parent_id");
    assert_eq!(reported(root.span_id), Some("00f067aa0ba902b7"));
    assert_eq!(reported(child.span_id), None);
}

/// The parent of a span, and its tag for the last Datadog span, when two styles name one trace.
#[tokio::test]
async fn of_two_styles_in_one_trace_tracecontext_names_the_parent() {
    const BOTH: &str = "datadog,tracecontext";
    #[rustfmt::skip]
    let table = [
        // rule                                              styles                 first    tracestate                   parent  reported
        ("different parents: that of tracecontext, p kept",  BOTH,                  "false", "dd=s:1;p:00000000000000aa", 9,      Some("00000000000000aa")),
        ("without p the parent of datadog is kept",          BOTH,                  "false", "foo=1",                     9,      Some("0000000000000008")),
        ("the first style alone: its parent, nothing kept",  BOTH,                  "true",  "dd=s:1;p:00000000000000aa", 8,      None),
        ("tracecontext first: its parent and its p",         "tracecontext,datadog", "false", "dd=s:1;p:00000000000000aa", 9,     Some("00000000000000aa")),
    ];
    for (rule, styles, first, tracestate, parent, reported) in table {
        let env =
            [("DD_TRACE_PROPAGATION_STYLE", styles), ("DD_TRACE_PROPAGATION_EXTRACT_FIRST", first)];
        let Some(app) = App::start(&env).await else { return };
        let traceparent = format!("00-{:032x}-{:016x}-01", 7, 9);
        let incoming = [
            ("traceparent", traceparent.as_str()),
            ("tracestate", tracestate),
            ("x-datadog-trace-id", "7"),
            ("x-datadog-parent-id", "8"),
        ];
        app.hop(&incoming).await;
        let span = app.only_span().await;
        assert_eq!((span.parent_id, span.tag("_dd.parent_id")), (parent, reported), "{rule}");
    }
}

#[tokio::test]
async fn equal_parents_leave_no_tag_for_the_last_datadog_span() {
    let Some(app) = App::start(&[]).await else { return };
    let traceparent = format!("00-{:032x}-{:016x}-01", 7, 8);
    let incoming = [
        ("traceparent", traceparent.as_str()),
        ("tracestate", "dd=s:1;p:00000000000000aa,foo=1"),
        ("x-datadog-trace-id", "7"),
        ("x-datadog-parent-id", "8"),
    ];
    let (_, injected) = app.hop(&incoming).await;
    assert!(injected.get("tracestate").unwrap().ends_with(",foo=1"));
    assert_eq!(app.only_span().await.tag("_dd.parent_id"), None);
}

#[tokio::test]
async fn three_requests_of_one_trace_have_three_parents() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    let parent = app.extract(&[VALID]).await.unwrap();
    let root = app.child("root", parent).await;
    let mut parents = Vec::new();
    for _ in 0..3 {
        let call = app.child("call", root.span_id).await;
        parents.push(app.inject(call).await.get("traceparent").unwrap().to_owned());
        app.finish(call).await;
    }
    app.finish(root).await;
    assert!(parents.iter().all(|header| header[3..35] == *TRACE), "{parents:?}");
    parents.sort();
    parents.dedup();
    assert_eq!(parents.len(), 3);
}

#[tokio::test]
async fn nothing_but_tracecontext_is_written_in_this_style() {
    let Some(app) = App::start(&[STYLE]).await else { return };
    let rows: [Row<'_>; 1] = [(
        "no other style's headers are read or written",
        &[("x-datadog-trace-id", "7"), ("b3", "1-2-1")],
        &[("x-datadog-trace-id", Absent), ("b3", Absent), ("x-b3-traceid", Absent)],
    )];
    app.check(&rows).await;
}
