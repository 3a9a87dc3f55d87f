//! What Microsoft 365 is reached with by a service account and its password.

use super::{
    address::{MailAddress, MailDomain},
    exchange::{ExchangeNames, Login},
    guid::Guid,
};

/// What goes with the password of a service account in Microsoft 365.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PasswordSettings {
    /// The service account's login, which has the form of a mail address.
    pub service_account: Login,
    /// The app through which the account signs in for a token. Without one the password goes to Exchange Online itself,
    /// by Basic authentication.
    pub client_id: Option<Guid>,
    /// The mailbox the check acts as.
    pub test_mailbox: MailAddress,
    /// What the admin called the account and its role group.
    pub names: ExchangeNames,
}

impl PasswordSettings {
    /// The domain of the account, by which its tenant is found.
    pub fn domain(&self) -> MailDomain {
        let account = self.service_account.as_address();
        account.map_or_else(|| self.test_mailbox.domain(), |address| address.domain())
    }
}
