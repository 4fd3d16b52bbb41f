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
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs, UdpSocket},
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
        let addresses = (self.host.as_str(), self.port).to_socket_addrs()?;
        let address = first_reachable(addresses)?;
        let socket = bind(address)?;
        socket.set_nonblocking(true)?;
        let sink = UdpMetricSink::from(address, socket);
        let builder = StatsdClient::builder("datadog.tracer", sink.map_err(io::Error::other)?)
            .with_tag("lang", internal::RUST)
            .with_tag("tracer_version", env!("CARGO_PKG_VERSION"))
            .with_tag("service", tag_value(&self.service));
        Ok(match &self.env {
            Some(env) => builder.with_tag("env", tag_value(env)).build(),
            None => builder.build(),
        })
    }
}

/// Returns the first address to which this machine has a route.
fn first_reachable(addresses: impl Iterator<Item = SocketAddr>) -> io::Result<SocketAddr> {
    let mut error = io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        // Connecting a datagram socket sends nothing, but fails without a route. The metrics go over
        // another one, because a connected socket reports that no one listened to the last packet.
        match bind(address).and_then(|socket| socket.connect(address)) {
            Ok(()) => return Ok(address),
            Err(failure) => error = failure,
        }
    }
    Err(error)
}

/// Returns a socket of the address's family.
fn bind(to: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0))
}

/// Returns a value without the characters that separate tags and metrics.
fn tag_value(value: &str) -> String {
    value.replace([',', '|', '\n'], "_")
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
