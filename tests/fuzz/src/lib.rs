//! The bodies of the fuzz targets, as plain functions that stable Rust can call.
//!
//! Headers go in through [`packdog::propagation::Propagator`], as those of a request do, one style
//! per target. The input of a header's target is its value; of a target with several headers their
//! values, one per line. An assertion that fails is a finding; the properties are
//!
//! - no panic, and no more memory than a small multiple of the input (`measured`);
//! - written headers follow their grammar and their limits (`outgoing`);
//! - what was read and written is read again as the same, and from the second hop on headers do
//!   not change any more (`hop`).
//!
//! ```text
//! cargo test                                            replays the seeds, and mutations of them
//! mkdir -p corpus/whole                                what is found is kept there, out of git
//! cargo +nightly fuzz run whole corpus/whole seeds/whole --features libfuzzer
//! ```

mod hop;
mod measured;
mod outgoing;
mod tracer;

mod b3;
mod baggage;
mod config;
mod datadog;
mod tracecontext;
mod whole;

pub use self::{
    b3::{b3, b3multi},
    baggage::{baggage, ot_baggage},
    config::{agent_url, dd_tags, styles, variables},
    datadog::{datadog_ids, datadog_tags},
    tracecontext::{dd_member, traceparent, tracestate},
    whole::whole,
};

/// A fuzz target: it panics where its input shows a defect.
pub type Target = fn(&[u8]);

/// All targets, by the names of their binaries and of the folders of their seeds.
pub const TARGETS: [(&str, Target); 14] = [
    ("agent_url", agent_url),
    ("b3", b3),
    ("b3multi", b3multi),
    ("baggage", baggage),
    ("datadog_ids", datadog_ids),
    ("datadog_tags", datadog_tags),
    ("dd_member", dd_member),
    ("dd_tags", dd_tags),
    ("ot_baggage", ot_baggage),
    ("styles", styles),
    ("traceparent", traceparent),
    ("tracestate", tracestate),
    ("variables", variables),
    ("whole", whole),
];
