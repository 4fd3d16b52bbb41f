//! The tags that many requests have alike, encoded once for each thread: kind, component, method and
//! version.
//!
//! Setting one of them costs as much as copying all of them together.

use std::cell::Cell;

use http::Version;
use packdog::{
    internal::TagSet,
    span::{SpanBuilder, SpanKind},
    tags,
};

use super::resource::METHODS;

/// The components whose requests have encoded tags; those of others are encoded each time.
const COMPONENTS: [&str; 4] = ["axum", "tower", "tonic", "reqwest"];

thread_local! {
    /// The encoded tags by their [key](SharedTags::key), of which there are a few hundred at most. For each
    /// thread, because a lock would not survive a fork.
    static SETS: Cell<Vec<(usize, Box<TagSet>)>> = const { Cell::new(Vec::new()) };
}

/// The tags of a request that many others have as well.
#[derive(Clone, Copy, Debug)]
pub(super) struct SharedTags {
    pub(super) is_server: bool,
    pub(super) component: &'static str,
    /// One of [`METHODS`].
    pub(super) method: Option<&'static str>,
    pub(super) version: Option<Version>,
}

impl SharedTags {
    /// Adds the tags to a span that has none yet.
    pub(super) fn show(self, builder: SpanBuilder) -> SpanBuilder {
        let Some(key) = self.key() else { return builder.tag_set(&self.encode()) };
        let mut sets = SETS.try_with(Cell::take).unwrap_or_default();
        let builder = match sets.iter().find(|(known, _)| *known == key) {
            Some((_, set)) => builder.tag_set(set),
            None => {
                let set = Box::new(self.encode());
                let builder = builder.tag_set(&set);
                sets.push((key, set));
                builder
            }
        };
        let _ = SETS.try_with(|kept| kept.set(sets)); // Fails while the thread ends.
        builder
    }

    /// Returns a number that no other tags have; `None` if the tags are unusual ones.
    fn key(self) -> Option<usize> {
        let index = |list: &[&str], text: &str| list.iter().position(|known| *known == text);
        let component = index(&COMPONENTS, self.component)?;
        let method = match self.method {
            Some(method) => 1 + index(&METHODS, method)?,
            None => 0,
        };
        let version = match self.version.map(version_and_index) {
            Some(known) => 1 + known?.1,
            None => 0,
        };
        Some(((component << 8 | method) << 8 | version) << 1 | usize::from(self.is_server))
    }

    fn encode(self) -> TagSet {
        let set = if self.is_server {
            let set = TagSet::new().tag(tags::SPAN_KIND, SpanKind::Server.as_str());
            set.derived_tag(tags::internal::MEASURED, 1)
        } else {
            TagSet::new().tag(tags::SPAN_KIND, SpanKind::Client.as_str())
        };
        let texts = [
            (tags::COMPONENT, Some(self.component)),
            (tags::http::METHOD, self.method),
            (tags::http::VERSION, self.version.and_then(version_and_index).map(|(text, _)| text)),
        ];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text?)));
        texts.fold(set, |set, (key, text)| set.derived_tag(key, text))
    }
}

/// The version of the protocol as it is tagged, and a number for it; `None` for an unknown one.
fn version_and_index(version: Version) -> Option<(&'static str, usize)> {
    match version {
        Version::HTTP_09 => Some(("0.9", 0)),
        Version::HTTP_10 => Some(("1.0", 1)),
        Version::HTTP_11 => Some(("1.1", 2)),
        Version::HTTP_2 => Some(("2", 3)),
        Version::HTTP_3 => Some(("3", 4)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_combination_has_a_key_of_its_own_and_unusual_ones_have_none() {
        let versions = [Version::HTTP_09, Version::HTTP_10, Version::HTTP_11, Version::HTTP_2];
        let versions = || versions.into_iter().chain([Version::HTTP_3]).map(Some).chain([None]);
        let mut keys = BTreeSet::new();
        for is_server in [true, false] {
            for component in COMPONENTS {
                for method in METHODS.into_iter().map(Some).chain([None]) {
                    for version in versions() {
                        let alike = SharedTags { is_server, component, method, version };
                        assert!(keys.insert(alike.key().unwrap()), "{alike:?}");
                    }
                }
            }
        }
        let method = Some("BREW");
        let alike = SharedTags { is_server: true, component: "axum", method, version: None };
        assert_eq!(alike.key(), None);
        assert_eq!(SharedTags { component: "mine", method: None, ..alike }.key(), None);
    }
}
