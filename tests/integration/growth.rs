//! A process grows by at most 16 MiB while the Agent takes nothing, or responds with too much,
//! whatever its spans look like.
//!
//! The test counts the bytes that are allocated, which does not depend on the system's allocator.
//! More spans, and the growth of the process as the system counts it, are measured by hand:
//!
//! ```sh
//! PACKDOG_ALL_GROWTH=1 cargo test --release -p packdog-tests --test integration -- growth --nocapture
//! ```

use std::{env, process::Command};

use packdog::test_util::agent::{Act, FakeAgent, Reply};

const MAX_GROWTH: usize = 16 << 20;

/// Runs the program with its spans, and asserts its bound.
fn assert_bounded(agent: &FakeAgent, what: &str, shape: &str, few: usize, many: usize) {
    #[expect(clippy::disallowed_methods, reason = "this is not an option of packdog")]
    let is_whole = env::var_os("PACKDOG_ALL_GROWTH").is_some();
    let spans = if is_whole { many } else { few };
    let output = Command::new(env!("CARGO_BIN_EXE_growing"))
        .args([shape, &spans.to_string()])
        .env("DD_TRACE_AGENT_URL", agent.url().to_string())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    let grown = printed.split_whitespace().map(|bytes| bytes.parse().unwrap());
    let [allocated, resident] = grown.collect::<Vec<usize>>()[..] else {
        panic!("{printed} {messages}")
    };
    let mebibytes = |bytes| bytes as f64 / f64::from(1 << 20);
    println!(
        "{what}, {spans} spans: allocations grew by {:.1} MiB, the process by {:.1} MiB",
        mebibytes(allocated),
        mebibytes(resident)
    );
    assert!(allocated > 0, "{messages}");
    assert!(allocated <= MAX_GROWTH, "{what}: {allocated} bytes");
    if is_whole {
        assert!(resident <= MAX_GROWTH, "{what}: {resident} bytes");
    }
}

#[test]
fn spans_of_any_shape_are_bounded_while_the_agent_is_gone() {
    let agent = FakeAgent::down();
    assert_bounded(&agent, "spans with an event", "events", 40_000, 1_000_000);
    assert_bounded(&agent, "traces of one span from two threads", "threads", 40_000, 1_000_000);
    assert_bounded(&agent, "spans with a tag of 20 kB", "tags", 4_000, 100_000);
}

#[test]
fn responses_of_any_size_are_not_kept() {
    for (what, size) in [("responses of 1 MB", 1_000_000), ("responses of 100 MB", 100_000_000)] {
        let agent = FakeAgent::responding(|| 200);
        let body = "x".repeat(size);
        // The same for `/info`.
        agent.act_on_all(move |_| Act::Reply(Reply::new(200).with_body(body.as_str())));
        assert_bounded(&agent, what, "responses", 4_000, 20_000);
    }
}
