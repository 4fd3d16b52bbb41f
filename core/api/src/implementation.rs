//! The side of this package that a tracer implements. Applications never call it.
//!
//! A tracer is built from [`TracerParts`]: a [`Recorder`] that receives finished spans, a
//! [`Propagator`] that reads and writes headers, and extensions, which are values that packages
//! above this one look up by their type.
//!
//! A recorder is called when a trace begins in this process and when finished spans leave it; a
//! propagator is called when headers are read or written. Neither is called per span or per tag. A
//! trace keeps the implementation that it began with.
//!
//! This module may change in a minor version: an implementation depends on a narrow range of
//! this package. Two incompatible versions of it in one build do not see each other.
//!
//! ```
//! use std::sync::{Arc, Mutex};
//! use packdog_api::{
//!     SpanContext,
//!     implementation::{Chunk, Recorder, Settings, TraceStart, TracerParts},
//! };
//!
//! #[derive(Debug, Default)]
//! struct Names(Mutex<Vec<String>>);
//!
//! impl Recorder for Names {
//!     fn begin(&self, _: &SpanContext) -> Option<TraceStart> {
//!         Some(TraceStart::new(Arc::new(Settings::new("kitchen"))))
//!     }
//!
//!     fn collect(&self, chunk: Chunk) {
//!         let names = chunk.spans().map(|span| span.name().to_owned());
//!         self.0.lock().unwrap().extend(names);
//!     }
//! }
//!
//! let names = Arc::new(Names::default());
//! let tracer = TracerParts::new(Arc::clone(&names)).build();
//! tracer.span("bread.slice").start().finish();
//! assert_eq!(*names.0.lock().unwrap(), ["bread.slice"]);
//! ```

pub use crate::{
    metrics::{DroppedSpans, Metrics},
    misuse::Misuse,
    per_process::PerProcess,
    recording::{
        Chunk, Decision, FinishedSpan, FinishedSpanEdit, KeyBits, MAX_HELD_BYTES,
        MAX_WAITING_SPANS, OpenSpan, PackedTags, Propagator, Recorder, RootTags, Settings,
        TagBytes, TraceStart,
    },
    report::Report,
    scope::{ScopeBridge, Top, set_scope_bridge},
    tracer::{AlreadyInstalled, TracerParts, decline, install, is_declined},
    values::{Probability, Received, ReceivedContext},
};
