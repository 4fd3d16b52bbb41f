//! Header propagation: rules about several headers at once that the vectors do not show.

use std::collections::BTreeMap;

use http::HeaderMap;
use packdog::{
    propagation::{
        BaggageTagKeys, ExtractBehavior, MalformedHeaders, PropagationConfig, Propagator, Styles,
        parse_limit,
    },
    sampling::SamplingPriority,
    span::SpanContext,
};

const TRACE: &str = "11111111111111110000000000000005";
const OTHER: &str = "22222222222222220000000000000005";
/// Those two in `traceparent`, with span 7.
const SAME_7: &str = "00-11111111111111110000000000000005-0000000000000007-01";
const OTHER_7: &str = "00-22222222222222220000000000000005-0000000000000007-01";

fn config(styles: &str) -> PropagationConfig {
    let (styles, unknown) = Styles::parse(styles);
    assert!(unknown.is_empty(), "{unknown:?}");
    PropagationConfig::default().with_style(styles.unwrap())
}

/// Extracts and draws the result: ids, last parent, priority, other members, then links.
fn drawn(config: PropagationConfig, headers: &[(&str, &str)]) -> String {
    let context = Propagator::new(config).extract(&headers.to_vec());
    let mut picture = vec![ids(context.trace_id(), context.span_id())];
    picture.extend(context.last_parent_id().map(|id| format!("last {id}")));
    picture.extend(context.sampling_priority().map(|priority| format!("priority {priority}")));
    picture.extend(context.tracestate().map(|members| format!("others {members}")));
    picture.extend(context.propagation_error().map(|error| format!("error {error}")));
    picture.extend(context.baggage().iter().map(|(key, value)| format!("baggage {key}={value}")));
    picture.extend(context.links().iter().map(|link| {
        let attributes: BTreeMap<_, _> = link.attributes().collect();
        format!(
            "link {} {} {} {}",
            ids(Some(link.trace_id()), Some(link.span_id())),
            if link.is_sampled() == Some(true) { "kept" } else { "dropped" },
            attributes["context_headers"],
            attributes["reason"],
        )
    }));
    picture.join(" | ")
}

/// The first and the last digit of a trace id, and the last of a span id, identify them here.
fn ids(trace_id: Option<packdog::span::TraceId>, span_id: Option<packdog::span::SpanId>) -> String {
    let trace_id =
        trace_id.map_or("-".to_owned(), |id| format!("{:x}~{:x}", id.high() >> 60, id.low()));
    format!("{trace_id}/{}", span_id.map_or("-".to_owned(), |id| format!("{:x}", id.to_u64())))
}

/// Styles, headers, and the picture of the extracted context.
type Row<'a> = (&'a str, Vec<(&'a str, &'a str)>, &'a str);

