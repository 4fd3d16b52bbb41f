//! A view of a span with all the tags that it has on the wire: its own, and those of its process.

use packdog_api::{TagRef, implementation::FinishedSpan};

use crate::{Config, tags, tags::internal};

/// The tags that the process adds to its spans.
#[derive(Debug)]
pub(crate) struct ProcessTags {
    service: String,
    env: Option<String>,
    version: Option<String>,
    tags: Vec<(String, String)>,
}

impl ProcessTags {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            service: config.service().to_owned(),
            env: config.env().map(str::to_owned),
            version: config.version().map(str::to_owned),
            tags: config.tags().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        }
    }

    /// Returns the tag that a span of this service has, unless it has one of its own.
    fn tag(&self, key: &str, service: &str) -> Option<&str> {
        let is_ours = service.eq_ignore_ascii_case(&self.service);
        let tag = match key {
            tags::ENV => self.env.as_deref(),
            tags::VERSION if is_ours => self.version.as_deref(),
            internal::BASE_SERVICE if !is_ours => Some(self.service.as_str()),
            _ => None,
        };
        let common = || self.tags.iter().find(|(known, _)| known == key);
        tag.or_else(|| common().map(|(_, value)| value.as_str()))
    }
}

/// The value of a tag: a text in `meta`, a number in `metrics`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Tag<'a> {
    Text(&'a str),
    Number(f64),
}

impl<'a> Tag<'a> {
    fn of(value: TagRef<'a>) -> Option<Self> {
        value.as_str().map(Self::Text).or_else(|| value.as_f64().map(Self::Number))
    }
}

/// The view of a span that rules and statistics use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanView<'a> {
    span: &'a FinishedSpan<'a>,
    process: &'a ProcessTags,
}

impl<'a> SpanView<'a> {
    pub(crate) fn new(span: &'a FinishedSpan<'a>, process: &'a ProcessTags) -> Self {
        Self { span, process }
    }

    pub(crate) fn service(&self) -> &'a str {
        self.span.service()
    }

    pub(crate) fn name(&self) -> &'a str {
        self.span.name()
    }

    pub(crate) fn resource(&self) -> &'a str {
        self.span.resource()
    }

    /// Returns the tag of this key; the span's own takes precedence over that of the process.
    pub(crate) fn tag(&self, key: &str) -> Option<Tag<'a>> {
        let own = self.span.tag(key).and_then(Tag::of);
        own.or_else(|| self.process.tag(key, self.service()).map(Tag::Text))
    }

    /// Returns the tag of this key, if it is a text.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        match self.tag(key)? {
            Tag::Text(text) => Some(text),
            Tag::Number(_) => None,
        }
    }
}
