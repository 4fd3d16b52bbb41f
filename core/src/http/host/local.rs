//! Local hosts: those that belong to the operator of the application.
//!
//! The metadata services of clouds have local addresses too, but belong to the cloud: they hand out
//! credentials and accept any header.

use std::net::{IpAddr, Ipv6Addr};

use packdog_api::internal::find_byte;

use super::Host;

/// The endings of local names; names without a dot, such as `localhost`, are local too.
pub const LOCAL_SUFFIXES: &[&str] = &[".local", ".internal", ".svc", ".cluster.local"];

/// The names of metadata services, which look local but are not; the same holds for the names below
/// them.
pub const METADATA_NAMES: &[&str] = &[
    // https://cloud.google.com/compute/docs/metadata/querying-metadata
    "metadata.google.internal",
    "metadata",
    // https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
    "metadata.azure.internal",
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html
    "instance-data",
    // https://ranchermanager.docs.rancher.com
    "rancher-metadata",
    "rancher-metadata.rancher.internal",
];

/// The first labels of regional names of metadata services, such as EC2's
/// `instance-data.eu-west-1.compute.internal`.
pub const METADATA_LABELS: &[&str] = &["instance-data"];

/// The networks of metadata services among the unique local addresses. Those among the link-local
/// ones, such as `169.254.169.254` and `fe80::a9fe:a9fe`, need no list: no link-local address is
/// local.
pub const METADATA_NETWORKS: &[(Ipv6Addr, u32)] = &[
    // EC2: metadata, time, DNS and the credentials of pods.
    // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
    (Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0), 32),
    // https://cloud.google.com/compute/docs/metadata/querying-metadata
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128),
    // https://docs.oracle.com/iaas/Content/Compute/Tasks/gettingmetadata.htm
    (Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe), 128),
    // https://www.scaleway.com/en/docs/instances/how-to/use-cloud-init/
    (Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42), 128),
    // https://techdocs.akamai.com/cloud-computing/docs/overview-of-the-metadata-service
    (Ipv6Addr::new(0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1), 128),
    // https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
    (Ipv6Addr::new(0xfd00, 0x100, 0, 0, 0, 0, 0x100, 0x200), 128),
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
            Self::Address(IpAddr::V6(address)) => {
                let is_near = address.is_loopback() || address.is_unique_local();
                is_near && !is_metadata_address(*address)
            }
        }
    }
}

fn is_local_name(name: &str) -> bool {
    let is_below = |parent: &&str| {
        name.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let first_label = find_byte(name, b'.').and_then(|end| name.get(..end));
    let is_near =
        first_label.is_none() || LOCAL_SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
    let has_metadata_label = METADATA_LABELS.contains(&first_label.unwrap_or(name));
    is_near && !has_metadata_label && !METADATA_NAMES.iter().any(is_below)
}

fn is_metadata_address(address: Ipv6Addr) -> bool {
    METADATA_NETWORKS.iter().any(|(network, bits)| {
        let differing = address.to_bits() ^ network.to_bits();
        differing.leading_zeros() >= *bits
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_hosts_are_local_and_metadata_services_are_not() {
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
            ("instance-data.ec2.internal", false),
            ("instance-data.eu-west-1.compute.internal", false),
            ("x.instance-data.svc",        true),
            ("metadata.azure.internal",    false),
            ("rancher-metadata",           false),
            ("rancher-metadata.rancher.internal", false),
            ("com.",                       false),
            ("pantry.",                    false),
            ("localhost.",                 true),
            ("db.corp.internal.",          true),
            ("metadata.google.internal.",  false),
            ("127.255.255.254",            true),
            ("10.0.0.0",                   true),
            ("11.0.0.0",                   false),
            ("172.15.255.255",             false),
            ("172.16.0.0",                 true),
            ("172.31.255.255",             true),
            ("172.32.0.0",                 false),
            ("192.168.0.1",                true),
            ("169.254.169.254",            false),
            ("168.63.129.16",              false), // Azure's wire server.
            ("100.100.100.200",            false), // Alibaba Cloud.
            ("192.0.0.192",                false), // Oracle Cloud.
            ("[fe80::a9fe:a9fe]",          false),
            ("METADATA.Google.Internal",   false),
            ("Metadata.Azure.Internal.",   false),
            ("Instance-Data.EC2.Internal.", false),
            ("[::ffff:169.254.169.254]",   false),
            ("[::ffff:a9fe:a9fe]",         false),
            ("[::ffff:10.0.0.7]",          true),
            ("2852039166",                 false), // 169.254.169.254 as one number.
            ("0xa9fea9fe",                 false),
            ("0xa9.0xfe.0xa9.0xfe",        false),
            ("0251.0376.0251.0376",        false),
            ("169.254.43518",              false),
            ("169.254.169.254.",           false),
            ("[fd20:00ce:0::0254]",        false),
            ("[FD00:EC2::254]",            false),
            ("[fd00:ec2:ffff::1]",         false),
            ("[fd00:ec3::254]",            true),
            ("[fd20:ce::253]",             true),
            ("100.64.0.1",                 false),
            ("0.0.0.0",                    false),
            ("::1",                        true),
            ("::",                         false),
            ("fc00::1",                    true),
            ("fdff::1",                    true),
            ("fe00::1",                    false),
            ("fe80::1",                    false),
            ("fd00:ec2::254",              false),
            ("fd00:ec2::23",               false),
            ("fd00:ec2:ffff::1",           false),
            ("fd00:ec3::1",                true),
            ("fd00:c1::a9fe:a9fe",         false),
            ("fd00:42::42",                false),
            ("fd00:a9fe:a9fe::1",          false),
            ("fd00:100::100:200",          false),
            ("fd00:42::43",                true),
            ("fd20:ce::254",               false),
            ("fd00:ec2::255",              false),
            ("64:ff9b::7f00:1",            false),
            ("::ffff:169.254.169.254",     false),
        ];
        for (host, is_local) in table {
            assert_eq!(Host::parse(host).unwrap().is_local(), is_local, "{host}");
        }
    }
}
