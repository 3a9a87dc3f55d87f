//! From a name to the sockets that are dialled.

use std::net::SocketAddr;

use super::{dial::Dial, failure::Failure, guard::HostName, resolver::Resolver};

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
}
