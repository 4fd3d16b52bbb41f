//! The address of the client behind proxies, as far as headers can be trusted.
//!
//! ```text
//! headers  the first one present of a fixed list, or the configured one
//! entry    [ "for=" ] [ '"' ] ( IPv4 | IPv6 | "[" IPv6 "]" ) [ ":" port ] [ '"' ] [ ";" … ]
//! ```
//! The order of preference is: the first public address among its entries, the address of a public
//! peer, the first private entry, the peer. Rules: [Datadog, client
//! IP](https://docs.datadoghq.com/tracing/configure_data_security/#collect-client-ip-addresses).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, HeaderName};

/// Headers in which proxies send the client's address; the first one present is used.
const HEADERS: [&str; 10] = [
    "x-forwarded-for",
    "x-real-ip",
    "true-client-ip",
    "x-client-ip",
    "forwarded",
    "forwarded-for",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
];

/// The headers that are searched for the address of the client.
///
/// ```
/// use std::net::IpAddr;
/// use http::HeaderMap;
/// use packdog::http::ClientIp;
///
/// let headers = HeaderMap::from_iter([("x-real-ip".parse()?, "43.43.43.43".parse()?)]);
/// let proxy = IpAddr::from([10, 0, 0, 7]);
/// assert_eq!(ClientIp::Usual.find(&headers, proxy), Some(IpAddr::from([43, 43, 43, 43])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientIp {
    /// The first header that is present and not empty of `x-forwarded-for`, `x-real-ip`,
    /// `true-client-ip`, `x-client-ip`, `forwarded`, `forwarded-for`, `x-cluster-client-ip`,
    /// `fastly-client-ip`, `cf-connecting-ip` and `cf-connecting-ipv6`.
    #[default]
    Usual,
    /// Only this header.
    Header(HeaderName),
}

impl ClientIp {
    /// Returns the address of the client whose request came with these headers from `peer`; `None`
    /// if a configured header has none.
    pub fn find(&self, headers: &HeaderMap, peer: IpAddr) -> Option<IpAddr> {
        let name = match self {
            Self::Header(name) => return in_entries(headers, name.as_str()).best(),
            Self::Usual => HEADERS.into_iter().find(|name| is_present(headers, name)),
        };
        let found = name.map(|name| in_entries(headers, name)).unwrap_or_default();
        let public_peer = Some(peer.to_canonical()).filter(is_public);
        found.public.or(public_peer).or(found.private).or(Some(peer.to_canonical()))
    }
}

/// The first address of each kind among the entries.
#[derive(Clone, Copy, Debug, Default)]
struct Found {
    public: Option<IpAddr>,
    private: Option<IpAddr>,
}

impl Found {
    fn best(self) -> Option<IpAddr> {
        self.public.or(self.private)
    }
}

fn is_present(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(name).iter().any(|value| !value.as_bytes().trim_ascii().is_empty())
}

fn in_entries(headers: &HeaderMap, name: &str) -> Found {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let mut found = Found::default();
    for address in lines.flat_map(|line| line.split(',')).filter_map(address) {
        if is_public(&address) {
            return Found { public: Some(address), ..found };
        }
        found.private = found.private.or(Some(address));
    }
    found
}

/// Returns the address in one entry; an IPv4-mapped IPv6 address counts as IPv4.
fn address(entry: &str) -> Option<IpAddr> {
    let mut parameters = entry.split(';').map(str::trim);
    let text = parameters.find_map(|parameter| match parameter.split_once('=') {
        Some((name, value)) => name.trim_end().eq_ignore_ascii_case("for").then_some(value),
        None => Some(parameter),
    })?;
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '"');
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>();
    let address = address.or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

/// Whether the address is globally reachable.
fn is_public(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(*address),
        IpAddr::V6(address) => is_public_v6(*address),
    }
}

/// Rules: [IANA IPv4 special-purpose addresses](https://www.iana.org/assignments/iana-ipv4-special-registry/).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && second & 0b1100_0000 == 64; // 100.64.0.0/10
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_broadcast()
        || address.is_multicast()
        || address.is_documentation()
        || is_shared)
}

/// Rules: [IANA IPv6 special-purpose addresses](https://www.iana.org/assignments/iana-ipv6-special-registry/).
fn is_public_v6(address: Ipv6Addr) -> bool {
    let is_documentation = matches!(address.segments(), [0x2001, 0xdb8, ..]);
    !(address.is_loopback()
        || address.is_unspecified()
        || address.is_multicast()
        || address.is_unique_local()
        || address.is_unicast_link_local()
        || is_documentation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_in_all_their_forms() {
        #[rustfmt::skip]
        let table = [
            // entry                                   address
            ("43.43.43.43",                            Some("43.43.43.43")),
            (" 43.43.43.43:80 ",                       Some("43.43.43.43")),
            ("for=43.43.43.43",                        Some("43.43.43.43")),
            ("proto=https; For=\"43.43.43.43:80\"",    Some("43.43.43.43")),
            ("for=43.43.43.43;by=10.0.0.1",            Some("43.43.43.43")),
            ("by=43.43.43.43",                         None),
            ("::ffff:43.43.43.43",                     Some("43.43.43.43")),
            ("2001:4860::8888",                        Some("2001:4860::8888")),
            ("[2001:4860::8888]",                      Some("2001:4860::8888")),
            ("\"[2001:4860::8888]:80\"",               Some("2001:4860::8888")),
            ("[43.43.43.43",                           None),
            ("43.43.43.256",                           None),
            ("_hidden",                                None),
            ("",                                       None),
        ];
        for (entry, expected) in table {
            let found = address(entry).map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{entry:?}");
        }
    }

    #[test]
    fn ranges_that_are_not_public_end_where_they_end() {
        #[rustfmt::skip]
        let table = [
            // address              public
            ("8.8.8.8",             true),
            ("127.0.0.1",           false),
            ("10.255.255.255",      false),
            ("11.0.0.0",            true),
            ("172.16.0.0",          false),
            ("172.32.0.0",          true),
            ("192.168.0.1",         false),
            ("169.254.0.1",         false),
            ("100.63.255.255",      true),
            ("100.64.0.0",          false),
            ("100.127.255.255",     false),
            ("100.128.0.0",         true),
            ("0.0.0.0",             false),
            ("224.0.0.1",           false),
            ("255.255.255.255",     false),
            ("192.0.2.1",           false),
            ("2001:4860::8888",     true),
            ("::1",                 false),
            ("::",                  false),
            ("fc00::1",             false),
            ("fe80::1",             false),
            ("ff02::1",             false),
            ("2001:db8::1",         false),
        ];
        for (address, expected) in table {
            assert_eq!(is_public(&address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn a_header_without_text_is_not_there() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", " ".parse().unwrap());
        headers.insert("x-real-ip", "43.43.43.43".parse().unwrap());
        let found = ClientIp::Usual.find(&headers, [10, 0, 0, 7].into());
        assert_eq!(found, Some([43, 43, 43, 43].into()));
    }
}
