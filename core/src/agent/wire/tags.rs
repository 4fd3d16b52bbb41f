//! The tags that a span carries on the wire: its own, and those of its chunk, trace and service.
//!
//! ```text
//! every span             links and events, where the format has no field for them
//! first span of a chunk  sampling priority, trace tags with the high bits of the id, language,
//!                        repository and commit, tags of the process
//! local root             the same priority, numbers of the decision, tags made of headers,
//!                        ids of the process, host
//! every span             origin, env, global tags; version, or base and source of the service; top level
//! ```
//! Each key occurs once: the span's own tag wins over those above.

use std::num::NonZeroU64;

use packdog_api::{
    SpanContext, TraceTags,
    implementation::{Chunk, FinishedSpan, KeyBits},
    internal::process_id,
};
use smallvec::SmallVec;

use super::{
    constants::Constants,
    inline_texts::InlineTexts,
    span::{TagSink, Tags, WireSpan},
};
use crate::{Config, agent::process, tags, tags::internal};

/// The keys that the tracer adds by itself, besides trace tags.
const ADDED_KEYS: [&str; 21] = [
    internal::SPAN_LINKS,
    internal::EVENTS,
    internal::SAMPLING_PRIORITY,
    internal::LANGUAGE,
    internal::GIT_REPOSITORY_URL,
    internal::GIT_COMMIT_SHA,
    internal::PROCESS_TAGS,
    internal::PARENT_ID,
    internal::PROPAGATION_ERROR,
    internal::RUNTIME_ID,
    internal::PROCESS_ID,
    internal::HOSTNAME,
    internal::TOP_LEVEL,
    internal::ORIGIN,
    tags::ENV,
    tags::VERSION,
    internal::BASE_SERVICE,
    internal::SERVICE_SOURCE,
    internal::RULE_SAMPLE_RATE,
    internal::LIMIT_SAMPLE_RATE,
    internal::AGENT_SAMPLE_RATE,
];

/// The sender of the spans: the tags that all of them have in common.
#[derive(Debug)]
pub(crate) struct Origin {
    service: String,
    on_first: Constants,
    on_root: Constants,
    /// With the version of the service.
    on_own_service: Constants,
    /// With the base and the source of the service, which code of the application named unless a tag
    /// of the span says otherwise.
    on_other_service: Constants,
    process_id: f64,
    /// All keys that are added to spans; a span that has one of them keeps its own.
    added: KeyBits,
}

impl Origin {
    pub(crate) fn new(config: &Config) -> Self {
        let text = |value: Option<&str>| value.map(str::to_owned);
        let known = |key, value: Option<String>| value.map(|value| (key, value));
        // A global tag does not replace one that the tracer adds.
        let global = || config.tags().filter(|(key, _)| !is_added(key));
        let on_first = [
            known(internal::LANGUAGE, Some(internal::RUST.to_owned())),
            known(internal::GIT_REPOSITORY_URL, text(config.git_repository_url())),
            known(internal::GIT_COMMIT_SHA, text(config.git_commit_sha())),
            known(internal::PROCESS_TAGS, process::tags(config)),
        ];
        let on_root = [
            known(internal::RUNTIME_ID, Some(process::runtime_id().to_owned())),
            known(internal::HOSTNAME, config.reported_hostname()),
        ];
        let on_every = || {
            let env = known(tags::ENV, text(config.env())).into_iter();
            env.chain(global().map(|(key, value)| (key, value.to_owned())))
        };
        let version = known(tags::VERSION, text(config.version()));
        let other_service = [
            (internal::BASE_SERVICE, config.service().to_owned()),
            (internal::SERVICE_SOURCE, "m".to_owned()),
        ];
        Self {
            service: config.service().to_owned(),
            on_first: on_first.into_iter().flatten().collect(),
            on_root: on_root.into_iter().flatten().collect(),
            on_own_service: version.into_iter().chain(on_every()).collect(),
            on_other_service: other_service.into_iter().chain(on_every()).collect(),
            process_id: f64::from(process_id()),
            added: ADDED_KEYS
                .into_iter()
                .chain([internal::TRACE_TAG_PREFIX])
                .chain(global().map(|(key, _)| key))
                .collect(),
        }
    }
}

