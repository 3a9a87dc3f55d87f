//! A service account of Microsoft 365 and its password.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::{
    exchange::{account_names, another_mailbox, password},
    network::Network,
    source::{Given, InputProblem, Source},
};
use crate::{
    domain::{
        exchange::{Login, ServicePassword},
        guid::Guid,
        microsoft365::PasswordSettings,
    },
    verification::NetSettings,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    service_account: Spanned<String>,
    password: Option<Spanned<String>>,
    password_file: Option<Spanned<PathBuf>>,
    client_id: Option<Spanned<String>>,
    test_mailbox: Spanned<String>,
    account_name: Option<Spanned<String>>,
    role_group: Option<Spanned<String>>,
    #[serde(default)]
    network: Network,
}

/// What the file says of a service account.
pub(super) struct PasswordInput {
    pub(super) settings: PasswordSettings,
    pub(super) password: ServicePassword,
    pub(super) network: NetSettings,
}

/// Reads it. Errs with the line of a name or value that cannot be.
pub(super) fn read(source: &Source<'_>) -> Result<PasswordInput, InputProblem> {
    let mut file: File = source.table()?;
    let network = file.network.settings(source)?;
    let settings = settings(source, &file)?;
    let given = Given {
        key: "password",
        file_key: "password_file",
        text: file.password.take(),
        file: file.password_file.as_ref(),
    };
    Ok(PasswordInput { settings, password: password(source, given)?, network })
}

fn settings(source: &Source<'_>, file: &File) -> Result<PasswordSettings, InputProblem> {
    let login = &file.service_account;
    let problem = |reason: &str| source.problem(&login.span(), format!("service_account: {reason}"));
    let service_account = Login::parse(login.get_ref()).map_err(|found| problem(found.sentence()))?;
    if service_account.as_address().is_none() {
        return Err(problem("write it as name@your-domain.com; Microsoft 365 takes no DOMAIN\\name"));
    }
    let domain = service_account.as_address().map(|address| address.domain());
    source.of_the_office(login, "service_account", domain)?;
    let client_id = file.client_id.as_ref().map(|given| client_id(source, given)).transpose()?;
    let test_mailbox = another_mailbox(source, &file.test_mailbox, &service_account)?;
    let names = account_names(source, file.account_name.as_ref(), file.role_group.as_ref())?;
    Ok(PasswordSettings { service_account, client_id, test_mailbox, names })
}

fn client_id(source: &Source<'_>, given: &Spanned<String>) -> Result<Guid, InputProblem> {
    let reason = "client_id: an ID has the form 5f1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d11; it may be left out";
    let malformed = || source.problem(&given.span(), reason).of(Some("form_id_malformed"));
    Guid::parse(given.get_ref()).ok_or_else(malformed)
}
