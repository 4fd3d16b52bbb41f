//! A program that puts load on a tracer whose Agent is behind a real socket, for
//! `tests/integration/load.rs`, and by hand:
//!
//! ```sh
//! run="cargo run --release -p packdog-tests --bin loading --"
//! $run paced 10000000 64    # Threads that wait for the Agent: nothing is lost.
//! $run unpaced 10000000 64  # Threads that do not: what is lost is counted.
//! $run trace 1000000        # One trace.
//! $run soak 600             # Seconds of load, with an Agent that is busy now and then.
//! ```
//! Each prints one line of names and numbers; `soak` prints one every ten seconds, and fails if
//! memory, threads or sockets have grown.

#![expect(clippy::expect_used, reason = "this program is part of a test")]
#![expect(clippy::print_stdout, reason = "the test reads the counts")]

mod agent;

use std::{
    env, fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use packdog::{
    Config, Guard, Tracer,
    config::{AgentUrl, LogLevel},
    span::Parent,
};
use peak_alloc::PeakAlloc;

use self::agent::Agent;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Longer than the Agent ever takes.
const PATIENCE: Duration = Duration::from_secs(600);
/// The spans of a trace: a root and those below it.
const SPANS_PER_TRACE: u64 = 10;
/// The waiting spans at which a paced thread waits: fewer than the queue has room for, by what all
/// threads may add at the same moment.
const MOST_WAITING: u64 = 4_000;
/// The threads of a soak, and its traces per second and thread.
const SOAK_THREADS: u64 = 8;
const SOAK_TRACES: u64 = 250;
/// The growth of a soak's memory that its caches and the allocator may need.
const SOAK_GROWTH: u64 = 8 << 20;
/// Both ends of a connection: a request for `/info` beside one with spans takes a second one, which
/// stays open for the next.
const CONNECTION: u64 = 2;

fn main() {
    let arguments = env::args().skip(1).collect::<Vec<_>>();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let what = arguments.first().map(String::as_str);
    match (what, number(1), number(2)) {
        (Some("paced"), Some(spans), Some(threads)) => load(spans, threads, true),
        (Some("unpaced"), Some(spans), Some(threads)) => load(spans, threads, false),
        (Some("trace"), Some(spans), None) => one_trace(spans),
        (Some("soak"), Some(seconds), None) => soak(Duration::from_secs(seconds)),
        _ => println!("loading paced|unpaced SPANS THREADS, trace SPANS, or soak SECONDS"),
    }
}

fn start(drops: bool, config: Config) -> (Arc<Agent>, Guard) {
    let (agent, address) = Agent::start(drops).expect("a free port");
    let url: AgentUrl = format!("http://{address}").parse().expect("a URL");
    let config = config.with_service("load").with_agent_url(url).with_log_level(LogLevel::Off);
    let guard = config.build().expect("there is a thread");
    guard.wait_for_agent(PATIENCE);
    (agent, guard)
}

/// Records a trace of [`SPANS_PER_TRACE`] spans.
fn trace(tracer: &Tracer) {
    let root = tracer.span("http.request").child_of(Parent::Nothing).tag("http.url", "http://a/7");
    let root = root.start();
    for number in 1..SPANS_PER_TRACE {
        drop(root.child("query").tag("rows", number).tag("db.name", "users").start());
    }
}

fn wait_for_agent_to_keep_up(tracer: &Tracer) {
    while tracer.metrics().waiting > MOST_WAITING {
        thread::sleep(Duration::from_millis(1));
    }
}

fn load(spans: u64, threads: u64, is_paced: bool) {
    let (agent, guard) = start(false, Config::new());
    let traces = spans / SPANS_PER_TRACE / threads;
    measured(&agent, guard, traces * threads * SPANS_PER_TRACE, |tracer| {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    for _ in 0..traces {
                        if is_paced {
                            wait_for_agent_to_keep_up(tracer);
                        }
                        trace(tracer);
                    }
                });
            }
        });
    });
}