impl Origin {
    /// Whether the tag may be added to a span.
    fn adds(&self, key: &str) -> bool {
        let is_constant = |(name, _)| name == key;
        is_added(key) || self.on_own_service.iter().any(is_constant)
    }
}

fn is_added(key: &str) -> bool {
    ADDED_KEYS.contains(&key) || key.starts_with(internal::TRACE_TAG_PREFIX)
}

/// The tags that the spans of one chunk share.
#[derive(Debug)]
pub(super) struct ChunkTags<'a> {
    origin: &'a Origin,
    chunk: &'a Chunk,
    remote: &'a SpanContext,
    trace_id: u64,
    priority: Option<f64>,
    trace_tags: &'a TraceTags,
    /// The high half of the trace id, unless that is zero.
    high_trace_id: Option<NonZeroU64>,
    root_metrics: &'a [(&'static str, f64)],
}

impl<'a> ChunkTags<'a> {
    pub(super) fn of(chunk: &'a Chunk, origin: &'a Origin) -> Self {
        let id = chunk.trace_id();
        Self {
            origin,
            chunk,
            remote: chunk.remote(),
            trace_id: id.low(),
            priority: chunk.sampling_priority().map(|priority| f64::from(priority.to_i32())),
            trace_tags: chunk.trace_tags(),
            high_trace_id: NonZeroU64::new(id.high()),
            root_metrics: chunk.root_metrics(),
        }
    }

    /// A span of the chunk, which is the first of it or not.
    pub(super) fn span<'s>(
        &'s self,
        span: &'s FinishedSpan<'s>,
        is_first: bool,
    ) -> WireSpan<'s, SpanTags<'s>> {
        WireSpan {
            service: span.service(),
            name: span.name(),
            resource: span.resource(),
            span_type: span.span_type(),
            trace_id: self.trace_id,
            span_id: span.span_id().to_u64(),
            parent_id: span.parent_id().map_or(0, |id| id.to_u64()),
            start: span.start(),
            duration: span.duration(),
            is_error: span.is_error(),
            tags: SpanTags { span, chunk: self, is_first },
            links: span.links(),
            events: span.events(),
        }
    }
}

/// All tags of one span on the wire.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpanTags<'a> {
    span: &'a FinishedSpan<'a>,
    chunk: &'a ChunkTags<'a>,
    is_first: bool,
}

impl Tags for SpanTags<'_> {
    fn show(&self, inlined: &InlineTexts, sink: &mut impl TagSink) {
        let added = &self.chunk.origin.added;
        let mut kept = SmallVec::<[&str; 4]>::new();
        // Nearly no span has a tag that the tracer adds as well: then its keys are not looked at.
        if added.overlaps(self.span.key_bits()) {
            let keys = self.span.tags().map(|(key, _)| key);
            kept.extend(keys.filter(|key| self.chunk.origin.adds(key)));
        }
        sink.own_tags(self.span);
        let is_root = self.span.is_local_root();
        let are_decided = self.is_first && is_root && kept.is_empty();
        if are_decided {
            sink.decided(self.chunk.chunk, |sink| {
                let mut adding = TagAdder { sink, kept: &[] };
                self.add_priority(&mut adding);
                self.add_chunk(&mut adding);
                self.add_root(&mut adding);
            });
        }
        let mut adding = TagAdder { sink, kept: &kept };
        adding.text(internal::SPAN_LINKS, inlined.links.as_deref());
        adding.text(internal::EVENTS, inlined.events.as_deref());
        if !are_decided {
            if self.is_first || is_root {
                self.add_priority(&mut adding);
            }
            if self.is_first {
                self.add_chunk(&mut adding);
            }
            if is_root {
                self.add_root(&mut adding);
            }
        }
        if self.is_first {
            adding.hex(TraceTags::HIGH_TRACE_ID, self.chunk.high_trace_id);
        }
        if is_root {
            adding.text(internal::PARENT_ID, self.chunk.remote.last_parent_id());
            adding.text(internal::PROPAGATION_ERROR, self.chunk.remote.propagation_error());
        }
        self.add_service(&mut adding);
    }
}

