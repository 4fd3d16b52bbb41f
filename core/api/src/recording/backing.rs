//! The parts of a tracer, and the state that its traces share.

use std::sync::{Arc, OnceLock};

use super::{
    Calls, Extensions, HeldBytes, OpenSpans, OpenTraces, Propagator, Recorder, Said, TagsOfAll,
    Unfinished,
};

#[derive(Debug)]
pub(crate) struct Backing {
    pub(crate) recorder: Arc<dyn Recorder>,
    pub(crate) propagator: Arc<dyn Propagator>,
    pub(crate) extensions: Extensions,
    pub(crate) said: Said,
    pub(crate) tags: TagsOfAll,
    pub(crate) open_spans: OpenSpans,
    pub(crate) open_traces: OpenTraces,
    pub(crate) held: Arc<HeldBytes>,
    /// Asynchronous calls that wait for a flush, and for a shutdown.
    pub(crate) flushes: Calls,
    pub(crate) shutdowns: Calls,
    /// Set by the first trace whose settings watch for unfinished spans.
    pub(crate) unfinished: OnceLock<Arc<Unfinished>>,
}

impl Backing {
    pub(crate) fn new(
        recorder: Arc<dyn Recorder>,
        propagator: Arc<dyn Propagator>,
        extensions: Extensions,
    ) -> Self {
        Self {
            recorder,
            propagator,
            extensions,
            said: Said::default(),
            tags: TagsOfAll::default(),
            open_spans: OpenSpans::default(),
            open_traces: OpenTraces::default(),
            held: Arc::default(),
            flushes: Calls::default(),
            shutdowns: Calls::default(),
            unfinished: OnceLock::new(),
        }
    }
}
