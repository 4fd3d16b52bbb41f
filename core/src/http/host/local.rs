//! Which hosts are local: those that belong to whoever runs the application.
//!
//! The metadata services of clouds are as near, and belong to somebody else.

use std::net::{IpAddr, Ipv6Addr};

use super::Host;

/// How names end that are local; names without a dot, such as `localhost`, are so too.
pub const LOCAL_SUFFIXES: &[&str] = &[".local", ".internal", ".svc", ".cluster.local"];

/// Names of cloud metadata services, which are not local although they look so, and neither is
/// what lies below them.
pub const METADATA_NAMES: &[&str] =
    &["metadata.google.internal", "metadata", "instance-data.ec2.internal", "instance-data"];

/// Addresses of cloud metadata services among the unique local ones: EC2's and Google's.
/// Those among the link-local ones, such as `169.254.169.254`, need no list: none is local.
pub const METADATA_ADDRESSES: &[IpAddr] = &[
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

impl Host {
    /// Whether the host is local: a loopback address, a private one of
    /// [RFC 1918](https://www.rfc-editor.org/rfc/rfc1918#section-3), a
    /// [unique local one](https://www.rfc-editor.org/rfc/rfc4193#section-3.1), a name without a
    /// dot, or one with an ending of [`LOCAL_SUFFIXES`]; never a cloud metadata service.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Name(name) => is_local_name(name),
            Self::Address(IpAddr::V4(address)) => address.is_loopback() || address.is_private(),
            Self::Address(address @ IpAddr::V6(v6)) => {
                let is_near = v6.is_loopback() || v6.is_unique_local();
                is_near && !METADATA_ADDRESSES.contains(address)
            }
        }
    }
}

fn is_local_name(name: &str) -> bool {
    let is_below = |parent: &&str| {
        name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let is_near = !name.contains('.') || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
    is_near && !METADATA_NAMES.iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_is_what_is_near_and_no_metadata_service() {
        #[rustfmt::skip]
        let table = [
            // host                        local
            ("localhost",                  true),
            ("pantry",                     true),
            ("printer.local",              true),
            ("db.corp.internal",           true),
            ("users.shop.svc",             true),
            ("users.shop.svc.cluster.local", true),
            ("local",                      true),
            ("evil-local.com",             false),
            ("notlocal.example",           false),
            ("local.evil.com",             false),
            ("svc.evil.com",               false),
            ("metadata.google.internal",   false),
            ("x.metadata.google.internal", false),
            ("metadata",                   false),
            ("mymetadata",                 true),
            ("instance-data",              false),
            ("127.255.255.254",            true),
            ("10.0.0.0",                   true),
            ("11.0.0.0",                   false),
            ("172.15.255.255",             false),
            ("172.16.0.0",                 true),
            ("172.31.255.255",             true),
            ("172.32.0.0",                 false),
            ("192.168.0.1",                true),
            ("169.254.169.254",            false),
            ("100.64.0.1",                 false),
            ("0.0.0.0",                    false),
            ("::1",                        true),
            ("::",                         false),
            ("fc00::1",                    true),
            ("fdff::1",                    true),
            ("fe00::1",                    false),
            ("fe80::1",                    false),
            ("fd00:ec2::254",              false),
            ("fd20:ce::254",               false),
            ("fd00:ec2::255",              true),
            ("64:ff9b::7f00:1",            false),
            ("::ffff:169.254.169.254",     false),
        ];
        for (host, is_local) in table {
            assert_eq!(Host::parse(host).unwrap().is_local(), is_local, "{host}");
        }
    }
}
