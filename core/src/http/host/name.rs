//! The host of a URL: a name in lower case, or an address, in any spelling.
//!
//! ```text
//! host = name [ "." ] / IPv4 / IPv6 / "[" IPv6 "]"
//! IPv4 = number *3( "." number )     ; the last number fills the bytes that are left
//! number = decimal / "0" octal / "0x" hex
//! ```
//! Resolvers accept all of these spellings, so a rule that knew only some of them could be
//! bypassed. Rules: [WHATWG URL, hosts](https://url.spec.whatwg.org/#host-parsing).
//! `::ffff:10.0.0.1` is read as the IPv4 address inside it.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use packdog_api::internal::find_byte;

/// The only single label that is the same host with a final dot: [RFC
/// 6761](https://www.rfc-editor.org/rfc/rfc6761#section-6.3).
const LOCALHOST: &str = "localhost";

/// The most bytes of a name: [RFC 1035](https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4).
const MAX_NAME_BYTES: usize = 253;

/// A host in a normal form, so that rules can compare it.
///
/// ```
/// use packdog::http::host::Host;
///
/// assert_eq!(Host::parse("Example.COM."), Some(Host::Name("example.com".to_owned())));
/// assert_eq!(Host::parse("0x7f.1"), Host::parse("127.0.0.1"));
/// assert_eq!(Host::parse("a b"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A name of ASCII letters, digits, `-` and `_` in lower case. A final dot is left out, except
    /// after a single label, which it makes absolute: `com.` is not `com`.
    Name(String),
    /// An address; an IPv4 address inside an IPv6 one is the IPv4 address.
    Address(IpAddr),
}

impl Host {
    /// Parses a host without a port; `None` if `text` is not one.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            return address(inner.strip_suffix(']')?);
        }
        if find_byte(text, b':').is_some() {
            return address(text);
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        if name.len() > MAX_NAME_BYTES || !is_name(name) {
            return None;
        }
        let last_dot = name.bytes().rposition(|byte| byte == b'.');
        let last = last_dot.and_then(|dot| name.get(dot + 1..)).unwrap_or(name);
        // Nearly all names end with a letter, and need no closer look.
        if last.starts_with(|first: char| first.is_ascii_digit())
            && (last.bytes().all(|byte| byte.is_ascii_digit()) || number(last).is_some())
        {
            return Some(Self::Address(ipv4(name)?.into()));
        }
        let mut kept = name.to_ascii_lowercase();
        // A final dot changes the meaning of a single label: `com.` is a domain and never local.
        if name.len() < text.len() && !kept.contains('.') && kept != LOCALHOST {
            kept.push('.');
        }
        Some(Self::Name(kept))
    }
}

fn address(text: &str) -> Option<Host> {
    let address = text.parse::<Ipv6Addr>().ok()?;
    Some(Host::Address(address.to_canonical()))
}

/// Whether these are labels, none of them empty, joined by dots. Every call to a host asks, so it
/// takes one pass.
fn is_name(name: &str) -> bool {
    let mut is_in_label = false;
    for byte in name.bytes() {
        let is_of_label = OF_LABELS.get(usize::from(byte)).is_some_and(|is_of| *is_of);
        let is_end = byte == b'.' && is_in_label;
        if !is_of_label && !is_end {
            return false;
        }
        is_in_label = is_of_label;
    }
    is_in_label
}

/// The bytes of labels, as a table: comparisons cost three times as much.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, which would refuse it")]
static OF_LABELS: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut byte = 0;
    while byte <= b'z' {
        bytes[byte as usize] = matches!(byte, b'-' | b'_') || byte.is_ascii_alphanumeric();
        byte += 1;
    }
    bytes
};

fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut address = 0_u32;
    let mut parts = text.split('.').peekable();
    let mut bytes_left = 4_u32;
    while let Some(part) = parts.next() {
        let part = number(part)?;
        let bytes = if parts.peek().is_some() { 1 } else { bytes_left };
        // With too many parts, no bytes are left for the last one.
        bytes_left = bytes_left.checked_sub(bytes).filter(|_| bytes > 0)?;
        if part >> (8 * bytes) != 0 {
            return None;
        }
        address |= u32::try_from(part).ok()? << (8 * bytes_left);
    }
    Some(address.into())
}

fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some("") => return Some(0),
        Some(hex) => (hex, 16),
        None => match text.strip_prefix('0') {
            Some(octal) if !octal.is_empty() => (octal, 8),
            _ => (text, 10),
        },
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_number.then(|| u64::from_str_radix(digits, radix).ok()).flatten()
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Address(address) => address.fmt(f),
        }
    }
}

/// The host and port of a request, as far as its URL contains them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The host; `None` if the URL has none, or an invalid one.
    pub host: Option<Host>,
    /// The port: the one in the URL, or the default of its scheme.
    pub port: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_the_same_however_they_are_spelled() {
        #[rustfmt::skip]
        let table = [
            // spelled                    address
            ("127.0.0.1",                 Some("127.0.0.1")),
            ("127.1",                     Some("127.0.0.1")),
            ("127.0.0.1.",                Some("127.0.0.1")),
            ("2130706433",                Some("127.0.0.1")),
            ("0x7f000001",                Some("127.0.0.1")),
            ("0X7F.0x1",                  Some("127.0.0.1")),
            ("0177.0.0.01",               Some("127.0.0.1")),
            ("4294967295",                Some("255.255.255.255")),
            ("4294967296",                None),
            ("256.1.1.1",                 None),
            ("1.2.65536",                 None),
            ("1.2.65535",                 Some("1.2.255.255")),
            ("1.2.3.4.5",                 None),
            ("08.0.0.1",                  None),
            ("a.0x",                      None),
            ("a.1",                       None),
            ("::1",                       Some("::1")),
            ("[::1]",                     Some("::1")),
            ("[::ffff:127.0.0.1]",        Some("127.0.0.1")),
            ("[::ffff:7f00:1]",           Some("127.0.0.1")),
            ("[fe80::1%25eth0]",          None),
            ("[127.0.0.1]",               None),
            ("[::1",                      None),
        ];
        for (text, address) in table {
            let expected = address.map(|address| Host::Address(address.parse().unwrap()));
            assert_eq!(Host::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn names_are_in_lower_case_and_of_plain_characters_and_a_final_dot_makes_one_label_absolute() {
        let name = |name: &str| Some(Host::Name(name.to_owned()));
        #[rustfmt::skip]
        let table = [
            ("Example.COM",        name("example.com")),
            ("example.com.",       name("example.com")),
            ("com.",               name("com.")),
            ("Localhost.",         name("localhost")),
            ("xn--bcher-kva.test", name("xn--bcher-kva.test")),
            ("my_service",         name("my_service")),
            ("1a",                 name("1a")),
            ("0xg",                name("0xg")),
            ("",                   None),
            (".",                  None),
            ("a..b",               None),
            ("a.com..",            None),
            ("b\u{fc}cher.test",   None),
            ("a%2eb",              None),
            ("a b",                None),
        ];
        for (text, expected) in table {
            assert_eq!(Host::parse(text), expected, "{text}");
        }
        let longest = format!("{}.a", "a.".repeat(125) + "a");
        assert_eq!(longest.len(), MAX_NAME_BYTES);
        assert!(Host::parse(&longest).is_some());
        assert_eq!(Host::parse(&format!("a{longest}")), None);
    }
}
