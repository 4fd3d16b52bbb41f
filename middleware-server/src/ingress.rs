//! Whose traces are continued, and what of their baggage comes in.
//!
//! ```text
//! request ──▶ does a rule trust its peer? ──yes──▶ what trusted peers may
//!                        └── no, or nobody knows the peer ──▶ what strangers may
//! ```

use std::{fmt, net::IpAddr, sync::Arc};

use http::{HeaderName, HeaderValue};
use ipnet::IpNet;
use packdog::{Baggage, SpanContext, SpanLink, TraceTags, tags};

use crate::RequestHead;

/// The attribute that says why there is a link, and what Datadog calls a trace that is not
/// continued.
const LINK_REASON: (&str, &str) = ("reason", "propagation_behavior_extract");

/// Says of whom the layer takes what.
///
/// By default everyone may continue a trace, as with all of Datadog's tracers. A service that the
/// public can reach says whom it trusts:
///
/// ```
/// use packdog_server::{Acceptance, Ingress, ServerTraceLayer};
///
/// # fn main() -> Result<(), packdog_server::NetworkError> {
/// let ingress = Ingress::trusting_nobody()
///     .trust_network("10.0.0.0/8")?
///     .strangers(Acceptance::restart().baggage_keys(["locale"]).max_baggage_bytes(256));
/// let layer = ServerTraceLayer::new().ingress(ingress);
/// # drop(layer);
/// # Ok(())
/// # }
/// ```
///
/// The first rule (`trust_*`) ends that everyone is trusted: from then on only those are whom a
/// rule names, also after [`trusting_everyone`](Ingress::trusting_everyone).
///
/// A peer whose address nobody told is never trusted, whatever the rules say: see
/// [`PeerAddr`](crate::PeerAddr), and `into_make_service_with_connect_info` of axum. The address
/// is that of the connection, so behind a proxy it is the proxy's.
#[derive(Clone, Debug)]
pub struct Ingress {
    /// `None` trusts everyone.
    rules: Option<Vec<Rule>>,
    trusted: Acceptance,
    strangers: Acceptance,
}

#[derive(Clone)]
enum Rule {
    Network(IpNet),
    Header(HeaderName, HeaderValue),
    If(Arc<dyn Fn(&RequestHead<'_>) -> bool + Send + Sync>),
}

impl Ingress {
    /// Everyone is trusted, also unknown peers, until a rule is added; the default.
    pub fn trusting_everyone() -> Self {
        Self {
            rules: None,
            trusted: Acceptance::everything(),
            strangers: Acceptance::restart().max_baggage_bytes(0),
        }
    }

    /// Nobody is trusted, unless a rule is added. Strangers get a new trace with a link to
    /// theirs, and their baggage stays outside.
    pub fn trusting_nobody() -> Self {
        Self { rules: Some(Vec::new()), ..Self::trusting_everyone() }
    }

    /// Trusts the peers of a network, such as `10.0.0.0/8`, `fd00::/8` or a single address.
    ///
    /// # Errors
    /// The text is no network.
    pub fn trust_network(self, network: &str) -> Result<Self, NetworkError> {
        let network = network.parse().or_else(|_| network.parse::<IpAddr>().map(IpNet::from));
        Ok(self.with_rule(Rule::Network(network.map_err(|_| NetworkError)?)))
    }

    /// Trusts peers that send this header with this value, which only they can know.
    ///
    /// Compared in constant time.
    pub fn trust_header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.with_rule(Rule::Header(name, value))
    }

    /// Trusts peers of whose requests this is true.
    pub fn trust_if(
        self,
        is_trusted: impl Fn(&RequestHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_rule(Rule::If(Arc::new(is_trusted)))
    }

    /// What is taken of trusted peers; everything by default.
    pub fn trusted(mut self, acceptance: Acceptance) -> Self {
        self.trusted = acceptance;
        self
    }

    /// What is taken of everybody else; by default a link to their trace, and no baggage.
    pub fn strangers(mut self, acceptance: Acceptance) -> Self {
        self.strangers = acceptance;
        self
    }

    fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.get_or_insert_default().push(rule);
        self
    }

    /// What the layer continues of what came with a request.
    pub(crate) fn admit(&self, head: &RequestHead<'_>, context: SpanContext) -> SpanContext {
        let acceptance = if self.is_trusted(head) { &self.trusted } else { &self.strangers };
        acceptance.apply(context)
    }

    fn is_trusted(&self, head: &RequestHead<'_>) -> bool {
        let Some(rules) = &self.rules else { return true };
        let Some(peer) = head.peer() else { return false };
        rules.iter().any(|rule| match rule {
            Rule::Network(network) => network.contains(&peer),
            Rule::Header(name, value) => {
                head.headers().get_all(name).iter().any(|sent| is_same(sent, value))
            }
            Rule::If(is_trusted) => is_trusted(head),
        })
    }
}

impl Default for Ingress {
    fn default() -> Self {
        Self::trusting_everyone()
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => f.debug_tuple("Network").field(network).finish(),
            // The value may be a secret.
            Self::Header(name, _) => f.debug_tuple("Header").field(name).finish(),
            Self::If(_) => f.write_str("If(..)"),
        }
    }
}

