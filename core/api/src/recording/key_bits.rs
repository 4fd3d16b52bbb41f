//! A fast guess at whether a key is one of a few.

use crate::names::MEASURED;

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
    pub fn of(key: &str) -> Self {
        let hash = match key.as_bytes() {
            // The tags of tracers begin with `_` in most cases, and little else does but the mark of
            // each request, which no tracer adds.
            [b'_', ..] if key != MEASURED => 0,
            // Among the tags of a request, a call and a query, no two are alike.
            [.., before, last] => key.len() + 10 * usize::from(*last) + 27 * usize::from(*before),
            _ => key.len(),
        };
        Self(1 << (hash & 63))
    }

    /// Returns the keys of both.
    #[inline]
    pub fn and(self, other: Self) -> Self {
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
        let known = ["_dd.origin", "env", "version", "x", ""];
        let keys = known.into_iter().collect::<KeyBits>();
        assert!(known.into_iter().all(|key| keys.overlaps(KeyBits::of(key))));
        let others = ["http.method", "http.url", "http.route", "http.status_code", "component"];
        assert!(others.into_iter().all(|key| !keys.overlaps(KeyBits::of(key))));
        assert!(!keys.overlaps(KeyBits::of(MEASURED)), "it is on each request");
        assert!(!KeyBits::NONE.overlaps(KeyBits::of("env")));
    }
}
