//! Header propagation over generated contexts: the documented losses of a hop, and the rules that always hold.
//!
//! One function per style removes from a context what the next service cannot receive.

use std::collections::BTreeMap;

use packdog::{
    Baggage,
    propagation::{MalformedHeaders, PropagationConfig, Propagator, Style, Styles},
    sampling::SamplingPriority,
    span::{SpanContext, SpanId, TraceId, TraceTags},
};
use proptest::{collection::vec, option, prelude::*};

const ALL: [Style; 5] =
    [Style::Datadog, Style::TraceContext, Style::B3Multi, Style::B3, Style::Baggage];
const TRACE_STYLES: [Style; 4] = [Style::Datadog, Style::TraceContext, Style::B3Multi, Style::B3];

type Headers = BTreeMap<String, String>;

fn propagator(styles: &[Style]) -> Propagator {
    Propagator::new(PropagationConfig::default().with_style(styles.iter().copied().collect()))
}

fn injected(propagator: &Propagator, context: &SpanContext) -> Headers {
    let mut headers = Headers::new();
    propagator.inject(context, &mut headers);
    headers
}

/// Removes what `datadog` cannot carry: members of other vendors, and all tags if one cannot be written.
fn datadog_loses(sent: &SpanContext) -> SpanContext {
    let is_value = |value: &str| {
        !value.trim_matches(' ').is_empty()
            && value.chars().all(|char| (' '..='~').contains(&char) && char != ',')
    };
    let is_key = |key: &str| is_value(key) && !key.contains([' ', '=']);
    let tags = with_high_half(sent, sent.trace_tags().clone());
    let bytes: usize = tags.iter().map(|(key, value)| key.len() + value.len() + 2).sum();
    let can_travel = tags.iter().all(|(key, value)| is_key(key) && is_value(value));
    let mut received = trace_of(sent).with_sampling_priority(sent.sampling_priority());
    if can_travel && bytes <= 513 {
        let trimmed = tags.iter().map(|(key, value)| (key, value.trim_matches(' ')));
        received = received.with_trace_tags(trimmed.collect());
    } else if let Some(id) = sent.trace_id() {
        let low = TraceId::new(u128::from(id.low())).unwrap();
        received = received.with_trace(low, sent.span_id());
    }
    match sent.origin().map(|origin| (origin, origin.trim_matches(' '))) {
        Some((sent, trimmed)) if is_origin(sent) && !trimmed.is_empty() => {
            received.with_origin(trimmed)
        }
        _ => received,
    }
}

fn is_origin(origin: &str) -> bool {
    origin.chars().all(|char| (' '..='~').contains(&char))
}

/// Removes what `tracecontext` cannot carry: characters that its lists reserve or that are not ASCII, and that
/// nothing was decided, which becomes "dropped".
fn tracecontext_loses(sent: &SpanContext) -> SpanContext {
    let mut tags = TraceTags::new();
    for (name, value) in sent.trace_tags().iter() {
        let suffix = name.strip_prefix("_dd.p.").unwrap();
        let suffix = printable(suffix).replace([' ', ',', ';', '=', ':'], "_");
        let value = printable(value).replace([',', ';', '~'], "_");
        if !value.is_empty() && suffix != "tid" {
            tags.set(&format!("_dd.p.{suffix}"), &value);
        }
    }
    let tags = with_high_half(sent, tags);
    let mut received = trace_of(sent)
        .with_sampling_priority(sent.sampling_priority().or(Some(SamplingPriority::AUTO_DROP)))
        .with_trace_tags(tags)
        .with_last_parent_id(&sent.span_id().unwrap().to_string());
    if let Some(tracestate) = sent.tracestate() {
        received = received.with_tracestate(tracestate);
    }
    let origin = sent.origin().map(|origin| printable(origin).replace([',', ';', '~'], "_"));
    match origin.filter(|origin| !origin.is_empty()) {
        Some(origin) if origin == "rum" && sent.sampling_priority().is_none() => {
            received.with_sampling_priority(None).with_origin("rum")
        }
        Some(origin) => received.with_origin(&origin),
        None => received,
    }
}

