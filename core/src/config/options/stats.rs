//! Statistics that the tracer computes about finished spans.

use crate::config::{declare::options, parse::positive_integer};

options! {
    /// Statistics that the tracer computes about finished spans.
    #[derive(Clone, Debug)]
    pub(crate) struct StatsSettings at |config| config.stats;

    /// Whether the tracer computes statistics and sends only the traces that are kept, if the
    /// Datadog Agent supports that (version 7.65 or later).
    is_enabled: bool = true, {
        variables: ["DD_TRACE_STATS_COMPUTATION_ENABLED"],
        default: "`true`",
        /// Sets whether the tracer computes statistics and sends only the traces that are kept, if
        /// the Datadog Agent supports that (version 7.65 or later).
        set: with_stats(is_enabled: bool) => is_enabled,
        get: computes_stats -> bool = |is_enabled| *is_enabled,
    }

    /// The most groups of spans that statistics tell apart in ten seconds. The rest are counted as
    /// one group.
    max_groups: usize = 7_000, {
        variables: ["DD_TRACE_STATS_CARDINALITY_LIMIT"],
        default: "`7000`",
        read: |config, text| {
            config.stats.max_groups = positive_integer(text)?;
            Ok(())
        },
        /// Sets the most groups of spans that statistics tell apart in ten seconds. The rest are
        /// counted as one group.
        set: with_stats_cardinality_limit(groups: usize) => groups,
        get: stats_cardinality_limit -> usize = |groups| *groups,
    }

    /// The most resources that statistics tell apart in ten seconds. The rest are counted as one.
    max_resources: usize = 1_024, {
        variables: ["DD_TRACE_STATS_RESOURCE_CARDINALITY_LIMIT"],
        default: "`1024`",
        read: |config, text| {
            config.stats.max_resources = positive_integer(text)?;
            Ok(())
        },
        /// Sets the most resources that statistics tell apart in ten seconds. The rest are counted as
        /// one.
        set: with_stats_resource_cardinality_limit(resources: usize) => resources,
        get: stats_resource_cardinality_limit -> usize = |resources| *resources,
    }

    /// The most endpoints that statistics tell apart in ten seconds. The rest are counted as one.
    pub(crate) max_endpoints: usize = 512, {
        variables: ["DD_TRACE_STATS_HTTP_ENDPOINT_CARDINALITY_LIMIT"],
        default: "`512`",
        read: |config, text| {
            config.stats.max_endpoints = positive_integer(text)?;
            Ok(())
        },
    }

    /// The most lists of peer tags that statistics tell apart in ten seconds. The rest are counted
    /// as one.
    pub(crate) max_peers: usize = 512, {
        variables: ["DD_TRACE_STATS_PEER_TAGS_CARDINALITY_LIMIT"],
        default: "`512`",
        read: |config, text| {
            config.stats.max_peers = positive_integer(text)?;
            Ok(())
        },
    }
}
