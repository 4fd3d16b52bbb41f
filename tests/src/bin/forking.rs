//! A program that forks while other threads are busy with spans, for `tests/integration/fork.rs`.
//!
//! ```text
//! parent ─┬─ threads that start, tag and finish spans, of their own and of the trace at the fork
//!         └─ fork ──▶ child: ends the parent's spans, has two of its own, flushes in both ways,
//!                            and writes its counts on standard output
//! ```
//! The first argument is the number of children, one after the other. A child that takes too long
//! is reported by the parent, which does not wait for it for ever.

#![expect(clippy::expect_used, reason = "this program is part of a test")]
#![expect(clippy::print_stdout, reason = "the test reads the counts")]

use std::{
    env, fmt, io,
    pin::pin,
    process,
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use fork::Fork;
use http::{HeaderMap, Uri};
use packdog::{Baggage, Config, Span, Tracer, limits::Report, span::SpanContext};
use packdog_client::Egress;

/// Longer than a child ever takes, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);
/// So many that looking for the last one takes a while.
const MANY_TAGS: usize = 500;
/// The time that a child gives its flush.
const FLUSH: Duration = Duration::from_secs(10);

fn main() {
    let children = env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1);
    let packdog = Config::from_env().build().expect("there is a thread");
    packdog.wait_for_agent(PATIENCE);
    drop(packdog.tracer().span("parent").start());
    let is_over = AtomicBool::new(false);
    let shared = RwLock::new(Span::nothing());
    let client = Client::new();
    let current = || shared.read().expect("no thread panics").clone();
    let until_the_end = |work: &dyn Fn()| {
        while !is_over.load(Relaxed) {
            work();
            // An application does something else as well.
            thread::sleep(Duration::from_millis(1));
        }
    };
    let hung = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| until_the_end(&|| busy(packdog.tracer(), &current())));
        }
        scope.spawn(|| until_the_end(&|| client.call_often(1000)));
        scope.spawn(|| until_the_end(&|| hold(&current())));
        let hung = (0..children)
            .filter(|_| !is_finished_in_time(packdog.tracer(), &shared, &client))
            .count();
        is_over.store(true, Relaxed);
        hung
    });
    let report = packdog.shutdown(PATIENCE);
    println!("parent {} {} {} hung {hung}", report.sent, report.dropped, report.queued);
}

/// A client for HTTP, below a span that records nothing.
struct Client {
    egress: Egress,
    passing: Span,
    near: Uri,
    far: Uri,
}

impl Client {
    fn new() -> Self {
        let baggage = Baggage::from_iter([("item", "value")]);
        Self {
            egress: Egress::new(),
            passing: Span::ignored(SpanContext::new().with_baggage(baggage)),
            near: Uri::from_static("http://pantry/"),
            far: Uri::from_static("http://example.com/"),
        }
    }

    /// Writes headers for a host that gets baggage, and for one that does not.
    fn call_often(&self, times: usize) {
        let mut headers = HeaderMap::new();
        for _ in 0..times {
            self.passing.baggage().set("item", "another");
            self.egress.inject(&self.passing, &self.near, &mut headers);
            self.egress.inject(&self.passing, &self.far, &mut headers);
        }
    }
}

/// Everything that takes a lock: sampling, the queue, messages, headers, and those of a trace that
/// several threads share.
fn busy(tracer: &Tracer, shared: &Span) {
    let span = tracer.span("busy").start();
    span.inject(&mut Vec::new());
    drop(span.child("below").tag("key", "value").start());
    span.set_error(&fmt::Error); // With a backtrace.
    span.finish();
    span.set_tag("too", "late");
    tracer.set_tags([("busy", true)]);
    for _ in 0..20 {
        shared.set_tag("key", "value");
        shared.baggage().set("key", "value");
    }
    drop(shared.child("beside").start());
    tracer.flush(Duration::ZERO);
    let mut flush = pin!(tracer.flush_async(Duration::ZERO));
    let _ = flush.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

/// Holds the lock of the span for most of the time.
fn hold(shared: &Span) {
    for _ in 0..200 {
        shared.set_tag("last", true);
    }
}

/// Forks, and waits for the child.
fn is_finished_in_time(tracer: &Tracer, shared: &RwLock<Span>, client: &Client) -> bool {
    // A span that has finished in a trace which is still open: the parent sends it, not the child.
    let open = tracer.span("open").start();
    drop(open.child("waiting").start());
    (0..MANY_TAGS).for_each(|key| open.set_tag(key.to_string(), true));
    *shared.write().expect("no thread panics") = open.handle();
    // In the child it is never released for the thread that writes messages.
    let stderr = io::stderr().lock();
    let child = match fork::fork().expect("the system has room for a process") {
        Fork::Parent(child) => {
            drop(stderr);
            child
        }
        Fork::Child => {
            end_in_child(&open);
            client.call_often(1);
            let span = tracer.span("child").start();
            span.inject(&mut Vec::new());
            span.set_error(&fmt::Error);
            drop(span);
            drop(tracer.span("continued").child_of(open.context()).start());
            tracer.flush(FLUSH);
            let report = wait_for(tracer.flush_async(FLUSH));
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

/// Does in a child what ends the spans of its parent there.
fn end_in_child(open: &Span) {
    open.set_tag("key", "child");
    open.baggage().set("key", "child");
    open.manual_keep();
    open.inject(&mut Vec::new());
    drop(open.child("late").start());
    open.finish();
}

/// Runs the future on this thread.
fn wait_for(flush: impl Future<Output = Report>) -> Report {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut flush = pin!(flush);
    loop {
        match flush.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(report) => return report,
            Poll::Pending => thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
