//! A program that records spans, for `tests/integration/growth.rs`.
//!
//! Its arguments are the [shape](Shape) of its spans and their number. When all have finished, it
//! prints by how many bytes its allocations, and its memory as the system counts it, have grown
//! at most.

#![expect(clippy::expect_used, reason = "this program is part of a test")]
#![expect(clippy::print_stdout, reason = "the test reads the counts")]

use std::{env, fs, process, thread, time::Duration};

use packdog::{Config, Tracer, span::SpanEvent};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The number of spans after which the responses to them are waited for.
const ROUND: usize = 1_000;
/// The time for one round.
const PATIENCE: Duration = Duration::from_secs(60);

/// The kind of spans, and whether their delivery is waited for.
struct Shape {
    record: fn(&Tracer),
    threads: usize,
    flushes: bool,
}

impl Shape {
    fn of(name: &str) -> Option<Self> {
        let plain = Self { record: one_span, threads: 1, flushes: false };
        Some(match name {
            "events" => Self { record: one_span_with_an_event, ..plain },
            "threads" => Self { threads: 2, ..plain },
            "tags" => Self { record: one_span_with_a_long_tag, ..plain },
            "responses" => Self { flushes: true, ..plain },
            _ => return None,
        })
    }
}

fn one_span(tracer: &Tracer) {
    let _span = tracer.span("work").tag("http.url", "http://users/7").tag("items", 7).start();
}

fn one_span_with_an_event(tracer: &Tracer) {
    let span = tracer.span("work").start();
    span.add_event(SpanEvent::new("cache miss").with_attribute("key", "users/7"));
}

fn one_span_with_a_long_tag(tracer: &Tracer) {
    let _span = tracer.span("work").tag("query", "x".repeat(20_000)).start();
}

fn main() {
    let mut arguments = env::args().skip(1);
    let shape = arguments.next().and_then(|name| Shape::of(&name)).expect("a shape");
    let spans =
        arguments.next().and_then(|spans| spans.parse::<usize>().ok()).expect("a number of spans");
    let packdog = Config::from_env().build().expect("there is a thread");
    (shape.record)(packdog.tracer());
    let (allocated, resident) = (ALLOCATOR.current_usage(), memory("VmRSS:"));
    ALLOCATOR.reset_peak_usage();
    thread::scope(|scope| {
        for _ in 0..shape.threads {
            scope.spawn(|| {
                for number in 0..spans / shape.threads {
                    (shape.record)(packdog.tracer());
                    if shape.flushes && number % ROUND == 0 {
                        packdog.flush(PATIENCE);
                    }
                }
            });
        }
    });
    let grown = ALLOCATOR.peak_usage().saturating_sub(allocated);
    println!("{grown} {}", memory("VmHWM:").saturating_sub(resident));
    process::exit(0); // Without an Agent, an orderly end would only wait.
}

/// Returns the memory of this process as the system counts it, in bytes; 0 where there is no `/proc`.
fn memory(name: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let kibibytes = line.split_whitespace().next().and_then(|number| number.parse::<usize>().ok());
    kibibytes.unwrap_or_default() * 1024
}
