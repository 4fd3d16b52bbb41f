//! A fast guess at whether a key is one of a few.

/// Keys, of which it remembers next to nothing: a key that was added is always found, another one
/// sometimes.
///
/// One comparison distinguishes nearly every new key of a span from its others, and nearly every
/// span from the tags that are added to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyBits(u64);

impl KeyBits {
    /// No keys.
    pub const NONE: Self = Self(0);

    /// Returns this key alone.
    #[inline]
    pub const fn of(key: &str) -> Self {
        Self::of_bytes(key.as_bytes())
    }

    #[inline]
    pub(super) const fn of_bytes(key: &[u8]) -> Self {
        let hash = match key {
            // Tags of a trace, of which there may be any.
            [b'_', b'd', b'd', b'.', b'p', b'.', ..] => 0,
            // The factors were searched for: no tag of a request or a call has the place of one
            // that the tracer adds by itself, and those of one span all have different ones.
            [.., before, last] => key.len() + 47 * *last as usize + 26 * *before as usize,
            _ => 0,
        };
        Self(1 << (hash & 63))
    }

    /// Returns these keys, where they are constants.
    pub const fn of_all(mut keys: &[&str]) -> Self {
        let mut all = Self::NONE;
        while let [key, others @ ..] = keys {
            all = all.and(Self::of(key));
            keys = others;
        }
        all
    }

    /// Returns the keys of both.
    #[inline]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether a key may be in both.
    #[inline]
    pub fn overlaps(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl<'a> FromIterator<&'a str> for KeyBits {
    fn from_iter<I: IntoIterator<Item = &'a str>>(keys: I) -> Self {
        keys.into_iter().map(Self::of).fold(Self::NONE, Self::and)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_was_added_is_always_found_and_few_others_are() {
        let known = ["_dd.origin", "env", "version", "_dd.p.any", "x", ""];
        let keys = known.into_iter().collect::<KeyBits>();
        assert!(known.into_iter().all(|key| keys.overlaps(KeyBits::of(key))));
        assert!(keys.overlaps(KeyBits::of("_dd.p.other")));
        let others = ["http.method", "http.url", "http.status_code", "component", "_dd.measured"];
        assert!(others.into_iter().all(|key| !keys.overlaps(KeyBits::of(key))));
        assert!(!KeyBits::NONE.overlaps(KeyBits::of("env")));
    }

    #[test]
    fn no_two_tags_of_a_request_or_a_call_are_alike() {
        let keys = [
            "span.kind",
            "_dd.measured",
            "component",
            "http.method",
            "http.url",
            "http.route",
            "http.version",
            "http.useragent",
            "http.referrer_hostname",
            "http.status_code",
            "baggage.user.id",
            "out.host",
            "network.destination.port",
        ];
        keys.into_iter().fold(KeyBits::NONE, |others, key| {
            assert!(!others.overlaps(KeyBits::of(key)), "{key}");
            others.and(KeyBits::of(key))
        });
    }
}
