//! Google Workspace: a service account's key file and a test mailbox, for both kinds. Where the office delegates to us, the
//! key is the operator's own.

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
        google::{GoogleKey, ServiceAccount},
    },
    verification::{NetSettings, read_key_file},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    test_mailbox: Spanned<String>,
    service_account_key: Option<Spanned<String>>,
    service_account_key_file: Option<Spanned<PathBuf>>,
    #[serde(default)]
    network: Network,
}

/// What the file says.
pub(super) struct GoogleInput {
    pub(super) test_mailbox: MailAddress,
    /// The key and whose it is, or the cause that the key file itself shows.
    pub(super) key: Result<(ServiceAccount, GoogleKey), &'static str>,
    pub(super) network: NetSettings,
}

/// Reads it. Errs with the line of a name or value that cannot be.
pub(super) fn read(source: &Source<'_>) -> Result<GoogleInput, InputProblem> {
    let mut file: File = source.table()?;
    let network = file.network.settings(source)?;
    let mailbox = &file.test_mailbox;
    let test_mailbox = source.mailbox(mailbox, "test_mailbox")?;
    let given = Given {
        key: "service_account_key",
        file_key: "service_account_key_file",
        text: file.service_account_key.take(),
        file: file.service_account_key_file.as_ref(),
    };
    let (text, _) = source.secret(given)?;
    let key = read_key_file(&text).map_err(|_| "form_google_key_type");
    Ok(GoogleInput { test_mailbox, key, network })
}
