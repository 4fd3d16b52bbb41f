//! Limits on everything that applications can add without end: the rest is dropped and counted.

use crate::{
    implementation::{FinishedSpan, MAX_WAITING_SPANS, Settings},
    recorder::{Recorder, recorded, tracer, tracer_with},
    *,
};

/// The one span that was recorded.
pub(super) fn only(recorder: &Recorder, look: impl FnOnce(&FinishedSpan<'_>)) {
    let chunks = recorder.chunks();
    assert_eq!(chunks.iter().map(|chunk| chunk.len()).sum::<usize>(), 1);
    look(&chunks[0].spans().next().unwrap());
}

#[test]
fn a_hundred_thousand_different_tags() {
    let (tracer, recorder) = tracer();
    let span = tracer.span("root").start();
    for number in 0..100_000 {
        span.set_tag(format!("tag{number}"), number);
    }
    drop(span);
    assert_eq!(recorder.misuses().len(), 100_000 - MAX_TAGS_PER_SPAN);
    only(&recorder, |span| assert_eq!(span.tags().count(), MAX_TAGS_PER_SPAN));
}

#[test]
fn a_hundred_thousand_tags_of_a_builder() {
    let (tracer, recorder) = tracer();
    let builder =
        (0..100_000).fold(tracer.span("root"), |span, number| span.tag(format!("tag{number}"), 1));
    drop(builder.start());
    assert_eq!(recorder.misuses().len(), 100_000 - MAX_TAGS_PER_SPAN);
    only(&recorder, |span| assert_eq!(span.tags().count(), MAX_TAGS_PER_SPAN));
}

#[test]
fn links_and_events_beyond_their_limits() {
    let (tracer, recorder) = tracer();
    let link = SpanLink::new(TraceId::new(1).unwrap(), SpanId::new(1).unwrap());
    let links = (0..=MAX_LINKS_PER_SPAN)
        .fold(SpanContext::new(), |context, _| context.with_link(link.clone()));
    let span = tracer.span("root").child_of(links).link(link.clone()).start();
    span.add_link(link);
    for _ in 0..=MAX_EVENTS_PER_SPAN {
        span.add_event(SpanEvent::new("event"));
    }
    drop(span);
    let expected = [vec![Misuse::TooManyLinks; 3], vec![Misuse::TooManyEvents]].concat();
    assert_eq!(recorder.misuses(), expected);
    only(&recorder, |span| {
        assert_eq!(
            (span.links().len(), span.events().len()),
            (MAX_LINKS_PER_SPAN, MAX_EVENTS_PER_SPAN)
        );
    });
}

#[test]
fn texts_of_a_mebibyte() {
    let (tracer, recorder) = tracer();
    let long = "é".repeat(1 << 19);
    let span = tracer.span(long.clone()).service(long.clone()).resource(long.clone()).start();
    span.set_tag(long.clone(), long.clone());
    span.set_tag("number", f64::MAX);
    span.set_error(&std::io::Error::other(long.clone()));
    span.baggage().set(&long, &long);
    drop(span);
    only(&recorder, |span| {
        let lengths = [span.name(), span.service(), span.resource()].map(str::len);
        assert_eq!(lengths, [100, 100, 5_000]);
        for (key, value) in span.tags() {
            assert!(key.len() <= MAX_TAG_KEY_BYTES);
            assert!(value.as_str().is_none_or(|text| text.len() <= MAX_TAG_VALUE_BYTES));
        }
    });
}

#[test]
fn a_million_finished_spans_of_one_open_trace() {
    let (tracer, recorder) = tracer();
    let root = tracer.span("root").start();
    let mut sent = 0;
    for _ in 0..1_000_000 {
        drop(root.child("child").start());
        sent += recorder.chunks().iter().map(|chunk| chunk.len()).sum::<usize>();
    }
    assert!((999_998..=1_000_000).contains(&sent), "what has finished leaves: {sent}");
    drop(root);
    assert!(recorder.misuses().is_empty());
}

#[test]
fn finished_spans_of_an_open_trace_without_partial_flush() {
    for setting in [None, Some(usize::MAX)] {
        let (tracer, recorder) = tracer_with(
            Settings::new("users").with_max_held_bytes(usize::MAX).with_partial_flush(setting),
        );
        let root = tracer.span("root").start();
        for _ in 1..MAX_WAITING_SPANS {
            drop(root.child("child").start());
        }
        assert_eq!(recorder.chunks().len(), 0, "they wait");
        drop(root.child("one too many").start());
        assert_eq!(recorded(&recorder).len(), MAX_WAITING_SPANS);
    }
}
