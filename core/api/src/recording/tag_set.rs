//! Tags, resource and type that many spans begin with, encoded once.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::{OwnTags, State};
use crate::values::TagValue;

/// Tags that many spans begin with, such as the method and the kind of requests that are alike, with
/// their resource and type.
///
/// They are encoded when the set is made, and a span that has no tags yet takes them in one copy:
/// that costs less than setting one of them.
#[derive(Clone, Debug, Default)]
pub struct TagSet {
    tags: OwnTags,
    pub(super) resource: Option<SmolStr>,
    pub(super) span_type: Option<SmolStr>,
}

impl TagSet {
    /// Returns an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a tag whose name is not reserved, as [`SpanBuilder::tag`](crate::SpanBuilder::tag) does.
    pub fn tag<'v>(self, key: &'static str, value: impl Into<TagValue<'v>>) -> Self {
        self.with(key, value.into(), false)
    }

    /// Adds a tag that is replaced by one that the application sets. Its name is not reserved.
    pub fn derived_tag<'v>(self, key: &'static str, value: impl Into<TagValue<'v>>) -> Self {
        self.with(key, value.into(), true)
    }

    /// Sets a resource that is replaced by one that the application sets.
    pub fn derived_resource(mut self, resource: impl Into<Cow<'static, str>>) -> Self {
        self.resource = Some(State::resource_text(resource));
        self
    }

    /// Sets a type that is replaced by one that the application sets.
    pub fn derived_type(mut self, span_type: &'static str) -> Self {
        self.span_type = Some(State::type_text(span_type));
        self
    }

    fn with(mut self, key: &str, value: TagValue<'_>, is_derived: bool) -> Self {
        if let Some(value) = value.stored() {
            self.tags.put(key, value, is_derived);
        }
        self
    }

    #[inline]
    pub(crate) fn tags(&self) -> &OwnTags {
        &self.tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorder::tracer;

    #[test]
    fn a_set_is_taken_whole_and_the_application_has_the_last_word() {
        let (tracer, recorder) = tracer();
        let set = TagSet::new().tag("span.kind", "server").derived_tag("http.method", "GET");
        let set = set.derived_tag("_dd.measured", 1);
        let before = tracer.span("before").tag("http.method", "mine").tag_set(&set);
        let after = tracer.span("after").tag_set(&set).tag("http.method", "mine");
        let alone = tracer.span("alone").tag_set(&set).derived_tag("span.kind", "client");
        [before, after, alone].into_iter().for_each(|builder| drop(builder.start()));
        let methods = recorder.chunks().into_iter().map(|chunk| {
            let span = chunk.spans().next().unwrap();
            let text = |key| span.tag(key).unwrap().as_str().unwrap().to_owned();
            assert_eq!(span.tag("_dd.measured").unwrap().as_f64(), Some(1.0));
            assert_eq!(text("span.kind"), "server");
            text("http.method")
        });
        assert_eq!(methods.collect::<Vec<_>>(), ["mine", "mine", "GET"]);
    }

    #[test]
    fn a_resource_and_a_type_of_a_set_are_those_of_the_span_unless_the_application_sets_others() {
        let (tracer, recorder) = tracer();
        let set = TagSet::new().derived_resource("GET /a").derived_type("web");
        let chosen = tracer.span("chosen").tag_set(&set).resource("mine").span_type("other");
        drop((tracer.span("alone").tag_set(&set).start(), chosen.start()));
        drop(tracer.span("without").tag_set(&TagSet::new()).start());
        let shown = recorder.chunks().into_iter().map(|chunk| {
            let span = chunk.spans().next().unwrap();
            (span.resource().to_owned(), span.span_type().to_owned())
        });
        let expected = [("GET /a", "web"), ("mine", "other"), ("without", "")];
        let expected = expected.map(|(resource, of)| (resource.to_owned(), of.to_owned()));
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_text_in_pieces_is_one_text_whatever_its_length() {
        let (tracer, recorder) = tracer();
        let long = "x".repeat(crate::text::MAX_TAG_VALUE_BYTES);
        for (piece, expected) in [("/", 9), (&*"x".repeat(300), 308), (&*long, long.len())] {
            let builder =
                tracer.span("request").derived_pieces("http.url", ["http://", piece, "?"]);
            drop(builder.start());
            let chunks = recorder.chunks();
            let span = chunks.last().unwrap().spans().next().unwrap();
            let url = span.tag("http.url").unwrap().as_str().unwrap().to_owned();
            assert_eq!(url.len(), expected);
            assert!(format!("http://{piece}?").starts_with(&url));
        }
        let builder = tracer.span("request").tag("http.url", "mine");
        drop(builder.derived_pieces("http.url", ["http://", "derived"]).start());
        let chunks = recorder.chunks();
        let span = chunks.last().unwrap().spans().next().unwrap();
        assert_eq!(span.tag("http.url").unwrap().as_str(), Some("mine"));
    }
}
