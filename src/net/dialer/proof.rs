//! The proof that a connection is secured, which the credential's last step demands.

use std::net::IpAddr;

use crate::net::guard::HostName;

use super::trust::Trusted;

/// Proves that the connection it was borrowed from is secured to this host at this address. Only a handshake with a
/// trusted certificate leads to one; nothing else can make it:
///
/// ```compile_fail
/// # use moxi_onboard::net::{dialer::SecuredTo, guard::HostName};
/// let host = HostName::parse("mail.lakeshore.example").expect("a name");
/// let address = std::net::IpAddr::from([20, 50, 60, 70]);
/// let forged = SecuredTo { host: &host, address };
/// ```
///
/// The same lines without the forgery hold, so it is the forgery that fails:
///
/// ```
/// # use moxi_onboard::net::{dialer::SecuredTo, guard::HostName};
/// let host = HostName::parse("mail.lakeshore.example").expect("a name");
/// let address = std::net::IpAddr::from([20, 50, 60, 70]);
/// let fits = |proof: SecuredTo<'_>| proof.host() == &host && proof.address() == address;
/// # let _ = fits;
/// ```
pub struct SecuredTo<'a> {
    host: &'a HostName,
    address: IpAddr,
}

impl<'a> SecuredTo<'a> {
    /// For a connection to this host and address whose certificate was trusted and whose handshake is done.
    pub(super) const fn by(host: &'a HostName, address: IpAddr, _trusted: &'a Trusted) -> Self {
        Self { host, address }
    }

    /// The host that has proven itself.
    pub const fn host(&self) -> &HostName {
        self.host
    }

    /// The address that was looked at and dialled.
    pub const fn address(&self) -> IpAddr {
        self.address
    }
}