/// One `_` for each run of characters that are not printable ASCII.
fn printable(text: &str) -> String {
    let mut printable = String::new();
    let mut was_replaced = false;
    for char in text.chars() {
        let is_replaced = !(' '..='~').contains(&char);
        if !is_replaced {
            printable.push(char);
        } else if !was_replaced {
            printable.push('_');
        }
        was_replaced = is_replaced;
    }
    printable
}

/// Removes what neither style of B3 can carry: all but the ids and one of three decisions.
fn b3_loses(sent: &SpanContext) -> SpanContext {
    let priority = sent.sampling_priority().map(|priority| priority.to_i32().clamp(0, 2));
    trace_of(sent)
        .with_sampling_priority(priority.map(SamplingPriority::new))
        .with_trace_tags(with_high_half(sent, TraceTags::new()))
}

/// Returns the items without white space around keys. Items that have no value or a blank key are
/// lost, and so is an item whose key is that of another one then.
fn baggage_loses(sent: &Baggage) -> Baggage {
    let mut received = Vec::<(&str, &str)>::new();
    for (key, value) in sent.iter() {
        let trimmed = key.trim();
        let is_other = |(other, _): (&str, &str)| other != key && other.trim() == trimmed;
        let mut earlier = sent.iter().take_while(|(other, _)| *other != key);
        let is_lost = key != trimmed && (sent.get(trimmed).is_some() || earlier.any(is_other));
        if !trimmed.is_empty() && !value.is_empty() && !is_lost {
            received.push((trimmed, value));
        }
    }
    received.into_iter().collect()
}

fn trace_of(sent: &SpanContext) -> SpanContext {
    SpanContext::new().with_trace(sent.trace_id().unwrap(), sent.span_id())
}

/// The tag that follows from the trace id.
fn with_high_half(sent: &SpanContext, mut tags: TraceTags) -> TraceTags {
    match sent.trace_id().unwrap().high() {
        0 => tags.remove("_dd.p.tid"),
        high => tags.set("_dd.p.tid", &format!("{high:016x}")),
    }
    tags
}

/// Any text, with more characters that headers treat specially than chance would bring.
fn text(chars: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = String> {
    let char = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        3 => proptest::sample::select(vec![',', ';', '=', ':', '~', '%', ' ', '\t', '\r', '\n', '\0', '"', '-']),
        1 => any::<char>(),
    ];
    vec(char, chars).prop_map(String::from_iter)
}

/// Text of up to `max` characters that repeats itself, because it is quickly made.
fn long_text(max: usize) -> impl Strategy<Value = String> {
    (text(1..=4), 0..=max / 4).prop_map(|(text, times)| text.repeat(times))
}

/// Text without spaces around it: lists lose those at their ends.
fn trimmed_text(max: usize) -> impl Strategy<Value = String> {
    text(0..=max).prop_map(|text| text.trim_matches(' ').to_owned())
}

/// Members of vendors, none of which is moved or rewritten: not ours, and not OpenTelemetry's.
fn vendor_members(max: usize) -> impl Strategy<Value = String> {
    let member = ("[a-z0-9][a-z0-9_*/@-]{0,20}", "[ -+\\--<>-~]{0,20}[!-+\\--<>-~]");
    let member = member.prop_filter("known", |(key, _)| key != "dd" && key != "ot");
    vec(member.prop_map(|(key, value)| format!("{key}={value}")), 1..=max)
        .prop_map(|members| members.join(","))
}

fn ids() -> impl Strategy<Value = (TraceId, SpanId)> {
    let trace_id = prop_oneof![1..=u128::MAX, 1..=u128::from(u64::MAX)]
        .prop_filter("half zero", |id| *id as u64 != 0);
    (trace_id, 1..=u64::MAX)
        .prop_map(|(trace, span)| (TraceId::new(trace).unwrap(), SpanId::new(span).unwrap()))
}

fn priority() -> impl Strategy<Value = Option<SamplingPriority>> {
    option::of(prop_oneof![-1..=2, any::<i32>()])
        .prop_map(|number| number.map(SamplingPriority::new))
}

