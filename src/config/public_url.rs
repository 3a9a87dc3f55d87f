//! The address under which people open a site, and ranges of addresses.

use std::{fmt, net::IpAddr};

/// Scheme, host and port of a site: the origin browsers name. It has no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    secure: bool,
    host: String,
    port: Option<u16>,
}

impl PublicUrl {
    /// Reads `https://host` or `https://host:port`; `None` for a path, a user name, or anything odd in the host.
    pub fn parse(text: &str) -> Option<Self> {
        let (secure, rest) = match text.split_once("://")? {
            ("https", rest) => (true, rest),
            ("http", rest) => (false, rest),
            _ => return None,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (rest, None),
        };
        let default = if secure { 443 } else { 80 };
        is_host(host).then(|| Self {
            secure,
            host: host.to_ascii_lowercase(),
            port: port.filter(|port| *port != default),
        })
    }

    /// Whether it is https.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host alone, as in a `Host` line without its port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host, and port where it is not the scheme's own: what a browser sends as `Host`.
    pub fn authority(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// The port it names or, where it names none, that of its scheme.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.secure { 443 } else { 80 })
    }

    /// Whether it names this machine.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// The whole address of a page of the site; `path` starts with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{self}{path}")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority())
    }
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

/// A range of addresses such as `10.0.0.0/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    start: IpAddr,
    bits: u32,
}

impl AddressRange {
    /// Reads `address` or `address/bits`; `None` when the bits are too many or the address has bits behind them.
    pub fn parse(text: &str) -> Option<Self> {
        let (start, bits) = match text.split_once('/') {
            Some((start, bits)) => (start.parse().ok()?, Some(bits.parse().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let width = if matches!(start, IpAddr::V4(_)) { 32 } else { 128 };
        let range = Self { start, bits: bits.unwrap_or(width) };
        (range.bits <= width && masked(start, range.bits) == number(start)).then_some(range)
    }

    /// Whether it holds more addresses than any network of proxies: a quarter of all there are, or more.
    pub fn is_wide(&self) -> bool {
        self.bits < 3
    }

    /// Whether all of it is given out inside of companies: 10/8, 172.16/12, 192.168/16, fc00::/7.
    pub fn is_private(&self) -> bool {
        // Each of those ranges is as wide as a range that begins in it can be without leaving it.
        let private = |address: IpAddr| match address {
            IpAddr::V4(address) => address.is_private(),
            IpAddr::V6(address) => address.is_unique_local(),
        };
        private(self.start) && private(self.last())
    }

    fn last(&self) -> IpAddr {
        match self.start {
            IpAddr::V4(start) => {
                IpAddr::V4((start.to_bits() | u32::MAX.checked_shr(self.bits).unwrap_or(0)).into())
            }
            IpAddr::V6(start) => {
                IpAddr::V6((start.to_bits() | u128::MAX.checked_shr(self.bits).unwrap_or(0)).into())
            }
        }
    }

    /// Whether an address lies in the range. An IPv4 address that came in IPv6 clothes counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.start.is_ipv4() && masked(address, self.bits) == number(self.start)
    }
}

/// The address as a number that fills the upper bits, so that both families are cut the same way.
fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

fn masked(address: IpAddr, bits: u32) -> u128 {
    number(address) & u128::MAX.checked_shl(128 - bits).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_reads_back_and_anything_more_is_refused() {
        let url = PublicUrl::parse("https://Connect.Lakeshore.example:443/").expect("reads");
        assert_eq!(url.to_string(), "https://connect.lakeshore.example");
        assert_eq!(PublicUrl::parse("http://[::1]:8080").expect("reads").authority(), "[::1]:8080");
        assert!(PublicUrl::parse("http://127.0.0.1:8080").expect("reads").is_loopback());
        assert!(!PublicUrl::parse("https://localhost.example").expect("reads").is_loopback());
        for wrong in
            ["lakeshore.example", "ftp://a", "https://a/b", "https://u@a", "https://", "https://a:0x1"]
        {
            assert_eq!(PublicUrl::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_range_holds_its_addresses_only() {
        let range = AddressRange::parse("10.1.0.0/16").expect("reads");
        assert!(range.contains("10.1.200.3".parse().expect("address")));
        assert!(range.contains("::ffff:10.1.0.1".parse().expect("address")));
        assert!(!range.contains("10.2.0.1".parse().expect("address")));
        assert!(
            AddressRange::parse("::/0").expect("reads").contains("2001:db8::1".parse().expect("address"))
        );
        let private = |text: &str| AddressRange::parse(text).expect("reads").is_private();
        for text in ["10.0.0.0/8", "10.1.2.3", "172.31.0.0/16", "192.168.7.0/24", "fd00::/8", "fc00::/7"] {
            assert!(private(text), "{text}");
        }
        for text in [
            "10.0.0.0/7",
            "0.0.0.0/0",
            "172.0.0.0/8",
            "8.8.8.8",
            "127.0.0.1",
            "169.254.0.0/16",
            "fe80::/10",
            "::/0",
        ] {
            assert!(!private(text), "{text}");
        }
        assert_eq!(AddressRange::parse("10.1.0.1/16"), None);
        assert_eq!(AddressRange::parse("10.1.0.0/33"), None);
    }
}
