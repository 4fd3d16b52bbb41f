//! Statistics for display: one row for each service, operation, resource and status, across processes
//! and the ten seconds.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stats::{Sketch, StatsPayload, StatsRow};

/// Spans that are alike; durations are nanoseconds.
#[derive(Debug, Serialize, PartialEq)]
pub(crate) struct Summary {
    service: String,
    name: String,
    resource: String,
    span_kind: String,
    http_status_code: u32,
    hits: u64,
    errors: u64,
    p50: Option<f64>,
    p95: Option<f64>,
    p99: Option<f64>,
}

/// Sums up the received statistics, the most frequent first.
pub(crate) fn summarize(payloads: &[StatsPayload]) -> Vec<Summary> {
    let mut groups = BTreeMap::<_, (u64, u64, Sketch)>::new();
    let buckets = payloads.iter().flat_map(|payload| &payload.buckets);
    for row in buckets.flat_map(|bucket| &bucket.rows) {
        let StatsRow { service, name, resource, span_kind, http_status_code, .. } = row;
        let (hits, errors, durations) =
            groups.entry((service, name, resource, span_kind, http_status_code)).or_default();
        *hits += row.hits;
        *errors += row.errors;
        durations.merge(&row.ok_summary);
        durations.merge(&row.error_summary);
    }
    let summary = |(key, (hits, errors, durations)): (_, (u64, u64, Sketch))| {
        let (service, name, resource, span_kind, http_status_code): (
            &String,
            &String,
            &String,
            &String,
            &u32,
        ) = key;
        Summary {
            service: service.clone(),
            name: name.clone(),
            resource: resource.clone(),
            span_kind: span_kind.clone(),
            http_status_code: *http_status_code,
            hits,
            errors,
            p50: durations.quantile(0.5),
            p95: durations.quantile(0.95),
            p99: durations.quantile(0.99),
        }
    };
    let mut summaries = groups.into_iter().map(summary).collect::<Vec<_>>();
    summaries.sort_by_key(|summary| std::cmp::Reverse(summary.hits));
    summaries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StatsBucket;

    fn row(resource: &str, hits: u64, bin: i32) -> StatsRow {
        let sketch = Sketch {
            gamma: 1.015625,
            index_offset: 1338.5,
            bins: [(bin, hits as f64)].into(),
            zero_count: 0.0,
        };
        StatsRow { resource: resource.into(), hits, ok_summary: sketch, ..StatsRow::default() }
    }

    #[test]
    fn rows_of_all_payloads_are_added_up() {
        let payload = |rows| {
            let bucket = StatsBucket { rows, ..StatsBucket::default() };
            StatsPayload { buckets: vec![bucket], ..StatsPayload::default() }
        };
        let payloads =
            [payload(vec![row("a", 1, 1487), row("b", 5, 1487)]), payload(vec![row("a", 9, 1784)])];
        let summaries = summarize(&payloads);
        let seen = summaries.iter().map(|summary| (summary.resource.as_str(), summary.hits));
        assert_eq!(seen.collect::<Vec<_>>(), [("a", 10), ("b", 5)]);
        assert!((summaries[0].p50.unwrap() / 1000.0 - 1.0).abs() < 0.01);
        assert!((summaries[1].p99.unwrap() / 10.0 - 1.0).abs() < 0.01);
    }
}
