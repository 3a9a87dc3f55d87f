//! Which host names and which addresses may be called.
//!
//! The standard library's predicates leave out many special ranges, so the table is our own. For IPv6 the rule is
//! positive: only global unicast, without the ranges inside it that carry other addresses or documentation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::domain::reserved::is_never_public;

/// A host name that may be looked up: lower-case ASCII, at least two labels, no address in disguise.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostName(String);

impl HostName {
    /// Parses a bare host name. `None` for anything else: URLs, user info, ports, escapes, blanks, addresses in
    /// any notation, single labels, trailing dots, letters outside ASCII, malformed punycode, local names.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::named_by_operator(raw).filter(|name| !is_never_public(name.as_str()))
    }

    /// The same for a name that stands in the settings, which may also end as inner names do.
    pub fn named_by_operator(raw: &str) -> Option<Self> {
        let text = raw.to_ascii_lowercase();
        let labels: Vec<&str> = text.split('.').collect();
        let shaped = text.len() <= 253 && labels.len() >= 2 && labels.iter().all(|label| is_label(label));
        let named = labels.last().is_some_and(|last| last.bytes().any(|b| b.is_ascii_alphabetic()));
        // The URL parser reads disguised addresses and punycode; a plain name comes out as it went in.
        let plain = matches!(url::Host::parse(&text), Ok(url::Host::Domain(same)) if same == text);
        (shaped && named && plain).then_some(Self(text))
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for HostName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Whether a port may be called: HTTPS only.
pub const fn port_allowed(port: u16) -> bool {
    port == 443
}

/// IPv4 ranges that are not public, as (first address, prefix length): private and shared use, loopback,
/// link-local, protocol assignments, documentation, benchmarking, anycast relays, multicast, reserved, and the
/// platform address of a large cloud.
const V4_DENIED: &[([u8; 4], u8)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([168, 63, 129, 16], 32),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// IPv6 ranges within 2000::/3 that are not public: protocol assignments with Teredo, documentation (two), 6to4,
/// and the direct-delegation anycast range.
const V6_DENIED: &[([u16; 3], u8)] = &[
    ([0x2001, 0, 0], 23),
    ([0x2001, 0x0db8, 0], 32),
    ([0x2002, 0, 0], 16),
    ([0x2620, 0x004f, 0x8000], 48),
    ([0x3fff, 0, 0], 20),
];

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u32,
}

impl Network {
    /// Reads `address` or `address/bits`. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let Some((first, bits)) = text.split_once('/') else {
            return Some(Self::from(text.parse::<IpAddr>().ok()?));
        };
        let network = Self { bits: bits.parse().ok()?, ..Self::from(first.parse::<IpAddr>().ok()?) };
        (network.bits <= Self::from(network.first).bits).then_some(network)
    }

    /// Whether an address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl From<IpAddr> for Network {
    /// The range of this address alone.
    fn from(first: IpAddr) -> Self {
        Self { first, bits: if first.is_ipv4() { 32 } else { 128 } }
    }
}

/// Whether an address is on the public internet and in none of our `own` networks.
pub fn is_public(address: IpAddr, own: &[Network]) -> bool {
    let public = match address {
        IpAddr::V4(v4) => v4_is_public(v4),
        IpAddr::V6(v6) => v6_is_public(v6),
    };
    public && !own.iter().any(|network| network.contains(address))
}

/// Whether an address is one that offices give out inside: a name that leads only to such is an inner name.
pub fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private(),
        IpAddr::V6(v6) => v6.is_unique_local(),
    }
}

fn v4_is_public(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !V4_DENIED.iter().any(|&(first, prefix)| {
        let mask = u32::MAX << (32 - u32::from(prefix));
        bits & mask == u32::from_be_bytes(first)
    })
}