/// Takes as long for values that begin alike as for others.
fn is_same(sent: &HeaderValue, expected: &HeaderValue) -> bool {
    let (sent, expected) = (sent.as_bytes(), expected.as_bytes());
    let difference = sent.iter().zip(expected).fold(0, |all, (a, b)| all | (a ^ b));
    sent.len() == expected.len() && difference == 0
}

/// What is taken of the trace and the baggage that came with a request.
#[derive(Clone, Debug)]
pub struct Acceptance {
    trace: Trace,
    may_force_keep: bool,
    /// `None` takes all.
    baggage_keys: Option<Vec<String>>,
    max_baggage_bytes: usize,
}

#[derive(Clone, Copy, Debug)]
enum Trace {
    Continue,
    Restart,
    Ignore,
}

impl Acceptance {
    /// The trace is continued, with its sampling decision and its baggage.
    pub fn everything() -> Self {
        Self {
            trace: Trace::Continue,
            may_force_keep: true,
            baggage_keys: None,
            max_baggage_bytes: usize::MAX,
        }
    }

    /// A new trace begins, with a link to the caller's span. Baggage comes in.
    pub fn restart() -> Self {
        Self { trace: Trace::Restart, ..Self::everything() }
    }

    /// A new trace begins, as if no headers had come: without a link and without baggage.
    pub fn nothing() -> Self {
        Self { trace: Trace::Ignore, ..Self::everything() }
    }

    /// Says whether a continued trace that the caller decided to keep is kept, as it is by
    /// default; otherwise sampling is decided here.
    pub fn may_force_keep(mut self, may_force_keep: bool) -> Self {
        self.may_force_keep = may_force_keep;
        self
    }

    /// Takes only the baggage items of these keys; all by default.
    pub fn baggage_keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.baggage_keys = Some(keys.into_iter().map(Into::into).collect());
        self
    }

    /// Takes only the first baggage items whose keys and values have together at most this many
    /// bytes; without a limit of its own by default.
    pub fn max_baggage_bytes(mut self, bytes: usize) -> Self {
        self.max_baggage_bytes = bytes;
        self
    }

    fn apply(&self, context: SpanContext) -> SpanContext {
        let context = match self.trace {
            Trace::Continue => self.with_decision(context),
            Trace::Restart => {
                let new = SpanContext::new().with_baggage(context.baggage().clone());
                // Extraction may have turned the caller's trace into a link already.
                let new = context.links().iter().cloned().fold(new, SpanContext::with_link);
                match SpanLink::to(&context) {
                    Some(link) => new.with_link(link.with_attribute(LINK_REASON.0, LINK_REASON.1)),
                    None => new,
                }
            }
            Trace::Ignore => return SpanContext::new(),
        };
        if self.takes_all_baggage() {
            return context;
        }
        let baggage = self.admitted(context.baggage());
        context.with_baggage(baggage)
    }

    fn with_decision(&self, context: SpanContext) -> SpanContext {
        let is_kept = context.sampling_priority().is_some_and(|priority| priority.is_kept());
        if self.may_force_keep || !is_kept {
            return context;
        }
        // Whoever decides now says so, and at which rate.
        let mut trace_tags = context.trace_tags().clone();
        trace_tags.remove(TraceTags::DECISION_MAKER);
        trace_tags.remove(tags::internal::KNUTH_SAMPLE_RATE);
        context.with_sampling_priority(None).with_trace_tags(trace_tags)
    }

    fn takes_all_baggage(&self) -> bool {
        self.baggage_keys.is_none() && self.max_baggage_bytes == usize::MAX
    }

    fn admitted(&self, baggage: &Baggage) -> Baggage {
        let is_wanted = |key: &str| {
            self.baggage_keys.as_ref().is_none_or(|keys| keys.iter().any(|wanted| wanted == key))
        };
        let mut admitted = Baggage::new();
        let mut rest = self.max_baggage_bytes;
        for (key, value) in baggage.iter().filter(|(key, _)| is_wanted(key)) {
            let Some(left) = rest.checked_sub(key.len() + value.len()) else { break };
            rest = left;
            admitted.set(key, value);
        }
        admitted
    }
}