/// The context of a local span, without baggage. Small enough to fit all limits, so that any
/// loss comes from the content and not from the size.
fn small_context() -> impl Strategy<Value = SpanContext> {
    // Not a decision maker, which is checked.
    let name = prop_oneof!["[a-z.]{1,8}", text(1..=8)]
        .prop_map(|suffix| format!("_dd.p.{suffix}"))
        .prop_filter("checked", |name| name != "_dd.p.dm" && name != "_dd.p.tid");
    let value = prop_oneof![2 => "[a-z0-9=+/-]{1,20}", 1 => trimmed_text(20)];
    let tags = vec((name, value), 0..=4);
    let origin = prop_oneof![Just("rum".to_owned()), "[a-z;=~]{1,9}", trimmed_text(20)];
    let tracestate = option::of(vendor_members(31));
    (ids(), priority(), option::of(origin), tags, tracestate).prop_map(
        |((trace_id, span_id), priority, origin, tags, tracestate)| {
            let context = SpanContext::new()
                .with_trace(trace_id, span_id)
                .with_local(true)
                .with_sampling_priority(priority)
                .with_trace_tags(tags.into_iter().collect());
            let context = match origin {
                Some(origin) => context.with_origin(&origin),
                None => context,
            };
            match tracestate {
                Some(members) => context.with_tracestate(&members),
                None => context,
            }
        },
    )
}

/// Any context at all, also one over every limit.
fn any_context() -> impl Strategy<Value = SpanContext> {
    let name = prop_oneof![
        Just("_dd.p.tid".to_owned()),
        Just("_dd.p.dm".to_owned()),
        text(0..=12).prop_map(|suffix| format!("_dd.p.{suffix}")),
        text(0..=12),
    ];
    let value = prop_oneof![4 => text(0..=20), 1 => long_text(600)];
    let tags = vec((name, value), 0..=6);
    let origin = option::of(prop_oneof![text(0..=20), long_text(300)]);
    let member = prop_oneof![
        3 => "[a-z]{1,8}=[a-z]{1,8}",
        1 => text(0..=20),
        1 => long_text(300).prop_map(|value| format!("k={value}")),
        1 => "[a-z]".prop_map(|value| format!("k={}", value.repeat(200))),
    ];
    let tracestate = option::of(vec(member, 0..=45).prop_map(|members| members.join(",")));
    let item = (text(0..=6), prop_oneof![3 => text(0..=6), 1 => long_text(400)]);
    let baggage = vec(item, 0..=80);
    let last_parent_id = option::of(text(0..=20));
    (small_context(), any::<bool>(), tags, origin, tracestate, baggage, last_parent_id).prop_map(
        |(context, is_local, tags, origin, tracestate, baggage, last_parent_id)| {
            let mut context = context
                .with_local(is_local)
                .with_trace_tags(tags.into_iter().collect())
                .with_baggage(baggage.into_iter().collect());
            if let Some(origin) = origin {
                context = context.with_origin(&origin);
            }
            if let Some(tracestate) = tracestate {
                context = context.with_tracestate(&tracestate);
            }
            match last_parent_id {
                Some(id) => context.with_last_parent_id(&id),
                None => context,
            }
        },
    )
}

/// The context as a tracer injects it, which decides before: a decision that a hop adds takes room
/// from tags.
fn decided(context: SpanContext) -> SpanContext {
    let priority = context.sampling_priority().unwrap_or(SamplingPriority::AUTO_KEEP);
    context.with_sampling_priority(priority)
}

/// Some styles in some order, on both sides.
fn styles() -> impl Strategy<Value = Styles> {
    proptest::sample::subsequence(ALL.to_vec(), 1..=5).prop_shuffle().prop_map(Styles::from_iter)
}

fn configured(styles: Styles, extract_first: bool, http_baggage_enabled: bool) -> Propagator {
    let mut config = PropagationConfig::default().with_style(styles);
    config.extract_first = extract_first;
    config.http_baggage_enabled = http_baggage_enabled;
    Propagator::new(config)
}

