//! A connection and its state machine.
//!
//! A connection has a credential in use (or none) and at most one candidate attempt. Its state is that of the
//! one in use, else of the candidate. The table of moves is data: [`MOVES`] here, `connection_moves` in the
//! database, and a test holds them equal.

use super::{
    check::Verdict,
    ids::{AttemptId, BrokerageId, ConnectionId},
    instant::Instant,
    kind::AccessKind,
    reference::Reference,
    text::{ConnectionName, ExternalId},
};

/// Where a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing was submitted yet.
    Draft,
    /// A credential was submitted and has no verdict that decides; see [`Phase`].
    Submitted,
    /// The check found a cause that somebody has to mend.
    Failed,
    /// The credential does what MoxiEngage needs.
    Verified,
    /// The credential may be in wrong hands.
    Compromised,
    /// The brokerage does not go on with it.
    Closed,
}

impl State {
    /// Every state.
    pub const ALL: &[Self] =
        &[Self::Draft, Self::Submitted, Self::Failed, Self::Verified, Self::Compromised, Self::Closed];

    /// The word in tables, JSON and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Failed => "failed",
            Self::Verified => "verified",
            Self::Compromised => "compromised",
            Self::Closed => "closed",
        }
    }

    /// Reads the word from a table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == word)
    }
}

/// What a submitted connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// For a worker to take it up.
    Queued,
    /// A worker is at it.
    Checking,
    /// The provider applies a change; we look again by ourselves.
    WaitingForProvider,
    /// We could not tell; staff look at it.
    NeedsStaff,
}

impl Phase {
    /// Every phase.
    pub const ALL: &[Self] = &[Self::Queued, Self::Checking, Self::WaitingForProvider, Self::NeedsStaff];

    /// The word in tables, JSON and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Checking => "checking",
            Self::WaitingForProvider => "waiting_for_provider",
            Self::NeedsStaff => "needs_staff",
        }
    }

    /// Reads the word from a table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|phase| phase.as_str() == word)
    }
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A new attempt was submitted.
    Submitted,
    /// The same attempt is checked once more because something was mended.
    CheckAgain,
    /// A worker took the check up.
    CheckStarted,
    /// The check ended.
    Decided(Verdict),
    /// The brokerage stops here.
    Closed,
    /// A closed connection is taken up again.
    Reopened,
    /// The credential may be in wrong hands.
    Compromised,
}

/// A move that the table does not know: what was asked, and where the connection stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongMove {
    /// The state it was in.
    pub from: State,
    /// What should have happened.
    pub event: Event,
}

impl std::fmt::Display for WrongMove {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a connection that is {} takes no {:?}", self.from.as_str(), self.event)
    }
}

impl std::error::Error for WrongMove {}

/// Every pair of states that may follow each other; the database refuses all others by a foreign key.
pub const MOVES: &[(State, State)] = &[
    (State::Draft, State::Draft),
    (State::Draft, State::Submitted),
    (State::Draft, State::Closed),
    (State::Submitted, State::Submitted),
    (State::Submitted, State::Failed),
    (State::Submitted, State::Verified),
    (State::Submitted, State::Compromised),
    (State::Submitted, State::Closed),
    (State::Failed, State::Submitted),
    (State::Failed, State::Compromised),
    (State::Failed, State::Closed),
    (State::Verified, State::Verified),
    (State::Verified, State::Failed),
    (State::Verified, State::Compromised),
    (State::Verified, State::Closed),
    (State::Compromised, State::Submitted),
    (State::Compromised, State::Closed),
    (State::Closed, State::Draft),
];

/// Where a connection goes from `from` by `event`; a typed refusal when the table has no such move.
pub fn next(from: State, event: Event) -> Result<(State, Option<Phase>), WrongMove> {
    let to = match event {
        Event::Submitted | Event::CheckAgain => (State::Submitted, Some(Phase::Queued)),
        Event::CheckStarted => (State::Submitted, Some(Phase::Checking)),
        Event::Decided(Verdict::Passed | Verdict::PassedWithWarnings) => (State::Verified, None),
        Event::Decided(Verdict::Failed) => (State::Failed, None),
        Event::Decided(Verdict::WaitingForProvider) => (State::Submitted, Some(Phase::WaitingForProvider)),
        Event::Decided(Verdict::CouldNotTell) => (State::Submitted, Some(Phase::NeedsStaff)),
        Event::Closed => (State::Closed, None),
        Event::Reopened => (State::Draft, None),
        Event::Compromised => (State::Compromised, None),
    };
    let asked = match event {
        Event::Submitted => matches!(from, State::Draft | State::Failed | State::Compromised),
        Event::CheckAgain => matches!(from, State::Failed | State::Submitted),
        Event::CheckStarted | Event::Decided(_) => from == State::Submitted,
        Event::Closed | Event::Reopened | Event::Compromised => true,
    };
    if asked && MOVES.contains(&(from, to.0)) { Ok(to) } else { Err(WrongMove { from, event }) }
}

/// One mail system of a brokerage that MoxiEngage shall reach.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Counts changes; an action that saw another number is refused.
    pub version: i64,
    /// Whose it is.
    pub brokerage_id: BrokerageId,
    /// What people quote: `LKS-0042`.
    pub reference: Reference,
    /// What the brokerage calls it.
    pub name: ConnectionName,
    /// The id in the brokerage's own system; can never change once set.
    pub external_id: Option<ExternalId>,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// Where it stands.
    pub state: State,
    /// What it waits for, while submitted.
    pub phase: Option<Phase>,
    /// The attempt whose credential is in use.
    pub in_use: Option<AttemptId>,
    /// The attempt that is not decided, or failed last.
    pub candidate: Option<AttemptId>,
    /// When it was made.
    pub created_at: Instant,
    /// When its state last changed.
    pub changed_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_connection_is_submitted_or_checked_again_and_a_verified_one_is_not() {
        for event in [Event::Submitted, Event::CheckAgain] {
            assert_eq!(next(State::Failed, event), Ok((State::Submitted, Some(Phase::Queued))));
            assert_eq!(next(State::Verified, event), Err(WrongMove { from: State::Verified, event }));
        }
        assert!(next(State::Draft, Event::CheckAgain).is_err());
        assert!(next(State::Submitted, Event::Submitted).is_err());
    }

    #[test]
    fn a_verdict_moves_only_what_was_submitted() {
        for state in State::ALL {
            let moved = next(*state, Event::Decided(Verdict::Passed));
            assert_eq!(moved.is_ok(), *state == State::Submitted, "{state:?}");
        }
    }

    #[test]
    fn words_read_back() {
        assert!(State::ALL.iter().all(|s| State::parse(s.as_str()) == Some(*s)));
        assert!(Phase::ALL.iter().all(|p| Phase::parse(p.as_str()) == Some(*p)));
    }
}
