//! What a person of a Google Workspace brings.

use serde::Serialize;

use super::script::{Kind, SampleScript};
use super::tenant::Tenant;
use super::workspace::ServiceAccount;
use crate::simulator::google::key_file;
use crate::simulator::google::keys::Keys;

/// What is entered for a Google Workspace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GoogleSample {
    /// The number that the admin enters under domain-wide delegation.
    pub client_id: String,
    /// The text of the key file, where the office has a service account of its own.
    pub key_json: Option<String>,
    /// The mailbox the check acts as.
    pub test_mailbox: String,
}

/// What is entered first.
pub(crate) fn first(tenant: &Tenant, script: &SampleScript, kind: Kind, keys: &Keys) -> Option<GoogleSample> {
    let mailbox = tenant.address(&script.mailbox);
    if kind == Kind::GoogleDelegated {
        return Some(delegated(mailbox));
    }
    let account = account(tenant, script.account.as_deref())?;
    let (key_id, _) = account.keys.first()?;
    let file = key_file::service_account(account, key_id, &keys.offices.private);
    let file = match &script.typed_key {
        Some(how) => key_file::spoilt(file, account, how),
        None => file,
    };
    Some(with_key(account, file, mailbox))
}

/// What is entered at the second attempt, where there is a good one.
pub(crate) fn second(
    tenant: &Tenant,
    script: &SampleScript,
    kind: Kind,
    keys: &Keys,
) -> Option<GoogleSample> {
    if kind == Kind::GoogleDelegated {
        return script.other_mailbox.as_deref().map(|local| delegated(tenant.address(local)));
    }
    let account = account(tenant, Some(script.second_account.as_deref()?))?;
    let (key_id, _) = account.keys.last()?;
    let mailbox = script.other_mailbox.as_deref().unwrap_or(&script.mailbox);
    let file = key_file::service_account(account, key_id, &keys.offices.private);
    Some(with_key(account, file, tenant.address(mailbox)))
}

/// The key file of MoxiWorks' own service account.
pub(crate) fn moxiworks(keys: &Keys) -> String {
    let account = ServiceAccount::moxiworks();
    let key_id = account.keys.first().map(|(id, _)| id.clone()).unwrap_or_default();
    key_file::service_account(&account, &key_id, &keys.ours.private)
}

fn delegated(test_mailbox: String) -> GoogleSample {
    GoogleSample { client_id: ServiceAccount::moxiworks().client_id, key_json: None, test_mailbox }
}

fn with_key(account: &ServiceAccount, file: String, test_mailbox: String) -> GoogleSample {
    GoogleSample { client_id: account.client_id.clone(), key_json: Some(file), test_mailbox }
}

fn account<'a>(tenant: &'a Tenant, name: Option<&str>) -> Option<&'a ServiceAccount> {
    let workspace = tenant.google.as_ref()?;
    match name {
        None => workspace.accounts.first(),
        Some(name) => workspace.account(name),
    }
}
