//! Who is at the other end: the address of the socket or, behind a named proxy, the one the proxy tells of.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};

use crate::config::AddressRange;

/// The visitor's address and whether the visitor's connection is TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The address that limits count by.
    pub address: IpAddr,
    /// Whether the visitor came by https.
    pub https: bool,
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Reads the proxy's headers only when the socket belongs to a named proxy.
pub(super) fn of(socket: IpAddr, tls: bool, headers: &HeaderMap, proxies: &[AddressRange]) -> Peer {
    let socket = socket.to_canonical();
    if !trusted(socket, proxies) {
        return Peer { address: socket, https: tls };
    }
    Peer { address: furthest(socket, headers, proxies), https: tls || said_https(headers) }
}

/// Whether an address belongs to a named proxy. A listener for both families tells IPv4 addresses in IPv6's form.
pub(super) fn trusted(address: IpAddr, proxies: &[AddressRange]) -> bool {
    let address = address.to_canonical();
    proxies.iter().any(|range| range.contains(address))
}

/// From the right, for whatever stands left of the first stranger was written by that stranger.
fn furthest(socket: IpAddr, headers: &HeaderMap, proxies: &[AddressRange]) -> IpAddr {
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let mut address = socket;
    for hop in lines.iter().flat_map(|line| line.split(',')).rev() {
        match hop.trim().parse::<IpAddr>() {
            Ok(hop) => address = hop.to_canonical(),
            Err(_) => break,
        }
        if !trusted(address, proxies) {
            break;
        }
    }
    address
}

fn said_https(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(FORWARDED_PROTO).iter();
    matches!((lines.next(), lines.next()), (Some(line), None) if line == "https")
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(socket: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
        }
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static("https"));
        let proxies = [AddressRange::parse("10.0.0.0/8").expect("range")];
        let peer = of(socket.parse().expect("address"), false, &headers, &proxies);
        format!("{} {}", peer.address, peer.https)
    }

    #[test]
    fn only_a_named_proxy_is_believed_and_only_its_own_words() {
        assert_eq!(seen("192.0.2.9", &["198.51.100.1"]), "192.0.2.9 false");
        assert_eq!(seen("10.0.0.1", &["198.51.100.1"]), "198.51.100.1 true");
        assert_eq!(seen("10.0.0.1", &["203.0.113.66, 198.51.100.1, 10.0.0.2"]), "198.51.100.1 true");
        assert_eq!(seen("10.0.0.1", &["203.0.113.66", "198.51.100.1"]), "198.51.100.1 true");
        assert_eq!(seen("10.0.0.1", &["unknown"]), "10.0.0.1 true");
        assert_eq!(seen("::ffff:10.0.0.1", &[]), "10.0.0.1 true");
    }

    #[test]
    fn a_proxy_is_known_in_both_forms_of_its_address() {
        let proxies = [AddressRange::parse("10.0.0.0/8").expect("range")];
        let known = |address: &str| trusted(address.parse().expect("address"), &proxies);
        assert!(known("10.0.0.1") && known("::ffff:10.0.0.1"));
        assert!(!known("192.0.2.9") && !known("::ffff:192.0.2.9") && !known("::10.0.0.1"));
    }
}
