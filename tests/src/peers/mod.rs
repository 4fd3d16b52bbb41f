//! Real peers for tests: ddapm-test-agent, services traced by ddtrace (Python) and dd-trace (Node), and a message queue.
//!
//! ```text
//! tests/peers/requirements.txt ──pip──▶ target/peers/python ──▶ TestAgent, PeerService::python, NatsServer
//! tests/peers/package-lock.json ─npm──▶ target/peers/node ────▶ PeerService::node
//! ```
//! The first test that asks for a peer installs it.
//! If Python or Node is missing, `start` prints the name of the skipped test and returns `None`, and the test returns; with `CI` set it panics.
//! Any other failure panics with the output of the peer: only tests call this.

#![expect(clippy::panic, reason = "only tests call this, and a panic is how a test fails")]

mod agent;
mod browser;
mod environment;
mod hop;
mod install;
mod nats;
mod process;
mod runtime;
mod service;
mod skip;
mod span;
mod sql;

pub use self::{
    agent::{AgentRequest, TestAgent},
    browser::walk_through_page,
    hop::{Hop, HopReply, NextHop},
    nats::NatsServer,
    service::{PeerService, PeerServiceBuilder},
    span::{Span, SpanLink, picture},
    sql::{SqlComment, sql_comments},
};
