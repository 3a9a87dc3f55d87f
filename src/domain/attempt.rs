//! An attempt: the n-th submission of a credential for a connection, immutable once submitted.

use jiff::civil::Date;

use super::{
    check::CauseId,
    connection::{Phase, State},
    credential::CredentialSettings,
    ids::{AttemptId, BrokerageId, CheckId, ConnectionId, PersonId, SecretId},
    instant::Instant,
    kind::{AccessKind, SecretSource},
};

/// One submission of a credential. Its settings are kept encrypted, so they are not part of this value.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The connection it is for.
    pub connection_id: ConnectionId,
    /// Whose connection that is.
    pub brokerage_id: BrokerageId,
    /// 1, 2, 3 ... without gaps within the connection.
    pub number: i64,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// The sealed secret, until retention destroys it.
    pub secret_id: Option<SecretId>,
    /// Who submitted it.
    pub submitted_by: PersonId,
    /// When.
    pub submitted_at: Instant,
    /// Where it stands: that of its latest deciding check.
    pub state: State,
    /// What it waits for, while submitted.
    pub phase: Option<Phase>,
    /// The cause of its latest deciding check.
    pub cause: Option<CauseId>,
    /// Its latest check.
    pub check_id: Option<CheckId>,
    /// When its latest verdict came.
    pub decided_at: Option<Instant>,
    /// When and why its credential stopped being in use or being decided.
    pub ended: Option<(AttemptEnd, Instant)>,
    /// Whether the office said that its test mailbox is an ordinary user's who has opened it.
    pub mailbox_used: bool,
    /// The day on which its password ends, where the mail server told its check.
    pub password_ends_on: Option<Date>,
    /// The check by which it failed while it was in use, until a later one passes.
    pub failed_in_use: Option<CheckId>,
}

/// Why an attempt's credential is neither in use nor being decided any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptEnd {
    /// A renewed secret took its place.
    Replaced,
    /// It was in use, and somebody went back to the one before.
    RolledBack,
    /// Its brokerage took it back.
    Withdrawn,
    /// Its connection was closed.
    Closed,
}

impl AttemptEnd {
    /// Every end.
    pub const ALL: &[Self] = &[Self::Replaced, Self::RolledBack, Self::Withdrawn, Self::Closed];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::RolledBack => "rolled_back",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|end| end.as_str() == word)
    }

    /// What pages call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Replaced => "Verified, then renewed",
            Self::RolledBack => "Verified, then you went back",
            Self::Withdrawn => "Withdrawn",
            Self::Closed => "Closed",
        }
    }

    /// What became of the secret by it, as the middle of a sentence.
    pub const fn fate(self) -> &'static str {
        match self {
            Self::Replaced => "was renewed, and this one is not in use any more",
            Self::RolledBack => "is not in use any more: the office went back to the one before",
            Self::Withdrawn => "was withdrawn and is deleted",
            Self::Closed => "is not in use any more: its connection was closed",
        }
    }
}

impl Attempt {
    /// The last day of its secret: the one that was entered or that its certificate has, else the one that the mail server
    /// told of its password. `None` where it has none, or nobody knows it.
    pub fn last_day(&self, settings: &CredentialSettings) -> Option<Date> {
        settings.secret_expires_on().or(self.password_ends_on)
    }

    /// Whether everything is here that a check needs: its sealed secret, where its kind has one.
    pub const fn can_be_checked(&self) -> bool {
        self.secret_id.is_some() || matches!(self.kind.secret_source(), SecretSource::Nobody)
    }
}
