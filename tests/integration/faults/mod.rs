//! Faulty Agents over TCP and Unix sockets: with every fault, requests complete, every span
//! is counted, and delivery goes on as soon as the Agent is well: with the first request after the
//! next interval.
//!
//! A run of the suite tries each fault with a few spans. All faults with many spans, and with the
//! time of the recovery, are tried by hand:
//!
//! ```sh
//! PACKDOG_ALL_FAULTS=1 cargo test --release -p packdog-tests --test integration -- faults --nocapture
//! ```

mod kinds;
mod place;

use std::{
    env, thread,
    time::{Duration, Instant},
};

use packdog::{Config, Guard, config::LogLevel, limits::Report, test_util::agent::FakeAgent};

use self::{
    kinds::{Counted, KINDS, Kind},
    place::{PLACES, Place},
};

/// Longer than any test, so that everything that ends earlier has ended on its own.
const LONG: Duration = Duration::from_secs(600);
/// The time for one exchange with an Agent that hangs; each such fault takes it three times.
const SHORT_TIMEOUT: Duration = Duration::from_secs(1);
/// The time after which spans are sent without a flush.
const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
/// The threads of an application that create spans.
const THREADS: u64 = 4;

/// The extent of a run.
#[derive(Clone, Copy)]
struct Extent {
    spans_per_thread: u64,
    /// The faults that are tried at the same time.
    at_once: usize,
    measures_recovery: bool,
}

impl Extent {
    #[expect(clippy::disallowed_methods, reason = "this is not an option of packdog")]
    fn of_this_run() -> Self {
        match env::var_os("PACKDOG_ALL_FAULTS") {
            None => Self { spans_per_thread: 20, at_once: 32, measures_recovery: false },
            Some(_) => Self { spans_per_thread: 2_000, at_once: 4, measures_recovery: true },
        }
    }
}

#[test]
fn spans_are_counted_and_delivered_once_the_agent_recovers_from_any_fault() {
    let extent = Extent::of_this_run();
    let cases = PLACES
        .iter()
        .flat_map(|place| KINDS.iter().map(move |kind| (*place, kind)))
        .filter(|(place, kind)| kind.places.contains(place))
        .collect::<Vec<_>>();
    assert!(KINDS.len() >= 35, "{} kinds", KINDS.len());
    for wave in cases.chunks(extent.at_once) {
        thread::scope(|threads| {
            for (place, kind) in wave {
                let name = format!("{place:?}: {}", kind.name);
                let case = thread::Builder::new().name(name);
                case.spawn_scoped(threads, move || try_out(*place, kind, extent)).unwrap();
            }
        });
    }
}

/// Tries one fault. The name of the thread identifies it in a failure.
fn try_out(place: Place, kind: &Kind, extent: Extent) {
    let (agent, _folder) = place.agent();
    (kind.begin)(&agent);
    let tracer = start(&agent, if kind.hangs { SHORT_TIMEOUT } else { LONG });

    let created = create(&tracer, extent.spans_per_thread);
    assert_balanced(&tracer, created); // While they are on their way.
    let report = tracer.flush(LONG);
    assert_balanced(&tracer, created);
    let expected = match kind.counted {
        Counted::Sent => Report::new(created, 0, 0),
        Counted::Lost => Report::new(0, created, 0),
        Counted::Either => Report::new(report.sent, created - report.sent, 0),
    };
    assert_eq!(report, expected);

    (kind.end)(&agent);
    let before = agent.accepted();
    // One flush, so that a request which began in the fault is over.
    tracer.flush(LONG);
    agent.requests();
    let again = create(&tracer, 1);
    let began = Instant::now();
    // Sent by the interval, without a flush.
    agent.wait_for_accepted(before + usize::try_from(again).unwrap());
    // Two, if the interval ended while the spans were created; none of them is a failed attempt.
    let requests = agent.requests().len();
    assert!((1..=2).contains(&requests), "recovered with request {requests}");
    if extent.measures_recovery {
        let took = began.elapsed();
        println!("{:?}: {}: recovered after {took:?}", place, kind.name);
        assert!(took < 2 * FLUSH_INTERVAL, "{took:?}");
    }
    let after = tracer.shutdown(LONG);
    assert_eq!(after, Report::new(report.sent + again, report.dropped, 0));
    assert_balanced(&tracer, created + again);
}

fn start(agent: &FakeAgent, timeout: Duration) -> Guard {
    let config = Config::new().with_service("users").with_agent_url(agent.url());
    // The warnings of so many tracers are of no use to a reader.
    config.with_agent_timeout(timeout).with_log_level(LogLevel::Off).build().unwrap()
}

/// Creates traces of one span on several threads, as requests do, and returns their number.
fn create(tracer: &Guard, spans_per_thread: u64) -> u64 {
    thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                for _ in 0..spans_per_thread {
                    drop(tracer.tracer().span("work").start());
                }
            });
        }
    });
    THREADS * spans_per_thread
}

/// Asserts that each span that was created is in exactly one of the counts.
fn assert_balanced(tracer: &Guard, created: u64) {
    let metrics = tracer.tracer().metrics();
    let counted = metrics.sent + metrics.sampled_out + metrics.dropped.total() + metrics.waiting;
    assert_eq!((metrics.finished, counted), (created, created), "{metrics:?}");
}
