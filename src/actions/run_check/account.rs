//! What a check signs in as, under one name for every way of writing it.

use crate::domain::credential::CredentialSettings;

/// What locks when secrets are refused: the app, whose id alone names it (its tenant has many names), or the service
/// account.
///
/// A login's domain counts for nothing: the same account has several ways to write it, and anybody may write another
/// office's. The domain of the test mailbox says whose account it is, for nobody who is not accepted yet may name
/// another office's.
pub(super) fn locked(settings: &CredentialSettings) -> String {
    match settings {
        CredentialSettings::GraphSecret(settings) => settings.client_id.to_string(),
        CredentialSettings::EwsSecret(settings) => settings.app.client_id.to_string(),
        CredentialSettings::ExchangeBasic(settings) => {
            format!("{}\\{}", settings.test_mailbox.domain().as_str(), settings.service_account.account())
        }
    }
}
