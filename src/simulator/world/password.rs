//! What a scenario text may say of passwords in Microsoft 365.

use serde::Deserialize;

use crate::simulator::world::server::{AccountScript, RoleGroupScript};

/// Accounts of an organisation that sign in with a password, and what Exchange Online makes of that. Without a word it
/// is as it was years ago: Basic authentication is taken, and the account `moxi.svc` may act for everybody.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PasswordScript {
    /// Does Exchange Online offer tokens alone?
    pub(crate) tokens_only: bool,
    /// What Exchange Online answers to a password over Basic, instead of the truth.
    pub(crate) answer: Option<AnswerScript>,
    pub(crate) account: Vec<AccountScript>,
    pub(crate) role_group: Vec<RoleGroupScript>,
}

/// An answer of the layer in front of Exchange Online.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerScript {
    pub(crate) status: u16,
    /// What stands in `X-AutoDiscovery-Error`; nothing does when it is empty.
    #[serde(default)]
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) body: String,
}
