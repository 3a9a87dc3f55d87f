//! An app registration and its client secret, for both kinds that prove themselves with one.

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
        app::{AppSettings, Proof, ProofTerms},
        credential::{ClientSecret, EwsSecretSettings, ExpiryProblem, TenantName, expiry_fits},
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
    outside_mailbox: Option<Spanned<String>>,
    app_name: Option<Spanned<String>>,
    secret_name: Option<Spanned<String>>,
    service_account: Option<Spanned<String>>,
    #[serde(default)]
    network: Network,
}

/// What the file says of an app.
pub(super) struct AppInput {
    pub(super) settings: EwsSecretSettings,
    /// The proof, or the cause that the answers themselves show.
    pub(super) proof: Result<Proof, &'static str>,
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
    let proof = match finding(&app, today) {
        Some(cause) => Err(cause),
        // A text without a letter is as good as one that is masked.
        None => ClientSecret::parse(&text)
            .map(Proof::Secret)
            .map_err(|problem| problem.cause().unwrap_or("form_secret_masked")),
    };
    Ok(AppInput { settings: EwsSecretSettings { app, service_account }, proof, network })
}

/// What every app registration is known by.
pub(super) struct Registration {
    tenant: TenantName,
    client_id: Guid,
    test_mailbox: MailAddress,
    outside_mailbox: Option<MailAddress>,
}

impl Registration {
    /// Reads it. Errs with the line of a value that cannot be.
    pub(super) fn read(
        source: &Source<'_>,
        tenant: &Spanned<String>,
        client: &Spanned<String>,
        mailbox: &Spanned<String>,
        outside: Option<&Spanned<String>>,
    ) -> Result<Self, InputProblem> {
        let ids = "an ID has the form 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11";
        let malformed = |at: &Spanned<String>, reason: String| {
            source.problem(&at.span(), reason).of(Some("form_id_malformed"))
        };
        let no_tenant = || malformed(tenant, format!("tenant_id: {ids}; a domain is taken too"));
        let no_client = || malformed(client, format!("client_id: {ids}"));
        Ok(Self {
            tenant: TenantName::parse(tenant.get_ref()).ok_or_else(no_tenant)?,
            client_id: Guid::parse(client.get_ref()).ok_or_else(no_client)?,
            test_mailbox: source.mailbox(mailbox, "test_mailbox")?,
            outside_mailbox: source.outside_mailbox(outside, mailbox)?,
        })
    }

    /// The settings of the app that proves itself in this way.
    pub(super) fn settings(self, names: AppNames, terms: ProofTerms) -> AppSettings {
        let Self { tenant, client_id, test_mailbox, outside_mailbox } = self;
        AppSettings { tenant, client_id, test_mailbox, outside_mailbox, names, terms }
    }
}

fn settings(source: &Source<'_>, file: &File) -> Result<AppSettings, InputProblem> {
    let outside = file.outside_mailbox.as_ref();
    let said = Registration::read(source, &file.tenant_id, &file.client_id, &file.test_mailbox, outside)?;
    let day = &file.secret_expires_on;
    let secret_expires_on = civil(day.get_ref())
        .ok_or_else(|| source.problem(&day.span(), "secret_expires_on: write the day as 2028-11-21"))?;
    let names = AppNames {
        app: source.object_name(file.app_name.as_ref(), "app_name", &naming::app_name(1))?,
        secret: Some(source.object_name(
            file.secret_name.as_ref(),
            "secret_name",
            &naming::secret_name(1),
        )?),
    };
    Ok(said.settings(names, ProofTerms::Secret { secret_expires_on }))
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
    source.mailbox(given, "service_account").map(Some)
}

/// A day as TOML writes it, with or without quotes.
fn civil(value: &toml::Value) -> Option<Date> {
    match value {
        toml::Value::String(text) => text.parse().ok(),
        toml::Value::Datetime(day) if day.time.is_none() => day.to_string().parse().ok(),
        _ => None,
    }
}

/// Whether one ID was given for both.
pub(super) fn identical(settings: &AppSettings) -> Option<&'static str> {
    let same = matches!(&settings.tenant, TenantName::Id(id) if *id == settings.client_id);
    same.then_some("form_ids_identical")
}

/// What the answers themselves show.
fn finding(settings: &AppSettings, today: Date) -> Option<&'static str> {
    identical(settings).or(match expiry_fits(settings.ends_on(), today) {
        Err(ExpiryProblem::Past | ExpiryProblem::TooSoon) => Some("form_expiry_invalid"),
        Err(ExpiryProblem::TooFar) | Ok(()) => None,
    })
}
