//! A service account of an Exchange server and its password.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::{
    network::Network,
    source::{Given, InputProblem, Source},
};
use crate::{
    domain::{
        address::MailAddress,
        exchange::{CertificatePin, EwsUrl, ExchangeNames, ExchangeSettings, Login, ServicePassword},
        naming,
    },
    verification::NetSettings,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    service_account: Spanned<String>,
    password: Option<Spanned<String>>,
    password_file: Option<Spanned<PathBuf>>,
    ews_url: Option<Spanned<String>>,
    certificate_sha256: Option<Spanned<String>>,
    test_mailbox: Spanned<String>,
    outside_mailbox: Option<Spanned<String>>,
    account_name: Option<Spanned<String>>,
    role_group: Option<Spanned<String>>,
    #[serde(default)]
    network: Network,
}

/// What the file says of a service account.
pub(super) struct ExchangeInput {
    pub(super) settings: ExchangeSettings,
    pub(super) password: ServicePassword,
    pub(super) network: NetSettings,
}

/// Reads it. Errs with the line of a name or value that cannot be.
pub(super) fn read(source: &Source<'_>) -> Result<ExchangeInput, InputProblem> {
    let mut file: File = source.table()?;
    let network = file.network.settings(source)?;
    let settings = settings(source, &file)?;
    let given = Given {
        key: "password",
        file_key: "password_file",
        text: file.password.take(),
        file: file.password_file.as_ref(),
    };
    Ok(ExchangeInput { settings, password: password(source, given)?, network })
}

/// The password, from the file itself or from the one it names.
pub(super) fn password(source: &Source<'_>, given: Given<'_>) -> Result<ServicePassword, InputProblem> {
    let from_file = given.file.is_some();
    let (text, at) = source.secret(given)?;
    // A password is taken byte for byte, but editors end a file with a line break.
    let text = if from_file { without_line_end(&text) } else { &text };
    ServicePassword::parse(text)
        .map_err(|problem| source.problem(&at, format!("password: {}", problem.sentence())))
}

fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

fn settings(source: &Source<'_>, file: &File) -> Result<ExchangeSettings, InputProblem> {
    let login = &file.service_account;
    let service_account = Login::parse(login.get_ref()).map_err(|problem| {
        source.problem(&login.span(), format!("service_account: {}", problem.sentence()))
    })?;
    let domain = service_account.as_address().map(|address| address.domain());
    source.of_the_office(login, "service_account", domain)?;
    let ews_url = file.ews_url.as_ref().map(|url| ews_url(source, url)).transpose()?;
    let certificate = file.certificate_sha256.as_ref().map(|pin| certificate(source, pin)).transpose()?;
    let test_mailbox = another_mailbox(source, &file.test_mailbox, &service_account)?;
    let outside_mailbox = source.outside_mailbox(file.outside_mailbox.as_ref(), &file.test_mailbox)?;
    let names = account_names(source, file.account_name.as_ref(), file.role_group.as_ref())?;
    Ok(ExchangeSettings { service_account, ews_url, certificate, test_mailbox, outside_mailbox, names })
}

/// The test mailbox, which is not the service account's own.
pub(super) fn another_mailbox(
    source: &Source<'_>,
    given: &Spanned<String>,
    service_account: &Login,
) -> Result<MailAddress, InputProblem> {
    let mailbox = source.mailbox(given, "test_mailbox")?;
    if service_account.as_address().as_ref() == Some(&mailbox) {
        let reason = "test_mailbox: name another mailbox than the service account's own; else impersonation is not tested";
        return Err(source.problem(&given.span(), reason).of(Some("form_same_mailbox")));
    }
    Ok(mailbox)
}

/// What the account and its role group are called.
pub(super) fn account_names(
    source: &Source<'_>,
    account: Option<&Spanned<String>>,
    role_group: Option<&Spanned<String>>,
) -> Result<ExchangeNames, InputProblem> {
    Ok(ExchangeNames {
        account: source.object_name(account, "account_name", &naming::account_name(1))?,
        role_group: source.object_name(role_group, "role_group", &naming::role_group_name(1))?,
    })
}

fn ews_url(source: &Source<'_>, given: &Spanned<String>) -> Result<EwsUrl, InputProblem> {
    EwsUrl::parse(given.get_ref()).map_err(|problem| {
        let reason = format!("ews_url: {}", problem.sentence());
        source.problem(&given.span(), reason).of(Some(problem.cause()))
    })
}

fn certificate(source: &Source<'_>, given: &Spanned<String>) -> Result<CertificatePin, InputProblem> {
    let reason = "certificate_sha256: write the SHA-256 fingerprint, 64 digits from 0 to 9 and A to F";
    CertificatePin::parse(given.get_ref()).ok_or_else(|| source.problem(&given.span(), reason))
}
