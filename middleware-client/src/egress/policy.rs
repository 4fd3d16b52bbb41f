//! The policy as a value, and its builder.

use std::sync::Arc;

use packdog::http::{ClientConfig, Endpoint, HostRules};
use packdog_http::BaggageFilter;

use super::{
    receivers::Receivers,
    withheld::{Ledger, Withheld},
};

/// Decides which hosts get trace headers, and which get baggage.
///
/// By default every host gets trace headers, as with Datadog's SDKs, and **only
/// [local](packdog::http::host::Host::is_local) hosts get baggage**, which Datadog's SDKs send to
/// all:
///
/// ```
/// use packdog_client::{ClientTraceLayer, Egress};
///
/// let layer = ClientTraceLayer::new().egress(Egress::new().baggage_to(["*.example.com"]));
/// let as_datadogs_sdks_do = ClientTraceLayer::new().egress(Egress::open());
/// # drop((layer, as_datadogs_sdks_do));
/// ```
///
/// Hosts are listed in the format of the variables `PACKDOG_EGRESS_TRACE` and
/// `PACKDOG_EGRESS_BAGGAGE`, which apply to clients without a policy of their own:
///
/// | entry | means |
/// |---|---|
/// | `example.com`, `10.0.0.7`, `[fd00::7]` | this host |
/// | `*.example.com` | hosts below it, at any depth, and not itself |
/// | `10.0.0.0/8`, `[fd00::/8]` | addresses of this network; names are not looked up |
/// | `local` | local names and addresses |
/// | `*` | every host |
/// | each of them with `:443` | on this port alone |
/// | `none` | removes the entries before it |
///
/// Clones share the counts of [withheld](Egress::withheld).
#[derive(Clone, Debug)]
pub struct Egress {
    trace: Receivers,
    baggage: Receivers,
    pub(super) baggage_filter: BaggageFilter,
    pub(super) keeps_present: bool,
    pub(super) ledger: Arc<Ledger>,
    /// Entries of lists that could not be read.
    pub(super) unreadable: Vec<String>,
}

impl Egress {
    /// The default without the environment: trace headers to every host, baggage to local
    /// ones.
    pub fn new() -> Self {
        Self::of(&ClientConfig::default())
    }

    /// The policy of a configuration, for example that of
    /// [`Config::from_env`](packdog::Config::from_env).
    pub fn of(config: &ClientConfig) -> Self {
        let mut baggage_filter = BaggageFilter::default();
        if let Some(keys) = &config.baggage_keys {
            baggage_filter = baggage_filter.keys(keys.iter().cloned());
        }
        if let Some(max_bytes) = config.baggage_max_bytes {
            baggage_filter = baggage_filter.max_bytes(max_bytes);
        }
        Self {
            trace: Receivers::new(config.trace_to.clone()),
            baggage: Receivers::new(config.baggage_to.clone()),
            baggage_filter,
            keeps_present: false,
            ledger: Arc::default(),
            unreadable: Vec::new(),
        }
    }

    /// A policy that gives everything to every host.
    pub fn open() -> Self {
        Self::new().baggage_to(["*"])
    }

    /// A policy that gives nothing to any host, until rules are added.
    pub fn closed() -> Self {
        Self::new().trace_only_to(["none"]).baggage_to(["none"])
    }

    /// Gives trace headers to these hosts and to no others.
    ///
    /// An entry that cannot be read matches no host, and there is a warning about it.
    pub fn trace_only_to<T: AsRef<str>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.trace = Receivers::new(HostRules::none());
        self.unreadable.extend(self.trace.add(hosts));
        self
    }

    /// Gives trace headers also to hosts that match `condition`: for example, after
    /// [`trace_only_to`](Egress::trace_only_to), to hosts that only the application knows.
    pub fn trace_if(
        mut self,
        condition: impl Fn(&Endpoint) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.trace.add_condition(condition);
        self
    }

    /// Adds hosts that get baggage. To replace the local hosts, put `none` first.
    ///
    /// An entry that cannot be read matches no host, and there is a warning about it.
    pub fn baggage_to<T: AsRef<str>>(mut self, hosts: impl IntoIterator<Item = T>) -> Self {
        self.unreadable.extend(self.baggage.add(hosts));
        self
    }

    /// Gives baggage also to hosts that match `condition`.
    pub fn baggage_if(
        mut self,
        condition: impl Fn(&Endpoint) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.baggage.add_condition(condition);
        self
    }

    /// Sends only the baggage items of these keys, to any host; all by default.
    pub fn baggage_keys<T: Into<String>>(mut self, keys: impl IntoIterator<Item = T>) -> Self {
        self.baggage_filter = self.baggage_filter.keys(keys);
        self
    }

    /// Sends at most this many bytes of baggage: the items that fit, in their order, of which
    /// each has its key, its value as it is set, and two separators. By default only
    /// `DD_TRACE_BAGGAGE_MAX_BYTES` counts.
    pub fn baggage_max_bytes(mut self, max_bytes: usize) -> Self {
        self.baggage_filter = self.baggage_filter.max_bytes(max_bytes);
        self
    }

    /// Keeps the trace headers or the baggage that a request already has, instead of replacing
    /// them. Headers that the host may not have are removed nevertheless.
    pub fn keep_present(mut self) -> Self {
        self.keeps_present = true;
        self
    }

    /// Whether this host gets trace headers.
    pub fn gives_trace(&self, endpoint: &Endpoint) -> bool {
        self.trace.contain(endpoint)
    }

    /// Whether this host gets baggage.
    pub fn gives_baggage(&self, endpoint: &Endpoint) -> bool {
        self.baggage.contain(endpoint)
    }

    /// Returns the number of withheld headers so far, by host. Hosts beyond
    /// [`MAX_WITHHELD_HOSTS`](crate::MAX_WITHHELD_HOSTS) are summed under `*`.
    pub fn withheld(&self) -> Vec<Withheld> {
        self.ledger.read()
    }
}

impl Default for Egress {
    fn default() -> Self {
        Self::new()
    }
}