fn v6_is_public(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    let global_unicast = bits >> 125 == 1;
    let denied = V6_DENIED.iter().any(|&([a, b, c], prefix)| {
        let first = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_bits();
        bits >> (128 - u32::from(prefix)) == first >> (128 - u32::from(prefix))
    });
    global_unicast && !denied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_names_are_taken() {
        for name in
            ["graph.microsoft.com", "LOGIN.microsoftonline.com", "a-b.c1.example", "xn--mnchen-3ya.example"]
        {
            assert!(HostName::parse(name).is_some(), "{name}");
        }
        let long = format!("{}.{}.{}.{}", "a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61));
        assert_eq!(long.len(), 253);
        assert!(HostName::parse(&long).is_some());
    }

    #[test]
    fn names_that_hide_something_are_refused() {
        let long_label = format!("{}.example", "a".repeat(64));
        let long_name =
            format!("{}.{}.{}.{}", "a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(62));
        let refused = [
            "127.0.0.1",
            "127.1",
            "0177.0.0.1",
            "0x7f000001",
            "0x7f.1",
            "a.0x7f",
            "2130706433",
            "127。0。0。1",
            "①②⑦.⓪.⓪.①",
            "[::1]",
            "::1",
            "[::ffff:127.0.0.1]",
            "[fe80::1%eth0]",
            "0",
            "0.0.0.0",
            "localhost",
            "localhost.",
            "LOCALHOST",
            "x.localhost",
            "metadata.google.internal",
            "exch01.corp.local",
            "mail.lakeshore.test",
            "mail.invalid",
            "mail.lakeshore.private",
            "router.home.arpa",
            "user:pw@good.example",
            "user@good.example",
            "good.example\\@evil.example",
            "good.example#@evil.example",
            "evil.example#good.example",
            "good.example%2eevil",
            "good.example%00",
            "good.example\t",
            "good.exam\tple",
            "good.example\r\nHost: evil.example",
            "good.example\0",
            "https:evil.example",
            "https:/\\evil.example",
            "//evil.example",
            "https://good.example",
            "http://good.example",
            "file:///etc/passwd",
            "gopher://good.example",
            "ftp://good.example",
            "data:text/plain,x",
            "good.example/",
            "good.example?x",
            "good.example:443",
            "good.example:0",
            "good.example.",
            "good..example",
            ".good.example",
            "-good.example",
            "good-.example",
            "go_od.example",
            "good",
            "",
            " ",
            "gооd.example",
            "xn--.example",
            "xn--a-ecp.ru\u{200b}",
            "xn--0.example",
            &long_label,
            &long_name,
        ];
        for name in refused {
            assert_eq!(HostName::parse(name), None, "{name:?}");
        }
    }

    #[test]
    fn only_https_is_called() {
        assert!(port_allowed(443));
        assert!(![0, 22, 25, 80, 444, 8443, u16::MAX].into_iter().any(port_allowed));
    }

    #[test]
    fn hostile_addresses_are_refused() {
        let refused = [
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "168.63.129.16",
            "100.64.0.1",
            "100.127.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "0.1.2.3",
            "192.0.0.9",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.175.48.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:a9fe:a9fe",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "2002:7f00:1::",
            "2001:0:53aa:64c::1",
            "2001:1ff::1",
            "2001:2::1",
            "2001:db8::1",
            "::7f00:1",
            "fe80::1",
            "fec0::1",
            "fd00:ec2::254",
            "fc00::1",
            "ff02::1",
            "100::1",
            "3fff::1",
            "5f00::1",
            "2620:4f:8000::1",
        ];
        for text in refused {
            let address: IpAddr = text.parse().expect("an address");
            assert!(!is_public(address, &[]), "{text}");
        }
    }

    #[test]
    fn public_addresses_are_taken_unless_they_are_our_own() {
        for text in ["20.190.128.1", "8.8.8.8", "168.63.129.17", "100.63.255.255", "172.32.0.1", "198.20.0.1"]
        {
            assert!(is_public(text.parse().expect("an address"), &[]), "{text}");
        }
        for text in ["2603:1006::1", "2a00:1450::1", "2001:200::1", "2620:4f:8001::1", "3fff:1000::1"] {
            assert!(is_public(text.parse().expect("an address"), &[]), "{text}");
        }
        for (own, address, public) in [
            ("20.190.128.1", "20.190.128.1", false),
            ("20.190.128.1", "20.190.128.2", true),
            ("20.190.128.0/30", "20.190.128.3", false),
            ("20.190.128.0/30", "20.190.128.4", true),
            ("0.0.0.0/0", "8.8.8.8", false),
            ("2a00:1450::/32", "2a00:1450::1", false),
            ("2a00:1450::/32", "2a00:1451::1", true),
            ("2a00:1450::/32", "8.8.8.8", true),
        ] {
            let own = Network::parse(own).expect("a network");
            assert_eq!(is_public(address.parse().expect("an address"), &[own]), public, "{own:?} {address}");
        }
        assert!(
            ["", "x", "1.2.3.4/33", "::/129", "1.2.3.4/"].iter().all(|text| Network::parse(text).is_none())
        );
    }

    #[test]
    fn a_name_in_the_settings_may_end_as_inner_names_do() {
        assert!(HostName::named_by_operator("login.corp").is_some());
        assert!(HostName::named_by_operator("keycloak.moxi.internal").is_some());
        for name in ["127.0.0.1", "login", "a.0x7f", "u@login.corp", "login.corp:8443", "xn--0.corp"] {
            assert_eq!(HostName::named_by_operator(name), None, "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_address_in_disguise_is_no_name(parts in proptest::collection::vec((0..=255_u32, 0..4_u8), 1..5)) {
            let text: Vec<String> = parts.iter().map(|(part, notation)| match notation {
                0 => part.to_string(),
                1 => format!("0{part:o}"),
                2 => format!("0x{part:x}"),
                _ => format!("0X{part:08X}"),
            }).collect();
            let disguised = text.join(".");
            let read = url::Host::parse(&disguised);
            proptest::prop_assert!(HostName::parse(&disguised).is_none(), "{disguised} is {read:?}");
        }

        #[test]
        fn what_carries_another_address_inside_is_never_public(inner: u32) {
            let wide = u128::from(inner);
            for address in [wide, 0xffff_u128 << 32 | wide, 0x0064_ff9b_u128 << 96 | wide, 0x2002_u128 << 112 | wide << 80] {
                proptest::prop_assert!(!is_public(Ipv6Addr::from_bits(address).into(), &[]));
            }
        }

        #[test]
        fn a_name_is_kept_as_it_is_or_refused(text in "\\PC{0,40}") {
            if let Some(name) = HostName::parse(&text) {
                proptest::prop_assert_eq!(name.as_str(), text.to_ascii_lowercase());
                proptest::prop_assert!(name.as_str().parse::<IpAddr>().is_err());
            }
        }
    }
}
