//! The key of a row: spans that are alike in all of it are counted together.

use std::{
    borrow::Borrow,
    hash::{Hash, Hasher},
};

/// The value of a text that takes the place of too many different ones.
pub(super) const BLOCKED: &str = "tracer_blocked_value";
/// Stands between the peer tags of a key. It is a control character, which [`super::peer_tags`]
/// lets into no tag.
pub(super) const PEER_TAGS_SEPARATOR: char = '\u{1f}';

/// The key of a row, with its texts borrowed or owned. A text that a span lacks is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Key<S> {
    pub(super) service: S,
    pub(super) name: S,
    pub(super) resource: S,
    pub(super) span_type: S,
    pub(super) span_kind: S,
    pub(super) http_method: S,
    pub(super) http_endpoint: S,
    pub(super) grpc_status_code: S,
    pub(super) service_source: S,
    /// `key:value`, with [`PEER_TAGS_SEPARATOR`] between them.
    pub(super) peer_tags: S,
    pub(super) http_status_code: u32,
    pub(super) is_synthetic: bool,
    /// Whether the span is the first of its trace in all services; `None` where spans of both
    /// kinds are counted.
    pub(super) is_trace_root: Option<bool>,
}

impl<S: AsRef<str>> Key<S> {
    pub(super) fn borrowed(&self) -> Key<&str> {
        self.map(|text| text)
    }

    pub(super) fn to_owned(&self) -> Key<Box<str>> {
        self.map(Box::from)
    }

    fn map<'a, T>(&'a self, text: impl Fn(&'a str) -> T) -> Key<T> {
        Key {
            service: text(self.service.as_ref()),
            name: text(self.name.as_ref()),
            resource: text(self.resource.as_ref()),
            span_type: text(self.span_type.as_ref()),
            span_kind: text(self.span_kind.as_ref()),
            http_method: text(self.http_method.as_ref()),
            http_endpoint: text(self.http_endpoint.as_ref()),
            grpc_status_code: text(self.grpc_status_code.as_ref()),
            service_source: text(self.service_source.as_ref()),
            peer_tags: text(self.peer_tags.as_ref()),
            http_status_code: self.http_status_code,
            is_synthetic: self.is_synthetic,
            is_trace_root: self.is_trace_root,
        }
    }
}

impl Key<&'static str> {
    /// The key of the row for spans that find no row of their own.
    pub(super) const OVERFLOW: Self = Self {
        service: BLOCKED,
        name: BLOCKED,
        resource: BLOCKED,
        span_type: BLOCKED,
        span_kind: BLOCKED,
        http_method: BLOCKED,
        http_endpoint: BLOCKED,
        grpc_status_code: "",
        service_source: "",
        peer_tags: "",
        http_status_code: 0,
        is_synthetic: false,
        is_trace_root: None,
    };
}

/// A key with its texts borrowed or owned, so that a map with owned keys can be searched without
/// an allocation.
pub(super) trait AsKey {
    fn as_key(&self) -> Key<&str>;
}

impl<S: AsRef<str>> AsKey for Key<S> {
    fn as_key(&self) -> Key<&str> {
        self.borrowed()
    }
}

/// Hashes the fields that tell most rows apart. The others seldom differ where these are equal.
impl<S: AsRef<str>> Hash for Key<S> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let texts = [&self.resource, &self.name, &self.peer_tags].map(|text| text.as_ref());
        // Where one text ends, and another one begins.
        let [resource, name, _] = texts.map(|text| text.len() as u64);
        state.write_u64(u64::from(self.http_status_code) << 40 ^ resource << 20 ^ name);
        texts.iter().for_each(|text| state.write(text.as_bytes()));
    }
}

/// Equal to the hash of an owned key, by which a map finds its place.
impl Hash for dyn AsKey + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_key().hash(state);
    }
}

impl PartialEq for dyn AsKey + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.as_key() == other.as_key()
    }
}

impl Eq for dyn AsKey + '_ {}

impl<'a> Borrow<dyn AsKey + 'a> for Key<Box<str>> {
    fn borrow(&self) -> &(dyn AsKey + 'a) {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn a_borrowed_key_finds_its_owned_form_and_no_other() {
        let key = Key {
            service: "users",
            resource: "GET",
            peer_tags: "db:x",
            http_status_code: 200,
            is_trace_root: Some(true),
            ..Key::default()
        };
        let rows = HashMap::from([(key.to_owned(), 7)]);
        assert_eq!(rows.get(&key as &dyn AsKey), Some(&7));
        let others = [
            Key { service: "user", name: "s", ..key },
            Key { http_status_code: 201, ..key },
            Key { is_trace_root: None, ..key },
            Key { peer_tags: "", ..key },
        ];
        for other in others {
            assert_eq!(rows.get(&other as &dyn AsKey), None, "{other:?}");
        }
    }
}
