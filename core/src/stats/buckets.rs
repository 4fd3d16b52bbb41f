//! The open buckets: ten seconds each, by the end of the spans.
//!
//! ```text
//! ──────┬──────────────┬──────────────┬─────▶ time
//!       │   previous   │   current    │
//!       └──────────────┴──────now─────┘
//! ```
//! A span that ended before these two counts in the previous bucket, and one that says that it
//! ends later in the current one. So there are never more than two that can change, and what is
//! older is full.

use std::collections::BTreeMap;

use super::{
    bucket::{Bucket, Cardinality, Measures},
    key::Key,
    payload::FullBucket,
};

/// The length of a bucket in nanoseconds.
pub(super) const BUCKET_NANOS: u64 = 10_000_000_000;

/// The open buckets by their start.
#[derive(Debug, Default)]
pub(super) struct Buckets(BTreeMap<u64, Bucket>);

impl Buckets {
    /// Counts a span that ended at `end`; times are nanoseconds of Unix time.
    pub(super) fn add(
        &mut self,
        key: Key<&[u8]>,
        span: Measures,
        end: u64,
        now: u64,
        limits: &Cardinality,
    ) {
        let (previous, current) = open_at(now);
        let start = aligned(end).clamp(previous, current);
        self.0.entry(start).or_default().add(key, span, limits);
    }

    /// Takes the buckets that are full, or all of them.
    pub(super) fn take(&mut self, now: u64, with_open_ones: bool) -> Vec<FullBucket> {
        let (previous, _) = open_at(now);
        let open = self.0.split_off(&previous);
        let mut full = std::mem::replace(&mut self.0, open);
        if with_open_ones {
            full.append(&mut self.0);
        }
        let bucket = |(start, bucket): (u64, Bucket)| FullBucket {
            start,
            duration: BUCKET_NANOS,
            rows: bucket.into_rows().collect(),
        };
        full.into_iter().map(bucket).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The starts of the previous and of the current bucket.
fn open_at(now: u64) -> (u64, u64) {
    let current = aligned(now);
    (current.saturating_sub(BUCKET_NANOS), current)
}

fn aligned(time: u64) -> u64 {
    time - time % BUCKET_NANOS
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Cardinality = Cardinality { rows: 10, resources: 10, endpoints: 10, peers: 10 };
    const SPAN: Measures = Measures { duration: 1, is_error: false, is_top_level: true };
    const SECOND: u64 = 1_000_000_000;

    fn add(buckets: &mut Buckets, end: u64, now: u64) {
        buckets.add(Key::default(), SPAN, end * SECOND, now * SECOND, &LIMITS);
    }

    /// The starts of buckets in seconds, and the spans in them.
    fn taken(buckets: &mut Buckets, now: u64, with_open_ones: bool) -> Vec<(u64, u64)> {
        let full = buckets.take(now * SECOND, with_open_ones);
        let hits = |bucket: &FullBucket| bucket.rows.iter().map(|(_, row)| row.hits).sum();
        full.iter().map(|bucket| (bucket.start / SECOND, hits(bucket))).collect()
    }

    #[test]
    fn spans_count_where_they_end_as_long_as_that_bucket_is_open() {
        let mut buckets = Buckets::default();
        for end in [105, 110, 119, 90, 5, 0, 125, 1_000_000] {
            add(&mut buckets, end, 115);
        }
        assert_eq!(taken(&mut buckets, 115, true), [(100, 4), (110, 4)]);
        assert!(buckets.is_empty());
    }

    #[test]
    fn a_bucket_is_full_when_two_newer_ones_have_begun() {
        let mut buckets = Buckets::default();
        add(&mut buckets, 105, 105);
        add(&mut buckets, 112, 112);
        assert_eq!(taken(&mut buckets, 119, false), []);
        assert_eq!(taken(&mut buckets, 120, false), [(100, 1)]);
        assert_eq!(taken(&mut buckets, 120, false), []);
        assert_eq!(taken(&mut buckets, 120, true), [(110, 1)]);
    }

    #[test]
    fn a_clock_that_goes_back_loses_nothing() {
        let mut buckets = Buckets::default();
        add(&mut buckets, 200, 200);
        add(&mut buckets, 100, 100);
        assert_eq!(taken(&mut buckets, 100, false), []);
        assert_eq!(taken(&mut buckets, 220, false), [(100, 1), (200, 1)]);
    }
}
