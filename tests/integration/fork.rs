//! A process forks while its threads are busy: each child delivers its own spans, no span is
//! sent twice, and no child hangs on a lock that only the parent could release.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use packdog_dev_agent::DevAgent;

/// The forks, one after the other.
const CHILDREN: usize = 60;
/// The start of the message about spans that a child does not send.
const NOT_SENT: &str = "packdog: a forked child does not send spans of a trace";

#[test]
fn children_deliver_their_own_spans_and_nothing_is_sent_twice() {
    let agent = DevAgent::start().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_forking"))
        .arg(CHILDREN.to_string())
        .env("DD_TRACE_AGENT_URL", agent.url())
        .env("DD_SERVICE", "forking")
        .env("RUST_BACKTRACE", "1")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let children = printed.lines().filter(|line| line.starts_with("child ")).collect::<Vec<_>>();
    assert_eq!(children, ["child 2 0 0"; CHILDREN], "{printed}");
    let parent = printed.lines().find(|line| line.starts_with("parent ")).unwrap();
    assert!(parent.ends_with(" 0 0 hung 0"), "{parent}");

    let traces = agent.traces();
    let mut ids = BTreeSet::new();
    let mut processes = BTreeMap::new();
    for span in traces.iter().flat_map(|trace| trace.spans()) {
        assert!(ids.insert(span.span_id), "sent twice: {span:?}");
        if let (Some(process), Some(runtime)) =
            (span.metrics.get("process_id"), span.meta.get("runtime-id"))
        {
            let known = processes.entry(*process as u64).or_insert_with(|| runtime.clone());
            assert_eq!(known, runtime, "the runtime id belongs to the process");
        }
    }
    let runtimes = processes.values().collect::<BTreeSet<_>>();
    assert_eq!((processes.len(), runtimes.len()), (CHILDREN + 1, CHILDREN + 1));
    let named =
        |name| traces.iter().flat_map(|trace| trace.spans()).filter(move |s| s.name == name);
    assert_eq!((named("child").count(), named("parent").count()), (CHILDREN, 1));
    assert_eq!((named("continued").count(), named("late").count()), (CHILDREN, 0));
    assert_eq!((named("open").count(), named("waiting").count()), (CHILDREN, CHILDREN));
    let parents = named("open").map(|span| span.trace_id).collect::<BTreeSet<_>>();
    assert!(named("continued").all(|span| parents.contains(&span.trace_id)));
    // A child writes messages although its parent held the lock of standard error.
    let messages = String::from_utf8(output.stderr).unwrap();
    assert!(messages.lines().any(|line| line.starts_with(NOT_SENT)), "{messages}");
}

#[test]
fn each_generation_of_processes_delivers_its_own_spans() {
    let agent = DevAgent::start().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_forking_again"))
        .env("DD_TRACE_AGENT_URL", agent.url())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let (ids, counts): (Vec<_>, Vec<_>) =
        printed.lines().partition(|line| line.starts_with("below: "));
    // A child draws ids of its own, also in the trace of its parent.
    assert_eq!((ids.len(), BTreeSet::from_iter(ids).len()), (2, 2), "{printed}");
    // The trace of the span that was current at the fork is that of the first process alone.
    let expected =
        ["generation 2: 1 0 0 true", "generation 1: 1 0 0 true", "generation 0: 3 0 0 true"];
    assert_eq!(counts, expected);
    let traces = agent.traces();
    let spans = traces.iter().flat_map(|trace| trace.spans()).collect::<Vec<_>>();
    let count = |name| spans.iter().filter(|span| span.name == name).count();
    let names = ["generation 0", "generation 1", "generation 2", "current"];
    assert_eq!(names.map(count), [1; 4]);
    let runtimes = spans.iter().filter_map(|span| span.meta.get("runtime-id"));
    assert_eq!(runtimes.collect::<BTreeSet<_>>().len(), 3, "a runtime id for each process");
}
