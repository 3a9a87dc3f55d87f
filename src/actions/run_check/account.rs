//! What a check signs in as, under one name for every way of writing it, and what that stands at the same time.

use crate::{
    app::{App, turns::Narrow},
    domain::{credential::CredentialSettings, exchange::EwsUrl},
};

/// What locks when secrets are refused: the app, whose id alone names it (its tenant has many names), or the service
/// account.
///
/// A login's domain counts for nothing: the same account has several ways to write it, and anybody may write another
/// office's. The domain of the test mailbox says whose account it is, for nobody who is not accepted yet may name
/// another office's.
pub(in crate::actions) fn locked(settings: &CredentialSettings) -> String {
    match settings {
        CredentialSettings::GraphCertificate(settings) | CredentialSettings::GraphSecret(settings) => {
            settings.client_id.to_string()
        }
        CredentialSettings::EwsSecret(settings) => settings.app.client_id.to_string(),
        CredentialSettings::GoogleKey(settings) => settings.account.email.clone(),
        // The account is our own and everybody's: what stands for itself is the office.
        CredentialSettings::GoogleDelegated(settings) => {
            format!("google\\{}", settings.test_mailbox.domain())
        }
        CredentialSettings::ExchangeBasic(_) | CredentialSettings::Microsoft365Password(_) => {
            let account = settings.service_account().map(|(login, _)| login.account()).unwrap_or_default();
            format!("{}\\{account}", settings.test_mailbox().domain().as_str())
        }
    }
}

/// The same blinded: under it tries are counted.
pub(in crate::actions) fn key(app: &App, settings: &CredentialSettings) -> Vec<u8> {
    app.blind("sign_in_tries.account", &locked(settings))
}

/// What stands only so many checks at the same time: a server of the customer's own two, an account one.
///
/// A server that autodiscover will name is known by the domain it is looked for in. Microsoft's hosts are everybody's
/// and have no limit of ours.
pub(in crate::actions) fn narrow(settings: &CredentialSettings) -> Vec<Narrow> {
    let mut narrow = vec![Narrow { name: format!("account {}", locked(settings)), most: 1 }];
    if let CredentialSettings::ExchangeBasic(settings) = settings {
        let sought = settings.test_mailbox.domain();
        let host = settings.ews_url.as_ref().map_or(sought.as_str(), EwsUrl::host);
        narrow.push(Narrow { name: format!("host {host}"), most: 2 });
    }
    narrow
}
