//! Tags that many spans have alike, encoded once.

use super::pack;

/// Texts that are known when the tracer starts.
#[derive(Debug, Default)]
pub(super) struct Constants {
    tags: Vec<(String, String)>,
    /// The same tags as `v0.4` has them: keys and values one after the other.
    encoded: Vec<u8>,
}

impl Constants {
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().map(|(key, value)| (&**key, &**value))
    }

    pub(super) fn len(&self) -> u32 {
        self.tags.len() as u32
    }

    /// The pairs in MessagePack, without the header of a map.
    pub(super) fn encoded(&self) -> &[u8] {
        &self.encoded
    }
}

impl<K: Into<String>> FromIterator<(K, String)> for Constants {
    fn from_iter<I: IntoIterator<Item = (K, String)>>(tags: I) -> Self {
        let tags = tags.into_iter().map(|(key, value)| (key.into(), value)).collect::<Vec<_>>();
        let mut encoded = Vec::new();
        for (key, value) in &tags {
            pack::text(&mut encoded, key);
            pack::text(&mut encoded, value);
        }
        Self { tags, encoded }
    }
}
