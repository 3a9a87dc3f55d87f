//! The settings of an attempt as a table.

use crate::domain::{
    app::{AppSettings, ProofTerms},
    credential::CredentialSettings,
    dates,
};

/// The settings of an attempt, named as their forms name them. None of them is a secret.
pub(super) fn settings_rows(settings: &CredentialSettings) -> Vec<(&'static str, String)> {
    match settings {
        CredentialSettings::GraphCertificate(app) | CredentialSettings::GraphSecret(app) => app_rows(app),
        CredentialSettings::EwsSecret(over_ews) => {
            let mut rows = app_rows(&over_ews.app);
            rows.extend(
                over_ews.service_account.as_ref().map(|it| ("Service account", it.as_str().to_owned())),
            );
            rows
        }
        CredentialSettings::Microsoft365Password(account) => {
            let client = account.client_id.as_ref().map_or("none: Basic authentication", |id| id.as_str());
            vec![
                ("Service account", account.service_account.as_str().to_owned()),
                ("Display name", account.names.account.as_str().to_owned()),
                ("Role group", account.names.role_group.as_str().to_owned()),
                ("Client id", client.to_owned()),
                ("Test mailbox", account.test_mailbox.as_str().to_owned()),
            ]
        }
        CredentialSettings::ExchangeBasic(server) => {
            let mut rows = vec![("Service account", server.service_account.as_str().to_owned())];
            let url = server.ews_url.as_ref().map(|url| url.host().to_owned());
            rows.push(("EWS server", url.unwrap_or_else(|| "found by autodiscover".to_owned())));
            rows.extend(
                server.certificate.as_ref().map(|pin| ("Trusted certificate", pin.as_hex().to_owned())),
            );
            rows.push(("Test mailbox", server.test_mailbox.as_str().to_owned()));
            rows
        }
        CredentialSettings::GoogleDelegated(delegated) => vec![
            ("Google Workspace", delegated.test_mailbox.domain().to_string()),
            ("Test mailbox", delegated.test_mailbox.as_str().to_owned()),
        ],
        CredentialSettings::GoogleKey(google) => vec![
            ("Service account", google.account.email.clone()),
            ("Client id", google.account.client_id.clone()),
            ("Project", google.account.project.clone()),
            ("Key id", google.account.key_id.clone()),
            ("Test mailbox", google.test_mailbox.as_str().to_owned()),
        ],
    }
}

fn app_rows(app: &AppSettings) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        ("Tenant", app.tenant.as_str().to_owned()),
        ("Client id", app.client_id.as_str().to_owned()),
        ("App name", app.names.app.as_str().to_owned()),
    ];
    match &app.terms {
        ProofTerms::Certificate { certificate } => {
            rows.push(("Certificate, thumbprint", certificate.thumbprint.clone()));
            rows.push(("Certificate ends on", dates::words(certificate.ends_on)));
        }
        ProofTerms::Secret { secret_expires_on } => {
            rows.extend(
                app.names.secret.as_ref().map(|name| ("Name of the secret", name.as_str().to_owned())),
            );
            rows.push(("Secret ends on", dates::words(*secret_expires_on)));
        }
    }
    rows.push(("Test mailbox", app.test_mailbox.as_str().to_owned()));
    rows
}