impl SpanTags<'_> {
    fn add_priority(&self, adding: &mut TagAdder<'_, impl TagSink>) {
        adding.number(internal::SAMPLING_PRIORITY, self.chunk.priority);
    }

    /// The tags that the Datadog Agent expects on one span of each chunk, and that many chunks have
    /// alike.
    fn add_chunk(&self, adding: &mut TagAdder<'_, impl TagSink>) {
        for (name, value) in self.chunk.trace_tags.iter() {
            // A caller may have sent them, and they are written from the id.
            if name != TraceTags::HIGH_TRACE_ID {
                adding.text(name, Some(value));
            }
        }
        adding.constants(&self.chunk.origin.on_first);
    }

    fn add_root(&self, adding: &mut TagAdder<'_, impl TagSink>) {
        for (name, value) in self.chunk.root_metrics {
            adding.number(name, Some(*value));
        }
        adding.number(internal::PROCESS_ID, Some(self.chunk.origin.process_id));
        adding.constants(&self.chunk.origin.on_root);
    }

    fn add_service(&self, adding: &mut TagAdder<'_, impl TagSink>) {
        let origin = self.chunk.origin;
        adding.number(internal::TOP_LEVEL, self.span.is_top_level().then_some(1.0));
        adding.text(internal::ORIGIN, self.chunk.remote.origin());
        let service = self.span.service();
        let is_own_service =
            service == origin.service || service.eq_ignore_ascii_case(&origin.service);
        let constants =
            if is_own_service { &origin.on_own_service } else { &origin.on_other_service };
        adding.constants(constants);
    }
}

/// Adds tags, except for those that the span has of its own.
struct TagAdder<'a, S> {
    sink: &'a mut S,
    /// Keys of the span that may be among those that are added.
    kept: &'a [&'a str],
}

impl<S: TagSink> TagAdder<'_, S> {
    fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value
            && !self.kept.contains(&key)
        {
            self.sink.text(key, value);
        }
    }

    fn hex(&mut self, key: &str, value: Option<NonZeroU64>) {
        if let Some(value) = value
            && !self.kept.contains(&key)
        {
            self.sink.hex(key, value.get());
        }
    }

    fn number(&mut self, key: &str, value: Option<f64>) {
        if let Some(value) = value
            && !self.kept.contains(&key)
        {
            self.sink.number(key, value);
        }
    }

    fn constants(&mut self, constants: &Constants) {
        if constants.len() == 0 {
            return;
        }
        let is_kept = |(key, _)| self.kept.contains(&key);
        if !self.kept.is_empty() && constants.iter().any(is_kept) {
            return constants.iter().for_each(|(key, value)| self.text(key, Some(value)));
        }
        self.sink.constants(constants);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::{http, network};

    /// Such a span has its tags copied as they are, and shares the bytes of those that are added.
    #[test]
    fn the_usual_tags_of_a_request_a_call_and_a_query_look_like_no_added_one() {
        let origin = Origin::new(&Config::new());
        for key in [
            http::METHOD,
            http::URL,
            http::ROUTE,
            http::STATUS_CODE,
            http::USER_AGENT,
            http::VERSION,
            http::CLIENT_IP,
            network::OUT_HOST,
            network::DESTINATION_PORT,
            network::PEER_SERVICE,
            tags::COMPONENT,
            tags::SPAN_KIND,
            internal::MEASURED,
            internal::PEER_SERVICE_SOURCE,
            "db.system",
            "db.name",
            "db.operation",
            "db.user",
            "db.statement",
        ] {
            assert!(!origin.added.overlaps(KeyBits::of(key)), "{key}");
        }
    }

    #[test]
    fn every_added_key_is_known_as_such() {
        let origin = Origin::new(&Config::new().with_env("prod").with_tag("team", "bread"));
        for key in ADDED_KEYS.into_iter().chain(["team", "_dd.p.dm"]) {
            assert!(origin.adds(key) && origin.added.overlaps(KeyBits::of(key)), "{key}");
        }
        assert!(!origin.adds("plan"));
    }
}
