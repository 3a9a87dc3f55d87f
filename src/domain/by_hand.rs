//! What our own people decide by hand: who may, when, and who says the second yes.

use super::{
    attempt::Attempt,
    check::{CauseId, Verdict},
    connection::{Connection, Phase, State},
    ids::{AttemptId, CheckId, DecisionId, StaffId},
    instant::Instant,
    refused::Refused,
    staff::{Deed, StaffScope},
};

/// How a wish to decide by hand ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HandEnd {
    /// It counts.
    Done,
    /// The second person said no.
    Declined,
    /// Whoever asked took it back.
    Withdrawn,
    /// The attempt moved on before anybody answered.
    Overtaken,
}

impl HandEnd {
    /// Every end.
    pub const ALL: &[Self] = &[Self::Done, Self::Declined, Self::Withdrawn, Self::Overtaken];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Overtaken => "overtaken",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|end| end.as_str() == word)
    }
}

/// A wish of one of our own people that something be decided by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandDecision {
    /// Its id.
    pub id: DecisionId,
    /// The attempt it is about.
    pub attempt_id: AttemptId,
    /// The check whose result it overrules.
    pub seen_check: CheckId,
    /// `Passed` or `Failed`.
    pub verdict: Verdict,
    /// Why it failed, where it is to fail.
    pub cause: Option<CauseId>,
    /// Who wants it.
    pub asked_by: StaffId,
    /// Since when.
    pub asked_at: Instant,
    /// The check that holds the verdict, once it counts.
    pub check: Option<CheckId>,
    /// How it ended.
    pub ended: Option<(HandEnd, Instant)>,
}

impl HandDecision {
    /// Whether it waits for the second person: nobody has answered, and the attempt is where it was.
    pub fn waits(&self, connection: &Connection, attempt: Option<&Attempt>) -> bool {
        let same = |attempt: &Attempt| {
            attempt.id == self.attempt_id && attempt.check_id.as_ref() == Some(&self.seen_check)
        };
        self.ended.is_none()
            && connection.candidate.as_ref() == Some(&self.attempt_id)
            && attempt.is_some_and(same)
    }

    /// Whether one of our own people may say yes or no to it.
    ///
    /// Errs for whoever asked, and when none of their roles may.
    pub fn may_second(&self, scope: &StaffScope) -> Result<(), Refused> {
        if self.asked_by == scope.staff {
            return Err(Refused::Forbidden("Nobody says yes to their own wish. Ask a colleague."));
        }
        may_decide(scope)
    }
}

/// Whether one of our own people decides by hand at all.
///
/// Errs when none of their roles may.
pub fn may_decide(scope: &StaffScope) -> Result<(), Refused> {
    if scope.may(Deed::DecideByHand) {
        Ok(())
    } else {
        Err(Refused::Forbidden("None of your roles decides by hand. Ask a reviewer or operations."))
    }
}

/// Whether an attempt can be decided by hand as it stands. `accepted` says that we know its brokerage, `parked` that a job
/// of the connection was given up.
///
/// Errs with a conflict that says why not.
pub fn can_be_decided(
    connection: &Connection,
    attempt: &Attempt,
    verdict: Verdict,
    (accepted, parked): (bool, bool),
) -> Result<(), Refused> {
    if connection.candidate.as_ref() != Some(&attempt.id) {
        return Err(Refused::Conflict("There is no attempt here that waits for a decision."));
    }
    if connection.state == State::Verified {
        return Err(Refused::Conflict("A renewed secret is not decided by hand. Have it checked again."));
    }
    if matches!(connection.phase, Some(Phase::Queued | Phase::Checking)) && !parked {
        return Err(Refused::Conflict("A check is under way. Wait for its result."));
    }
    match (connection.state, verdict) {
        (State::Submitted, Verdict::Failed) => Ok(()),
        (State::Failed, Verdict::Failed) => Err(Refused::Conflict("It has failed already.")),
        (State::Submitted | State::Failed, Verdict::Passed) if !accepted => {
            Err(Refused::Conflict("Accept its brokerage first: nobody has looked at it yet."))
        }
        (State::Submitted | State::Failed, Verdict::Passed) if !attempt.can_be_checked() => {
            Err(Refused::Conflict(
                "The secret of this attempt was deleted when its time was over, so nothing could be used. The office has to submit a new attempt.",
            ))
        }
        (State::Submitted | State::Failed, Verdict::Passed) => Ok(()),
        _ => Err(Refused::Conflict("There is no attempt here that waits for a decision.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back() {
        assert!(HandEnd::ALL.iter().all(|end| HandEnd::parse(end.as_str()) == Some(*end)));
    }
}
