//! The tags that an implementation gives the root of a trace.

use super::State;
use crate::values::TagValue;

/// The tags of a local root that is about to start, for
/// [`Recorder::tag_root`](super::Recorder::tag_root).
#[derive(Debug)]
pub struct RootTags<'a>(&'a mut State);

impl<'a> RootTags<'a> {
    pub(crate) fn of(state: &'a mut State) -> Self {
        Self(state)
    }

    /// Sets a tag, unless the application has set it; later, a tag of the application replaces it.
    pub fn set<'v>(&mut self, key: &str, value: impl Into<TagValue<'v>>) {
        if self.0.tags.get(key).is_none() {
            self.0.tags.put(key, &value.into(), true);
        }
    }
}
