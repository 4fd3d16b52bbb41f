//! Counts of spans as metrics of DogStatsD, for operators of the application.
//!
//! ```text
//! datadog.tracer.spans_finished     count
//! datadog.tracer.spans_sent         count
//! datadog.tracer.spans_sampled_out  count
//! datadog.tracer.spans_dropped      count, by the tag `reason`
//! datadog.tracer.spans_waiting      gauge
//! ```
//! Packets go over UDP from a socket that never blocks, and lost packets are not repeated.

use std::{
    io,
    net::UdpSocket,
    time::{Duration, Instant},
};

use cadence::{Counted, Gauged, MetricResult, StatsdClient, UdpMetricSink};
use packdog_api::Metrics;

use crate::{Config, tags::internal};

/// The time between two reports.
const INTERVAL: Duration = Duration::from_secs(10);

/// Reports the counts of one tracer.
#[derive(Debug)]
pub(super) struct Health {
    host: String,
    port: u16,
    service: String,
    env: Option<String>,
    /// Made for the first report, because the look-up of a name takes time.
    client: Option<StatsdClient>,
    reported: Metrics,
    due_at: Instant,
}

impl Health {
    /// Returns `None` unless the configuration asks for these metrics.
    pub(super) fn new(config: &Config, now: Instant) -> Option<Self> {
        config.has_health_metrics().then(|| Self {
            host: config.dogstatsd_host().to_owned(),
            port: config.dogstatsd_port(),
            service: config.service().to_owned(),
            env: config.env().map(str::to_owned),
            client: None,
            reported: Metrics::default(),
            due_at: now + INTERVAL,
        })
    }

    /// The time of the next report.
    pub(super) fn due_at(&self) -> Instant {
        self.due_at
    }

    /// Reports the changes since the last report. Failures are ignored.
    pub(super) fn report(&mut self, metrics: Metrics, now: Instant) {
        self.due_at = now + INTERVAL;
        if self.client.is_none() {
            self.client = self.connect().ok();
        }
        let Some(client) = &self.client else { return };
        let before = std::mem::replace(&mut self.reported, metrics);
        let _ = send(client, &before, &metrics);
    }

    fn connect(&self) -> io::Result<StatsdClient> {
        let socket = UdpSocket::bind("0.0.0.0:0")?;
        socket.set_nonblocking(true)?;
        let sink = UdpMetricSink::from((self.host.as_str(), self.port), socket);
        let builder = StatsdClient::builder("datadog.tracer", sink.map_err(io::Error::other)?)
            .with_tag("lang", internal::RUST)
            .with_tag("tracer_version", env!("CARGO_PKG_VERSION"))
            .with_tag("service", &self.service);
        Ok(match &self.env {
            Some(env) => builder.with_tag("env", env).build(),
            None => builder.build(),
        })
    }
}

fn send(client: &StatsdClient, before: &Metrics, now: &Metrics) -> MetricResult<()> {
    let counts = [
        ("spans_finished", before.finished, now.finished),
        ("spans_sent", before.sent, now.sent),
        ("spans_sampled_out", before.sampled_out, now.sampled_out),
    ];
    for (name, before, now) in counts {
        if now > before {
            client.count(name, now - before)?;
        }
    }
    for ((reason, before), (_, now)) in before.dropped.by_cause().zip(now.dropped.by_cause()) {
        if now > before {
            client
                .count_with_tags("spans_dropped", now - before)
                .with_tag("reason", reason)
                .try_send()?;
        }
    }
    client.gauge("spans_waiting", now.waiting)?;
    Ok(())
}
