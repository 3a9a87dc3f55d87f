//! A connection and its state machine.
//!
//! A connection has a credential in use (or none) and at most one candidate attempt. Its state is that of the
//! one in use, else of the candidate. The table of moves is data: [`MOVES`] here, `connection_moves` in the
//! database, and a test holds them equal.

use jiff::civil::Date;

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
    /// A person says that nothing was changed that the provider could be waited for to apply.
    NothingChanged,
    /// Our own people decided by hand: `Passed` or `Failed`, and nothing else.
    ByHand(Verdict),
    /// The brokerage stops here.
    Closed,
    /// A closed connection is taken up again.
    Reopened,
    /// The brokerage takes back what it submitted.
    Withdrawn,
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
    (State::Submitted, State::Draft),
    (State::Submitted, State::Submitted),
    (State::Submitted, State::Failed),
    (State::Submitted, State::Verified),
    (State::Submitted, State::Compromised),
    (State::Submitted, State::Closed),
    (State::Failed, State::Draft),
    (State::Failed, State::Submitted),
    (State::Failed, State::Verified),
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
        Event::Decided(Verdict::Passed | Verdict::PassedWithWarnings) | Event::ByHand(Verdict::Passed) => {
            (State::Verified, None)
        }
        Event::Decided(Verdict::Failed) | Event::ByHand(Verdict::Failed) | Event::NothingChanged => {
            (State::Failed, None)
        }
        Event::ByHand(_) => return Err(WrongMove { from, event }),
        Event::Decided(Verdict::WaitingForProvider) => (State::Submitted, Some(Phase::WaitingForProvider)),
        Event::Decided(Verdict::CouldNotTell) => (State::Submitted, Some(Phase::NeedsStaff)),
        Event::Closed => (State::Closed, None),
        Event::Reopened | Event::Withdrawn => (State::Draft, None),
        Event::Compromised => (State::Compromised, None),
    };
    let asked = match event {
        Event::Submitted => matches!(from, State::Draft | State::Failed | State::Compromised),
        Event::CheckAgain => matches!(from, State::Failed | State::Submitted),
        Event::CheckStarted | Event::NothingChanged | Event::Decided(_) | Event::ByHand(Verdict::Failed) => {
            from == State::Submitted
        }
        Event::ByHand(_) => matches!(from, State::Submitted | State::Failed),
        Event::Reopened => from == State::Closed,
        Event::Withdrawn => matches!(from, State::Submitted | State::Failed),
        Event::Closed | Event::Compromised => true,
    };
    if asked && MOVES.contains(&(from, to.0)) { Ok(to) } else { Err(WrongMove { from, event }) }
}

/// Where a connection and its candidate go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Where the connection goes.
    pub connection: (State, Option<Phase>),
    /// Where the candidate goes.
    pub candidate: (State, Option<Phase>),
}

/// Where a connection and its candidate go by `event`: a candidate beside a verified credential moves alone, and the
/// connection stays verified whatever comes of it. `candidate` is the state of that attempt, `draft` for one to be.
///
/// Errs with the move that the table does not know.
pub fn steps(from: State, candidate: State, event: Event) -> Result<Steps, WrongMove> {
    if from != State::Verified {
        let to = next(from, event)?;
        return Ok(Steps { connection: to, candidate: to });
    }
    let beside = matches!(
        event,
        Event::Submitted
            | Event::CheckAgain
            | Event::CheckStarted
            | Event::NothingChanged
            | Event::Decided(_)
            | Event::Withdrawn
    );
    if !beside {
        return Err(WrongMove { from, event });
    }
    let to = if event == Event::Withdrawn { (State::Closed, None) } else { next(candidate, event)? };
    Ok(Steps { connection: (State::Verified, None), candidate: to })
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
    /// When and why it was closed, while it is.
    pub closing: Option<Closing>,
    /// The day from which on MoxiEngage works with it.
    pub enabled_on: Option<Date>,
    /// Whether somebody chose how the mailboxes are reached: not where an office went no further before it had begun.
    pub kind_chosen: bool,
}

impl Connection {
    /// What people read as its mail system.
    pub const fn system(&self) -> &'static str {
        system(self.kind, self.kind_chosen)
    }
}

/// The same of a kind that was chosen or not.
pub const fn system(kind: AccessKind, chosen: bool) -> &'static str {
    if chosen { kind.title() } else { "no mail system chosen" }
}

/// Why a brokerage does not go on with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// It has no office mail, or does not want it connected: its agents use free Gmail.
    FreeGmail,
    /// Nobody there has the rights to set it up.
    NoRights,
    /// Somebody else hosts its mail, and they do not set it up.
    HostedElsewhere,
    /// It has changed its mind.
    ChangedMind,
    /// Something else, in its own words.
    Other,
}