fn one_trace(spans: u64) {
    let (agent, guard) = start(false, Config::new());
    measured(&agent, guard, spans, |tracer| {
        let root = tracer.span("import").start();
        for number in 1..spans {
            if number % SPANS_PER_TRACE == 0 {
                wait_for_agent_to_keep_up(tracer);
            }
            drop(root.child("row").tag("number", number).start());
        }
    });
}

/// Records spans, and prints their counts, the time and the growth of memory.
fn measured(agent: &Agent, guard: Guard, created: u64, record: impl FnOnce(&Tracer)) {
    let (before, began) = (ALLOCATOR.current_usage(), Instant::now());
    ALLOCATOR.reset_peak_usage();
    record(guard.tracer());
    let recorded = began.elapsed();
    guard.flush(PATIENCE);
    let delivered = began.elapsed();
    let grown = ALLOCATOR.peak_usage().saturating_sub(before);
    let metrics = guard.tracer().metrics();
    guard.shutdown(PATIENCE);
    let (finished, sent, dropped) = (metrics.finished, metrics.sent, metrics.dropped.total());
    println!(
        "created {created} finished {finished} sent {sent} dropped {dropped} queue_full {} \
         waiting {} arrived {} bytes {grown} recorded_ms {} delivered_ms {}",
        metrics.dropped.queue_full,
        metrics.waiting,
        agent.spans(),
        recorded.as_millis(),
        delivered.as_millis(),
    );
}

/// Puts an even load on a tracer with statistics, limits and sampling, while the Agent is busy for
/// one second in ten.
fn soak(duration: Duration) {
    let (agent, guard) = start(true, Config::new().with_sample_rate(0.5));
    let (is_over, created) = (AtomicBool::new(false), AtomicU64::new(0));
    let began = Instant::now();
    let mut seen = Vec::new();
    thread::scope(|scope| {
        for _ in 0..SOAK_THREADS {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    for _ in 0..SOAK_TRACES / 10 {
                        trace(guard.tracer());
                    }
                    created.fetch_add(SOAK_TRACES / 10 * SPANS_PER_TRACE, Relaxed);
                    thread::sleep(Duration::from_millis(100));
                }
            });
        }
        for second in 1.. {
            thread::sleep(Duration::from_secs(1));
            agent.is_busy.store(second % 10 == 0, Relaxed);
            if second % 10 == 9 {
                let usage = Usage::now();
                println!("{:>4} s {usage:?}", began.elapsed().as_secs());
                seen.push(usage);
            }
            if began.elapsed() >= duration {
                break;
            }
        }
        is_over.store(true, Relaxed);
    });
    guard.flush(PATIENCE);
    let metrics = guard.tracer().metrics();
    let counted = metrics.sent + metrics.sampled_out + metrics.dropped.total() + metrics.waiting;
    let is_balanced = metrics.finished == counted && metrics.finished == created.load(Relaxed);
    println!(
        "created {} sent {} sampled_out {} dropped {} arrived {} statistics {} balanced {is_balanced}",
        created.load(Relaxed),
        metrics.sent,
        metrics.sampled_out,
        metrics.dropped.total(),
        agent.spans(),
        agent.statistics(),
    );
    assert!(is_balanced, "{metrics:?}");
    // By the half, caches are warm.
    let (first, second) = seen.split_at(seen.len() / 2);
    let most = |field: fn(&Usage) -> u64| first.iter().map(field).max().unwrap_or(u64::MAX);
    let Some(last) = second.last() else { return };
    assert!(last.bytes <= most(|usage| usage.bytes).saturating_add(SOAK_GROWTH), "{seen:?}");
    assert!(last.threads <= most(|usage| usage.threads), "{seen:?}");
    assert!(last.files <= most(|usage| usage.files).saturating_add(CONNECTION), "{seen:?}");
}

/// The use of the process, as the system counts it.
#[derive(Debug)]
struct Usage {
    bytes: u64,
    threads: u64,
    /// Open files, sockets among them.
    files: u64,
}

impl Usage {
    fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0)
        };
        let files = fs::read_dir("/proc/self/fd").map_or(0, |files| files.count() as u64);
        Self { bytes: field("VmRSS:") << 10, threads: field("Threads:"), files }
    }
}
