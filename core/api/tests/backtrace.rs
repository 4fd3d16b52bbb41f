//! Backtraces of errors: taken without waiting, and read from the first frame of the application.
//!
//! The environment enables backtraces once for the whole process, so each test runs in a process of
//! its own.

#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::{
    env,
    process::Command,
    sync::{Arc, Mutex},
};

use packdog_api::{
    SpanContext, TraceErr,
    implementation::{Chunk, Recorder, Settings, TraceStart, TracerParts},
};

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<Chunk>>);

impl Recorder for Kept {
    fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
        Some(TraceStart::new(Arc::new(Settings::new("bakery"))))
    }

    fn collect(&self, chunk: Chunk) {
        self.0.lock().unwrap().push(chunk);
    }
}

#[inline(never)]
fn burn() -> Result<u8, std::num::ParseIntError> {
    "many".parse::<u8>().trace_err()
}

/// Runs this test again, in a process where backtraces are on.
fn again(test: &str) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .envs([("RUST_BACKTRACE", "1"), ("BAKERY_CHILD", "1")])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[expect(clippy::disallowed_methods, reason = "this is not an option of packdog")]
fn is_child() -> bool {
    env::var_os("BAKERY_CHILD").is_some()
}

#[test]
fn the_stack_begins_with_the_application_and_is_made_when_it_is_read() {
    if !is_child() {
        return again("the_stack_begins_with_the_application_and_is_made_when_it_is_read");
    }
    let kept = Arc::new(Kept::default());
    let tracer = TracerParts::new(Arc::clone(&kept)).build();
    tracer.span("bread.bake").in_scope(|_| assert!(burn().is_err()));
    let chunks = kept.0.lock().unwrap();
    let span = chunks[0].spans().next().unwrap();
    // Naming frames reads the debug information of the whole program: not on this thread.
    let unread = format!("{:?}", span.tag("error.stack").unwrap());
    assert!(unread.contains("has not been read"), "{unread}");
    let stack = span.tag("error.stack").unwrap().as_str().unwrap();
    let first = stack.lines().next().unwrap_or_default();
    assert!(first.contains("backtrace::burn"), "{stack}");
    assert_eq!(span.tag("error.stack").unwrap().as_str(), Some(stack), "it is made once");
}
