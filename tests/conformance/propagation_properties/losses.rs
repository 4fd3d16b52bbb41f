//! The losses of a hop: one function per style removes from a context what the next service cannot
//! receive.

use packdog::{
    Baggage,
    sampling::SamplingPriority,
    span::{SpanContext, TraceId, TraceTags},
};

/// Removes what `datadog` cannot carry: members of other vendors, and all tags if one cannot be written.
pub(super) fn datadog_loses(sent: &SpanContext) -> SpanContext {
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
pub(super) fn tracecontext_loses(sent: &SpanContext) -> SpanContext {
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
pub(super) fn b3_loses(sent: &SpanContext) -> SpanContext {
    let priority = sent.sampling_priority().map(|priority| priority.to_i32().clamp(0, 2));
    trace_of(sent)
        .with_sampling_priority(priority.map(SamplingPriority::new))
        .with_trace_tags(with_high_half(sent, TraceTags::new()))
}

/// Returns the items without white space around keys. Items that have no value or a blank key are
/// lost, and so is an item whose key is that of another one then.
pub(super) fn baggage_loses(sent: &Baggage) -> Baggage {
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
