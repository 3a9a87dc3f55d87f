//! A Google Workspace: what a scenario text may say of it, and how it stands with everything filled in.

use serde::Deserialize;

use crate::simulator::google::api::{Api, scope};
use crate::simulator::identity::{stable_digits, stable_hex};

/// A Workspace. Without a word it is in order: MoxiWorks' service account and the office's own may act for everybody
/// in every scope that the guide names.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GoogleScript {
    /// The rows of domain-wide delegation, where they are not as they should be.
    pub(crate) delegation: Option<Vec<DelegationScript>>,
    /// Service accounts of the office's own.
    pub(crate) account: Vec<ServiceAccountScript>,
    /// Users with whom something is special.
    pub(crate) user: Vec<UserScript>,
    /// APIs that are not switched on in the project that calls.
    pub(crate) disabled_apis: Vec<Api>,
    /// APIs at which the admin lets no app.
    pub(crate) access_blocked: Vec<Api>,
    /// So many seconds is Google's clock ahead of ours.
    pub(crate) clock_ahead: i64,
    /// Tokens are given for the service account itself, whoever is named in the statement.
    pub(crate) acts_as_itself: bool,
    /// The token endpoint refuses with this, whatever is asked.
    pub(crate) refusal: Option<TokenRefusalScript>,
}

/// One row of domain-wide delegation.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DelegationScript {
    /// Whose client ID stands in it: `moxiworks`, the name of an own account, or a number.
    #[serde(default = "ours")]
    pub(crate) client: String,
    /// Scopes, by their last words or in full.
    #[serde(default = "needed_scopes")]
    pub(crate) scopes: Vec<String>,
}

/// A service account of the office's own, with its keys.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceAccountScript {
    /// What stands before the `@`.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) state: AccountState,
    /// Its keys in the order in which they were made. The first is typed, and the last at a second attempt.
    #[serde(default = "one_key")]
    pub(crate) keys: Vec<KeyState>,
    /// Is its project suspended?
    #[serde(default)]
    pub(crate) project_suspended: bool,
}

/// Whether a service account is there.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountState {
    #[default]
    Good,
    Disabled,
    Deleted,
}

/// Whether a key is there.
#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyState {
    Good,
    Deleted,
}

/// A user with whom something is special.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct UserScript {
    /// Local part of the address.
    pub(crate) name: String,
    pub(crate) state: UserState,
    pub(crate) calendar: CalendarState,
    pub(crate) gmail: GmailState,
}

/// Whether an address is that of a user.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UserState {
    #[default]
    Active,
    Suspended,
    /// Another name of somebody, or of a group.
    Alias,
    /// Deleted some days ago.
    Deleted,
    /// Deleted long ago.
    Gone,
}

/// Whether a user has a calendar.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CalendarState {
    #[default]
    On,
    Off,
    /// It is on, and was never opened.
    NeverOpened,
}

/// Whether a user has mail.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GmailState {
    #[default]
    On,
    Off,
    /// There is a licence, and no mailbox behind it.
    NotReady,
}

/// An answer of the token endpoint in its own words.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRefusalScript {
    #[serde(default = "bad_request")]
    pub(crate) status: u16,
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) text: String,
}

/// A Workspace with its service accounts filled in.
pub(crate) struct Workspace {
    pub(crate) script: GoogleScript,
    pub(crate) accounts: Vec<ServiceAccount>,
}

/// A service account with what Google Cloud gave it.
#[derive(Clone)]
pub(crate) struct ServiceAccount {
    pub(crate) script: ServiceAccountScript,
    pub(crate) email: String,
    /// The number that delegation goes by.
    pub(crate) client_id: String,
    pub(crate) project_id: String,
    pub(crate) project_number: String,
    /// Its keys by their ids.
    pub(crate) keys: Vec<(String, KeyState)>,
}

impl Workspace {
    pub(crate) fn new(domain: &str, script: GoogleScript) -> Workspace {
        let project = format!("{}-mail", domain.split('.').next().unwrap_or_default());
        let accounts = script.account.iter().map(|own| ServiceAccount::new(&project, own.clone())).collect();
        Workspace { script, accounts }
    }

    /// The account of this name.
    pub(crate) fn account(&self, name: &str) -> Option<&ServiceAccount> {
        self.accounts.iter().find(|account| account.script.name == name)
    }

