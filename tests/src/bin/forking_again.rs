//! A program whose children fork as well, for `tests/integration/fork.rs`: the first time while a
//! span is current, and the second time on a thread.
//!
//! Each generation has one trace, and writes its counts and whether it ended in time. The first two
//! also write the id of a span of the first trace.

#![expect(clippy::expect_used, reason = "this program is part of a test")]
#![expect(clippy::print_stdout, reason = "the test reads the counts")]

use std::{
    process, thread,
    time::{Duration, Instant, SystemTime},
};

use fork::Fork;
use packdog::{Config, Guard, Span, span::SpanContext};

/// The time that each generation gives its shutdown, and the one before gives it.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() {
    let packdog = Config::from_env().build().expect("there is a thread");
    packdog.wait_for_agent(PATIENCE);
    let span = packdog.tracer().span("current").start();
    let entered = span.enter();
    let is_child_of_first = is_child();
    print_id_below(&span);
    if is_child_of_first {
        let thread = thread::spawn(move || {
            if is_child() {
                end(packdog, 2);
            }
            end(packdog, 1);
        });
        thread.join().expect("it does not panic");
        return;
    }
    drop(entered);
    drop(span);
    end(packdog, 0);
}

/// Writes the id of a span below `span`. It starts at the same time in each process, so only the
/// process can make the ids different.
fn print_id_below(span: &Span) {
    let below = span.child("below").start_at(SystemTime::UNIX_EPOCH).start();
    println!("below: {:?}", below.span_id());
}

/// Forks; the parent waits for the child.
fn is_child() -> bool {
    match fork::fork().expect("the system has room for a process") {
        Fork::Child => true,
        Fork::Parent(child) => {
            let start = Instant::now();
            while start.elapsed() < 2 * PATIENCE {
                if matches!(fork::waitpid_nohang(child), Ok(Some(_)) | Err(_)) {
                    break;
                }
                thread::sleep(Duration::from_millis(5));
            }
            false
        }
    }
}

/// Ends the process, after a trace of its own.
fn end(packdog: Guard, generation: u32) -> ! {
    let name = format!("generation {generation}");
    drop(packdog.tracer().span(name.clone()).child_of(SpanContext::new()).start());
    let start = Instant::now();
    let report = packdog.shutdown(PATIENCE);
    let is_in_time = start.elapsed() < PATIENCE;
    println!("{name}: {} {} {} {is_in_time}", report.sent, report.dropped, report.queued);
    process::exit(0);
}