/// Header lines that are almost right, or not at all.
fn hostile_lines() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = proptest::sample::select(vec![
        "x-datadog-trace-id",
        "x-datadog-parent-id",
        "x-datadog-sampling-priority",
        "x-datadog-origin",
        "x-datadog-tags",
        "traceparent",
        "Tracestate",
        "b3",
        "x-b3-traceid",
        "x-b3-spanid",
        "x-b3-sampled",
        "x-b3-flags",
        "BAGGAGE",
        "ot-baggage-Key",
    ]);
    let piece = proptest::sample::select(vec![
        "1",
        "-",
        ",",
        ";",
        "=",
        ":",
        "%",
        "%4",
        " ",
        "00-",
        "dd=",
        "s:",
        "t.dm:-4",
        "t.tid:",
        "o:rum",
        "_dd.p.",
        "dm=-4",
        "tid=",
        "640cfd8d00000000",
        "4bf92f3577b34da6a3ce929d0e0e4736-",
        "a=b",
        "d",
        "18446744073709551615",
        "\t",
        "\u{e9}",
    ]);
    let value = prop_oneof![
        vec(any::<u8>(), 0..=80),
        vec(piece, 0..=40).prop_map(|pieces| pieces.concat().into_bytes()),
        Just(b"5".to_vec()),
        Just(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_vec()),
    ];
    vec((name.prop_map(str::to_owned), value), 0..=20)
}

/// Header lines that fit together: ids of one trace, lists with odd members.
fn plausible_lines() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let key = prop_oneof!["[a-z]{1,3}", text(0..=3), Just("dm".to_owned()), Just("tid".to_owned())];
    let value = prop_oneof![text(0..=8), "-[0-9-]{1,4}", long_text(300)];
    let tag = (key, value);
    let tags = vec(tag.clone(), 0..=5).prop_map(|tags| {
        let tags = tags.into_iter().map(|(key, value)| format!("_dd.p.{key}={value}"));
        tags.collect::<Vec<_>>().join(",")
    });
    let item = prop_oneof![
        3 => tag.prop_map(|(key, value)| format!("t.{key}:{value}")),
        1 => text(0..=20).prop_map(|origin| format!("o:{origin}")),
        1 => (-2..=3_i32).prop_map(|priority| format!("s:{priority}")),
        1 => text(0..=6),
    ];
    let many = ("[a-z]", 0..=100_usize).prop_map(|(value, count)| {
        (0..count).map(|number| format!("t.{number}:{value}")).collect::<Vec<_>>()
    });
    let ours = prop_oneof![4 => vec(item, 0..=8), 1 => many]
        .prop_map(|items| format!("dd={}", items.join(";")));
    let field = prop_oneof![
        2 => ("(rv|th)", "[0-9a-f]{1,14}").prop_map(|(key, digits)| format!("{key}:{digits}")),
        1 => text(0..=6),
    ];
    let ot = vec(field, 0..=4).prop_map(|fields| format!("ot={}", fields.join(";")));
    let member = prop_oneof![3 => vendor_members(3), 2 => ours, 1 => ot, 1 => text(0..=12)];
    let tracestate = vec(member, 0..=6).prop_map(|members| members.join(","));
    let baggage = vec((text(0..=4), text(0..=8)), 0..=5).prop_map(|items| {
        let escaped = |text: String| text.replace([',', ';'], "%2C").replace(' ', "%20");
        let items =
            items.into_iter().map(|(key, value)| format!("{}={}", escaped(key), escaped(value)));
        items.collect::<Vec<_>>().join(",")
    });
    let origin = prop_oneof![3 => text(0..=20), 1 => long_text(400)];
    let present = vec(any::<bool>(), 8);
    (present, -2..=3_i32, origin, tags, tracestate, baggage, 0..4_u8, text(0..=6)).prop_map(
        |(present, priority, origin, tags, tracestate, baggage, flags, item)| {
            let lines = [
                ("x-datadog-trace-id", "5".to_owned()),
                ("x-datadog-parent-id", "7".to_owned()),
                ("x-datadog-sampling-priority", priority.to_string()),
                ("x-datadog-origin", origin),
                ("x-datadog-tags", tags),
                ("traceparent", format!("00-{:032x}-{:016x}-0{flags}", 5, 7)),
                ("tracestate", tracestate),
                ("baggage", baggage),
                ("ot-baggage-A", item),
            ];
            // Without ids there is nothing to be seen of the lists.
            let present = [&[true], present.as_slice()].concat();
            let lines = lines.into_iter().zip(present).filter(|(_, is_present)| *is_present);
            lines.map(|((name, value), _)| (name.to_owned(), value.into_bytes())).collect()
        },
    )
}

