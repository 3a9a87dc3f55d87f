//! An app registration and its client secret, for both kinds that sign in as one.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::{
    network::Network,
    source::{Given, InputProblem, Source},
};
use crate::{
    domain::{
        address::MailAddress,
        credential::{
            ClientSecret, EwsSecretSettings, ExpiryProblem, GraphSecretSettings, SecretProblem, TenantName,
            expiry_fits,
        },
        guid::Guid,
        kind::AccessKind,
        naming::{self, AppNames},
    },
    verification::NetSettings,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant_id: Spanned<String>,
    client_id: Spanned<String>,
    client_secret: Option<Spanned<String>>,
    client_secret_file: Option<Spanned<PathBuf>>,
    secret_expires_on: Spanned<toml::Value>,
    test_mailbox: Spanned<String>,
    app_name: Option<Spanned<String>>,
    secret_name: Option<Spanned<String>>,
    service_account: Option<Spanned<String>>,
    #[serde(default)]
    network: Network,
}

/// What the file says of an app.
pub(super) struct AppInput {
    pub(super) settings: EwsSecretSettings,
    /// The secret, or the cause that the answers themselves show.
    pub(super) secret: Result<ClientSecret, &'static str>,
    pub(super) network: NetSettings,
}

/// Reads it. Errs with the line of a name or value that cannot be.
pub(super) fn read(source: &Source<'_>, kind: AccessKind, today: Date) -> Result<AppInput, InputProblem> {
    let mut file: File = source.table()?;
    let network = file.network.settings(source)?;
    let app = settings(source, &file)?;
    let service_account = service_account(source, file.service_account.as_ref(), kind)?;
    let given = Given {
        key: "client_secret",
        file_key: "client_secret_file",
        text: file.client_secret.take(),
        file: file.client_secret_file.as_ref(),
    };
    let (text, _) = source.secret(given)?;
    let secret = match finding(&app, today) {
        Some(cause) => Err(cause),
        None => ClientSecret::parse(&text).map_err(cause_of),
    };
    Ok(AppInput { settings: EwsSecretSettings { app, service_account }, secret, network })
}

fn settings(source: &Source<'_>, file: &File) -> Result<GraphSecretSettings, InputProblem> {
    let ids = "an ID has the form 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
    let tenant = TenantName::parse(file.tenant_id.get_ref()).ok_or_else(|| {
        source.problem(&file.tenant_id.span(), format!("tenant_id: {ids}; a domain is taken too"))
    })?;
    let client_id = Guid::parse(file.client_id.get_ref())
        .ok_or_else(|| source.problem(&file.client_id.span(), format!("client_id: {ids}")))?;
    let test_mailbox = MailAddress::parse(file.test_mailbox.get_ref())
        .map_err(|problem| source.problem(&file.test_mailbox.span(), problem.sentence("test_mailbox")))?;
    let day = &file.secret_expires_on;
    let secret_expires_on = civil(day.get_ref())
        .ok_or_else(|| source.problem(&day.span(), "secret_expires_on: write the day as 2028-11-21"))?;
    let names = AppNames {
        app: source.object_name(file.app_name.as_ref(), "app_name", &naming::app_name(1))?,
        secret: source.object_name(file.secret_name.as_ref(), "secret_name", &naming::secret_name(1))?,
    };
    Ok(GraphSecretSettings { tenant, client_id, secret_expires_on, test_mailbox, names })
}

fn service_account(
    source: &Source<'_>,
    given: Option<&Spanned<String>>,
    kind: AccessKind,
) -> Result<Option<MailAddress>, InputProblem> {
    let Some(given) = given else { return Ok(None) };
    if kind != AccessKind::EwsSecret {
        return Err(source.problem(&given.span(), format!("{} takes no service_account", kind.id())));
    }
    MailAddress::parse(given.get_ref())
        .map(Some)
        .map_err(|problem| source.problem(&given.span(), problem.sentence("service_account")))
}

/// A day as TOML writes it, with or without quotes.
fn civil(value: &toml::Value) -> Option<Date> {
    match value {
        toml::Value::String(text) => text.parse().ok(),
        toml::Value::Datetime(day) if day.time.is_none() => day.to_string().parse().ok(),
        _ => None,
    }
}

/// What the answers themselves show.
fn finding(settings: &GraphSecretSettings, today: Date) -> Option<&'static str> {
    if matches!(&settings.tenant, TenantName::Id(id) if *id == settings.client_id) {
        return Some("form_ids_identical");
    }
    match expiry_fits(settings.secret_expires_on, today) {
        Err(ExpiryProblem::Past | ExpiryProblem::TooSoon) => Some("form_expiry_invalid"),
        Err(ExpiryProblem::TooFar) | Ok(()) => None,
    }
}

const fn cause_of(problem: SecretProblem) -> &'static str {
    match problem {
        SecretProblem::IsSecretId => "form_secret_is_id",
        SecretProblem::Foreign => "form_secret_whitespace",
        SecretProblem::Empty | SecretProblem::Masked | SecretProblem::TooShort | SecretProblem::TooLong => {
            "form_secret_masked"
        }
    }
}
