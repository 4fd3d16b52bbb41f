//! The tags that a span carries on the wire: its own, and those of its chunk, trace and service.
//!
//! ```text
//! every span             links and events, where the format has no field for them
//! first span of a chunk  sampling priority, trace tags with the high bits of the id, language,
//!                        repository and commit, tags of the process
//! local root             the same priority, numbers of the decision, what came by headers,
//!                        ids of the process, host
//! every span             origin, env, global tags; version or base service; top level
//! ```
//! Each key occurs once: the span's own tag wins, then the earlier one of those above.

use packdog_api::{
    SpanContext, TagValue, TraceTags,
    implementation::{Chunk, FinishedSpan},
};
use smallvec::SmallVec;

use super::inlined::Inlined;
use crate::{Config, agent::process, tags, tags::internal};

/// The language, as Datadog calls it.
pub(in crate::agent) const LANGUAGE: &str = "rust";

/// Who sends the spans: what all of them have in common.
#[derive(Debug)]
pub(crate) struct Origin {
    service: String,
    env: Option<String>,
    version: Option<String>,
    tags: Vec<(String, String)>,
    git_repository_url: Option<String>,
    git_commit_sha: Option<String>,
    hostname: Option<String>,
    process_tags: Option<String>,
}

impl Origin {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            service: config.service().to_owned(),
            env: config.env().map(str::to_owned),
            version: config.version().map(str::to_owned),
            tags: config.tags().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            git_repository_url: config.git_repository_url().map(str::to_owned),
            git_commit_sha: config.git_commit_sha().map(str::to_owned),
            hostname: config.reported_hostname(),
            process_tags: process::tags(config),
        }
    }
}

/// What the spans of one chunk share.
#[derive(Debug)]
pub(super) struct ChunkTags<'a> {
    origin: &'a Origin,
    remote: &'a SpanContext,
    priority: Option<f64>,
    trace_tags: TraceTags,
    /// Hex digits of the high half of the trace id, unless that is zero.
    high_trace_id: Option<String>,
    root_metrics: Vec<(&'static str, f64)>,
}

impl<'a> ChunkTags<'a> {
    pub(super) fn of(chunk: &'a Chunk, origin: &'a Origin) -> Self {
        let high = chunk.trace_id().high();
        Self {
            origin,
            remote: chunk.remote(),
            priority: chunk.sampling_priority().map(|priority| f64::from(priority.to_i32())),
            trace_tags: chunk.trace_tags(),
            high_trace_id: (high != 0).then(|| format!("{high:016x}")),
            root_metrics: chunk.root_metrics(),
        }
    }
}

/// A tag on the wire: in `meta` if a text, in `metrics` if a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Number(f64),
}

impl<'a> Value<'a> {
    pub(super) fn of(value: &'a TagValue) -> Option<Self> {
        value.as_str().map(Self::Text).or_else(|| value.as_f64().map(Self::Number))
    }
}

/// All tags of one span on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpanTags<'a> {
    /// Its own tags come first.
    span: Option<&'a FinishedSpan<'a>>,
    added: &'a [(&'a str, Value<'a>)],
}

impl<'a> SpanTags<'a> {
    /// Tags that stand for themselves.
    #[cfg(feature = "test-util")]
    pub(super) fn only(tags: &'a [(&'a str, Value<'a>)]) -> Self {
        Self { span: None, added: tags }
    }

    pub(super) fn iter(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let own = self.span.into_iter().flat_map(FinishedSpan::tags);
        let own = own.filter_map(|(key, value)| Some((key, Value::of(value)?)));
        own.chain(self.added.iter().copied())
    }
}

/// The tags that a span does not have of its own.
#[derive(Debug)]
pub(super) struct Added<'a> {
    span: &'a FinishedSpan<'a>,
    tags: SmallVec<[(&'a str, Value<'a>); 16]>,
}

impl<'a> Added<'a> {
    pub(super) fn to(
        span: &'a FinishedSpan<'a>,
        is_first: bool,
        chunk: &'a ChunkTags<'a>,
        inlined: &'a Inlined,
    ) -> Self {
        let mut added = Self { span, tags: SmallVec::new() };
        added.text(internal::SPAN_LINKS, inlined.links.as_deref());
        added.text(internal::EVENTS, inlined.events.as_deref());
        if is_first {
            added.add_chunk(chunk);
        }
        if span.is_local_root() {
            added.add_root(chunk);
        }
        added.add_service(chunk);
        added
    }

    /// Together with those of the span.
    pub(super) fn all(&self) -> SpanTags<'_> {
        SpanTags { span: Some(self.span), added: &self.tags }
    }

    /// What the Datadog Agent expects on one span of each chunk.
    fn add_chunk(&mut self, chunk: &'a ChunkTags<'a>) {
        self.number(internal::SAMPLING_PRIORITY, chunk.priority);
        self.text(TraceTags::HIGH_TRACE_ID, chunk.high_trace_id.as_deref());
        for (name, value) in chunk.trace_tags.iter() {
            self.text(name, Some(value));
        }
        self.text(internal::LANGUAGE, Some(LANGUAGE));
        let origin = chunk.origin;
        self.text(internal::GIT_REPOSITORY_URL, origin.git_repository_url.as_deref());
        self.text(internal::GIT_COMMIT_SHA, origin.git_commit_sha.as_deref());
        self.text(internal::PROCESS_TAGS, origin.process_tags.as_deref());
    }

    fn add_root(&mut self, chunk: &'a ChunkTags<'a>) {
        self.number(internal::SAMPLING_PRIORITY, chunk.priority);
        for (name, value) in &chunk.root_metrics {
            self.number(name, Some(*value));
        }
        self.text(internal::PARENT_ID, chunk.remote.last_parent_id());
        self.text(internal::PROPAGATION_ERROR, chunk.remote.propagation_error());
        self.text(internal::RUNTIME_ID, Some(process::runtime_id()));
        self.number(internal::PROCESS_ID, Some(f64::from(process::id())));
        self.text(internal::HOSTNAME, chunk.origin.hostname.as_deref());
    }

    fn add_service(&mut self, chunk: &'a ChunkTags<'a>) {
        let origin = chunk.origin;
        self.number(internal::TOP_LEVEL, self.span.is_top_level().then_some(1.0));
        self.text(internal::ORIGIN, chunk.remote.origin());
        self.text(tags::ENV, origin.env.as_deref());
        if self.span.service().eq_ignore_ascii_case(&origin.service) {
            self.text(tags::VERSION, origin.version.as_deref());
        } else {
            self.text(internal::BASE_SERVICE, Some(&origin.service));
        }
        for (key, value) in &origin.tags {
            self.text(key, Some(value));
        }
    }

    fn text(&mut self, key: &'a str, value: Option<&'a str>) {
        self.add(key, value.map(Value::Text));
    }

    fn number(&mut self, key: &'a str, value: Option<f64>) {
        self.add(key, value.map(Value::Number));
    }

    fn add(&mut self, key: &'a str, value: Option<Value<'a>>) {
        let Some(value) = value else { return };
        let is_known = self.tags.iter().any(|(known, _)| *known == key);
        if !is_known && self.span.tag(key).is_none() {
            self.tags.push((key, value));
        }
    }
}
