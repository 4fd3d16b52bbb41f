//! Any headers, all styles: extract, child span, inject, and extract in the next service.

use packdog::{
    propagation::{ExtractBehavior, PropagationConfig, Propagator, Style, Styles},
    span::{Parent, SpanContext},
};

use crate::{
    hop::{Headers, Lines, assert_continues, borrowed, extracted, injected, pass},
    measured::measured,
    tracer::tracer,
};

/// The first line chooses settings, each other one is a header line `name: value`.
pub fn whole(data: &[u8]) {
    let (settings, rest) = split_at_byte(data, b'\n').unwrap_or((b"", data));
    let lines: Lines<'_> = rest.split(|byte| *byte == b'\n').filter_map(line).collect();
    let config = config(settings);

    pass_on(&Propagator::new(config.clone()), &lines);
    serve(config, &lines);
}

fn line(line: &[u8]) -> Option<(&str, &[u8])> {
    let (name, value) = split_at_byte(line, b':')?;
    Some((std::str::from_utf8(name).ok()?, value))
}

fn split_at_byte(data: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = data.iter().position(|byte| *byte == separator)?;
    Some((&data[..at], &data[at + 1..]))
}

/// One letter for each setting that differs from the default.
fn config(letters: &[u8]) -> PropagationConfig {
    let mut config = PropagationConfig::default();
    let mut styles = Vec::new();
    for letter in letters {
        match letter {
            b'd' => styles.push(Style::Datadog),
            b't' => styles.push(Style::TraceContext),
            b'm' => styles.push(Style::B3Multi),
            b'b' => styles.push(Style::B3),
            b'g' => styles.push(Style::Baggage),
            b'f' => config.extract_first = true,
            b'r' => config.extract_behavior = ExtractBehavior::Restart,
            b'i' => config.extract_behavior = ExtractBehavior::Ignore,
            b'o' => config.http_baggage_enabled = true,
            _ => {}
        }
    }
    if !styles.is_empty() {
        config.style = Some(Styles::from_iter(styles));
    }
    config
}

/// A proxy: its outgoing headers mean the same as those that it received.
fn pass_on(propagator: &Propagator, lines: &Lines<'_>) {
    let hops = match is_continued(propagator, lines) {
        true => pass(propagator, lines).second,
        false => extracted(propagator, lines),
    };
    assert!(hops.baggage().len() <= 2 * PropagationConfig::BAGGAGE_MAX_ITEMS);
}

/// Whether a proxy has a trace to pass on, and by which headers to do so.
fn is_continued(propagator: &Propagator, lines: &Lines<'_>) -> bool {
    let context = extracted(propagator, lines);
    let mut headers = Headers::new();
    propagator.inject(&context, &mut headers);
    context.trace_id().is_some() && propagator.extract(&borrowed(&headers)).trace_id().is_some()
}

/// A service: its own span continues the received trace, and its outgoing headers name that span.
fn serve(config: PropagationConfig, lines: &Lines<'_>) {
    let propagator = Propagator::new(config.clone());
    let tracer = tracer(Propagator::new(config));
    let received = extracted(&propagator, lines);
    let bytes = lines.iter().map(|(name, value)| name.len() + value.len()).sum();
    let (own, sent) = measured(bytes, || {
        let parent = Parent::Context(tracer.extract(lines));
        let span = tracer.span("serve").child_of(parent).start();
        let child = tracer.span("call").child_of(&span).start();
        let mut headers = Headers::new();
        child.inject(&mut headers);
        (child.context(), headers)
    });
    assert_is_child(&received, &own);
    // A value that cannot be injected is left out of the headers, and never out of the trace.
    assert_eq!(injected(&propagator, &own), sent);
    let next = extracted(&propagator, &borrowed(&sent));
    assert_continues(&propagator, &own, &next);
}

fn assert_is_child(received: &SpanContext, own: &SpanContext) {
    if received.trace_id().is_some() {
        assert_eq!(own.trace_id(), received.trace_id());
        assert_eq!(own.origin(), received.origin());
        assert_eq!(own.tracestate(), received.tracestate());
    }
    if received.sampling_priority().is_some() {
        assert_eq!(own.sampling_priority(), received.sampling_priority());
    }
    assert_eq!(own.baggage(), received.baggage());
    assert_ne!(own.span_id(), received.span_id());
}