    /// The user of this local part, as far as something is special with them.
    pub(crate) fn user(&self, local: &str) -> UserScript {
        let special = self.script.user.iter().find(|user| user.name.eq_ignore_ascii_case(local));
        special.cloned().unwrap_or_else(|| UserScript { name: local.to_owned(), ..UserScript::default() })
    }

    /// Does one row let this client have all of these scopes? Each stands for itself: a wide one brings no narrower.
    pub(crate) fn delegates(&self, client_id: &str, scopes: &[String]) -> bool {
        let Some(rows) = &self.script.delegation else {
            let known = client_id == ServiceAccount::moxiworks().client_id
                || self.accounts.iter().any(|account| account.client_id == client_id);
            return known && within(scopes, &needed_scopes());
        };
        rows.iter().any(|row| self.client_of(row) == client_id && within(scopes, &row.scopes))
    }

    fn client_of(&self, row: &DelegationScript) -> String {
        if row.client == OURS {
            return ServiceAccount::moxiworks().client_id;
        }
        self.account(&row.client).map_or_else(|| row.client.clone(), |account| account.client_id.clone())
    }

    /// Puts right what a person puts right in the consoles without a new key.
    pub(crate) fn heal(&mut self) {
        let accounts = std::mem::take(&mut self.script.account);
        self.script = GoogleScript { account: accounts, ..GoogleScript::default() };
    }
}

impl ServiceAccount {
    /// MoxiWorks' own, to which offices delegate.
    pub(crate) fn moxiworks() -> ServiceAccount {
        let script = ServiceAccountScript {
            name: "moxiengage-connector".into(),
            state: AccountState::Good,
            keys: one_key(),
            project_suspended: false,
        };
        ServiceAccount::new("moxiengage-onboarding", script)
    }

    fn new(project: &str, script: ServiceAccountScript) -> ServiceAccount {
        let email = format!("{}@{project}.iam.gserviceaccount.com", script.name);
        let key = |(at, state): (usize, &KeyState)| (stable_hex(&format!("key {at} of {email}")), *state);
        ServiceAccount {
            client_id: format!("1{}", stable_digits(&format!("client {email}"), 20)),
            project_id: project.to_owned(),
            project_number: stable_digits(&format!("project {project}"), 12),
            keys: script.keys.iter().enumerate().map(key).collect(),
            email,
            script,
        }
    }
}

fn within(asked: &[String], listed: &[String]) -> bool {
    let listed: Vec<String> = listed.iter().map(|word| scope(word)).collect();
    asked.iter().all(|one| listed.contains(one))
}

const OURS: &str = "moxiworks";

fn ours() -> String {
    OURS.into()
}
fn needed_scopes() -> Vec<String> {
    ["contacts", "calendar", "gmail.send", "gmail.settings.basic"].map(String::from).to_vec()
}
fn one_key() -> Vec<KeyState> {
    vec![KeyState::Good]
}
fn bad_request() -> u16 {
    400
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_lets_its_own_client_have_its_own_scopes() {
        let row = |client: &str, scopes: &[&str]| DelegationScript {
            client: client.to_owned(),
            scopes: scopes.iter().map(|word| (*word).to_owned()).collect(),
        };
        let ours = ServiceAccount::moxiworks().client_id;
        assert!(ours.len() == 21 && ours.bytes().all(|byte| byte.is_ascii_digit()), "{ours}");
        let with = |rows: Option<Vec<DelegationScript>>| {
            Workspace::new("x.example", GoogleScript { delegation: rows, ..GoogleScript::default() })
        };
        let asked = |words: &[&str]| words.iter().map(|word| scope(word)).collect::<Vec<_>>();
        assert!(with(None).delegates(&ours, &asked(&["contacts", "gmail.send"])));
        assert!(!with(None).delegates("123", &asked(&["contacts"])));
        assert!(!with(Some(Vec::new())).delegates(&ours, &asked(&["contacts"])));
        let two = with(Some(vec![row("moxiworks", &["contacts"]), row("123", &["calendar"])]));
        assert!(two.delegates(&ours, &asked(&["contacts"])) && two.delegates("123", &asked(&["calendar"])));
        assert!(!two.delegates(&ours, &asked(&["calendar"])), "a row of another client");
        assert!(!two.delegates(&ours, &asked(&["contacts", "calendar"])), "all or nothing");
        assert!(!two.delegates("123", &asked(&["calendar.events"])), "a wide scope brings no narrower");
    }
}
