//! Which addresses may be connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// What the operator allows beyond https to public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EgressPolicy {
    /// Networks that are not public and may be connected to all the same.
    pub allowed: Vec<IpNet>,
    /// Whether plain http to this machine is fine: development only.
    pub http_on_loopback: bool,
    /// Certificate authorities (PEM) that are trusted beside those of this machine: the organisation's own.
    pub authorities: Option<String>,
}

impl EgressPolicy {
    /// Whether this address may be connected to.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address)
            || (self.http_on_loopback && address.is_loopback())
            || self.allowed.iter().any(|network| network.contains(&address))
    }
}

/// Special-purpose networks of IPv4 (IANA's registry, RFC 6890): first address and prefix length.
const SPECIAL_V4: [(Ipv4Addr, u32); 15] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Networks within `2000::/3`, the public part of IPv6, that are not: protocol assignments with Teredo,
/// documentation, 6to4, documentation again.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether an address is on the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.segments() {
            // NAT64 (RFC 6052): what counts is the address behind the gateway.
            [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                let [a, b] = high.to_be_bytes();
                let [c, d] = low.to_be_bytes();
                is_public_v4(Ipv4Addr::new(a, b, c, d))
            }
            [first, ..] => {
                let bits = u128::from(address);
                let special = |(network, length): &(Ipv6Addr, u32)| {
                    (bits ^ u128::from(*network)) >> (128 - length) == 0
                };
                first & 0xe000 == 0x2000 && !SPECIAL_V6.iter().any(special)
            }
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = u32::from(address);
    let special = |(network, length): &(Ipv4Addr, u32)| (bits ^ u32::from(*network)) >> (32 - length) == 0;
    !SPECIAL_V4.iter().any(special)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_and_special_addresses() {
        for public in [
            "8.8.8.8",
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "5f00::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
    }

    #[test]
    fn a_policy_opens_what_it_names_and_no_more() {
        let policy = EgressPolicy {
            allowed: vec!["10.8.0.0/16".parse().unwrap()],
            http_on_loopback: false,
            ..EgressPolicy::default()
        };
        for (address, admitted) in [
            ("10.8.3.4", true),
            ("::ffff:10.8.3.4", true),
            ("10.9.0.1", false),
            ("127.0.0.1", false),
            ("8.8.8.8", true),
        ] {
            assert_eq!(policy.admits(address.parse().unwrap()), admitted, "{address}");
        }
        let development = EgressPolicy {
            http_on_loopback: true,
            ..EgressPolicy::default()
        };
        assert!(development.admits("127.0.0.1".parse().unwrap()));
        assert!(development.admits("::1".parse().unwrap()));
        assert!(!development.admits("192.168.0.1".parse().unwrap()));
    }
}
