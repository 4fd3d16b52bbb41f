//! The computation of statistics, from chunks of spans to the bodies of requests.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use packdog_api::implementation::Chunk;

use super::{
    StatsInfo,
    bucket::Cardinality,
    buckets::{BUCKET_NANOS, Buckets},
    facts::Facts,
    filter::TraceFilter,
    payload::{self, FullBucket, Header},
};
use crate::{
    Config,
    sampling::{ProcessTags, SpanView},
};

/// About the most bytes of one body. All rows of a bucket fit, unless their durations are spread
/// very widely.
const MAX_BODY_BYTES: usize = 8 << 20;

/// The time after which there may be full buckets again.
pub(crate) const STATS_INTERVAL: Duration = Duration::from_nanos(BUCKET_NANOS);

/// The body of one request.
pub(crate) type StatsBody = Vec<u8>;

/// Computes statistics, as long as the Datadog Agent leaves that to the tracer.
#[derive(Debug)]
pub(crate) struct StatsComputation {
    is_wanted: bool,
    /// The Agent's `/info`, while the tracer computes.
    info: Option<StatsInfo>,
    filter: TraceFilter,
    cardinality: Cardinality,
    buckets: Buckets,
    process: ProcessTags,
    header: Header,
    /// Grows with each payload.
    sequence: u64,
    /// Memory for the peer tags of a span.
    peers: String,
}

impl StatsComputation {
    /// Creates a computation that waits for an Agent.
    pub(crate) fn new(config: &Config, process_tags: Option<String>) -> Self {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let header = Header {
            hostname: config.reported_hostname().unwrap_or_default(),
            env: text(config.env()),
            version: text(config.version()),
            service: config.service().to_owned(),
            git_commit_sha: text(config.git_commit_sha()),
            process_tags: process_tags.unwrap_or_default(),
        };
        let cardinality = Cardinality {
            rows: config.stats_cardinality_limit(),
            resources: config.stats_resource_cardinality_limit(),
            endpoints: config.stats.max_endpoints,
            peers: config.stats.max_peers,
        };
        Self {
            is_wanted: config.computes_stats(),
            info: None,
            filter: TraceFilter::default(),
            cardinality,
            buckets: Buckets::default(),
            process: ProcessTags::new(config),
            header,
            sequence: 0,
            peers: String::new(),
        }
    }

    /// Computes as long as the Agent offers it. `info` is its description of itself, and
    /// `takes_stats` whether it has an endpoint for statistics.
    pub(crate) fn follow(&mut self, info: &StatsInfo, takes_stats: bool) {
        let is_active = self.is_wanted && takes_stats && info.offers_stats();
        let info = is_active.then_some(info);
        if info != self.info.as_ref() {
            self.filter = info.map(TraceFilter::new).unwrap_or_default();
            self.info = info.cloned();
        }
    }

    /// Whether the tracer computes statistics, so that the Agent must not.
    pub(crate) fn is_active(&self) -> bool {
        self.info.is_some()
    }

    /// Whether there is something to be sent.
    pub(crate) fn has_spans(&self) -> bool {
        !self.buckets.is_empty()
    }

    /// Whether a filter of the Agent would drop this trace, even if sampling keeps it.
    pub(crate) fn filters(&self, chunk: &Chunk) -> bool {
        if self.filter.is_empty() {
            return false;
        }
        // Where the root leaves later, the Agent would look at the topmost span, which came first.
        let root = chunk.spans().find(|span| span.is_local_root()).or_else(|| chunk.span(0));
        root.is_some_and(|root| self.filter.drops(&SpanView::new(&root, &self.process)))
    }

    /// Counts the spans of a chunk, which ended before `now`.
    pub(crate) fn count(&mut self, chunk: &Chunk, now: SystemTime) {
        let Some(info) = &self.info else { return };
        let now = nanos(now);
        let origin = chunk.remote().origin();
        for span in chunk.spans() {
            let facts = Facts::of(&span);
            let Some(measures) = facts.measures(info) else { continue };
            let key = facts.key(origin, &self.header.service, info, &mut self.peers);
            self.buckets.add(key, measures, facts.end(), now, &self.cardinality);
        }
    }

    /// Takes the full buckets, or all of them, as bodies of requests.
    pub(crate) fn take(
        &mut self,
        now: SystemTime,
        with_open_ones: bool,
        runtime_id: &str,
    ) -> Vec<StatsBody> {
        let mut bodies = Vec::new();
        for part in parts(self.buckets.take(nanos(now), with_open_ones)) {
            self.sequence += 1;
            // Strings and numbers can always be encoded.
            bodies.extend(payload::encode(&self.header, runtime_id, self.sequence, &part).ok());
        }
        bodies
    }
}

fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

/// Divides buckets into parts that a request can carry; usually one for all of them.
fn parts(buckets: Vec<FullBucket>) -> Vec<Vec<FullBucket>> {
    let push = |part: &mut Vec<FullBucket>, bucket: FullBucket| {
        if !bucket.rows.is_empty() {
            part.push(bucket);
        }
    };
    let mut parts = Vec::new();
    let mut part = Vec::new();
    let mut bytes = 0;
    for FullBucket { start, duration, rows } in buckets {
        let mut fitting = Vec::new();
        for (key, row) in rows {
            let len = payload::row_len(&key, &row);
            if bytes + len > MAX_BODY_BYTES && bytes > 0 {
                push(&mut part, FullBucket { start, duration, rows: std::mem::take(&mut fitting) });
                parts.push(std::mem::take(&mut part));
                bytes = 0;
            }
            bytes += len;
            fitting.push((key, row));
        }
        push(&mut part, FullBucket { start, duration, rows: fitting });
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{
        super::{bucket::Row, key::Key},
        *,
    };

    #[test]
    fn rows_are_divided_only_if_they_do_not_fit_one_request() {
        let rows = |count: usize, resource: usize| {
            let resource = "x".repeat(resource);
            let key = Key { resource: &*resource, ..Key::default() };
            (0..count).map(|_| (key.to_owned(), Row::default())).collect::<Vec<_>>()
        };
        let bucket = |start, rows| FullBucket { start, duration: BUCKET_NANOS, rows };
        let small = vec![bucket(10, rows(3, 10)), bucket(20, rows(2, 10))];
        let sizes = |buckets| -> Vec<Vec<(u64, usize)>> {
            let size = |bucket: &FullBucket| (bucket.start, bucket.rows.len());
            parts(buckets).iter().map(|part| part.iter().map(size).collect()).collect()
        };
        assert_eq!(sizes(small), [vec![(10, 3), (20, 2)]]);
        assert_eq!(sizes(Vec::new()), Vec::<Vec<_>>::new());

        let third = MAX_BODY_BYTES / 3;
        let large = vec![bucket(10, rows(2, third)), bucket(20, rows(3, third))];
        assert_eq!(sizes(large), [vec![(10, 2)], vec![(20, 2)], vec![(20, 1)]]);
    }
}
