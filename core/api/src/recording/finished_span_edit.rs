//! Changes to a span after its end, before it leaves the process.

use std::borrow::Cow;

use super::State;
use crate::values::{SpanEvent, SpanLink, TagValue};

/// A finished span that can be changed.
///
/// Reserved names, such as `service.name`, are ordinary tags here, and the sampling decision cannot
/// be changed any more.
#[derive(Debug)]
pub struct FinishedSpanEdit<'a>(pub(super) &'a mut State);

impl FinishedSpanEdit<'_> {
    /// Sets a tag. A number that is not finite is ignored, and so is a new tag on a span that has
    /// the maximum.
    pub fn set_tag<'v>(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        value: impl Into<TagValue<'v>>,
    ) {
        self.0.tags.put(&key.into(), &value.into(), false);
    }

    /// Removes a tag.
    pub fn remove_tag(&mut self, key: &str) {
        self.0.tags.remove(key);
    }

    /// Replaces the text of each tag for which `change` returns a new one.
    pub fn map_texts(&mut self, mut change: impl FnMut(&str, &str) -> Option<String>) {
        let changed = self
            .0
            .tags
            .iter()
            .filter_map(|(key, value)| Some((key.to_owned(), change(key, value.as_str()?)?)));
        for (key, value) in changed.collect::<Vec<_>>() {
            self.set_tag(key, value);
        }
    }

    /// Sets the operation name.
    pub fn set_name(&mut self, name: impl Into<Cow<'static, str>>) {
        self.0.set_name(name);
    }

    /// Sets the service.
    pub fn set_service(&mut self, service: impl Into<Cow<'static, str>>) {
        self.0.set_service(service);
    }

    /// Sets the resource.
    pub fn set_resource(&mut self, resource: impl Into<Cow<'static, str>>) {
        self.0.set_resource(resource);
    }

    /// Sets whether the span is an error.
    pub fn set_is_error(&mut self, is_error: bool) {
        self.0.is_error = is_error;
    }

    /// Keeps the events for which `keep` returns `true`.
    pub fn retain_events(&mut self, keep: impl FnMut(&SpanEvent) -> bool) {
        self.0.events.retain(keep);
    }

    /// Keeps the links for which `keep` returns `true`.
    pub fn retain_links(&mut self, keep: impl FnMut(&SpanLink) -> bool) {
        self.0.links.retain(keep);
    }
}
