//! Where a checked address is really dialled.
//!
//! Tests and the demo map public addresses to the simulator's sockets on loopback. The map is applied after the
//! guard has passed, so it can bring in a test world but never widen what may be called.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

use super::Failure;

/// The map, and whether anything outside it may be dialled.
#[derive(Debug, Clone, Default)]
pub struct Dial {
    map: BTreeMap<SocketAddr, SocketAddr>,
    only_mapped: bool,
}

impl Dial {
    /// With `only_mapped`, an address without an entry is refused.
    pub const fn new(map: BTreeMap<SocketAddr, SocketAddr>, only_mapped: bool) -> Self {
        Self { map, only_mapped }
    }

    /// The sockets to dial for addresses that the guard has passed, in their order.
    ///
    /// Errs when only mapped addresses may be dialled and none of these is.
    pub fn targets(&self, checked: &[IpAddr], port: u16) -> Result<Vec<SocketAddr>, Failure> {
        let targets: Vec<SocketAddr> =
            checked.iter().filter_map(|address| self.target(*address, port)).collect();
        if targets.is_empty() { Err(Failure::NotMapped) } else { Ok(targets) }
    }

    /// The socket to dial for one address that the guard has passed. `None` when it may not be dialled.
    pub fn target(&self, checked: IpAddr, port: u16) -> Option<SocketAddr> {
        let public = SocketAddr::new(checked, port);
        self.map.get(&public).copied().or((!self.only_mapped).then_some(public))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_addresses_go_where_the_map_says() {
        let public: SocketAddr = "20.190.128.1:443".parse().expect("an address");
        let local: SocketAddr = "127.0.0.1:40443".parse().expect("an address");
        let other: IpAddr = "20.190.128.2".parse().expect("an address");
        let map = BTreeMap::from([(public, local)]);
        let closed = Dial::new(map.clone(), true);
        assert_eq!(closed.targets(&[public.ip(), other], 443), Ok(vec![local]));
        assert_eq!(closed.targets(&[other], 443), Err(Failure::NotMapped));
        assert_eq!(closed.targets(&[public.ip()], 80), Err(Failure::NotMapped));
        let open = Dial::new(map, false);
        assert_eq!(open.targets(&[other], 443), Ok(vec![SocketAddr::new(other, 443)]));
    }
}
