//! Who may look at a customer's secret, and who may answer a request to. Every such question ends in this file, and the
//! worker asks it once more in the transaction that lets a secret go.

use jiff::SignedDuration;

use super::{
    access::{Access, AccessEnd, AccessStage, AccessWay, Approval, Approver, Withheld},
    duty::Duty,
    ids::{ConnectionId, SecretId, StaffId},
    instant::Instant,
    staff::{Deed, StaffRole, may},
};

/// How long ago whoever approves or looks may have shown that it is them.
pub const FRESH: SignedDuration = SignedDuration::from_mins(5);

/// Whether somebody has shown recently enough that it is them. The clock of whoever vouches may be a little ahead.
pub fn is_fresh(proven_at: Option<Instant>, now: Instant) -> bool {
    proven_at.is_some_and(|at| now.since(at) <= FRESH)
}

/// Somebody who wants to look at a secret now.
#[derive(Debug, Clone, Copy)]
pub struct Looking<'a> {
    /// Who.
    pub staff: &'a StaffId,
    /// The roles they have now.
    pub roles: &'a [StaffRole],
    /// Whether they had shown that it is them, not long before they pressed.
    pub fresh: bool,
    /// The connection whose secret they want to see.
    pub connection: &'a ConnectionId,
    /// That secret.
    pub secret: &'a SecretId,
    /// Whether they opened something in an emergency that was not looked over in time.
    pub frozen: bool,
    /// The present.
    pub now: Instant,
}

/// Why somebody may not look, or may not approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAccess {
    /// It is somebody else's request.
    NotYours,
    /// None of their roles allows it (any more).
    Role,
    /// The approval is for another secret.
    OtherSecret,
    /// Nobody has answered yet.
    Waiting,
    /// Nobody answered in time.
    Unanswered,
    /// The answer was no.
    Declined,
    /// It was stopped.
    Stopped,
    /// Whoever asked took it back.
    Withdrawn,
    /// The secret is not in use any more.
    Gone,
    /// Its time is over.
    Over,
    /// It was answered before.
    Answered,
    /// Whoever approves is whoever asked.
    Own,
    /// It is for others to answer.
    OthersAnswer,
    /// The proof that it is them is too old.
    NotFresh,
    /// An emergency of theirs was not looked over in time.
    Frozen,
    /// It can still be looked at: what comes after a review would be looked over by nobody.
    StillOpen,
}

impl NoAccess {
    /// The sentence for them.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotYours => "Only whoever asked may look.",
            Self::Role => "None of your roles may do this.",
            Self::OtherSecret => "The approval is for another secret.",
            Self::Waiting => "Nobody has answered this request yet.",
            Self::StillOpen => "It is still open. End it first, or look it over when its time is over.",
            Self::Unanswered => "Nobody answered this request within 12 hours, so it counts for nothing.",
            Self::Declined => "This request was declined.",
            Self::Stopped => "This access was stopped.",
            Self::Withdrawn => "This request was taken back.",
            Self::Gone => {
                "This request ended with the secret it was for: that was renewed or withdrawn, or its connection closed."
            }
            Self::Over => "The time of this access is over. Ask anew if you still need it.",
            Self::Answered => "This request has its answer already.",
            Self::Own => "Nobody answers a request of their own.",
            Self::OthersAnswer => "This request is for others to answer.",
            Self::NotFresh => "Show first that it is you: what you showed is more than five minutes old.",
            Self::Frozen => {
                "An emergency access of yours was not looked over within 24 hours. Until it is, you can open nothing."
            }
        }
    }

    /// What becomes of a press that the rule refuses after it was made.
    pub const fn withheld(self) -> Withheld {
        match self {
            Self::Stopped => Withheld::Stopped,
            Self::Gone => Withheld::Gone,
            _ => Withheld::NotAllowed,
        }
    }
}

