//! What stands behind a tracer: an implementation, and what all its traces share.

use std::sync::{Arc, OnceLock};

use super::{common_tags::TagsOfAll, open_spans::OpenSpans, unfinished::Unfinished};
use crate::implementer::Implementer;

#[derive(Debug)]
pub(crate) struct Backing {
    pub(crate) implementer: Arc<dyn Implementer>,
    pub(crate) tags: TagsOfAll,
    pub(crate) open_spans: OpenSpans,
    /// Known from the first trace whose settings watch for unfinished spans.
    pub(crate) unfinished: OnceLock<Arc<Unfinished>>,
}

impl Backing {
    pub(super) fn new(implementer: Arc<dyn Implementer>) -> Self {
        Self {
            implementer,
            tags: TagsOfAll::default(),
            open_spans: OpenSpans::default(),
            unfinished: OnceLock::new(),
        }
    }
}
