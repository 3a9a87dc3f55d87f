//! From a name to the sockets that are dialled.

use std::net::SocketAddr;

use super::{
    dial::Dial,
    failure::Failure,
    guard::{HostName, Network},
    resolver::Resolver,
};

/// A host that the operator names in the settings: it alone may listen on another port than 443, and be inside of the
/// company where its networks are named, too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The host.
    pub host: HostName,
    /// The one port of it that is called.
    pub port: u16,
    /// The networks that all of its addresses lie in; none: it is public like every other host.
    pub networks: Vec<Network>,
}

/// Names to checked addresses, and checked addresses to sockets.
pub(super) struct Route {
    pub(super) resolver: Resolver,
    pub(super) dial: Dial,
}

impl Route {
    /// The sockets behind a name, for HTTPS.
    pub(super) async fn targets(&self, host: &HostName) -> Result<Vec<SocketAddr>, Failure> {
        let checked = self.resolver.addresses(host).await?;
        self.dial.targets(&checked, 443)
    }

    /// The sockets behind a name of the settings.
    pub(super) async fn targets_of(&self, named: &Named) -> Result<Vec<SocketAddr>, Failure> {
        let checked = if named.networks.is_empty() {
            self.resolver.addresses(&named.host).await?
        } else {
            self.resolver.addresses_within(&named.host, &named.networks).await?
        };
        self.dial.targets(&checked, named.port)
    }
}
