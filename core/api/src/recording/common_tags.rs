//! Tags on every span of a tracer.
//!
//! The list is shared: a span refers to the one that was valid when it started. A trace checks the
//! generation of the list whenever it opens a span, which takes the trace's own lock anyway, and
//! reads the list only when it has changed.

use std::{
    borrow::Cow,
    sync::{
        Arc, PoisonError, TryLockError,
        atomic::Ordering::{Acquire, Release},
    },
};

use crate::{
    per_process::PerProcess,
    process::process_id,
    sync::{AtomicUsize, RwLock},
    text::cut,
    values::{MAX_TAG_KEY_BYTES, TagValue},
};

/// 128: the most tags that [`set_tags`](crate::set_tags) puts on every span; more new keys are
/// dropped and counted.
pub const MAX_TAGS_ON_EVERY_SPAN: usize = 128;

/// 64 KiB: the most bytes of the keys and values that [`set_tags`](crate::set_tags) puts on every
/// span, together; a tag beyond that is dropped and counted.
pub const MAX_BYTES_ON_EVERY_SPAN: usize = 65_536;

type Tag = (Cow<'static, str>, TagValue<'static>);

/// Returns a tag as it is stored here, in no more memory than its limits; `None` if the number is not
/// finite.
pub(crate) fn stored_tag(key: Cow<'static, str>, value: TagValue<'_>) -> Option<Tag> {
    value.stored()?;
    let key = match key {
        Cow::Borrowed(key) => Cow::Borrowed(cut(key, MAX_TAG_KEY_BYTES)),
        // Copied rather than cut in place, which would keep all its memory.
        Cow::Owned(key) => Cow::Owned(cut(&key, MAX_TAG_KEY_BYTES).to_owned()),
    };
    Some((key, value.into_owned()))
}

/// A list of tags that many spans share; an empty one costs nothing to make, clone and drop.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommonTags(Option<Arc<List>>);

#[derive(Clone, Debug, Default)]
struct List {
    tags: Vec<Tag>,
    /// The bytes of keys and values.
    bytes: usize,
}

impl CommonTags {
    pub(crate) fn as_slice(&self) -> &[Tag] {
        self.0.as_deref().map_or(&[], |list| &list.tags)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&TagValue<'static>> {
        self.as_slice().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Returns the bytes of keys and values, which each encoded span contains.
    pub(crate) fn bytes(&self) -> usize {
        self.0.as_ref().map_or(0, |list| list.bytes)
    }

    /// Sets a tag; returns `false` if there was no room for it.
    fn set(&mut self, (key, value): Tag) -> bool {
        let list = Arc::make_mut(self.0.get_or_insert_default());
        let old = list.tags.iter_mut().find(|(name, _)| *name == key);
        let old_bytes = old.as_ref().map_or(0, |(_, old)| bytes(&key, old));
        let new_bytes = list.bytes - old_bytes + bytes(&key, &value);
        let has_place = old.is_some() || list.tags.len() < MAX_TAGS_ON_EVERY_SPAN;
        if !has_place || new_bytes > MAX_BYTES_ON_EVERY_SPAN {
            return false;
        }
        match list.tags.iter_mut().find(|(name, _)| *name == key) {
            Some((_, old)) => *old = value,
            None => list.tags.push((key, value)),
        }
        list.bytes = new_bytes;
        true
    }

    /// Removes a tag here, and not from the lists of other spans.
    pub(crate) fn remove(&mut self, key: &str) {
        if let Some(index) = self.as_slice().iter().position(|(name, _)| name == key)
            && let Some(list) = &mut self.0
        {
            let list = Arc::make_mut(list);
            let (key, value) = list.tags.remove(index);
            list.bytes -= bytes(&key, &value);
        }
    }
}

fn bytes(key: &str, value: &TagValue<'_>) -> usize {
    key.len() + value.max_len()
}

/// The tags as a trace last saw them.
#[derive(Debug, Default)]
pub(crate) struct SeenTags {
    generation: usize,
    tags: CommonTags,
}

impl SeenTags {
    pub(crate) fn tags(&self) -> CommonTags {
        self.tags.clone()
    }
}

/// The tags of all spans of a tracer. A forked child begins with those of its parent, unless a
/// thread was changing them at that moment.
#[derive(Debug, Default)]
pub(crate) struct TagsOfAll {
    /// The number of changes of `tags`.
    generation: AtomicUsize,
    tags: PerProcess<RwLock<CommonTags>>,
}

impl TagsOfAll {
    /// Returns the current tags, for a trace that `process` began; reads only the generation if they
    /// have not changed.
    pub(crate) fn look(&self, seen: &mut SeenTags, process: u32) -> CommonTags {
        let generation = self.generation.load(Acquire);
        if seen.generation != generation
            && let Some(tags) = copy(self.of(process), process)
        {
            *seen = SeenTags { generation, tags };
        }
        seen.tags.clone()
    }

    /// Sets tags; returns the number of tags for which there was no room.
    pub(crate) fn set(&self, new: Vec<Tag>) -> usize {
        let tags = self.of(process_id());
        let mut tags = tags.write().unwrap_or_else(PoisonError::into_inner);
        let dropped = new.into_iter().filter(|tag| !tags.set(tag.clone())).count();
        self.generation.fetch_add(1, Release);
        dropped
    }

    fn of(&self, process: u32) -> &RwLock<CommonTags> {
        self.tags.inherited(process, |parent| {
            // Never waits: the thread that holds the lock did not come along.
            RwLock::new(parent.try_read().map(|tags| tags.clone()).unwrap_or_default())
        })
    }
}

/// Copies the tags; `None` if a forked child finds those of its parent locked.
fn copy(tags: &RwLock<CommonTags>, owner: u32) -> Option<CommonTags> {
    match tags.try_read() {
        Ok(tags) => Some(tags.clone()),
        Err(TryLockError::Poisoned(tags)) => Some(tags.into_inner().clone()),
        Err(TryLockError::WouldBlock) => (owner == process_id())
            .then(|| tags.read().unwrap_or_else(PoisonError::into_inner).clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_key_keeps_no_more_memory_than_its_limit() {
        let mut roomy = String::with_capacity(1 << 20);
        roomy.push_str("roomy");
        for key in ["k".repeat(1 << 20), roomy] {
            let (key, _) = stored_tag(key.into(), 1.into()).unwrap();
            assert!(key.into_owned().capacity() <= MAX_TAG_KEY_BYTES);
        }
    }
}