impl CloseReason {
    /// Every reason, in the order of the form.
    pub const ALL: &[Self] =
        &[Self::FreeGmail, Self::NoRights, Self::HostedElsewhere, Self::ChangedMind, Self::Other];

    /// Those that an office may have: one whose connection works was able to set it up.
    pub fn of(works: bool) -> impl Iterator<Item = Self> {
        let set_up = |reason: &Self| !matches!(reason, Self::NoRights | Self::HostedElsewhere);
        Self::ALL.iter().copied().filter(move |reason| !works || set_up(reason))
    }

    /// The word in tables and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FreeGmail => "free_gmail",
            Self::NoRights => "no_rights",
            Self::HostedElsewhere => "hosted_elsewhere",
            Self::ChangedMind => "changed_mind",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
    }

    /// What pages call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::FreeGmail => "We have no office mail: our agents use free Gmail",
            Self::NoRights => "Nobody here has the rights to set it up",
            Self::HostedElsewhere => "Somebody else hosts our mail and does not set it up",
            Self::ChangedMind => "We have changed our mind",
            Self::Other => "Something else",
        }
    }

    /// What the form says to it.
    pub const fn tell(self) -> &'static str {
        match self {
            Self::FreeGmail => "Each agent connects their own Gmail. Your office has nothing to set up.",
            Self::NoRights => "Our people read it and write to you what can be done.",
            Self::HostedElsewhere => {
                "Name the host below if you like. Our people write to you what can be done."
            }
            Self::ChangedMind => "You need not say more.",
            Self::Other => "Tell us below in a few words.",
        }
    }
}

/// When and why a connection was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: CloseReason,
    /// Whether one of our own people did it, because its brokerage said so.
    pub by_us: bool,
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
    fn by_hand_a_failed_one_is_verified_and_a_verified_one_is_left_alone() {
        let by_hand = |from, verdict| next(from, Event::ByHand(verdict)).ok();
        assert_eq!(by_hand(State::Failed, Verdict::Passed), Some((State::Verified, None)));
        assert_eq!(by_hand(State::Submitted, Verdict::Failed), Some((State::Failed, None)));
        for state in [State::Draft, State::Verified, State::Compromised, State::Closed] {
            assert_eq!((by_hand(state, Verdict::Passed), by_hand(state, Verdict::Failed)), (None, None));
        }
        assert_eq!(by_hand(State::Submitted, Verdict::CouldNotTell), None);
        let beside = steps(State::Verified, State::Failed, Event::ByHand(Verdict::Passed));
        assert!(beside.is_err(), "a renewed secret passes its check or none");
    }

    #[test]
    fn a_candidate_beside_a_verified_credential_moves_alone() {
        let verified = (State::Verified, None);
        let goes = |candidate, event| steps(State::Verified, candidate, event).expect("a move");
        let queued = (State::Submitted, Some(Phase::Queued));
        let submitted = goes(State::Draft, Event::Submitted);
        assert_eq!(submitted, Steps { connection: verified, candidate: queued });
        let failed = goes(State::Submitted, Event::Decided(Verdict::Failed));
        assert_eq!(failed, Steps { connection: verified, candidate: (State::Failed, None) });
        assert_eq!(goes(State::Failed, Event::CheckAgain).candidate, queued);
        assert!(steps(State::Verified, State::Submitted, Event::Submitted).is_err(), "one at a time");
        assert!(steps(State::Verified, State::Verified, Event::Reopened).is_err());
        let alone =
            steps(State::Submitted, State::Submitted, Event::Decided(Verdict::Failed)).expect("a move");
        assert_eq!(alone.connection, alone.candidate);
    }

    #[test]
    fn what_is_verified_or_closed_is_not_withdrawn_and_only_what_is_closed_is_taken_up_again() {
        for state in State::ALL {
            let withdrawn = next(*state, Event::Withdrawn);
            assert_eq!(withdrawn.is_ok(), matches!(state, State::Submitted | State::Failed), "{state:?}");
            assert_eq!(next(*state, Event::Reopened).is_ok(), *state == State::Closed, "{state:?}");
        }
    }

    #[test]
    fn words_read_back() {
        assert!(CloseReason::ALL.iter().all(|r| CloseReason::parse(r.as_str()) == Some(*r)));
        assert!(State::ALL.iter().all(|s| State::parse(s.as_str()) == Some(*s)));
        assert!(Phase::ALL.iter().all(|p| Phase::parse(p.as_str()) == Some(*p)));
    }
}
