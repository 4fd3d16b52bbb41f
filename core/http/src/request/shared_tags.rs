//! The tags that many requests have alike, encoded once for each thread: kind, component, method,
//! version and route, or the called host and port, with resource and type.
//!
//! Setting one of them costs as much as copying all of them together.

use std::{cell::Cell, ops::Range};

use http::Version;
use packdog::{
    internal::TagSet,
    span::{SpanBuilder, SpanKind},
    tags,
};

use super::resource::{METHODS, resource_of_route, write_resource_of_route};
use crate::scratch::with_text;

/// The type of server spans.
const SERVER_TYPE: &str = "web";
/// The type of client spans.
const CLIENT_TYPE: &str = "http";

/// The number of places for encoded tags. The first requests get them: a service that has more routes
/// than places, or calls more hosts, sets the tags of the others one by one.
const PLACES: usize = 64;
/// The number of places in which tags may be.
const CHOICES: usize = 4;
/// The longest route or host that is kept.
const MAX_KEPT_BYTES: usize = 255;

thread_local! {
    /// The encoded tags, which are allocated by the first request. For each thread, because a lock
    /// would not survive a fork.
    static SETS: Cell<Vec<Option<EncodedTags>>> = const { Cell::new(Vec::new()) };
}

#[derive(Debug)]
struct EncodedTags {
    /// See [`SharedTags::key`].
    key: u64,
    /// The route or the host.
    target: Box<str>,
    set: Box<TagSet>,
}

/// The tags of a request that many others have as well.
#[derive(Clone, Copy, Debug)]
pub(super) struct SharedTags<'a> {
    pub(super) is_server: bool,
    pub(super) component: &'static str,
    /// One of [`METHODS`], and the resource if there is no route.
    pub(super) method: Option<&'static str>,
    pub(super) version: Option<Version>,
    pub(super) target: Option<Target<'a>>,
}

/// The part of a request that only those to the same place have as well.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target<'a> {
    /// The route of a server. With the method, it is the resource.
    Route(&'a str),
    /// The called host and port of a client.
    Host(&'a str, Option<u16>),
}

impl<'a> Target<'a> {
    fn text(self) -> &'a str {
        match self {
            Self::Route(text) | Self::Host(text, _) => text,
        }
    }
}

