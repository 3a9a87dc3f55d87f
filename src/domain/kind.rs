//! Access kinds: the ways a brokerage's mailboxes are reached.

use jiff::{
    SignedDuration,
    civil::{Date, date},
};

/// The day from which Microsoft 365 answers EWS no more, as Microsoft has announced it.
pub const EWS_ENDS: Date = date(2027, 4, 1);

/// How the mailboxes of a connection are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessKind {
    /// Exchange Server 2016, 2019 or SE: a service account that may impersonate, over EWS with Basic authentication.
    ExchangeBasic,
    /// Microsoft 365 over Graph with an app registration and a certificate whose private key our worker makes and keeps.
    GraphCertificate,
    /// Microsoft 365 over Graph with an app registration and its client secret.
    GraphSecret,
    /// Microsoft 365 over EWS with an app registration and its client secret; Microsoft ends it on 2027-04-01.
    EwsSecret,
    /// Google Workspace: the office lets our own service account act for its users. Nothing secret changes hands.
    GoogleDelegated,
    /// Google Workspace: a service account of the office's own, and its key file.
    GoogleKey,
    /// Microsoft 365 over EWS with a service account and its password, which Microsoft has switched off almost everywhere.
    Microsoft365Password,
}

impl AccessKind {
    /// Every kind this version can check.
    pub const ALL: &[Self] = &[
        Self::ExchangeBasic,
        Self::GraphCertificate,
        Self::GraphSecret,
        Self::EwsSecret,
        Self::Microsoft365Password,
        Self::GoogleDelegated,
        Self::GoogleKey,
    ];