/// Whether somebody may look now. The one rule for it: the page asks it, the press asks it, and the worker asks it in the
/// transaction that lets the secret go.
pub fn may_look(access: &Access, looking: &Looking<'_>) -> Result<(), NoAccess> {
    if access.asked_by != *looking.staff {
        return Err(NoAccess::NotYours);
    }
    if access.secret_id != *looking.secret || access.connection_id != *looking.connection {
        return Err(NoAccess::OtherSecret);
    }
    if !looking.roles.iter().any(|role| may(*role, access.way.deed())) {
        return Err(NoAccess::Role);
    }
    stands(access, looking.now)?;
    let approval = access.approval.as_ref().ok_or(NoAccess::Waiting)?;
    match (&approval.by, access.way) {
        (Approver::Person(_), AccessWay::Grant) => {}
        (Approver::Second(second), AccessWay::Operations | AccessWay::BreakGlass)
            if *second != access.asked_by => {}
        _ => return Err(NoAccess::Own),
    }
    if looking.frozen {
        return Err(NoAccess::Frozen);
    }
    if looking.fresh { Ok(()) } else { Err(NoAccess::NotFresh) }
}

/// Whether it is open.
fn stands(access: &Access, now: Instant) -> Result<(), NoAccess> {
    match access.stage(now) {
        AccessStage::Open(_) => Ok(()),
        AccessStage::Waiting(_) => Err(NoAccess::Waiting),
        AccessStage::Unanswered => Err(NoAccess::Unanswered),
        AccessStage::Over => Err(NoAccess::Over),
        AccessStage::Ended(end) => Err(ended(end)),
    }
}

const fn ended(end: AccessEnd) -> NoAccess {
    match end {
        AccessEnd::Declined => NoAccess::Declined,
        AccessEnd::Stopped => NoAccess::Stopped,
        AccessEnd::Withdrawn => NoAccess::Withdrawn,
        AccessEnd::Gone => NoAccess::Gone,
    }
}

/// Whether it still waits for its answer.
fn waits(access: &Access, now: Instant) -> Result<(), NoAccess> {
    match access.stage(now) {
        AccessStage::Waiting(_) => Ok(()),
        AccessStage::Open(_) | AccessStage::Over => Err(NoAccess::Answered),
        AccessStage::Unanswered => Err(NoAccess::Unanswered),
        AccessStage::Ended(end) => Err(ended(end)),
    }
}

/// Whether somebody of the brokerage may say yes. `own` is whether whoever asked and they are the same person.
pub fn may_approve(
    access: &Access,
    duty: Duty,
    own: bool,
    proven_at: Option<Instant>,
    now: Instant,
) -> Result<(), NoAccess> {
    may_decline(access, duty, now)?;
    if own {
        return Err(NoAccess::Own);
    }
    if is_fresh(proven_at, now) { Ok(()) } else { Err(NoAccess::NotFresh) }
}

/// Whether somebody of the brokerage may say no: that needs no fresh proof.
pub fn may_decline(access: &Access, duty: Duty, now: Instant) -> Result<(), NoAccess> {
    if access.way != AccessWay::Grant {
        return Err(NoAccess::OthersAnswer);
    }
    // A vendor's people work for another company: they do not speak for the brokerage.
    if !duty.invites() {
        return Err(NoAccess::Role);
    }
    waits(access, now)
}

/// Whether one of our own people may answer as the second one.
pub fn may_second(
    access: &Access,
    staff: &StaffId,
    roles: &[StaffRole],
    proven_at: Option<Instant>,
    frozen: bool,
    now: Instant,
) -> Result<(), NoAccess> {
    if access.way == AccessWay::Grant {
        return Err(NoAccess::OthersAnswer);
    }
    if access.asked_by == *staff {
        return Err(NoAccess::Own);
    }
    if !roles.iter().any(|role| may(*role, Deed::OpenAccess)) {
        return Err(NoAccess::Role);
    }
    waits(access, now)?;
    if frozen {
        return Err(NoAccess::Frozen);
    }
    if is_fresh(proven_at, now) { Ok(()) } else { Err(NoAccess::NotFresh) }
}

/// Whether somebody may look over what was opened in an emergency: neither of the two who opened it.
pub fn may_review(
    access: &Access,
    staff: &StaffId,
    roles: &[StaffRole],
    now: Instant,
) -> Result<(), NoAccess> {
    if !roles.iter().any(|role| may(*role, Deed::ReviewAccess)) {
        return Err(NoAccess::Role);
    }
    let seconded = |approval: &Approval| approval.by == Approver::Second(staff.clone());
    if access.asked_by == *staff || access.approval.as_ref().is_some_and(seconded) {
        return Err(NoAccess::Own);
    }
    match access.stage(now) {
        _ if !access.waits_for_review() => Err(NoAccess::Answered),
        AccessStage::Open(_) => Err(NoAccess::StillOpen),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