/// A text is neither a network nor an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkError;

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("neither a network such as 10.0.0.0/8 nor an address")
    }
}

impl std::error::Error for NetworkError {}

#[cfg(test)]
mod tests {
    use packdog::{SamplingPriority, SpanId, TraceId};

    use super::*;

    fn caller(priority: SamplingPriority) -> SpanContext {
        let tags = TraceTags::from_iter([
            (TraceTags::DECISION_MAKER, "-4"),
            ("_dd.p.ksr", "0.5"),
            ("_dd.p.a", "1"),
        ]);
        SpanContext::new()
            .with_trace(TraceId::new(7).unwrap(), SpanId::new(8))
            .with_sampling_priority(priority)
            .with_trace_tags(tags)
            .with_baggage(
                [("plan", "pro"), ("locale", "de"), ("tenant", "7")].into_iter().collect(),
            )
    }

    #[test]
    fn a_kept_trace_is_decided_anew_where_callers_may_not_force_it() {
        let careful = Acceptance::everything().may_force_keep(false);
        for priority in [SamplingPriority::USER_KEEP, SamplingPriority::AUTO_KEEP] {
            let context = careful.apply(caller(priority));
            assert_eq!(context.trace_id(), TraceId::new(7));
            assert_eq!(context.sampling_priority(), None);
            assert_eq!(context.trace_tags().iter().collect::<Vec<_>>(), [("_dd.p.a", "1")]);
        }
        let dropped = caller(SamplingPriority::AUTO_DROP);
        assert_eq!(careful.apply(dropped.clone()), dropped);
    }

    #[test]
    fn a_restart_has_a_link_and_none_of_the_rest() {
        let context = Acceptance::restart().apply(caller(SamplingPriority::USER_KEEP));
        assert_eq!((context.trace_id(), context.sampling_priority()), (None, None));
        assert!(context.trace_tags().is_empty());
        assert_eq!(context.links().len(), 1);
        assert_eq!(context.links()[0].trace_id(), TraceId::new(7).unwrap());
        assert_eq!(context.baggage().len(), 3);
        let nothing = Acceptance::nothing().apply(caller(SamplingPriority::USER_KEEP));
        assert!(nothing.is_empty());
    }

    #[test]
    fn a_restart_keeps_the_links_that_came_out_of_the_headers() {
        let restarted = Acceptance::restart().apply(caller(SamplingPriority::USER_KEEP));
        assert_eq!(restarted.links().len(), 1);
        assert_eq!(Acceptance::restart().apply(restarted.clone()), restarted);
    }

    #[test]
    fn baggage_comes_in_by_key_and_up_to_a_limit() {
        let plan = "plan".len() + "pro".len();
        #[rustfmt::skip]
        let table: [(_, &[&str]); 6] = [
            // acceptance                                                              keys
            (Acceptance::everything(),                                                 &["plan", "locale", "tenant"]),
            (Acceptance::everything().baggage_keys(["tenant", "plan"]),                &["plan", "tenant"]),
            (Acceptance::everything().max_baggage_bytes(plan),                         &["plan"]),
            (Acceptance::everything().max_baggage_bytes(plan - 1),                     &[]),
            (Acceptance::everything().max_baggage_bytes(0),                            &[]),
            (Acceptance::everything().baggage_keys(["locale"]).max_baggage_bytes(8),   &["locale"]),
        ];
        for (acceptance, expected) in table {
            let context = acceptance.apply(caller(SamplingPriority::AUTO_KEEP));
            let keys = context.baggage().iter().map(|(key, _)| key).collect::<Vec<_>>();
            assert_eq!(keys, expected, "{acceptance:?}");
        }
    }

    #[test]
    fn networks_and_addresses_are_read() {
        for network in ["10.0.0.0/8", "fd00::/8", "10.0.0.7", "::1"] {
            assert!(Ingress::trusting_nobody().trust_network(network).is_ok(), "{network}");
        }
        for network in ["10.0.0.0/33", "example.com", ""] {
            let error = Ingress::trusting_nobody().trust_network(network).unwrap_err();
            assert_eq!(error, NetworkError, "{network}");
        }
    }
}
