//! Traced functions of every shape, and the spans of their calls.

mod errors;
mod futures;
mod methods;
mod options;
mod plain;

use std::{
    cell::Cell,
    error::Error,
    fmt,
    future::{Future, ready},
    panic::catch_unwind,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use crate::{
    recorder::tracer,
    recording::Tracer,
    scope::current_span,
    span, trace,
    values::{TagRef, TagValue},
};

/// The span that one call recorded: name, error mark, error type and message.
type Seen = (String, bool, Option<TagValue<'static>>, Option<TagValue<'static>>);

/// Calls `f` with a tracer, and returns the recorded spans, roots first.
fn seen<T>(f: impl FnOnce(&Tracer) -> T) -> Vec<Seen> {
    let (tracer, recorder) = tracer();
    {
        let _scope = tracer.enter();
        let _ = f(&tracer);
    }
    let mut chunks = recorder.chunks();
    chunks
        .iter_mut()
        .flat_map(|chunk| {
            chunk.sort();
            chunk
                .spans()
                .map(|span| {
                    let tag = |key| span.tag(key).map(TagRef::to_value);
                    let name = span.name().to_owned();
                    (name, span.is_error(), tag("error.type"), tag("error.message"))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn names(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|seen| seen.0.as_str()).collect()
}

fn errors(seen: &[Seen]) -> Vec<bool> {
    seen.iter().map(|seen| seen.1).collect()
}

/// Polls a future that is always ready to go on.
fn run<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

/// Waits for one poll.
async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

#[derive(Debug)]
struct NoBread;

impl fmt::Display for NoBread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no bread")
    }
}

impl Error for NoBread {}