/// Each style alone, and lists that begin with the richest style: behind a poorer one, the next
/// service does not look at what the richer one carries.
fn lossless_styles() -> impl Strategy<Value = Styles> {
    use Style::{B3, B3Multi, Baggage, Datadog, TraceContext};
    proptest::sample::select(vec![
        vec![Datadog],
        vec![TraceContext],
        vec![B3Multi],
        vec![B3],
        vec![Baggage],
        vec![Datadog, TraceContext, Baggage],
        vec![Datadog, TraceContext, B3Multi, B3, Baggage],
        vec![Datadog, Baggage, B3, TraceContext],
    ])
    .prop_map(Styles::from_iter)
}

/// Reads lines as a service does that has a span of its own, and has decided.
fn served(
    propagator: &Propagator,
    lines: &dyn packdog::propagation::carrier::Carrier,
) -> SpanContext {
    let context = decided(propagator.extract(lines)).with_local(true);
    match context.trace_id().zip(SpanId::new(9)) {
        Some((trace_id, span_id)) => context.with_trace(trace_id, span_id),
        None => context,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_hop_loses_only_the_parts_that_its_style_documents(sent in small_context()) {
        for style in TRACE_STYLES {
            let loses = match style {
                Style::Datadog => datadog_loses,
                Style::TraceContext => tracecontext_loses,
                _ => b3_loses,
            };
            let propagator = propagator(&[style]);
            let received = propagator.extract(&injected(&propagator, &sent));
            prop_assert_eq!(received, loses(&sent), "{}", style);
        }
    }

    #[test]
    fn baggage_of_any_unicode_survives(items in vec((text(0..=12), text(0..=12)), 0..=40)) {
        let propagator = propagator(&[Style::Baggage]);
        let sent = SpanContext::new().with_baggage(items.into_iter().collect());
        let received = propagator.extract(&injected(&propagator, &sent));
        prop_assert_eq!(received.baggage(), &baggage_loses(sent.baggage()));
    }

    #[test]
    fn from_the_second_hop_on_headers_stay_the_same(
        sent in any_context(),
        styles in styles(),
        extract_first: bool,
        http_baggage_enabled: bool,
    ) {
        let propagator = configured(styles, extract_first, http_baggage_enabled);
        let hop = |headers: &Headers| {
            let received = propagator.extract(headers);
            // A span of each service has the same id here, so that nothing else may differ.
            injected(&propagator, &received.with_local(true))
        };
        let second = hop(&injected(&propagator, &decided(sent).with_local(true)));
        prop_assert_eq!(hop(&second), second);
    }

    #[test]
    fn a_proxy_forwards_the_received_context(sent in any_context(), styles in styles()) {
        let propagator = configured(styles, false, false);
        let forward = |headers: &Headers| injected(&propagator, &propagator.extract(headers));
        let second = forward(&injected(&propagator, &decided(sent).with_local(true)));
        prop_assert_eq!(forward(&second), second);
    }

    #[test]
    fn the_next_service_reads_all_that_is_written_and_writes_it_again(
        lines in prop_oneof![plausible_lines(), hostile_lines()],
        styles in lossless_styles(),
        http_baggage_enabled: bool,
    ) {
        let propagator = configured(styles, false, http_baggage_enabled);
        let mut headers = Headers::new();
        let error = propagator.inject(&served(&propagator, &lines), &mut headers);
        prop_assert_eq!(error, None);
        let counted = propagator.malformed_headers();
        let received = served(&propagator, &headers);
        prop_assert_eq!(received.propagation_error(), None, "{:?}", headers);
        prop_assert_eq!(propagator.malformed_headers(), counted, "{:?}", headers);
        prop_assert_eq!(injected(&propagator, &received), headers);
    }

    /// Behind a poorer style, the next service does not look at what a richer one carries; but what
    /// it reads, it reads without an error, and passes on without another loss.
    #[test]
    fn in_any_order_of_styles_the_next_service_reads_without_an_error(
        lines in prop_oneof![plausible_lines(), hostile_lines()],
        styles in styles(),
        extract_first: bool,
        http_baggage_enabled: bool,
    ) {
        let propagator = configured(styles, extract_first, http_baggage_enabled);
        let mut headers = Headers::new();
        prop_assert_eq!(propagator.inject(&served(&propagator, &lines), &mut headers), None);
        let counted = propagator.malformed_headers();
        let second = served(&propagator, &headers);
        prop_assert_eq!(second.propagation_error(), None, "{:?}", headers);
        let mut written = Headers::new();
        prop_assert_eq!(propagator.inject(&second, &mut written), None, "{:?}", headers);
        let third = served(&propagator, &written);
        prop_assert_eq!(third.propagation_error(), None, "{:?}", written);
        prop_assert_eq!(propagator.malformed_headers(), counted, "{:?} {:?}", headers, written);
        prop_assert_eq!(injected(&propagator, &third), written);
    }

    /// The next service may have its styles in another order.
    #[test]
    fn a_service_with_another_order_of_styles_reads_without_an_error(
        lines in prop_oneof![plausible_lines(), hostile_lines()],
        here in styles(),
        there in styles(),
        extract_first: bool,
    ) {
        let here = configured(here, extract_first, true);
        let there = configured(there, extract_first, true);
        let mut headers = Headers::new();
        prop_assert_eq!(here.inject(&served(&here, &lines), &mut headers), None);
        let received = served(&there, &headers);
        prop_assert_eq!(received.propagation_error(), None, "{:?}", headers);
        prop_assert_eq!(there.inject(&received, &mut Headers::new()), None, "{:?}", headers);
        prop_assert_eq!(there.malformed_headers(), MalformedHeaders::default(), "{:?}", headers);
    }

    #[test]
    fn injecting_twice_is_injecting_once(sent in any_context(), styles in styles()) {
        let propagator = configured(styles, false, true);
        let mut headers = injected(&propagator, &sent);
        let once = headers.clone();
        propagator.inject(&sent, &mut headers);
        prop_assert_eq!(headers, once);
    }

    #[test]
    fn nothing_exceeds_its_limit_or_leaves_ascii(sent in any_context()) {
        let headers = injected(&configured(Styles::from_iter(ALL), false, true), &sent);
        for (name, value) in &headers {
            prop_assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{}: {:?}", name, value);
        }
        let get = |name: &str| headers.get(name).map_or("", String::as_str);
        prop_assert!(get("x-datadog-tags").len() <= 512);
        let tracestate = get("tracestate");
        prop_assert!(tracestate.len() <= 4096);
        prop_assert!(tracestate.split(',').count() <= 32);
        let ours = tracestate.split(',').filter(|member| member.starts_with("dd="));
        let ours: Vec<_> = ours.collect();
        prop_assert!(ours.len() <= 1 && ours.iter().all(|member| member.len() <= 256));
        prop_assert!(get("baggage").len() <= 8192);
        prop_assert!(get("baggage").split(',').count() <= 64);
        let legacy = headers.iter().filter(|(name, _)| name.starts_with("ot-baggage-"));
        prop_assert!(legacy.clone().count() <= 64);
        prop_assert!(legacy.map(|(name, value)| name.len() - 11 + value.len()).sum::<usize>() <= 8192);
        prop_assert!(get("x-datadog-origin").len() <= 256);
    }

    #[test]
    fn no_bytes_in_any_header_cause_a_panic(
        lines in hostile_lines(),
        styles in styles(),
        extract_first: bool,
    ) {
        let propagator = configured(styles, extract_first, true);
        let context = propagator.extract(&lines);
        prop_assert!(context.baggage().len() <= 64);
        injected(&propagator, &context.with_local(true));
    }
}
