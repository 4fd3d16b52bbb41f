//! Generated texts and contexts.

use packdog::{
    sampling::SamplingPriority,
    span::{SpanContext, SpanId, TraceId},
};
use proptest::{collection::vec, option, prelude::*};

/// Any text, with more characters that headers treat specially than chance would bring.
pub(super) fn text(
    chars: impl Into<proptest::collection::SizeRange>,
) -> impl Strategy<Value = String> {
    let char = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        3 => proptest::sample::select(vec![',', ';', '=', ':', '~', '%', ' ', '\t', '\r', '\n', '\0', '"', '-']),
        1 => any::<char>(),
    ];
    vec(char, chars).prop_map(String::from_iter)
}

/// Text of up to `max` characters that repeats itself, because it is quickly made.
pub(super) fn long_text(max: usize) -> impl Strategy<Value = String> {
    (text(1..=4), 0..=max / 4).prop_map(|(text, times)| text.repeat(times))
}

/// Text without spaces around it: lists lose those at their ends.
fn trimmed_text(max: usize) -> impl Strategy<Value = String> {
    text(0..=max).prop_map(|text| text.trim_matches(' ').to_owned())
}

/// Members of vendors, none of which is moved or rewritten: not ours, and not OpenTelemetry's.
pub(super) fn vendor_members(max: usize) -> impl Strategy<Value = String> {
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
pub(super) fn small_context() -> impl Strategy<Value = SpanContext> {
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
pub(super) fn any_context() -> impl Strategy<Value = SpanContext> {
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
