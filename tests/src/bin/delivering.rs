//! A program that sends one span to the Agent of its environment, and writes how many were sent and
//! dropped on standard output. For tests whose environment has to be that of a whole process.

#![expect(clippy::expect_used, reason = "this program is part of a test")]
#![expect(clippy::print_stdout, reason = "the test reads the counts")]

use std::time::Duration;

/// Longer than a delivery ever takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let packdog = packdog::init().expect("there is a thread");
    packdog::span("delivered").start().finish();
    let report = packdog.shutdown(PATIENCE);
    println!("sent {} dropped {}", report.sent, report.dropped);
}
