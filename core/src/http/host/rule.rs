//! Rules about hosts, and lists of them.
//!
//! ```text
//! list = entry *( "," entry )                  spaces around entries are ignored
//! entry = "none" / rule
//! rule = "*" / ( "local" / host / "*." name / network ) [ ":" port ]
//! network = address "/" bits                   IPv6 in brackets if a port follows
//! ```

use std::{fmt, str::FromStr};

use ipnet::IpNet;

use super::{Endpoint, Host};

/// A rule that matches one host, the hosts below a name or in a network, local hosts, or all.
///
/// ```
/// use packdog::http::{Endpoint, HostRule, host::Host};
///
/// let rule: HostRule = "*.example.com:443".parse()?;
/// let endpoint = |host, port| Endpoint { host: Host::parse(host), port: Some(port) };
/// assert!(rule.matches(&endpoint("api.example.com", 443)));
/// assert!(!rule.matches(&endpoint("api.example.com", 80)));
/// assert!(!rule.matches(&endpoint("example.com", 443)));
/// # Ok::<(), packdog::http::host::HostRuleError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostRule {
    hosts: Hosts,
    /// `None` matches any port.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    Local,
    One(Host),
    /// The name with a dot in front.
    Below(String),
    Network(IpNet),
}

impl HostRule {
    /// Matches every host, also an invalid one.
    pub const ALL: Self = Self { hosts: Hosts::All, port: None };
    /// Matches [local](Host::is_local) hosts.
    pub const LOCAL: Self = Self { hosts: Hosts::Local, port: None };

    /// Parses a rule about addresses: a network, a single address, `local` or `*`, without a
    /// port.
    ///
    /// # Errors
    /// Returns an error if the text is not a rule, or one that addresses cannot match.
    pub fn of_addresses(text: &str) -> Result<Self, HostRuleError> {
        let rule = Self::from_str(text)?;
        match (&rule.hosts, rule.port) {
            (_, Some(_)) => Err(HostRuleError::Port),
            (Hosts::Below(_) | Hosts::One(Host::Name(_)), None) => Err(HostRuleError::Network),
            _ => Ok(rule),
        }
    }

    /// Whether the rule matches this host. An unknown host matches only `*`.
    pub fn matches(&self, endpoint: &Endpoint) -> bool {
        let is_port = self.port.is_none() || self.port == endpoint.port;
        is_port && self.hosts.contain(endpoint.host.as_ref())
    }
}

impl Hosts {
    fn contain(&self, host: Option<&Host>) -> bool {
        let Some(host) = host else { return *self == Self::All };
        match (self, host) {
            (Self::All, _) => true,
            (Self::Local, host) => host.is_local(),
            (Self::One(one), host) => one == host,
            (Self::Below(suffix), Host::Name(name)) => name.ends_with(suffix),
            (Self::Network(network), Host::Address(address)) => network.contains(address),
            _ => false,
        }
    }

    fn parse(text: &str) -> Result<Self, HostRuleError> {
        if text == "*" {
            return Ok(Self::All);
        }
        if text.eq_ignore_ascii_case("local") {
            return Ok(Self::Local);
        }
        if let Some(name) = text.strip_prefix("*.") {
            return match Host::parse(name) {
                Some(Host::Name(name)) => Ok(Self::Below(format!(".{name}"))),
                _ => Err(HostRuleError::Host),
            };
        }
        if text.contains('/') {
            let network = text.trim_start_matches('[').replace(']', "");
            return network.parse().map(Self::Network).map_err(|_| HostRuleError::Network);
        }
        Host::parse(text).map(Self::One).ok_or(HostRuleError::Host)
    }
}

impl FromStr for HostRule {
    type Err = HostRuleError;

    fn from_str(text: &str) -> Result<Self, HostRuleError> {
        // The colons of an IPv6 address do not begin a port, unless it is in brackets.
        let is_bare_ipv6 = !text.starts_with('[') && text.matches(':').count() > 1;
        let (hosts, port) = match text.rsplit_once(':') {
            Some((hosts, port)) if !is_bare_ipv6 && !port.contains(']') => (hosts, Some(port)),
            _ => (text, None),
        };
        let port = port.map(str::parse).transpose().map_err(|_| HostRuleError::Port)?;
        Ok(Self { hosts: Hosts::parse(hosts)?, port })
    }
}

impl fmt::Display for HostRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hosts {
            Hosts::All => f.write_str("*"),
            Hosts::Local => f.write_str("local"),
            Hosts::One(host) => host.fmt(f),
            Hosts::Below(suffix) => write!(f, "*{suffix}"),
            Hosts::Network(IpNet::V6(network)) => write!(f, "[{network}]"),
            Hosts::Network(network) => network.fmt(f),
        }?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// The error of a rule about hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostRuleError {
    /// The host is neither a name in ASCII (punycode for other characters) nor an address.
    Host,
    /// The network is not one such as `10.0.0.0/8`.
    Network,
    /// The port is invalid.
    Port,
}

