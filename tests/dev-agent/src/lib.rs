//! A Datadog Agent for development: it receives traces over real HTTP, checks them strictly, and shows each
//! trace as a tree.
//!
//! It is *not* the Datadog Agent: nothing is sampled, aggregated or forwarded, and payloads that the real one would silently
//! repair are refused here with a reason. It shares no type with packdog and decodes with structs of its own, so that
//! encoder and decoder cannot share a mistake.
//!
//! ```text
//! request ──headers──▶ gate ──▶ wire::{v04, v05} ──▶ Vec<Chunk> ──▶ traces by 128-bit id ──▶ picture · JSON · page
//!                      hold()    Refusal: 400                        bounded, oldest leave
//! ```
//!
//! | request | response |
//! |---|---|
//! | `PUT`/`POST /v0.4/traces`, `/v0.5/traces` | the sampling rates, or the reason of the refusal |
//! | `PUT`/`POST /v0.6/stats` | nothing, or the reason of the refusal |
//! | `POST /telemetry/proxy/api/v2/apmtelemetry`, `/v0.7/config` | as if there were nothing to configure |
//! | `GET /info` | the features of this Agent |
//! | `GET /traces` | all that was received, as JSON; `?last=N` for the newest `N` traces |
//! | `DELETE /traces` | nothing; all traces are forgotten |
//! | `GET /traces/{id}` | one trace, by its 128-bit id in hex |
//! | `GET /search?q=…` | a line for each of the newest 1000 traces that the search finds |
//! | `GET /statistics`, `/refusals` | the sums of all statistics; refused requests, with the reasons |
//! | `GET /`, `/trace/{id}` | a page that shows all this; the same page, opened at one trace |
//!
//! # Example
//! ```
//! use packdog_dev_agent::DevAgent;
//!
//! # fn main() -> std::io::Result<()> {
//! let agent = DevAgent::start()?; // A free port and a thread of its own, until dropped.
//! println!("DD_TRACE_AGENT_URL={}", agent.url());
//! for trace in agent.traces() {
//!     println!("{}", trace.picture());
//! }
//! # Ok(())
//! # }
//! ```

mod agent;
mod behavior;
mod kept;
mod model;
mod paths;
mod picture;
mod received;
mod search;
mod server;
mod state;
mod statistics;
mod stats;
mod tags;
mod wire;

pub use self::{
    agent::{DevAgent, TimedOut},
    behavior::Behavior,
    model::{AttributeValue, Chunk, Span, SpanEvent, SpanLink, Trace},
    received::{Outcome, TraceRequest},
    state::Notice,
    stats::{Sketch, StatsBucket, StatsPayload, StatsRow},
    wire::{Refusal, decode_stats, decode_v04, decode_v05},
};
