//! Sets tags on every span of a tracer.

use std::borrow::Cow;

use crate::{
    misuse::Misuse,
    names::is_reserved,
    recording::{Tracer, report, stored_tag},
    values::TagValue,
};

impl Tracer {
    /// Sets tags on every span that this tracer starts from now on, also in traces that have begun;
    /// spans that are already open do not change.
    ///
    /// Tags set on the span take precedence. Names of fields or decisions, such as `service.name`
    /// or `manual.keep`, are left out. At most [`MAX_TAGS_ON_EVERY_SPAN`](crate::MAX_TAGS_ON_EVERY_SPAN) keys.
    pub fn set_tags<'v, K, V>(&self, tags: impl IntoIterator<Item = (K, V)>)
    where
        K: Into<Cow<'static, str>>,
        V: Into<TagValue<'v>>,
    {
        let Some(backing) = self.backing() else { return };
        // Collected before the lock is taken: the iterator is code of the application.
        let tags = tags
            .into_iter()
            .map(|(key, value)| (key.into(), value.into()))
            .filter(|(key, _)| !is_reserved(key))
            .filter_map(|(key, value)| stored_tag(key, value))
            .collect();
        for _ in 0..backing.tags.set(tags) {
            report(Misuse::TooManyTagsOnEverySpan, Some(&*backing.recorder));
        }
    }
}

/// Sets tags on every span that the current tracer starts from now on, from any thread; see
/// [`Tracer::set_tags`].
///
/// ```
/// # use packdog_api as packdog;
/// packdog::set_tags([("version", env!("CARGO_PKG_VERSION"))]);
/// ```
pub fn set_tags<'v, K, V>(tags: impl IntoIterator<Item = (K, V)>)
where
    K: Into<Cow<'static, str>>,
    V: Into<TagValue<'v>>,
{
    Tracer::current().set_tags(tags);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recorder::{Recorder, tracer},
        recording::MAX_TAGS_ON_EVERY_SPAN,
    };

    fn tags(recorder: &Recorder) -> Vec<Vec<(String, TagValue<'static>)>> {
        let mut chunks = recorder.chunks();
        chunks[0].sort();
        chunks[0]
            .spans()
            .map(|span| {
                span.tags().map(|(key, value)| (key.to_owned(), value.to_value())).collect()
            })
            .collect()
    }

    #[test]
    fn spans_started_later_have_them_also_in_a_trace_that_has_begun() {
        let (tracer, recorder) = tracer();
        let root = tracer.span("root").start();
        tracer.set_tags([("version", "1")]);
        let child = root.child("child").start();
        assert_eq!(child.tag("version"), Some("1".into()));
        drop((child, root));
        assert_eq!(tags(&recorder), [vec![], vec![("version".to_owned(), "1".into())]]);
    }

    #[test]
    fn they_give_way_to_tags_of_the_span() {
        let (tracer, recorder) = tracer();
        tracer.set_tags([("version", "1"), ("team", "snacks")]);
        let span = tracer.span("root").tag("version", "2").start();
        span.set_tag("team", "lunch");
        drop(span);
        let expected = [("version", "2"), ("team", "lunch")];
        assert_eq!(tags(&recorder), [expected.map(|(k, v)| (k.to_owned(), v.into()))]);
    }

    #[test]
    fn they_win_over_tags_that_the_implementation_gives_to_roots() {
        let (tracer, recorder) = tracer();
        recorder.give_roots("version", "0");
        tracer.set_tags([("version", "1")]);
        drop(tracer.span("root").start());
        assert_eq!(tags(&recorder), [[("version".to_owned(), "1".into())]]);
    }

    #[test]
    fn one_can_be_removed_from_a_span_alone() {
        let (tracer, recorder) = tracer();
        tracer.set_tags([("version", "1"), ("team", "snacks")]);
        let root = tracer.span("root").start();
        let child = root.child("child").start();
        child.remove_tag("version");
        drop((child, root));
        let keys = tags(&recorder)
            .into_iter()
            .map(|tags| tags.into_iter().map(|(key, _)| key).collect::<Vec<_>>())
            .collect::<Vec<_>>();
        assert_eq!(keys, [vec!["version", "team"], vec!["team"]]);
    }

    #[test]
    fn a_later_call_changes_one_and_keeps_the_others() {
        let (tracer, _recorder) = tracer();
        tracer.set_tags([("version", "1"), ("team", "snacks")]);
        let before = tracer.span("before").start();
        tracer.set_tags([("version", "2")]);
        let after = tracer.span("after").start();
        let versions = [&before, &after].map(|span| span.tag("version"));
        assert_eq!(versions, [Some("1".into()), Some("2".into())]);
        assert_eq!(after.tag("team"), Some("snacks".into()));
    }

    #[test]
    fn reserved_names_are_left_out() {
        let (tracer, recorder) = tracer();
        tracer.set_tags([("service.name", "other"), ("manual.drop", "true"), ("error", "true")]);
        drop(tracer.span("root").start());
        let chunks = recorder.chunks();
        let span = chunks[0].spans().next().unwrap();
        assert_eq!((span.service(), span.tags().count(), span.is_error()), ("users", 0, false));
        assert_ne!(chunks[0].trace_tags().get("_dd.p.dm"), Some("-4"));
    }

    #[test]
    fn one_more_than_the_limit_is_dropped_and_counted() {
        let (tracer, recorder) = tracer();
        tracer.set_tags((0..=MAX_TAGS_ON_EVERY_SPAN).map(|n| (format!("tag{n}"), n)));
        drop(tracer.span("root").start());
        assert_eq!(tags(&recorder)[0].len(), MAX_TAGS_ON_EVERY_SPAN);
        assert_eq!(recorder.misuses(), [Misuse::TooManyTagsOnEverySpan]);
    }

    #[test]
    fn more_bytes_than_the_limit_are_dropped_and_counted() {
        let (tracer, recorder) = tracer();
        let long = "x".repeat(20_000);
        tracer.set_tags((0..4).map(|n| (format!("tag{n}"), long.as_str())));
        tracer.set_tags([("tag0", "short")]);
        tracer.set_tags([("tag3", long.as_str())]);
        drop(tracer.span("root").start());
        let bytes = |tags: &[(String, TagValue<'_>)]| -> usize {
            tags.iter().map(|(key, value)| key.len() + value.as_str().unwrap().len()).sum()
        };
        assert_eq!(bytes(&tags(&recorder)[0]), 3 * (4 + 20_000) + 4 + 5);
        assert_eq!(recorder.misuses(), [Misuse::TooManyTagsOnEverySpan]);
    }
}
