//! Peer tags: the tags of a span about the service that it called.
//!
//! The Datadog Agent names the keys. Addresses of hosts are replaced, because there is no end of
//! them; a port stays, because it tells services apart.

use std::{borrow::Cow, net::Ipv4Addr, net::Ipv6Addr, str::FromStr};

use super::key::PEER_TAGS_SEPARATOR;

/// Takes the place of an address.
const BLOCKED_ADDRESS: &str = "blocked-ip-address";
/// Addresses that are the same everywhere: this host, and the metadata services of clouds.
const KNOWN_ADDRESSES: [&str; 5] =
    ["127.0.0.1", "::1", "169.254.169.254", "fd00:ec2::254", "169.254.170.2"];
/// Schemes before an address. They stay.
const SCHEMES: [&str; 5] = ["dnspoll", "ftp", "file", "http", "https"];
/// The start of names that Amazon gives to its machines, before their address.
const AMAZON_PREFIX: &str = "ip-";

/// Adds a tag to the list of peer tags of a key.
pub(super) fn push(list: &mut String, key: &str, value: &str) {
    if !list.is_empty() {
        list.push(PEER_TAGS_SEPARATOR);
    }
    let value = quantized(value);
    for text in [key, ":", &value] {
        list.extend(text.chars().filter(|char| *char != PEER_TAGS_SEPARATOR));
    }
}

/// The value with addresses replaced: of one host, or of several that commas separate. Hosts that
/// are the same afterwards are named once.
fn quantized(value: &str) -> Cow<'_, str> {
    if !value.contains(',') {
        return quantized_host(value);
    }
    let mut hosts = Vec::<Cow<'_, str>>::new();
    for host in value.split(',').map(|host| quantized_host(host.trim())) {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    Cow::Owned(hosts.join(","))
}

fn quantized_host(host: &str) -> Cow<'_, str> {
    let (prefix, rest) = split_prefix(host);
    match address(rest) {
        Some((address, behind)) if !KNOWN_ADDRESSES.contains(&address) => {
            Cow::Owned(format!("{prefix}{BLOCKED_ADDRESS}{behind}"))
        }
        _ => Cow::Borrowed(host),
    }
}

/// Splits off a scheme with its slashes, or the start of a name of a machine.
fn split_prefix(host: &str) -> (&str, &str) {
    let behind = SCHEMES.iter().find_map(|scheme| {
        let rest = host.strip_prefix(scheme)?.strip_prefix("://")?;
        Some(rest.trim_start_matches('/'))
    });
    let rest = behind.or_else(|| host.strip_prefix(AMAZON_PREFIX)).unwrap_or(host);
    host.split_at_checked(host.len() - rest.len()).unwrap_or(("", host))
}

/// The address that a text starts with, and the rest of it.
fn address(text: &str) -> Option<(&str, &str)> {
    v4(text)
        .or_else(|| bracketed_v6(text))
        .or_else(|| Ipv6Addr::from_str(text).is_ok().then_some((text, "")))
}

/// Four numbers with the same sign between them: a point, a dash or an underscore.
fn v4(text: &str) -> Option<(&str, &str)> {
    let sign = text.chars().find(|char| !char.is_ascii_digit())?;
    if !matches!(sign, '.' | '-' | '_') {
        return None;
    }
    let is_part = |char: char| char.is_ascii_digit() || char == sign;
    let end = text.find(|char| !is_part(char)).unwrap_or(text.len());
    // A sign at the end belongs to the rest: `10-0-0-1.internal`, `10.0.0.1.internal`.
    let address = text.get(..end)?.trim_end_matches(sign);
    let rest = text.get(address.len()..)?;
    let is_end = rest.chars().next().is_none_or(|next| !next.is_alphanumeric());
    let is_address = Ipv4Addr::from_str(&address.replace(sign, ".")).is_ok();
    (is_end && is_address).then_some((address, rest))
}

/// An address in brackets, as in URLs.
fn bracketed_v6(text: &str) -> Option<(&str, &str)> {
    let (address, rest) = text.strip_prefix('[')?.split_once(']')?;
    Ipv6Addr::from_str(address).is_ok().then_some((address, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_replaced_and_names_stay() {
        #[rustfmt::skip]
        let table = [
            // value                                     quantized
            ("10.0.0.1",                                 "blocked-ip-address"),
            ("10.0.0.1:8080",                            "blocked-ip-address:8080"),
            ("10-0-0-1",                                 "blocked-ip-address"),
            ("10_0_0_1:9042",                            "blocked-ip-address:9042"),
            ("ip-10-0-0-1.ec2.internal",                 "ip-blocked-ip-address.ec2.internal"),
            ("http://10.0.0.1/x",                        "http://blocked-ip-address/x"),
            ("dnspoll:///10.21.120.145:6400",            "dnspoll:///blocked-ip-address:6400"),
            ("2001:db8::1",                              "blocked-ip-address"),
            ("[2001:db8::1]:80",                         "blocked-ip-address:80"),
            ("::ffff:10.0.0.1",                          "blocked-ip-address"),
            ("10.0.0.1, 10.0.0.2,db",                    "blocked-ip-address,db"),
            ("127.0.0.1",                                "127.0.0.1"),
            ("::1",                                      "::1"),
            ("169.254.169.254",                          "169.254.169.254"),
            ("users-db",                                 "users-db"),
            ("db.example.com:5432",                      "db.example.com:5432"),
            ("10.0.0",                                   "10.0.0"),
            ("10.0.0.256",                               "10.0.0.256"),
            ("10.0.0.1x",                                "10.0.0.1x"),
            ("1.2.3.4.5",                                "1.2.3.4.5"),
            ("",                                         ""),
        ];
        for (value, expected) in table {
            assert_eq!(quantized(value), expected, "{value}");
        }
    }

    #[test]
    fn tags_are_joined_by_a_separator_that_none_of_them_has() {
        let mut list = String::new();
        push(&mut list, "db.name", "users");
        push(&mut list, "peer\u{1f}.service", "a\u{1f}b");
        assert_eq!(list, "db.name:users\u{1f}peer.service:ab");
    }
}
