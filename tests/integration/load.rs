//! Load through a real socket: nothing is lost while the Agent keeps up, what is lost is counted,
//! and memory has a bound. The numbers are small; the program tells how it is run by hand with
//! large ones.

use std::{collections::BTreeMap, process::Command};

/// The bound of `tests/integration/growth.rs`, and the stacks' worth of threads and their spans.
const MAX_GROWTH: u64 = 24 << 20;

fn run(arguments: &[&str]) -> BTreeMap<String, u64> {
    let output = Command::new(env!("CARGO_BIN_EXE_loading")).args(arguments).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let words = printed.split_whitespace().collect::<Vec<_>>();
    let pairs = words.chunks(2).map(|pair| (pair[0].to_owned(), pair[1].parse().unwrap()));
    let counts: BTreeMap<_, _> = pairs.collect();
    println!("{} {printed}", arguments.join(" "));
    assert_eq!(counts["finished"], counts["created"], "{printed}");
    assert_eq!(counts["finished"], counts["sent"] + counts["dropped"], "{printed}");
    assert_eq!(counts["dropped"], counts["queue_full"], "{printed}");
    assert_eq!((counts["sent"], counts["waiting"]), (counts["arrived"], 0), "{printed}");
    assert!(counts["bytes"] <= MAX_GROWTH, "{printed}");
    counts
}

#[test]
fn nothing_is_lost_while_the_agent_keeps_up() {
    let counts = run(&["paced", "128000", "64"]);
    assert_eq!((counts["sent"], counts["dropped"]), (128_000, 0));
}

#[test]
fn what_is_lost_under_more_load_than_the_agent_can_take_is_counted() {
    run(&["unpaced", "384000", "64"]);
}

#[test]
fn a_trace_of_any_length_is_delivered_in_parts() {
    let counts = run(&["trace", "50000"]);
    assert_eq!((counts["sent"], counts["dropped"]), (50_000, 0));
}