impl SharedTags<'_> {
    /// Adds the tags to a span that has none yet, with resource and type.
    pub(super) fn show(self, builder: SpanBuilder) -> SpanBuilder {
        let Some(key) = self.key() else { return builder.tag_set(&self.encode()) };
        let mut sets = SETS.try_with(Cell::take).unwrap_or_default();
        let places = self.places(key);
        let mut known = sets.get(places.clone()).unwrap_or_default().iter().flatten();
        let builder = match known.find(|known| known.key == key && *known.target == *self.text()) {
            Some(known) => Ok(builder.tag_set(&known.set)),
            None => self.encode_into(&mut sets, places, key, builder),
        };
        let _ = SETS.try_with(|kept| kept.set(sets)); // Fails while the thread ends.
        builder.unwrap_or_else(|builder| self.show_in_parts(builder))
    }

    /// Encodes the tags for this request and the next ones; returns an error if all places are taken.
    #[cold]
    fn encode_into(
        self,
        sets: &mut Vec<Option<EncodedTags>>,
        places: Range<usize>,
        key: u64,
        builder: SpanBuilder,
    ) -> Result<SpanBuilder, SpanBuilder> {
        if sets.is_empty() {
            sets.resize_with(PLACES + CHOICES, || None);
        }
        let mut places = sets.get_mut(places).unwrap_or_default().iter_mut();
        let free = places.find(|place| place.is_none());
        let Some(place) = free.filter(|_| self.text().len() <= MAX_KEPT_BYTES) else {
            return Err(builder);
        };
        let set = Box::new(self.encode());
        let builder = builder.tag_set(&set);
        *place = Some(EncodedTags { key, target: self.text().into(), set });
        Ok(builder)
    }

    /// Adds route or host apart from the other tags, which nearly all have a place.
    #[cold]
    fn show_in_parts(self, builder: SpanBuilder) -> SpanBuilder {
        let Some(target) = self.target else { return builder.tag_set(&self.encode()) };
        let builder = Self { target: None, ..self }.show(builder);
        let route = match target {
            Target::Route(route) => route,
            Target::Host(host, port) => {
                let builder = builder.derived_texts([(tags::network::OUT_HOST, host)]);
                return match port {
                    Some(port) => builder.derived_tag(tags::network::DESTINATION_PORT, port),
                    None => builder,
                };
            }
        };
        let builder = builder.derived_texts([(tags::http::ROUTE, route)]);
        let Some(method) = self.method else { return builder };
        with_text(
            |resource| write_resource_of_route(resource, method, route),
            |resource| builder.derived_resource_text(resource),
        )
    }

    fn text(&self) -> &str {
        self.target.map(Target::text).unwrap_or_default()
    }

    /// The places in which the encoded tags may be.
    fn places(&self, key: u64) -> Range<usize> {
        let text = self.text().as_bytes();
        let eight = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let text = if let Some(middle) = (text.len() / 2).checked_sub(4) {
            // Eight bytes at each of three places nearly always distinguish it.
            let middle = eight(text.get(middle..).and_then(<[u8]>::first_chunk));
            let (start, end) = (eight(text.first_chunk()), eight(text.last_chunk()));
            start.rotate_left(7) ^ middle.rotate_left(23) ^ end
        } else {
            text.iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte))
        };
        // 2^64 divided by the golden ratio spreads the bits; the highest ones are a place.
        let hash = (text ^ key.rotate_left(40)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (hash >> (u64::BITS - PLACES.ilog2())) as usize;
        place..place + CHOICES
    }

    /// Returns a number that no other tags have, but for route and host; `None` if the component is an unusual
    /// one: then the tags are encoded each time.
    fn key(self) -> Option<u64> {
        // Each pattern is compared by its length first, and then as a number.
        let component = match self.component {
            "axum" => 0,
            "tower" => 1,
            "tonic" => 2,
            "reqwest" => 3,
            _ => return None,
        };
        let method = match self.method {
            None => 0,
            Some("GET") => 1,
            Some("POST") => 2,
            Some(method) => 3 + METHODS.iter().position(|known| *known == method)? as u64,
        };
        let version = match self.version.map(version_and_index) {
            Some(known) => 1 + known?.1,
            None => 0,
        };
        let target = match self.target {
            None => 0,
            Some(Target::Route(_)) => 1,
            Some(Target::Host(_, port)) => 2 + port.map_or(0, |port| 1 + u64::from(port)),
        };
        let number = ((component << 8 | method) << 8 | version) << 1 | u64::from(self.is_server);
        Some(number << 20 | target)
    }

    fn encode(self) -> TagSet {
        let set = if self.is_server {
            let set = TagSet::new().derived_type(SERVER_TYPE);
            let set = set.tag(tags::SPAN_KIND, SpanKind::Server.as_str());
            set.derived_tag(tags::internal::MEASURED, 1)
        } else {
            let set = TagSet::new().derived_type(CLIENT_TYPE);
            set.tag(tags::SPAN_KIND, SpanKind::Client.as_str())
        };
        let set = match (self.method, self.target) {
            (Some(method), Some(Target::Route(route))) => {
                set.derived_resource(resource_of_route(method, route))
            }
            (Some(method), _) => set.derived_resource(method),
            (None, _) => set,
        };
        let (route, host, port) = match self.target {
            Some(Target::Route(route)) => (Some(route), None, None),
            Some(Target::Host(host, port)) => (None, Some(host), port),
            None => (None, None, None),
        };
        let texts = [
            (tags::COMPONENT, Some(self.component)),
            (tags::http::METHOD, self.method),
            (tags::http::VERSION, self.version.and_then(version_and_index).map(|(text, _)| text)),
            (tags::http::ROUTE, route),
            (tags::network::OUT_HOST, host),
        ];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((key, text?)));
        let set = texts.fold(set, |set, (key, text)| set.derived_tag(key, text));
        match port {
            Some(port) => set.derived_tag(tags::network::DESTINATION_PORT, port),
            None => set,
        }
    }
}

/// The version of the protocol as it is tagged, and a number for it; `None` for an unknown one.
fn version_and_index(version: Version) -> Option<(&'static str, u64)> {
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
            for component in ["axum", "tower", "tonic", "reqwest"] {
                for method in METHODS.into_iter().map(Some).chain([None]) {
                    for version in versions() {
                        let alike =
                            SharedTags { is_server, component, method, version, target: None };
                        assert!(keys.insert(alike.key().unwrap()), "{alike:?}");
                    }
                }
            }
        }
        let method = Some("BREW");
        let (component, version, target) = ("axum", None, None);
        let alike = SharedTags { is_server: true, component, method, version, target };
        assert_eq!(alike.key(), None);
        assert_eq!(SharedTags { component: "mine", method: None, ..alike }.key(), None);
    }
}
