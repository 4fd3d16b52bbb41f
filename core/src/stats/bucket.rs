//! The rows of ten seconds: counts and durations of spans by their key.
//!
//! The number of rows is limited, and so are the different resources, endpoints and peer tags
//! among them. What is too much is counted under `tracer_blocked_value`, so that the sums over all
//! rows stay exact.

use std::collections::HashSet;

use super::{
    key::{BLOCKED, Key},
    rows::Rows,
    sketch::Sketch,
};

/// The most distinct values in a bucket.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cardinality {
    /// Rows, without the one for the spans that find none.
    pub(super) rows: usize,
    pub(super) resources: usize,
    pub(super) endpoints: usize,
    /// Lists of peer tags.
    pub(super) peers: usize,
}

/// The spans of ten seconds.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    rows: Rows,
    resources: Distinct,
    endpoints: Distinct,
    peers: Distinct,
}

/// The sums of the spans with the same key.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) hits: u64,
    pub(super) errors: u64,
    pub(super) top_level_hits: u64,
    /// Nanoseconds.
    pub(super) duration: u64,
    /// Durations of spans without an error.
    pub(super) ok: Sketch,
    /// Durations of spans with an error.
    pub(super) failed: Sketch,
}

/// The part of one span that is counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measures {
    /// Nanoseconds.
    pub(super) duration: u64,
    pub(super) is_error: bool,
    pub(super) is_top_level: bool,
}

impl Bucket {
    /// Counts a span.
    #[inline]
    pub(super) fn add(&mut self, key: Key<&[u8]>, span: Measures, limits: &Cardinality) {
        match self.rows.find(&key) {
            Some(row) => row.add(span), // The usual case, in which nothing is copied.
            None => self.add_to_new_row(key.texts(), span, limits),
        }
    }

    #[cold]
    fn add_to_new_row(&mut self, key: Key<&str>, span: Measures, limits: &Cardinality) {
        let admitted = Key {
            resource: self.resources.admit(key.resource, limits.resources),
            http_endpoint: self.endpoints.admit(key.http_endpoint, limits.endpoints),
            peer_tags: self.peers.admit(key.peer_tags, limits.peers),
            ..key
        };
        let is_full = self.rows.len() >= limits.rows;
        // A key with a blocked value may be known.
        if let Some(row) = self.rows.find(&admitted.as_bytes()) {
            return row.add(span);
        }
        if !is_full {
            return self.rows.add(admitted).add(span);
        }
        match self.rows.find(&Key::OVERFLOW.as_bytes()) {
            Some(row) => row.add(span),
            None => self.rows.add(Key::OVERFLOW).add(span),
        }
    }

    pub(super) fn into_rows(self) -> impl Iterator<Item = (Key<Box<str>>, Row)> {
        self.rows.into_iter()
    }
}

impl Row {
    fn add(&mut self, span: Measures) {
        self.hits += 1;
        self.errors += u64::from(span.is_error);
        self.top_level_hits += u64::from(span.is_top_level);
        self.duration = self.duration.saturating_add(span.duration);
        let sketch = if span.is_error { &mut self.failed } else { &mut self.ok };
        sketch.add(span.duration);
    }
}

/// The different values that were seen of one text.
#[derive(Debug, Default)]
struct Distinct(HashSet<Box<str>>);

impl Distinct {
    /// Returns the text, or the blocked value if it is one too many. The empty text is always
    /// admitted.
    fn admit<'a>(&mut self, text: &'a str, limit: usize) -> &'a str {
        if text.is_empty() || self.0.contains(text) {
            return text;
        }
        if self.0.len() >= limit {
            return BLOCKED;
        }
        self.0.insert(text.into());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: Measures = Measures { duration: 1_000, is_error: false, is_top_level: true };

    fn cardinality(rows: usize, each: usize) -> Cardinality {
        Cardinality { rows, resources: each, endpoints: each, peers: each }
    }

    fn add(bucket: &mut Bucket, resource: &str, limits: &Cardinality) {
        let key = Key { service: "users", resource, ..Key::default() };
        bucket.add(key.as_bytes(), OK, limits);
    }

    /// Resource, service and hits of each row, sorted.
    fn rows(bucket: Bucket) -> Vec<(String, String, u64)> {
        let mut rows: Vec<_> = bucket
            .into_rows()
            .map(|(key, row)| (key.resource.into(), key.service.into(), row.hits))
            .collect();
        rows.sort();
        rows
    }

    fn row(resource: &str, service: &str, hits: u64) -> (String, String, u64) {
        (resource.to_owned(), service.to_owned(), hits)
    }

    #[test]
    fn a_row_sums_up_its_spans() {
        let mut bucket = Bucket::default();
        let limits = cardinality(10, 10);
        let key = Key { service: "users", ..Key::default() };
        let key = key.as_bytes();
        bucket.add(key, OK, &limits);
        bucket.add(key, Measures { duration: 500, is_error: true, is_top_level: false }, &limits);
        bucket.add(key, Measures { duration: 7, ..OK }, &limits);
        let (_, row) = bucket.into_rows().next().unwrap();
        assert_eq!((row.hits, row.errors, row.top_level_hits, row.duration), (3, 1, 2, 1_507));
    }

    #[test]
    fn a_resource_over_the_limit_is_blocked_and_the_rest_of_its_key_stays() {
        let mut bucket = Bucket::default();
        let limits = cardinality(10, 2);
        for resource in ["a", "b", "c", "d", "a", "c", ""] {
            add(&mut bucket, resource, &limits);
        }
        let expected = [
            row("", "users", 1),
            row("a", "users", 2),
            row("b", "users", 1),
            row(BLOCKED, "users", 3),
        ];
        assert_eq!(rows(bucket), expected);
    }

    #[test]
    fn endpoints_and_peers_have_limits_of_their_own() {
        let mut bucket = Bucket::default();
        let limits = Cardinality { rows: 10, resources: 10, endpoints: 1, peers: 2 };
        for (http_endpoint, peer_tags) in [("/a", "x"), ("/b", "y"), ("/a", "z")] {
            let key = Key { http_endpoint, peer_tags, ..Key::default() };
            bucket.add(key.as_bytes(), OK, &limits);
        }
        let mut seen: Vec<_> = bucket
            .into_rows()
            .map(|(key, _)| (key.http_endpoint.to_string(), key.peer_tags.to_string()))
            .collect();
        seen.sort();
        let expected = [("/a", BLOCKED), ("/a", "x"), (BLOCKED, "y")];
        assert_eq!(seen, expected.map(|(endpoint, peer)| (endpoint.to_owned(), peer.to_owned())));
    }

    #[test]
    fn a_row_over_the_limit_is_blocked_whole_and_the_sums_stay_exact() {
        let mut bucket = Bucket::default();
        let limits = cardinality(2, 100);
        for resource in ["a", "b", "c", "d", "a", "e"] {
            add(&mut bucket, resource, &limits);
        }
        let expected = [row("a", "users", 2), row("b", "users", 1), row(BLOCKED, BLOCKED, 3)];
        assert_eq!(rows(bucket), expected);
    }
}
