//! Tags that many spans begin with, encoded once.

use super::OwnTags;
use crate::values::TagValue;

/// Tags that many spans begin with, such as the method and the kind of requests that are alike.
///
/// They are encoded when the set is made, and a span that has no tags yet takes them in one copy:
/// that costs less than setting one of them.
#[derive(Clone, Debug, Default)]
pub struct TagSet(OwnTags);

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

    fn with(mut self, key: &str, value: TagValue<'_>, is_derived: bool) -> Self {
        if let Some(value) = value.stored() {
            self.0.put(key, value, is_derived);
        }
        self
    }

    #[inline]
    pub(crate) fn tags(&self) -> &OwnTags {
        &self.0
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
