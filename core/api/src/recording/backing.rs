//! The parts of a tracer, and the state that its traces share.

use std::sync::{Arc, OnceLock};

use crate::per_process::PerProcess;

use super::{
    Calls, Extensions, GivenWarnings, HeldBytes, OpenSpans, OpenTraces, Propagator, Recorder,
    TagsOfAll, Unfinished,
};

#[derive(Debug)]
pub(crate) struct Backing {
    pub(crate) recorder: Arc<dyn Recorder>,
    pub(crate) propagator: Arc<dyn Propagator>,
    pub(crate) extensions: Extensions,
    pub(crate) given_warnings: GivenWarnings,
    pub(crate) tags: TagsOfAll,
    /// A forked child counts from zero: the bytes that its parent holds are never released there.
    pub(crate) open_spans: PerProcess<OpenSpans>,
    pub(crate) open_traces: OpenTraces,
    pub(crate) held: PerProcess<Arc<HeldBytes>>,
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
            given_warnings: GivenWarnings::default(),
            tags: TagsOfAll::default(),
            open_spans: PerProcess::default(),
            open_traces: OpenTraces::default(),
            held: PerProcess::default(),
            flushes: Calls::default(),
            shutdowns: Calls::default(),
            unfinished: OnceLock::new(),
        }
    }
}