    /// The kind's id in settings, tables, forms and the API.
    pub const fn id(self) -> &'static str {
        match self {
            Self::ExchangeBasic => "exchange_basic",
            Self::GraphCertificate => "graph_certificate",
            Self::GraphSecret => "graph_secret",
            Self::EwsSecret => "ews_secret",
            Self::GoogleDelegated => "google_delegated",
            Self::GoogleKey => "google_key",
            Self::Microsoft365Password => "microsoft365_password",
        }
    }

    /// Reads an id; `None` when this version knows no such kind.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.id() == id)
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::ExchangeBasic => "Exchange on our own server",
            Self::GraphCertificate => "Microsoft 365 with a certificate",
            Self::GraphSecret => "Microsoft 365 with a client secret",
            Self::EwsSecret => "Microsoft 365 over EWS",
            Self::GoogleDelegated => "Google Workspace",
            Self::GoogleKey => "Google Workspace with a key of your own",
            Self::Microsoft365Password => "Microsoft 365 with a service account's password",
        }
    }

    /// Whether it is a way into Google Workspace.
    pub const fn is_google(self) -> bool {
        matches!(self, Self::GoogleDelegated | Self::GoogleKey)
    }

    /// What an admin sets up for it.
    pub const fn set_up(self) -> &'static str {
        match self {
            Self::ExchangeBasic | Self::Microsoft365Password | Self::GoogleKey => "service account",
            Self::GraphCertificate | Self::GraphSecret | Self::EwsSecret => "app",
            Self::GoogleDelegated => "Google Workspace",
        }
    }

    /// Where its secret comes from.
    pub const fn secret_source(self) -> SecretSource {
        match self {
            Self::GraphCertificate => SecretSource::Worker,
            Self::ExchangeBasic
            | Self::GraphSecret
            | Self::EwsSecret
            | Self::Microsoft365Password
            | Self::GoogleKey => SecretSource::Admin,
            Self::GoogleDelegated => SecretSource::Nobody,
        }
    }

    /// Whether the office hands a secret over, which is then sealed; not where it only allows our own account.
    pub const fn hands_over_a_secret(self) -> bool {
        !matches!(self.secret_source(), SecretSource::Nobody)
    }

    /// Whether our side makes its secret, so that nobody types one.
    pub const fn makes_secret(self) -> bool {
        matches!(self.secret_source(), SecretSource::Worker)
    }

    /// Whether its secret goes to hosts of the provider alone, whatever is answered; not where the office names the server.
    pub const fn speaks_to_its_provider(self) -> bool {
        !matches!(self, Self::ExchangeBasic)
    }

    /// Whether an admin makes a service account for it, with a password.
    pub const fn has_service_account(self) -> bool {
        matches!(self, Self::ExchangeBasic | Self::Microsoft365Password)
    }

    /// Whether it may be chosen before anybody has: not a way that comes to its end.
    pub const fn may_be_preselected(self) -> bool {
        !matches!(self, Self::EwsSecret | Self::Microsoft365Password)
    }

    /// Who may choose it where the settings say nothing: a way that the provider has switched off is for those alone who
    /// were asked to try it.
    pub const fn usual_availability(self) -> Availability {
        match self {
            Self::Microsoft365Password => Availability::ByInvitation,
            Self::ExchangeBasic
            | Self::GraphCertificate
            | Self::GraphSecret
            | Self::EwsSecret
            | Self::GoogleDelegated
            | Self::GoogleKey => Availability::Offered,
        }
    }

    /// What an office that has closed its connection takes away in its own mail system.
    pub const fn take_back(self) -> &'static str {
        match self {
            Self::ExchangeBasic | Self::Microsoft365Password => {
                "Remove the role group that you made for us, and block the service account."
            }
            Self::EwsSecret | Self::GraphCertificate | Self::GraphSecret => {
                "In Microsoft Entra, under App registrations, delete the app that you made for us."
            }
            Self::GoogleDelegated => {
                "In the Google Admin console, under Security > API controls > Manage domain wide delegation, remove our line."
            }
            Self::GoogleKey => {
                "In the Google Admin console, under Security > API controls > Manage domain wide delegation, remove the line of your service account, and delete its key in Google Cloud."
            }
        }
    }

    /// One line by which an admin recognises it.
    pub const fn tell(self) -> &'static str {
        match self {
            Self::ExchangeBasic => {
                "Your office runs Exchange Server 2016, 2019 or SE. You make a service account that may act for your agents and give us its password."
            }
            Self::EwsSecret => {
                "For Microsoft 365 offices that were asked to use EWS. Microsoft switches EWS off on April 1, 2027."
            }
            Self::GraphCertificate => {
                "You sign in at outlook.office.com. You register an app in Microsoft Entra and upload a certificate that we make for you. No secret changes hands, so we recommend this way."
            }
            Self::Microsoft365Password => {
                "Only if we asked you to. Microsoft has switched this way off for almost everybody; choose a certificate instead."
            }
            Self::GraphSecret => {
                "You sign in at outlook.office.com. You register an app in Microsoft Entra and give us its client secret."
            }
            Self::GoogleDelegated => {
                "You sign in at mail.google.com. You allow MoxiEngage to act for your agents with one click in your Admin console. There is no password and no key."
            }
            Self::GoogleKey => {
                "For Google Workspace offices that insist on a service account of their own. You make it in Google Cloud and give us its key file."
            }
        }
    }
}

/// How long a draft holds a secret that somebody typed.
pub const SECRET_HOLD: SignedDuration = SignedDuration::from_mins(60);
/// How long a private key waits to be submitted. An admin may have to find whoever may upload the certificate; what
/// nobody has used after a month is of no use any more.
pub const KEY_HOLD: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Where the secret of a kind comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretSource {
    /// An admin types it; it is held for one session and 60 minutes until it is submitted.
    Admin,
    /// A job of the worker makes it for each attempt; nobody ever types or sees it.
    Worker,
    /// There is none: the other side allows what is ours, and nothing secret changes hands.
    Nobody,
}

/// Who may choose a kind. Chooser, form, API and import read the same setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Everybody.
    Offered,
    /// Brokerages that staff have invited or accepted.
    ByInvitation,
    /// Nobody starts a new connection with it; those that have it go on.
    Closed,
}

impl Availability {
    /// Whether a brokerage may start a connection of such a kind.
    pub const fn admits(self, known_to_staff: bool) -> bool {
        match self {
            Self::Offered => true,
            Self::ByInvitation => known_to_staff,
            Self::Closed => false,
        }
    }
}
