//! The addresses of this machine, which are never called: nobody who names a host may lead us to ourselves.

use super::guard::Network;

/// The addresses of all interfaces. Empty when the machine does not tell.
pub fn own() -> Vec<Network> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    interfaces.iter().map(|interface| Network::from(interface.ip())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_knows_its_loopback() {
        assert!(own().iter().any(|network| network.contains([127, 0, 0, 1].into())));
    }
}
