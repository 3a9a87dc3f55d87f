//! Which hosts may be shown the password although nobody typed their address.

use crate::{
    domain::{
        address::{MailAddress, MailDomain},
        exchange::Login,
    },
    net::guard::HostName,
    verification::evidence::Finding,
};

use super::place::is_within;

/// What was agreed to. The domain of the test mailbox alone is no agreement: with one letter mistyped it is somebody
/// else's.
pub(super) struct Agreement<'a> {
    /// The domain to which the check is bound, where it is.
    pub(super) bound_to: Option<&'a MailDomain>,
    /// The domain that the brokerage has proven to be its own, where that is known.
    pub(super) proven: Option<&'a MailDomain>,
    /// The login, which names a domain in one of its forms.
    pub(super) login: &'a Login,
    /// The mailbox by whose domain servers are found.
    pub(super) mailbox: &'a MailAddress,
}

impl Agreement<'_> {
    /// Whether a host that was found may be shown the password. Errs with what is missing.
    pub(super) fn allows(&self, host: &HostName) -> Result<(), Finding> {
        if let Some(domain) = self.bound_to {
            return if is_within(host, domain.as_str()) { Ok(()) } else { Err(Finding::ForeignServer) };
        }
        let login = self.login.as_address().map(|address| address.domain());
        let searched = HostName::parse(self.mailbox.domain().as_str());
        let known = self.proven.into_iter().chain(login.as_ref());
        let agreed = searched.is_some_and(|searched| {
            let mut known = known;
            known.any(|domain| is_within(&searched, domain.as_str()))
        });
        if agreed { Ok(()) } else { Err(Finding::NotAgreed) }
    }
}
