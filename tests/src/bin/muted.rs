//! A program whose standard error is blocked, for `tests/integration/muted.rs`.
//!
//! ```text
//! a thread writes more than a pipe holds, and so holds the lock of standard error for good
//! a line on standard input ──▶ init with messages, spans, misuse ──▶ flush ──▶ shutdown
//! ```
//! The thread stands for a logger of the application, or for one of its panics.

#![expect(clippy::expect_used, reason = "this program is part of a test")]
#![expect(clippy::print_stdout, reason = "the test reads the counts")]

use std::{
    io::{self, Write},
    thread,
    time::Duration,
};

/// Longer than a delivery ever takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than any pipe holds.
const TOO_MUCH: usize = 16 << 20;

fn main() {
    thread::spawn(|| io::stderr().write_all(&vec![b'.'; TOO_MUCH]));
    // The test has read the first bytes by now, so that the thread is in the middle of them.
    let mut line = String::new();
    io::stdin().read_line(&mut line).expect("the test is there");

    let packdog = packdog::init().expect("there is a thread");
    for _ in 0..100 {
        let span = packdog::span("work").start();
        let handle = span.handle();
        span.finish();
        handle.set_tag("too", "late"); // A misuse, which is reported.
        packdog.tracer().warn(&"mind the gap");
    }
    let flushed = packdog.flush(PATIENCE);
    println!("flushed {} {} {}", flushed.sent, flushed.dropped, flushed.queued);
    packdog::span("last").start().finish();
    let report = packdog.shutdown(PATIENCE);
    println!("shut down {} {} {}", report.sent, report.dropped, report.queued);
}
