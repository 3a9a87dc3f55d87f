//! An attempt: the n-th submission of a credential for a connection, immutable once submitted.

use super::{
    check::CauseId,
    connection::{Phase, State},
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
}

impl Attempt {
    /// Whether everything is here that a check needs: its sealed secret, where its kind has one.
    pub const fn can_be_checked(&self) -> bool {
        self.secret_id.is_some() || matches!(self.kind.secret_source(), SecretSource::Nobody)
    }
}
