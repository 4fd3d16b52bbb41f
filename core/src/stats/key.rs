//! The key of a row: spans that are alike in all of it are counted together.

use std::hash::{Hash, Hasher};

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

impl<S> Key<S> {
    #[inline]
    fn map<'a, T>(&'a self, text: impl Fn(&'a S) -> T) -> Key<T> {
        Key {
            service: text(&self.service),
            name: text(&self.name),
            resource: text(&self.resource),
            span_type: text(&self.span_type),
            span_kind: text(&self.span_kind),
            http_method: text(&self.http_method),
            http_endpoint: text(&self.http_endpoint),
            grpc_status_code: text(&self.grpc_status_code),
            service_source: text(&self.service_source),
            peer_tags: text(&self.peer_tags),
            http_status_code: self.http_status_code,
            is_synthetic: self.is_synthetic,
            is_trace_root: self.is_trace_root,
        }
    }
}

impl Key<Box<str>> {
    pub(super) fn borrowed(&self) -> Key<&str> {
        self.map(|text| &**text)
    }

    /// Whether it is this key. The fields that differ most often come first.
    #[inline]
    pub(super) fn is(&self, other: &Key<&[u8]>) -> bool {
        let same = |own: &str, other: &[u8]| own.as_bytes() == other;
        self.http_status_code == other.http_status_code
            && self.is_synthetic == other.is_synthetic
            && self.is_trace_root == other.is_trace_root
            && same(&self.resource, other.resource)
            && same(&self.name, other.name)
            && same(&self.peer_tags, other.peer_tags)
            && same(&self.service, other.service)
            && same(&self.span_type, other.span_type)
            && same(&self.span_kind, other.span_kind)
            && same(&self.http_method, other.http_method)
            && same(&self.http_endpoint, other.http_endpoint)
            && same(&self.grpc_status_code, other.grpc_status_code)
            && same(&self.service_source, other.service_source)
    }
}

impl Key<&str> {
    pub(super) fn to_owned(self) -> Key<Box<str>> {
        self.map(|text| Box::from(*text))
    }

    pub(super) fn as_bytes(&self) -> Key<&[u8]> {
        self.map(|text| text.as_bytes())
    }
}

impl<'a> Key<&'a [u8]> {
    /// Returns the same key with its texts, all of which are UTF-8.
    pub(super) fn texts(&self) -> Key<&'a str> {
        self.map(|text| str::from_utf8(text).unwrap_or_default())
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

/// Hashes the fields that tell most rows apart. The others seldom differ where these are equal.
impl Hash for Key<&[u8]> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let texts = [self.resource, self.name, self.peer_tags];
        // Where one text ends, and another one begins.
        let [resource, name, _] = texts.map(|text| text.len() as u64);
        state.write_u64(u64::from(self.http_status_code) << 40 ^ resource << 20 ^ name);
        texts.iter().for_each(|text| state.write(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owned_key_is_the_one_that_it_was_made_of_and_no_other() {
        let key = Key {
            service: "users",
            resource: "GET",
            peer_tags: "db:x",
            http_status_code: 200,
            is_trace_root: Some(true),
            ..Key::default()
        };
        let owned = key.to_owned();
        assert!(owned.is(&key.as_bytes()));
        let others = [
            Key { service: "user", name: "s", ..key },
            Key { name: "n", ..key },
            Key { resource: "", ..key },
            Key { span_type: "web", ..key },
            Key { span_kind: "server", ..key },
            Key { http_method: "GET", ..key },
            Key { http_endpoint: "/", ..key },
            Key { grpc_status_code: "0", ..key },
            Key { service_source: "m", ..key },
            Key { peer_tags: "", ..key },
            Key { http_status_code: 201, ..key },
            Key { is_synthetic: true, ..key },
            Key { is_trace_root: None, ..key },
        ];
        for other in others {
            assert!(!owned.is(&other.as_bytes()), "{other:?}");
        }
    }
}
