//! A program that forks while other threads are busy with spans, for `tests/integration/fork.rs`.
//!
//! ```text
//! parent ─┬─ threads that start, tag and finish spans
//!         └─ fork ──▶ child: one span "child", flush, its counts on standard output
//! ```
//! The first argument is the number of children, one after the other. A child that takes too long
//! is reported by the parent, which does not wait for it for ever.

#![expect(clippy::expect_used, reason = "this program is part of a test")]
#![expect(clippy::print_stdout, reason = "the test reads the counts")]

use std::{
    env, process,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use fork::Fork;
use packdog::{Config, Tracer};

/// Longer than a child ever takes, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);
/// The time that a child gives its flush.
const FLUSH: Duration = Duration::from_secs(10);

fn main() {
    let children = env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1);
    let packdog = Config::from_env().build().expect("there is a thread");
    packdog.wait_for_agent(PATIENCE);
    drop(packdog.tracer().span("parent").start());
    let is_over = AtomicBool::new(false);
    let hung = thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    busy(packdog.tracer());
                }
            });
        }
        let hung = (0..children).filter(|_| !is_finished_in_time(packdog.tracer())).count();
        is_over.store(true, Relaxed);
        hung
    });
    let report = packdog.shutdown(PATIENCE);
    println!("parent {} {} {} hung {hung}", report.sent, report.dropped, report.queued);
}

/// Everything that takes a lock: sampling, the queue, messages, headers.
fn busy(tracer: &Tracer) {
    let span = tracer.span("busy").start();
    span.inject(&mut Vec::new());
    drop(span.child("below").tag("key", "value").start());
    span.finish();
    span.set_tag("too", "late");
    tracer.flush(Duration::ZERO);
    // An application does something else as well.
    thread::sleep(Duration::from_millis(1));
}

/// Forks, and waits for the child.
fn is_finished_in_time(tracer: &Tracer) -> bool {
    // A span that has finished in a trace which is still open: the parent sends it, not the child.
    let open = tracer.span("open").start();
    drop(open.child("waiting").start());
    let child = match fork::fork().expect("the system has room for a process") {
        Fork::Parent(child) => child,
        Fork::Child => {
            let span = tracer.span("child").start();
            span.inject(&mut Vec::new());
            drop(span);
            let report = tracer.flush(FLUSH);
            println!("child {} {} {}", report.sent, report.dropped, report.queued);
            process::exit(0);
        }
    };
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if matches!(fork::waitpid_nohang(child), Ok(Some(_)) | Err(_)) {
            return true;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}
