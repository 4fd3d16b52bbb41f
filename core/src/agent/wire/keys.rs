//! A fast guess at whether a key is one of a few.

/// Keys, of which it remembers next to nothing: a key that was added is always found, another
/// one sometimes.
///
/// Nearly every tag of an application is distinguished from those of the tracer by this one
/// comparison, instead of by one comparison for each of those.
#[derive(Debug, Default)]
pub(super) struct KeyFilter(u64);

impl KeyFilter {
    pub(super) fn may_contain(&self, key: &str) -> bool {
        self.0 & bit(key) != 0
    }
}

impl<'a> FromIterator<&'a str> for KeyFilter {
    fn from_iter<I: IntoIterator<Item = &'a str>>(keys: I) -> Self {
        Self(keys.into_iter().fold(0, |bits, key| bits | bit(key)))
    }
}

/// One of 64 bits, by the length of the key and its last letters.
fn bit(key: &str) -> u64 {
    let hash = match key.as_bytes() {
        // What the tracer adds begins with `_` in most cases, and little else does.
        [b'_', ..] => 0,
        [.., before, last] => key.len() ^ usize::from(*last) << 2 ^ usize::from(*before),
        _ => key.len(),
    };
    1 << (hash & 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_keys_are_found_and_most_others_are_not() {
        let added = ["_dd.origin", "env", "version", "language", "runtime-id", "é", ""];
        let filter = added.into_iter().collect::<KeyFilter>();
        assert!(added.into_iter().all(|key| filter.may_contain(key)));
        let usual =
            ["http.method", "http.url", "http.route", "http.status_code", "span.kind", "component"];
        let guessed = usual.into_iter().filter(|key| filter.may_contain(key)).count();
        assert!(guessed <= 2, "{guessed}");
    }
}
