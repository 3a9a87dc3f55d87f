//! What a scenario text may say of an Exchange server of the office's own.

use serde::Deserialize;

use crate::simulator::faults::Fault;

/// An Exchange server. Without a word it is in order: it takes Basic, its service account `moxi.svc` is in the role
/// group `Impersonation`, and autodiscover finds it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ExchangeScript {
    pub(crate) version: Version,
    /// The ways to sign in that EWS offers, as the header names them.
    pub(crate) challenges: Vec<String>,
    /// All of them on one header line?
    pub(crate) one_line: bool,
    /// Does it answer without a login?
    pub(crate) anonymous: bool,
    pub(crate) envelope: Envelope,
    pub(crate) autodiscover: Autodiscover,
    /// What is wrong with the certificate or the handshake of the mail host.
    pub(crate) tls: Option<Fault>,
    /// What DNS says of the mail host instead of the truth.
    pub(crate) dns: Option<Fault>,
    pub(crate) firewall: Firewall,
    /// Mailboxes (local parts) that can be read and not written.
    pub(crate) read_only: Vec<String>,
    pub(crate) account: Vec<AccountScript>,
    pub(crate) role_group: Vec<RoleGroupScript>,
}

impl Default for ExchangeScript {
    fn default() -> ExchangeScript {
        ExchangeScript {
            version: Version::default(),
            challenges: ["Negotiate", "NTLM", "Basic"].map(String::from).to_vec(),
            one_line: false,
            anonymous: false,
            envelope: Envelope::default(),
            autodiscover: Autodiscover::default(),
            tls: None,
            dns: None,
            firewall: Firewall::default(),
            read_only: Vec::new(),
            account: Vec::new(),
            role_group: Vec::new(),
        }
    }
}

/// Which Exchange it says to be.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Version {
    V2016,
    #[default]
    V2019,
    Subscription,
}

impl Version {
    /// Major, minor, major build, minor build.
    pub(crate) fn numbers(self) -> [u16; 4] {
        match self {
            Version::V2016 => [15, 1, 2507, 39],
            Version::V2019 => [15, 2, 1544, 11],
            Version::Subscription => [15, 2, 2562, 17],
        }
    }
}

/// How its answers are wrapped.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Envelope {
    #[default]
    Usual,
    /// In the namespace of SOAP 1.2.
    Soap12,
    /// Without the header that tells the version.
    Headerless,
}

/// What autodiscover leads to.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Autodiscover {
    /// The autodiscover host tells the external URL, in XML.
    #[default]
    Pox,
    /// The autodiscover host tells it in JSON, to anybody.
    Json,
    /// The autodiscover host only sends on, over plain HTTP.
    HttpRedirect,
    /// There is no autodiscover host; a service record names the mail host.
    Service,
    /// There is none.
    Nothing,
    /// Two hosts send to each other.
    Loop,
    /// It sends to a hoster under another domain.
    Hoster,
    /// It sends to an address without encryption.
    Insecure,
    /// It knows nobody of that address.
    Unknown,
    /// It wants to be asked by another address of the same domain.
    OtherAddress,
    /// It knows the mailbox, and no URL.
    NoUrl,
    /// It knows the URL inside the office only.
    Internal,
    /// It says that the mailbox is in Microsoft 365.
    Cloud,
}

/// Whether the mail host's port answers.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Firewall {
    #[default]
    Open,
    /// Nothing listens.
    Closed,
    /// Packets vanish.
    Silent,
}

/// A directory account that may sign in.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AccountScript {
    /// Local part of its address.
    pub(crate) name: String,
    /// Its display name, as the admin gave it.
    pub(crate) title: String,
    pub(crate) password: Option<String>,
    /// Days until its password ends; none is never.
    pub(crate) password_days: Option<i32>,
    pub(crate) state: AccountState,
    /// Is it without a mailbox?
    pub(crate) without_mailbox: bool,
    /// Does it sign in as `name@domain` only?
    pub(crate) newer_login_only: bool,
}

/// Whether an account with the right password gets in.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AccountState {
    #[default]
    Good,
    Locked,
    Disabled,
    PasswordExpired,
    MustChange,
    /// EWS is switched off for it.
    EwsOff,
}

/// Who may act for whom.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleGroupScript {
    pub(crate) name: String,
    /// Accounts (local parts) in it.
    pub(crate) members: Vec<String>,
    /// Mailboxes (local parts) its scope holds; empty is all.
    #[serde(default)]
    pub(crate) scope: Vec<String>,
}
