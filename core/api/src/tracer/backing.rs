//! The parts of a tracer, and all that its traces share.

use std::sync::{Arc, OnceLock};

use super::{common_tags::TagsOfAll, open_spans::OpenSpans, said::Said, unfinished::Unfinished};
use crate::implementation::{Extensions, Propagator, Recorder, TracerParts};

#[derive(Debug)]
pub(crate) struct Backing {
    pub(crate) recorder: Arc<dyn Recorder>,
    pub(crate) propagator: Arc<dyn Propagator>,
    pub(super) extensions: Extensions,
    pub(super) said: Said,
    pub(crate) tags: TagsOfAll,
    pub(crate) open_spans: OpenSpans,
    /// Known from the first trace whose settings watch for unfinished spans.
    pub(crate) unfinished: OnceLock<Arc<Unfinished>>,
}

impl Backing {
    pub(super) fn new(parts: TracerParts) -> Self {
        let TracerParts { recorder, propagator, extensions } = parts;
        Self {
            recorder,
            propagator,
            extensions,
            said: Said::default(),
            tags: TagsOfAll::default(),
            open_spans: OpenSpans::default(),
            unfinished: OnceLock::new(),
        }
    }
}
