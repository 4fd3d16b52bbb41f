//! The policy as a value: rules about trusted callers.
//!
//! ```text
//! request ──▶ does a rule trust its peer? ──yes──▶ the acceptance of trusted peers
//!                        └── no, or the peer is unknown ──▶ the acceptance of strangers
//! ```

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use http::{HeaderName, HeaderValue};
use packdog::{
    Tracer,
    http::{
        Endpoint, HostRule,
        host::{Host, HostRuleError},
    },
    span::SpanContext,
};

use super::Acceptance;
use crate::RequestHead;

/// Decides which callers may continue a trace, force a sampling decision or set baggage.
///
/// By default every caller may, as with all of Datadog's tracers. A service that the public can
/// reach lists the callers that it trusts:
///
/// ```
/// use packdog_server::{Acceptance, Ingress, ServerTraceLayer};
///
/// # fn main() -> Result<(), packdog::http::host::HostRuleError> {
/// let ingress = Ingress::trusting_none()
///     .trust_network("10.0.0.0/8")?
///     .strangers(Acceptance::restart().baggage_keys(["locale"]).baggage_max_bytes(256));
/// let layer = ServerTraceLayer::new().ingress(ingress);
/// # drop(layer);
/// # Ok(())
/// # }
/// ```
///
/// Once there is a rule (`trust_*`), only callers that match one are trusted, even if you began with
/// [`trusting_all`](Ingress::trusting_all).
///
/// A peer whose address is unknown is never trusted, even if a rule matches; a warning names the
/// first one. The address comes from [`PeerAddr`](crate::PeerAddr), or with the feature
/// `connect-info` from axum's `into_make_service_with_connect_info`. It is that of the connection,
/// so behind a proxy it is the proxy's.
#[derive(Clone, Debug)]
pub struct Ingress {
    /// `None` trusts every peer.
    rules: Option<Vec<Rule>>,
    trusted: Acceptance,
    strangers: Acceptance,
    /// Whether there was a warning about a peer whose address is unknown.
    has_warned: Arc<AtomicBool>,
}

#[derive(Clone)]
enum Rule {
    Network(HostRule),
    Header(HeaderName, HeaderValue),
    If(Arc<dyn Fn(&RequestHead<'_>) -> bool + Send + Sync>),
}

impl Ingress {
    /// Trusts every peer, also an unknown one, until a rule is added; the default.
    pub fn trusting_all() -> Self {
        Self {
            rules: None,
            trusted: Acceptance::everything(),
            strangers: Acceptance::restart().baggage_max_bytes(0),
            has_warned: Arc::default(),
        }
    }

    /// Trusts no peer, unless a rule is added. Strangers get a new trace with a link to theirs,
    /// and their baggage is dropped.
    pub fn trusting_none() -> Self {
        Self { rules: Some(Vec::new()), ..Self::trusting_all() }
    }

    /// Trusts the peers of a network, as [`Egress`] lists networks: `10.0.0.0/8`, `fd00::/8`,
    /// `local`, or a single address.
    ///
    /// # Errors
    /// The text is not a rule about addresses.
    ///
    /// [`Egress`]: https://docs.rs/packdog-client/latest/packdog_client/struct.Egress.html
    pub fn trust_network(self, network: &str) -> Result<Self, HostRuleError> {
        Ok(self.with_rule(Rule::Network(HostRule::of_addresses(network)?)))
    }

    /// Trusts peers that send this header with this value, which only they can know.
    ///
    /// Compared in constant time.
    pub fn trust_header(self, name: HeaderName, value: HeaderValue) -> Self {
        self.with_rule(Rule::Header(name, value))
    }

    /// Trusts peers whose requests match the condition.
    pub fn trust_if(
        self,
        is_trusted: impl Fn(&RequestHead<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_rule(Rule::If(Arc::new(is_trusted)))
    }

    /// Sets the parts that are accepted from trusted peers; everything by default.
    pub fn trusted(mut self, acceptance: Acceptance) -> Self {
        self.trusted = acceptance;
        self
    }

    /// Sets the parts that are accepted from all others; by default a link to their trace, and no
    /// baggage.
    pub fn strangers(mut self, acceptance: Acceptance) -> Self {
        self.strangers = acceptance;
        self
    }

    fn with_rule(mut self, rule: Rule) -> Self {
        self.rules.get_or_insert_default().push(rule);
        self
    }

    /// Removes the part of a received context that this caller may not set; `tracer` logs the
    /// warning about a caller whose address is unknown.
    pub(crate) fn admit(&self, head: &RequestHead<'_>, context: &mut SpanContext, tracer: &Tracer) {
        let acceptance =
            if self.is_trusted(head, tracer) { &self.trusted } else { &self.strangers };
        acceptance.apply(context);
    }

    fn is_trusted(&self, head: &RequestHead<'_>, tracer: &Tracer) -> bool {
        let Some(rules) = &self.rules else { return true };
        if rules.is_empty() {
            return false;
        }
        let Some(peer) = head.peer() else {
            self.warn_of_unknown_peer(tracer);
            return false;
        };
        let peer = Endpoint { host: Some(Host::Address(peer)), port: None };
        rules.iter().any(|rule| match rule {
            Rule::Network(network) => network.matches(&peer),
            Rule::Header(name, value) => {
                head.headers().get_all(name).iter().any(|sent| is_same(sent, value))
            }
            Rule::If(is_trusted) => is_trusted(head),
        })
    }
}

impl Ingress {
    fn warn_of_unknown_peer(&self, tracer: &Tracer) {
        if !self.has_warned.swap(true, Relaxed) {
            let message = "Ingress does not trust a caller whose address is unknown, whatever its \
                           rules say. Serve with into_make_service_with_connect_info and the \
                           feature connect-info, or put a PeerAddr into each request.";
            // Other policies of the same tracer may have warned before.
            tracer.warn_once("ingress.peer", "", &message);
        }
    }
}

impl Default for Ingress {
    fn default() -> Self {
        Self::trusting_all()
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => f.debug_tuple("Network").field(&network.to_string()).finish(),
            // The value may be a secret.
            Self::Header(name, _) => f.debug_tuple("Header").field(name).finish(),
            Self::If(_) => f.write_str("If(..)"),
        }
    }
}

/// Takes the same time for values that share a prefix as for others.
fn is_same(sent: &HeaderValue, expected: &HeaderValue) -> bool {
    let (sent, expected) = (sent.as_bytes(), expected.as_bytes());
    let difference = sent.iter().zip(expected).fold(0, |all, (a, b)| all | (a ^ b));
    sent.len() == expected.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_and_addresses_are_read() {
        for network in ["10.0.0.0/8", "fd00::/8", "[fd00::/8]", "10.0.0.7", "::1", "local", "*"] {
            assert!(Ingress::trusting_none().trust_network(network).is_ok(), "{network}");
        }
        for network in ["10.0.0.0/33", "example.com", "*.example.com", "10.0.0.7:80", ""] {
            assert!(Ingress::trusting_none().trust_network(network).is_err(), "{network}");
        }
    }
}
