//! The bodies of good answers. Unknown members are passed over; a member that stands twice is refused.

use serde::{Deserialize, de::IgnoredAny};

/// The OpenID configuration of a tenant.
#[derive(Deserialize)]
pub(super) struct Discovery {
    pub(super) issuer: String,
    pub(super) msgraph_host: Option<String>,
    pub(super) tenant_region_scope: Option<String>,
}

/// A user of the directory.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) user_principal_name: Option<String>,
    pub(super) account_enabled: Option<bool>,
    pub(super) assigned_licenses: Option<Vec<IgnoredAny>>,
}

/// Settings of a mailbox.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MailboxSettings {
    pub(super) time_zone: Option<String>,
    pub(super) user_purpose: Option<String>,
}

/// Something in a mailbox.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) id: Option<String>,
    pub(super) parent_folder_id: Option<String>,
    pub(super) file_as: Option<String>,
    pub(super) subject: Option<String>,
}

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) value: Vec<Item>,
    #[serde(rename = "@odata.nextLink")]
    pub(super) next: Option<String>,
    #[serde(rename = "@odata.deltaLink")]
    pub(super) delta: Option<String>,
}
