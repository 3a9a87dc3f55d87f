//! The HTTP client of everybody in the world: no proxies, no redirects of its own.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

/// A client with connections of its own.
pub fn client() -> reqwest::Client {
    client_at(Ipv4Addr::LOCALHOST.into())
}

/// The same that comes from an address of this machine.
#[expect(clippy::disallowed_methods, reason = "a visitor's own client: it visits the portal on this machine")]
pub fn client_at(address: IpAddr) -> reqwest::Client {
    // The second installation in a process is refused, which is no harm.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .local_address(address)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(90))
        // The portal closes what has been idle for ten seconds: a request put on a connection in that moment has no
        // answer. Browsers ask again then; this client does not keep connections for so long.
        .pool_idle_timeout(Duration::from_secs(5))
        .build()
        .expect("a client")
}