impl fmt::Display for HostRuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "neither a name in ASCII nor an address",
            Self::Network => "no network such as 10.0.0.0/8",
            Self::Port => "no port",
        })
    }
}

impl std::error::Error for HostRuleError {}

/// A list of rules, which matches a host if one of them does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostRules(Vec<HostRule>);

impl HostRules {
    /// Returns an empty list, which matches no host.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Parses a list; also returns its invalid entries. `none` removes the rules before it.
    pub fn parse(list: &str) -> (Self, Vec<&str>) {
        Self::none().with(list)
    }

    /// Adds the rules of a list; see [`parse`](Self::parse).
    pub fn with(mut self, list: &str) -> (Self, Vec<&str>) {
        let mut unreadable = Vec::new();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            match entry.parse() {
                _ if entry.eq_ignore_ascii_case("none") => self.0.clear(),
                Ok(rule) => self.0.push(rule),
                Err(_) => unreadable.push(entry),
            }
        }
        (self, unreadable)
    }

    /// Whether one of the rules matches this host.
    pub fn matches(&self, endpoint: &Endpoint) -> bool {
        self.0.iter().any(|rule| rule.matches(endpoint))
    }

    /// Whether every host matches, so that it need not be checked.
    pub fn mean_all(&self) -> bool {
        self.0.contains(&HostRule::ALL)
    }
}

impl FromIterator<HostRule> for HostRules {
    fn from_iter<I: IntoIterator<Item = HostRule>>(rules: I) -> Self {
        Self(Vec::from_iter(rules))
    }
}

/// Writes the rules in order, or `none`.
impl fmt::Display for HostRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rules = self.0.iter().map(ToString::to_string).collect::<Vec<_>>();
        f.write_str(if rules.is_empty() { "none" } else { "" })?;
        f.write_str(&rules.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_and_written() {
        #[rustfmt::skip]
        let table = [
            // rule                   as written
            ("*",                     Ok("*")),
            ("*:443",                 Ok("*:443")),
            ("LOCAL",                 Ok("local")),
            ("local:8080",            Ok("local:8080")),
            ("Example.com.:8443",     Ok("example.com:8443")),
            ("*.Example.com",         Ok("*.example.com")),
            ("10.0.0.0/8:80",         Ok("10.0.0.0/8:80")),
            ("0x7f.1",                Ok("127.0.0.1")),
            ("::1",                   Ok("[::1]")),
            ("[::1]:80",              Ok("[::1]:80")),
            ("fd00::/8",              Ok("[fd00::/8]")),
            ("[fd00::/8]:80",         Ok("[fd00::/8]:80")),
            ("",                      Err(HostRuleError::Host)),
            ("b\u{fc}cher.test",      Err(HostRuleError::Host)),
            ("*example.com",          Err(HostRuleError::Host)),
            ("a.*.com",               Err(HostRuleError::Host)),
            ("*.10.0.0.1",            Err(HostRuleError::Host)),
            ("http://example.com",    Err(HostRuleError::Port)),
            ("10.0.0.0/33",           Err(HostRuleError::Network)),
            ("example.com/8",         Err(HostRuleError::Network)),
            ("example.com:",          Err(HostRuleError::Port)),
            ("example.com:65536",     Err(HostRuleError::Port)),
        ];
        for (text, expected) in table {
            let rule = text.parse::<HostRule>().map(|rule| rule.to_string());
            assert_eq!(rule.as_deref().map_err(|error| *error), expected, "{text}");
        }
    }

    #[test]
    fn a_list_names_its_unreadable_entries_and_none_empties_it() {
        #[rustfmt::skip]
        let table: [(&str, &str, &[&str]); 5] = [
            // list                     rules            unreadable
            (" a.test ,, *.b.test",     "a.test,*.b.test", &[]),
            ("a.test,None",             "none",          &[]),
            ("none,a.test",             "a.test",        &[]),
            ("a.test,10.0.0.0/99,b c",  "a.test",        &["10.0.0.0/99", "b c"]),
            ("",                        "none",          &[]),
        ];
        for (list, rules, unreadable) in table {
            let (read, wrong) = HostRules::parse(list);
            assert_eq!(
                (read.to_string().as_str(), wrong.as_slice()),
                (rules, unreadable),
                "{list}"
            );
        }
    }

    #[test]
    fn a_network_holds_addresses_and_no_names() {
        let rules = HostRules::parse("10.0.0.0/8,fd00::/8,*.test").0;
        let matches = |host| rules.matches(&Endpoint { host: Host::parse(host), port: None });
        assert!(matches("10.255.0.1") && matches("fd12::1") && matches("::ffff:10.0.0.1"));
        assert!(!matches("10.0.0.1.example") && !matches("11.0.0.1"));
        assert!(matches("a.test") && !matches("test") && !matches("atest") && !matches("a b"));
    }
}
