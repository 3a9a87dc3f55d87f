//! The fields of a credential's form, as lists show them: their names, and what was answered.

use crate::domain::{
    address::MailAddress,
    answers::field::*,
    app::{AppSettings, ProofTerms},
    credential::CredentialSettings,
    dates,
    exchange::ExchangeSettings,
    microsoft365::PasswordSettings,
};

/// One answer.
pub(super) struct Row {
    pub(super) label: &'static str,
    /// What "Change" changes, for those who hear the link alone.
    pub(super) what: &'static str,
    pub(super) field: &'static str,
    pub(super) value: String,
    pub(super) code: bool,
}

/// What a field is called: on top of an answer, and within a sentence.
pub(super) fn labels(field: &str) -> (&'static str, &'static str) {
    match field {
        APP_NAME => ("Name of the app", "name of the app"),
        TENANT => ("Directory (tenant) ID", "directory (tenant) ID"),
        CLIENT_ID => ("Application (client) ID", "application (client) ID"),
        SECRET_NAME => ("Description of the client secret", "description of the client secret"),
        CLIENT_SECRET => ("Client secret", "client secret"),
        APP_CERTIFICATE => ("Certificate", "certificate"),
        ENDS_MONTH => ("Month the client secret ends", "day the client secret ends"),
        ENDS_DAY => ("Day the client secret ends", "day the client secret ends"),
        ENDS_YEAR => ("Year the client secret ends", "day the client secret ends"),
        ENDS_SURE => ("The date is right", "day the client secret ends"),
        SERVICE_ACCOUNT => ("Service account", "service account"),
        ACCOUNT_NAME => ("Display name of the service account", "display name of the service account"),
        PASSWORD => ("Password", "password"),
        ROLE_GROUP => ("Role group", "role group"),
        EWS_URL => ("EWS URL", "EWS URL"),
        CERTIFICATE => ("Certificate fingerprint", "certificate fingerprint"),
        SERVICE_ACCOUNT_KEY => ("Key file", "key file"),
        MAILBOX_USED => ("The test mailbox is in use", "test mailbox"),
        OUTSIDE_MAILBOX => ("Mailbox that must be refused", "mailbox that must be refused"),
        _ => ("Test mailbox", "test mailbox"),
    }
}

fn row(field: &'static str, value: impl Into<String>, code: bool) -> Row {
    let (label, what) = labels(field);
    Row { label, what, field, value: value.into(), code }
}

/// Every answer in the order of the form. `secret` says that it is there, in words.
pub(super) fn rows(settings: &CredentialSettings, secret: String) -> Vec<Row> {
    match settings {
        CredentialSettings::ExchangeBasic(settings) => of_exchange(settings, secret),
        CredentialSettings::Microsoft365Password(settings) => of_microsoft365(settings, secret),
        CredentialSettings::GraphCertificate(app) | CredentialSettings::GraphSecret(app) => {
            of_app(app, None, secret)
        }
        CredentialSettings::EwsSecret(settings) => {
            let account = settings.service_account.as_ref().map_or("Not given", |account| account.as_str());
            of_app(&settings.app, Some(row(SERVICE_ACCOUNT, account, true)), secret)
        }
        CredentialSettings::GoogleDelegated(settings) => vec![
            Row {
                label: "Google Workspace",
                ..row(TEST_MAILBOX, settings.test_mailbox.domain().as_str(), true)
            },
            row(TEST_MAILBOX, settings.test_mailbox.as_str(), true),
        ],
        CredentialSettings::GoogleKey(settings) => {
            let account = &settings.account;
            let of_key = |label, value: &str| Row { label, ..row(SERVICE_ACCOUNT_KEY, value, true) };
            vec![
                row(SERVICE_ACCOUNT_KEY, secret, false),
                of_key("Service account", &account.email),
                of_key("Client ID", &account.client_id),
                of_key("Key ID", &account.key_id),
                row(TEST_MAILBOX, settings.test_mailbox.as_str(), true),
            ]
        }
    }
}

/// What stays as it is while the secret is renewed: everything that was answered, but for the secret itself.
pub(super) fn what_stays(settings: &CredentialSettings) -> Vec<Row> {
    const NEW: &[&str] =
        &[SECRET_NAME, CLIENT_SECRET, ENDS_MONTH, APP_CERTIFICATE, PASSWORD, SERVICE_ACCOUNT_KEY];
    let mut rows = rows(settings, String::new());
    rows.retain(|row| !NEW.contains(&row.field) && row.value != "Not given");
    rows
}

fn outside(mailbox: Option<&MailAddress>) -> Row {
    row(OUTSIDE_MAILBOX, mailbox.map_or("Not given", MailAddress::as_str), mailbox.is_some())
}

fn of_app(app: &AppSettings, account: Option<Row>, secret: String) -> Vec<Row> {
    let mut rows = vec![
        row(APP_NAME, app.names.app.as_str(), false),
        row(TENANT, app.tenant.as_str(), true),
        row(CLIENT_ID, app.client_id.as_str(), true),
    ];
    match &app.terms {
        ProofTerms::Certificate { certificate } => {
            rows.push(Row {
                label: "Certificate, thumbprint",
                ..row(APP_CERTIFICATE, &certificate.thumbprint, true)
            });
            let ends = dates::words(certificate.ends_on);
            rows.push(Row { label: "Certificate ends", ..row(APP_CERTIFICATE, ends, false) });
        }
        ProofTerms::Secret { secret_expires_on } => {
            let name = app.names.secret.as_ref().map_or("", |name| name.as_str());
            rows.push(row(SECRET_NAME, name, false));
            rows.push(row(CLIENT_SECRET, secret, false));
            let ends = dates::words(*secret_expires_on);
            rows.push(Row { label: "Client secret ends", ..row(ENDS_MONTH, ends, false) });
        }
    }
    rows.extend(account);
    rows.push(row(TEST_MAILBOX, app.test_mailbox.as_str(), true));
    rows.push(outside(app.outside_mailbox.as_ref()));
    rows
}

fn of_microsoft365(settings: &PasswordSettings, secret: String) -> Vec<Row> {
    let client = settings.client_id.as_ref();
    vec![
        row(ACCOUNT_NAME, settings.names.account.as_str(), false),
        row(SERVICE_ACCOUNT, settings.service_account.as_str(), true),
        row(PASSWORD, secret, false),
        row(ROLE_GROUP, settings.names.role_group.as_str(), false),
        row(
            CLIENT_ID,
            client.map_or("None: the password goes to Exchange Online itself", |id| id.as_str()),
            client.is_some(),
        ),
        row(TEST_MAILBOX, settings.test_mailbox.as_str(), true),
    ]
}

fn of_exchange(settings: &ExchangeSettings, secret: String) -> Vec<Row> {
    let url = settings.ews_url.as_ref();
    let certificate = settings.certificate.as_ref();
    vec![
        row(ACCOUNT_NAME, settings.names.account.as_str(), false),
        row(SERVICE_ACCOUNT, settings.service_account.as_str(), true),
        row(PASSWORD, secret, false),
        row(ROLE_GROUP, settings.names.role_group.as_str(), false),
        row(
            EWS_URL,
            url.map_or_else(|| "Not given: we look for it by Autodiscover".to_owned(), ToString::to_string),
            url.is_some(),
        ),
        row(
            CERTIFICATE,
            certificate.map_or("None: it comes from a public authority", |pin| pin.as_hex()),
            certificate.is_some(),
        ),
        row(TEST_MAILBOX, settings.test_mailbox.as_str(), true),
        outside(settings.outside_mailbox.as_ref()),
    ]
}