fn check(table: &[Row<'_>], change: impl Fn(&mut PropagationConfig)) {
    for (styles, headers, expected) in table {
        let mut config = config(styles);
        change(&mut config);
        assert_eq!(drawn(config, headers), *expected, "{styles}: {headers:?}");
    }
}

#[test]
fn styles_combine_in_the_order_of_the_list() {
    let datadog = |parent| {
        [
            ("x-datadog-trace-id", "5"),
            ("x-datadog-parent-id", parent),
            ("x-datadog-tags", "_dd.p.tid=1111111111111111"),
            ("x-datadog-sampling-priority", "-1"),
        ]
    };
    let b3 = [("x-b3-traceid", TRACE), ("x-b3-spanid", "9"), ("x-b3-sampled", "0")];
    let with = |parts: &[&[(&'static str, &'static str)]]| parts.concat();
    #[rustfmt::skip]
    check(&[
        // The last parent is that of `datadog`, wherever it stands in the list.
        ("b3multi,tracecontext,datadog", with(&[&b3, &datadog("3"), &[("traceparent", SAME_7)]]),
            "1~5/7 | last 0000000000000003 | priority 0"),
        ("b3multi,tracecontext", with(&[&b3, &datadog("3"), &[("traceparent", SAME_7)]]),
            "1~5/7 | priority 0"),
        ("b3multi,tracecontext,datadog", with(&[&b3, &datadog("0"), &[("traceparent", SAME_7)]]),
            "1~5/7 | priority 0"),
        // Unless `datadog` names another trace, which is linked.
        ("b3multi,tracecontext,datadog", with(&[&b3, &[("x-datadog-trace-id", "5"), ("x-datadog-parent-id", "3")], &[("traceparent", SAME_7)]]),
            "1~5/7 | priority 0 | link 0~5/3 dropped datadog terminated_context"),
        // Equal parents: `p` is not looked at, but other members are.
        ("datadog,tracecontext", with(&[&datadog("7"), &[("traceparent", SAME_7), ("tracestate", "dd=p:3;s:2,a=1")]]),
            "1~5/7 | priority -1 | others a=1"),
        ("datadog,tracecontext", with(&[&datadog("6"), &[("traceparent", SAME_7), ("tracestate", "dd=p:?,a=1")]]),
            "1~5/7 | last ? | priority -1 | others a=1"),
        // `tracecontext` first: the same trace by another style changes nothing.
        ("tracecontext,datadog,b3multi", with(&[&datadog("3"), &b3, &[("traceparent", SAME_7), ("tracestate", "dd=p:3")]]),
            "1~5/7 | last 3 | priority 1"),
        // Each other trace is a link, in order; those without a span are not.
        ("b3multi,datadog,tracecontext", with(&[&b3, &[("x-datadog-trace-id", "6"), ("x-datadog-parent-id", "3"), ("x-datadog-sampling-priority", "2")], &[("traceparent", OTHER_7)]]),
            "1~5/9 | priority 0 | link 0~6/3 kept datadog terminated_context | link 2~5/7 kept tracecontext terminated_context"),
        ("b3multi,datadog", with(&[&b3, &[("x-datadog-trace-id", "6")]]),
            "1~5/9 | priority 0"),
        // An error is that of the style which was continued.
        ("datadog,tracecontext", with(&[&datadog("7"), &[("x-datadog-tags", "?")]]),
            "0~5/7 | priority -1 | error decoding_error"),
    ], |_| {});
    #[rustfmt::skip]
    check(&[
        ("b3multi,datadog,tracecontext", with(&[&datadog("3"), &[("traceparent", OTHER_7), ("tracestate", "a=1")]]),
            "1~5/3 | priority -1"),
        ("b3,datadog", with(&[&[("b3", "1")], &datadog("3")]),
            "1~5/3 | priority -1"),
    ], |config| config.extract_first = true);
}

#[test]
fn a_decision_without_a_trace_seeds_a_new_trace() {
    let datadog = [("x-datadog-trace-id", "5"), ("x-datadog-parent-id", "3")];
    let alone = vec![("b3", "d"), ("baggage", "a=1")];
    #[rustfmt::skip]
    check(&[
        ("b3,datadog,baggage", alone.clone(),                       "-/- | priority 2 | baggage a=1"),
        ("b3,datadog",         [&[("b3", "d")], &datadog[..]].concat(), "0~5/3"),
        ("datadog",            vec![("b3", "d")],                   "-/-"),
        ("b3multi",            vec![("x-b3-sampled", "1"), ("x-b3-flags", "1")], "-/- | priority 2"),
        ("b3multi",            vec![("x-b3-sampled", "0")],         "-/- | priority 0"),
        ("b3multi",            vec![("x-b3-sampled", "d")],         "-/-"),
        ("b3multi",            vec![("x-b3-flags", "0")],           "-/-"),
        // A malformed id is not a missing one, and half of the ids is no decision alone.
        ("b3multi",            vec![("x-b3-sampled", "0"), ("x-b3-traceid", "x")], "-/-"),
        ("b3multi",            vec![("x-b3-sampled", "0"), ("x-b3-traceid", "")], "-/-"),
        ("b3multi",            vec![("x-b3-sampled", "0"), ("x-b3-spanid", "5")], "-/-"),
        // The first style with a decision counts.
        ("b3,b3multi",         vec![("x-b3-sampled", "0"), ("b3", "1")], "-/- | priority 1"),
        ("b3multi,b3",         vec![("x-b3-sampled", "0"), ("b3", "1")], "-/- | priority 0"),
        ("b3multi,datadog",    [&[("x-b3-sampled", "0")], &datadog[..]].concat(), "0~5/3"),
    ], |_| {});
    let multi = vec![("x-b3-sampled", "0")];
    check(
        &[("b3,datadog,baggage", alone, "-/- | baggage a=1"), ("b3multi", multi, "-/-")],
        |config| {
            config.extract_behavior = ExtractBehavior::Restart;
        },
    );
}

#[test]
fn a_restart_leaves_one_link_to_the_resolved_parent() {
    let headers = vec![
        ("x-datadog-trace-id", "5"),
        ("x-datadog-parent-id", "3"),
        ("x-datadog-origin", "rum"),
        ("x-datadog-sampling-priority", "0"),
        ("x-datadog-tags", "?"),
        ("traceparent", "00-00000000000000000000000000000005-0000000000000007-01"),
        ("tracestate", "dd=p:3,a=1"),
        ("x-b3-traceid", OTHER),
        ("x-b3-spanid", "9"),
        ("baggage", "a=1"),
    ];
    let no_parent =
        vec![("x-datadog-trace-id", "5"), ("x-b3-traceid", OTHER), ("x-b3-spanid", "9")];
    let styles = "datadog,tracecontext,b3multi,baggage";
    let restart = |config: &mut PropagationConfig| {
        config.extract_behavior = ExtractBehavior::Restart;
    };
    #[rustfmt::skip]
    check(&[
        (styles, headers.clone(),
            "-/- | baggage a=1 | link 0~5/7 dropped datadog propagation_behavior_extract"),
        (styles, no_parent, "-/-"),
    ], restart);
    #[rustfmt::skip]
    check(&[
        (styles, headers.clone(),
            "-/- | baggage a=1 | link 0~5/3 dropped datadog propagation_behavior_extract"),
    ], |config| {
        restart(config);
        config.extract_first = true;
    });
    check(&[(styles, headers, "-/-")], |config| {
        config.extract_behavior = ExtractBehavior::Ignore;
        config.http_baggage_enabled = true;
    });
}

#[test]
fn legacy_baggage_needs_a_trace_and_gives_way() {
    let legacy = ("OT-baggage-Plan", "a%20b");
    let trace = [("x-datadog-trace-id", "5"), ("x-datadog-parent-id", "3")];
    #[rustfmt::skip]
    check(&[
        ("datadog",         [&trace[..], &[legacy]].concat(),                        "0~5/3 | baggage plan=a b"),
        ("datadog,baggage", [&trace[..], &[legacy, ("baggage", "plan=x")]].concat(), "0~5/3 | baggage plan=x"),
        ("datadog",         vec![legacy],                                            "-/-"),
    ], |config| config.http_baggage_enabled = true);
    check(&[("datadog", [&trace[..], &[legacy]].concat(), "0~5/3")], |_| {});
}

#[test]
fn a_proxy_passes_the_last_datadog_span_on() {
    let propagator = Propagator::new(config("tracecontext"));
    let mut inbound = HeaderMap::new();
    inbound.insert("traceparent", SAME_7.parse().unwrap());
    inbound.insert("tracestate", "a=1,dd=p:XX!X;s:2;x:1".parse().unwrap());
    let mut outbound = HeaderMap::new();
    outbound.append("tracestate", "stale=1".parse().unwrap());
    outbound.append("tracestate", "stale=2".parse().unwrap());
    propagator.inject(&propagator.extract(&inbound), &mut outbound);
    assert_eq!(outbound["traceparent"], inbound["traceparent"]);
    let tracestate: Vec<_> = outbound.get_all("tracestate").iter().collect();
    assert_eq!(tracestate, ["dd=s:2;p:XX!X,a=1"]);
}

#[test]
fn malformed_headers_are_counted_by_kind() {
    let propagator = Propagator::new(config("datadog,tracecontext,b3multi,b3,baggage"));
    let count = |headers: &[(&str, &str)]| {
        let before = propagator.malformed_headers();
        propagator.extract(&headers.to_vec());
        (before, propagator.malformed_headers())
    };
    type Counter = fn(&MalformedHeaders) -> u64;
    #[rustfmt::skip]
    let table: [(&[(&str, &str)], Counter); 8] = [
        (&[("x-datadog-trace-id", "x")],                                     |it| it.datadog),
        (&[("x-datadog-trace-id", "5"), ("x-datadog-tags", "?")],            |it| it.datadog_tags),
        (&[("x-datadog-trace-id", "5"), ("x-datadog-tags", "_dd.p.dm=x")],   |it| it.datadog_tags),
        (&[("traceparent", SAME_7), ("traceparent", SAME_7)],      |it| it.traceparent),
        (&[("traceparent", SAME_7), ("tracestate", "a=\u{e9}")],        |it| it.tracestate),
        (&[("b3", "banana")],                                                |it| it.b3),
        (&[("x-b3-traceid", "0")],                                           |it| it.b3),
        (&[("baggage", "a")],                                                |it| it.baggage),
    ];
    let total = |it: &MalformedHeaders| {
        it.datadog + it.datadog_tags + it.traceparent + it.tracestate + it.b3 + it.baggage
    };
    for (headers, counter) in table {
        let (before, after) = count(headers);
        assert_eq!(counter(&after), counter(&before) + 1, "{headers:?}");
        assert_eq!(total(&after), total(&before) + 1, "{headers:?}");
    }
    for headers in [&[("b3", "0")][..], &[("x-datadog-parent-id", "x")], &[("tracestate", "\t\0")]]
    {
        let (before, after) = count(headers);
        assert_eq!(before, after, "{headers:?}");
    }
}

#[test]
fn the_list_of_a_direction_wins_and_code_wins_over_all() {
    let styles = |list| Styles::parse(list).0;
    let mut config = PropagationConfig::default();
    let resolved =
        |config: &PropagationConfig| (config.extracted_styles(), config.injected_styles());
    let both = |list| (styles(list).unwrap(), styles(list).unwrap());
    assert_eq!(resolved(&config), both("datadog,tracecontext,baggage"));
    config.style = styles("b3multi,none");
    assert_eq!(resolved(&config), both("b3multi"));
    config.inject_style = styles("none");
    assert_eq!(resolved(&config), (styles("b3multi").unwrap(), Styles::none()));
    assert_eq!(resolved(&config.with_style(styles("baggage").unwrap())), both("baggage"));
}

#[test]
fn texts_of_variables_are_read_or_refused() {
    #[rustfmt::skip]
    let limits = [
        (" 20 ", Some(20)), ("0", Some(0)), ("-5", Some(0)), ("99999999999999999999999", Some(usize::MAX)),
        ("", None), ("-", None), ("+5", None), ("5.0", None), ("0x5", None), ("many", None),
    ];
    for (text, limit) in limits {
        assert_eq!(parse_limit(text), limit, "{text:?}");
    }
    #[rustfmt::skip]
    let behaviors = [
        ("Continue", Some(ExtractBehavior::Continue)), (" RESTART ", Some(ExtractBehavior::Restart)),
        ("ignore", Some(ExtractBehavior::Ignore)), ("", None), ("stop", None),
    ];
    for (text, behavior) in behaviors {
        assert_eq!(ExtractBehavior::parse(text), behavior, "{text:?}");
    }
}

#[test]
fn baggage_becomes_tags_by_exact_key() {
    #[rustfmt::skip]
    let table: [(&str, &[&str]); 6] = [
        ("user.id, plan",  &["baggage.user.id=1", "baggage.plan=2"]),
        ("a, * ,b",        &["baggage.user.id=1", "baggage.plan=2", "baggage.*=3"]),
        ("user.*,*n",      &[]),
        ("User.id,Plan",   &[]),
        (" ,, ",           &[]),
        ("plan,plan",      &["baggage.plan=2"]),
    ];
    let baggage = [("user.id", "1"), ("plan", "2"), ("*", "3")].into_iter().collect();
    for (keys, expected) in table {
        let mut config = PropagationConfig::default();
        config.baggage_tag_keys = BaggageTagKeys::parse(keys);
        let propagator = Propagator::new(config);
        let tags: Vec<_> = propagator
            .baggage_tags(&baggage)
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(tags, expected, "{keys:?}");
    }
}

#[test]
fn b3_knows_three_decisions() {
    let propagator = Propagator::new(config("b3,b3multi"));
    #[rustfmt::skip]
    let table = [
        // priority b3            x-b3-sampled x-b3-flags
        (Some(-2),  "5-3-0",      Some("0"),   None),
        (Some(0),   "5-3-0",      Some("0"),   None),
        (Some(1),   "5-3-1",      Some("1"),   None),
        (Some(2),   "5-3-d",      None,        Some("1")),
        (Some(9),   "5-3-d",      None,        Some("1")),
        (None,      "5-3",        None,        None),
    ];
    for (priority, single, sampled, flags) in table {
        let context = propagator.extract(&vec![("b3", "5-3")]);
        let context = context.with_sampling_priority(priority.map(SamplingPriority::new));
        let mut headers = BTreeMap::new();
        propagator.inject(&context, &mut headers);
        let expected = single.replacen("5-3", "0000000000000005-0000000000000003", 1);
        assert_eq!(headers["b3"], expected);
        assert_eq!(headers.get("x-b3-sampled").map(String::as_str), sampled);
        assert_eq!(headers.get("x-b3-flags").map(String::as_str), flags);
    }
}

#[test]
fn nothing_but_baggage_goes_without_a_span() {
    let mut config = config("datadog,tracecontext,b3multi,b3,baggage");
    config.http_baggage_enabled = true;
    let propagator = Propagator::new(config);
    let baggage = [("a", "1")].into_iter().collect();
    let without_span = propagator.extract(&vec![("x-datadog-trace-id", "5")]).with_baggage(baggage);
    for context in
        [without_span.clone(), SpanContext::new().with_baggage(without_span.baggage().clone())]
    {
        let mut headers = BTreeMap::new();
        assert_eq!(propagator.inject(&context, &mut headers), None);
        assert_eq!(headers, BTreeMap::from([("baggage".to_owned(), "a=1".to_owned())]));
    }
}

/// Reads `lines` and writes the context as a service with a span of its own does.
fn passed_on(propagator: &Propagator, lines: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    let context = propagator.extract(&lines.to_vec()).with_local(true);
    assert_eq!(propagator.inject(&context, &mut headers), None, "{lines:?}");
    headers
}

#[test]
fn the_random_flag_stays_with_the_trace() {
    let traceparent = |flags: &str| format!("{}{flags}", &SAME_7[..SAME_7.len() - 2]);
    let datadog = [
        ("x-datadog-trace-id", "5"),
        ("x-datadog-parent-id", "7"),
        ("x-datadog-tags", "_dd.p.tid=1111111111111111"),
        ("x-datadog-sampling-priority", "1"),
    ];
    #[rustfmt::skip]
    let table = [
        // styles                  received  written
        ("tracecontext",           "00",     "00"),
        ("tracecontext",           "01",     "01"),
        ("tracecontext",           "02",     "02"),
        ("tracecontext",           "03",     "03"),
        ("tracecontext",           "fd",     "01"),
        ("tracecontext",           "ff",     "03"),
        // `datadog` decides about sampling, and the flag belongs to the trace.
        ("datadog,tracecontext",   "02",     "03"),
        ("tracecontext,datadog",   "02",     "02"),
        ("datadog,tracecontext",   "00",     "01"),
    ];
    for (styles, received, written) in table {
        let traceparent = traceparent(received);
        let lines = [&datadog[..], &[("traceparent", &traceparent)]].concat();
        let headers = passed_on(&Propagator::new(config(styles)), &lines);
        assert!(headers["traceparent"].ends_with(&format!("-{written}")), "{styles} {received}");
    }
    // The flag of another trace, or of one that is not continued, does not apply to this one.
    let other = OTHER_7.replace("-01", "-03");
    let lines = [&datadog[..], &[("traceparent", &other)]].concat();
    let headers = passed_on(&Propagator::new(config("datadog,tracecontext")), &lines);
    assert!(headers["traceparent"].ends_with("-01"), "{headers:?}");
    let mut restart = config("tracecontext");
    restart.extract_behavior = ExtractBehavior::Restart;
    let flags_3 = traceparent("03");
    let context = Propagator::new(restart).extract(&vec![("traceparent", flags_3.as_str())]);
    assert!(!context.has_random_trace_id());
}

#[test]
fn no_header_carries_a_value_that_the_next_service_refuses() {
    #[rustfmt::skip]
    let table = [
        // tracestate                           x-datadog-tags             tracestate
        ("dd=s:1;t.dm:--128",                   None,                      "dd=s:1;p:0000000000000007"),
        ("dd=s:1;t.dm:-4;t.a b:1",              Some("_dd.p.dm=-4"),       "dd=s:1;p:0000000000000007;t.dm:-4"),
        ("dd=s:1;t.a=:1;t.b:2",                 Some("_dd.p.b=2"),         "dd=s:1;p:0000000000000007;t.b:2"),
        ("dd=s:1;t.upstream_services:x",        None,                      "dd=s:1;p:0000000000000007"),
        ("dd=s:1;o: rum ;t.a: 1 ",              Some("_dd.p.a=1"),         "dd=s:1;o:rum;p:0000000000000007;t.a:1"),
    ];
    let propagator = Propagator::new(config("datadog,tracecontext"));
    for (received, tags, tracestate) in table {
        let traceparent = SAME_7.replace("1111111111111111", "0000000000000000");
        let lines = [("traceparent", traceparent.as_str()), ("tracestate", received)];
        let headers = passed_on(&propagator, &lines);
        assert_eq!(headers.get("x-datadog-tags").map(String::as_str), tags, "{received:?}");
        assert_eq!(headers["tracestate"], tracestate, "{received:?}");
    }
}

#[test]
fn an_origin_has_256_bytes_at_most_whichever_header_carries_it() {
    for (bytes, is_kept) in [(255, true), (256, true), (257, false), (400_000, false)] {
        let origin = "o".repeat(bytes);
        let member = format!("dd=s:1;o:{origin}");
        for lines in [
            [
                ("x-datadog-trace-id", "5"),
                ("x-datadog-parent-id", "7"),
                ("x-datadog-origin", &origin),
            ],
            [("traceparent", SAME_7), ("tracestate", &member), ("accept", "*/*")],
        ] {
            let context = Propagator::new(config("datadog,tracecontext")).extract(&lines.to_vec());
            assert_eq!(context.origin().is_some(), is_kept, "{bytes} by {:?}", lines[0]);
            assert!(context.trace_id().is_some());
        }
        let context = SpanContext::new().with_origin(&origin);
        assert_eq!(context.origin().is_some(), is_kept, "{bytes} in code");
    }
}

#[test]
fn both_families_of_baggage_share_one_limit() {
    let mut config = config("datadog,baggage");
    config.http_baggage_enabled = true;
    config.baggage_max_items = 3;
    config.baggage_max_bytes = 20;
    let trace = [("x-datadog-trace-id", "5"), ("x-datadog-parent-id", "3")];
    #[rustfmt::skip]
    let table = [
        // baggage          headers of items                               keys
        ("a=1,b=2",         vec![("ot-baggage-c", "3"), ("ot-baggage-d", "4")], "a b c"),
        ("a=1",             vec![("ot-baggage-c", "12345678901234"), ("ot-baggage-d", "4")], "a c"),
        ("a=1",             vec![("ot-baggage-c", "123456789012345"), ("ot-baggage-d", "4")],      "a"),
        ("User=1",          vec![("ot-baggage-user", "2"), ("ot-baggage-USER", "3")], "User"),
        ("",                vec![("ot-baggage-a", "1"), ("ot-baggage-b", "2")], "a b"),
    ];
    for (baggage, items, keys) in table {
        let lines = [&trace[..], &[("baggage", baggage)], &items].concat();
        let context = Propagator::new(config.clone()).extract(&lines);
        let read: Vec<_> = context.baggage().iter().map(|(key, _)| key).collect();
        assert_eq!(read.join(" "), keys, "{baggage:?} and {items:?}");
    }
}

#[test]
fn odd_lists_in_tracestate_are_read_as_http_lists() {
    let members =
        |count: usize| (0..count).map(|n| format!("k{n}=1")).collect::<Vec<_>>().join(",");
    let (thirty_one, thirty_two) = (members(31), members(32));
    let with_vendors = |members: &str| format!("1~5/7 | priority 2 | others {members}");
    #[rustfmt::skip]
    let table: [(&[&str], String); 11] = [
        // lines                              context
        (&[" \ta=1 \t,\tb=2\t", "dd=s:2"],    with_vendors("a=1,b=2")),
        (&["", "a=1", "", "dd=s:2", ""],      with_vendors("a=1")),
        (&["dd=s:2", "a=1,a=2", "a=1"],       with_vendors("a=1,a=2,a=1")),
        (&["dd=s:1,a=1,dd=s:2", "b=1"],       with_vendors("a=1,b=1")),
        (&["dd=s:2,,,,", &thirty_one],        with_vendors(&thirty_one)),
        (&["dd=s:2", &thirty_two],            "1~5/7 | priority 2".to_owned()),
        (&["dd=s:2", "a =1"],                 "1~5/7 | priority 2".to_owned()),
        (&["dd=s:2", "a=1;p=2", "b"],         "1~5/7 | priority 2".to_owned()),
        (&["dd=s:2", "a=\t"],                 "1~5/7 | priority 2".to_owned()),
        (&["dd=s:2", "a=1\tb"],               "1~5/7 | priority 1".to_owned()),
        (&["dd = s:2"],                       "1~5/7 | priority 1".to_owned()),
    ];
    for (lines, expected) in table {
        let mut headers = vec![("traceparent", SAME_7)];
        headers.extend(lines.iter().map(|line| ("tracestate", *line)));
        assert_eq!(drawn(config("tracecontext"), &headers), expected, "{lines:?}");
    }
}

#[test]
fn odd_fields_of_b3_are_no_decision_and_no_ids() {
    #[rustfmt::skip]
    let table = [
        // b3                                    context
        ("5-3-",                                 "0~5/3"),
        ("5-3---",                               "0~5/3"),
        ("5-3-D",                                "0~5/3"),
        ("5-3-true",                             "0~5/3"),
        ("5-3-d-",                               "0~5/3 | priority 2"),
        ("5-3-1-zz-zz",                          "0~5/3 | priority 1"),
        ("5-3-1, 6-3-0",                         "0~5/3"),
        ("\t5-3-1 ",                             "0~5/3 | priority 1"),
        ("ABCDEF0123456789-0-1",                 "0~abcdef0123456789/- | priority 1"),
        ("000000000000000000000000000000005-3",  "-/-"),
        ("5-00000000000000003",                  "-/-"),
        ("+5-3",                                 "-/-"),
        ("5-",                                   "-/-"),
        ("-3-1",                                 "-/-"),
        ("0-",                                   "-/-"),
        ("D",                                    "-/-"),
        ("-",                                    "-/-"),
    ];
    for (header, expected) in table {
        assert_eq!(drawn(config("b3"), &[("b3", header)]), expected, "{header:?}");
    }
    // The first line counts, also an empty one.
    assert_eq!(drawn(config("b3"), &[("b3", "5-3-0"), ("b3", "5-3-1")]), "0~5/3 | priority 0");
    assert_eq!(drawn(config("b3"), &[("b3", ""), ("b3", "5-3-1")]), "-/-");
}

#[test]
fn numbers_of_datadog_are_plain_and_of_their_size() {
    #[rustfmt::skip]
    let table = [
        // trace id                   parent id               priority        context
        ("18446744073709551615",      "18446744073709551615", "2147483647",   "0~ffffffffffffffff/ffffffffffffffff | priority 2147483647"),
        (" 005\t",                    "\t3",                  "-2147483648",  "0~5/3 | priority -2147483648"),
        ("18446744073709551616",      "3",                    "1",            "-/-"),
        ("5",                         "18446744073709551616", "1",            "-/-"),
        ("5",                         "3",                    "2147483648",   "-/-"),
        ("+5",                        "3",                    "1",            "-/-"),
        ("5",                         "+3",                   "1",            "-/-"),
        ("5",                         "3",                    "+1",           "-/-"),
        ("5",                         "-0",                   "1",            "-/-"),
        ("5",                         "3",                    "",             "-/-"),
        ("5",                         "",                     "1",            "-/-"),
        ("5 6",                       "3",                    "1",            "-/-"),
        ("\u{665}",                   "3",                    "1",            "-/-"),
    ];
    for (trace_id, parent_id, priority, expected) in table {
        let headers = [
            ("x-datadog-trace-id", trace_id),
            ("x-datadog-parent-id", parent_id),
            ("x-datadog-sampling-priority", priority),
        ];
        assert_eq!(drawn(config("datadog"), &headers), expected, "{headers:?}");
    }
}
