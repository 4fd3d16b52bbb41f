//! Withheld headers: counted for each host, and warned about once for each host.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use packdog::{
    Tracer,
    http::Endpoint,
    internal::{PerProcess, lock},
    propagation::HeaderKind,
};

/// 64: the most hosts that are counted separately, bounded because callers may choose the hosts.
pub const MAX_WITHHELD_HOSTS: usize = 64;

/// Stands for all hosts beyond these.
const OTHERS: &str = "*";

/// The calls of one host whose headers were withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Withheld {
    /// The host, `unknown` if the URL names none, or `*` for all beyond
    /// [`MAX_WITHHELD_HOSTS`](crate::MAX_WITHHELD_HOSTS).
    pub host: String,
    /// Calls without their trace headers.
    pub trace: u64,
    /// Calls without their baggage.
    pub baggage: u64,
}

/// Calls without trace headers and without baggage, by host.
type Counts = BTreeMap<String, [u64; 2]>;

#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// A forked child counts from zero: its parent may hold the lock for ever.
    hosts: PerProcess<Mutex<Counts>>,
    has_warned_of_entries: AtomicBool,
}

impl Ledger {
    pub(super) fn withhold(&self, kind: HeaderKind, endpoint: &Endpoint, tracer: &Tracer) {
        let host = endpoint.host.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
        let mut hosts = self.hosts();
        let is_told_apart = hosts.contains_key(&host) || hosts.len() < MAX_WITHHELD_HOSTS;
        let host = if is_told_apart { host } else { OTHERS.to_owned() };
        let [trace, baggage] = hosts.entry(host.clone()).or_default();
        let count = match kind {
            HeaderKind::Trace => trace,
            HeaderKind::Baggage => baggage,
        };
        *count = count.saturating_add(1);
        let is_first = *count == 1;
        // Logging a warning may take time.
        drop(hosts);
        if is_first {
            // Another policy of the same tracer may have warned of it.
            let topic = match kind {
                HeaderKind::Trace => "egress.trace",
                HeaderKind::Baggage => "egress.baggage",
            };
            tracer.warn_once(topic, &host, &Warning { kind, host: &host });
        }
    }

    /// Warns once of entries that cannot be read.
    pub(super) fn warn_of(&self, entries: &[String], tracer: &Tracer) {
        if !entries.is_empty() && !self.has_warned_of_entries.swap(true, Relaxed) {
            let entries = entries.join(", ");
            let message = format_args!(
                "Egress cannot read these hosts and gives them nothing: {entries}. \
                 Write example.com, *.example.com, 10.0.0.0/8, local or *."
            );
            tracer.warn_once("egress.entries", &entries, &message);
        }
    }

    pub(super) fn read(&self) -> Vec<Withheld> {
        self.hosts()
            .iter()
            .map(|(host, [trace, baggage])| Withheld {
                host: host.clone(),
                trace: *trace,
                baggage: *baggage,
            })
            .collect()
    }

    fn hosts(&self) -> MutexGuard<'_, Counts> {
        lock(self.hosts.get(Mutex::default))
    }
}

/// The warning about a withheld header, with the setting that would send it.
struct Warning<'a> {
    kind: HeaderKind,
    host: &'a str,
}

impl fmt::Display for Warning<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host;
        let (what, variable, method) = match self.kind {
            HeaderKind::Trace => ("trace headers", "PACKDOG_EGRESS_TRACE", "trace_only_to"),
            HeaderKind::Baggage => ("baggage", "PACKDOG_EGRESS_BAGGAGE", "baggage_to"),
        };
        let host = if host == OTHERS { "more hosts" } else { host };
        write!(
            f,
            "{what} withheld from {host}; to send it there, list the host in {variable} or \
             Egress::{method} (logged once per host)"
        )
    }
}

#[cfg(test)]
mod tests {
    use packdog::http::host::Host;

    use super::*;

    #[test]
    fn hosts_beyond_the_limit_are_counted_together() {
        let ledger = Ledger::default();
        let limit = u64::try_from(MAX_WITHHELD_HOSTS).unwrap();
        for index in 0..limit + 3 {
            let host = Host::parse(&format!("{index}.example"));
            let endpoint = Endpoint { host, port: None };
            for _ in 0..=index {
                ledger.withhold(HeaderKind::Baggage, &endpoint, &Tracer::disabled());
            }
        }
        let counts = ledger.read();
        assert_eq!(counts.len(), MAX_WITHHELD_HOSTS + 1);
        let count = |host: &str| counts.iter().find(|count| count.host == host).unwrap().baggage;
        assert_eq!(count("63.example"), 64);
        assert_eq!(count("*"), 65 + 66 + 67);
    }
}
