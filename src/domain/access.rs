//! Looking at a customer's secret: who may, by whose word and for how long. Every such question ends in this file, and
//! the worker asks it once more in the transaction that lets a secret go.

use jiff::SignedDuration;

use super::{
    duty::Duty,
    ids::{AccessId, AttemptId, BrokerageId, ConnectionId, PersonId, SecretId, StaffId},
    instant::Instant,
    review::NoteText,
    staff::{Deed, StaffRole, may},
    text::one_line,
};

/// How long a request waits for its answer.
pub const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(12);
/// How long ago whoever approves or looks may have shown that it is them.
pub const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// Until then somebody else looks over what was opened in an emergency; later on, neither of the two opens anything more.
pub const REVIEW_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// How long the no of a brokerage stands: it is not asked again, and operations people, who need none of its yes, do not
/// go past it.
pub const NO_STANDS: SignedDuration = SignedDuration::from_hours(24);
/// How long the sealed answer to a press may wait to be read.
pub const REVEAL_LASTS: SignedDuration = SignedDuration::from_secs(60);
/// So many secrets leave the worker within an hour, whoever asks: more is no work, it is a theft.
pub const MOST_AN_HOUR: i64 = 20;

/// By whose word a secret may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessWay {
    /// The brokerage says yes.
    Grant,
    /// A second operations person says yes, and the brokerage is told. Not while the brokerage has said no.
    Operations,
    /// The same in an emergency, also against a brokerage's no: shorter, and looked over by somebody else.
    BreakGlass,
}

impl AccessWay {
    /// Every way.
    pub const ALL: &[Self] = &[Self::Grant, Self::Operations, Self::BreakGlass];

    /// The word in the table and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Operations => "operations",
            Self::BreakGlass => "break_glass",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|way| way.as_str() == word)
    }

    /// What pages call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Grant => "Ask the brokerage",
            Self::Operations => "Ask a second operations person",
            Self::BreakGlass => "Break-glass: an emergency",
        }
    }

    /// One line by which somebody chooses it.
    pub const fn tell(self) -> &'static str {
        match self {
            Self::Grant => {
                "Its people get a mail and say yes or no on their own site. No answer within 12 hours is a no."
            }
            Self::Operations => {
                "The brokerage is told. Not possible for 24 hours after the brokerage said no."
            }
            Self::BreakGlass => {
                "At most 30 minutes. The brokerage is told. Somebody who had no part in it looks it over within 24 hours."
            }
        }
    }

    /// How long it may last, in minutes.
    pub const fn minutes(self) -> &'static [i64] {
        match self {
            Self::Grant | Self::Operations => &[15, 60, 240],
            Self::BreakGlass => &[15, 30],
        }
    }

    /// What whoever goes this way must be allowed to do, when they ask and when they look.
    pub const fn deed(self) -> Deed {
        match self {
            Self::Grant => Deed::AskAccess,
            Self::Operations | Self::BreakGlass => Deed::OpenAccess,
        }
    }
}

/// How a request or an approval ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessEnd {
    /// Whoever was asked said no.
    Declined,
    /// It was approved, and stopped.
    Stopped,
    /// Whoever asked took it back.
    Withdrawn,
    /// The secret was renewed or withdrawn, or its connection closed.
    Gone,
}

impl AccessEnd {
    /// Every end.
    pub const ALL: &[Self] = &[Self::Declined, Self::Stopped, Self::Withdrawn, Self::Gone];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Stopped => "stopped",
            Self::Withdrawn => "withdrawn",
            Self::Gone => "gone",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|end| end.as_str() == word)
    }
}

/// Why nothing came of a press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Withheld {
    /// The rules did not allow it when the worker looked.
    NotAllowed,
    /// It could not be recorded in the sealed audit first.
    NotRecorded,
    /// Nobody of the brokerage could be told.
    NobodyTold,
    /// The secret is not there any more, or is not the one that was submitted.
    Gone,
    /// Too many secrets were shown in this hour.
    TooMany,
    /// The answer came too late to be shown.
    Late,
    /// It was stopped while the answer was on its way.
    Stopped,
}

impl Withheld {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::NotAllowed,
        Self::NotRecorded,
        Self::NobodyTold,
        Self::Gone,
        Self::TooMany,
        Self::Late,
        Self::Stopped,
    ];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAllowed => "not_allowed",
            Self::NotRecorded => "not_recorded",
            Self::NobodyTold => "nobody_told",
            Self::Gone => "gone",
            Self::TooMany => "too_many",
            Self::Late => "late",
            Self::Stopped => "stopped",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|why| why.as_str() == word)
    }

    /// The sentence for whoever pressed.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotAllowed => "This access does not count any more, so nothing was shown.",
            Self::NotRecorded => {
                "We cannot record this look, so we cannot show anything. The audit is not being sealed: tell Technical Operations."
            }
            Self::NobodyTold => "Nobody of the brokerage can be told of this look, so nothing was shown.",
            Self::Gone => "The secret is not kept any more, so there is nothing to show.",
            Self::TooMany => {
                "Twenty secrets were shown within an hour, and no more are. Technical Operations can see why in the audit. Try again in an hour."
            }
            Self::Late => "The answer came too late, so nothing was shown. Press again.",
            Self::Stopped => "This access was stopped, so nothing was shown.",
        }
    }

    /// What becomes of a press that the rule refuses after it was made.
    pub const fn because(why: NoAccess) -> Self {
        match why {
            NoAccess::Stopped => Self::Stopped,
            NoAccess::Gone => Self::Gone,
            _ => Self::NotAllowed,
        }
    }
}

/// Who approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Approver {
    /// Somebody of the brokerage.
    Person(PersonId),
    /// A second one of our own people.
    Second(StaffId),
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Whose.
    pub by: Approver,
    /// When.
    pub at: Instant,
    /// Until when it counts.
    pub until: Instant,
}

/// A request to look at one secret, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Its id.
    pub id: AccessId,
    /// Whose secret it is.
    pub brokerage_id: BrokerageId,
    /// The connection it belongs to.
    pub connection_id: ConnectionId,
    /// The attempt it was submitted with.
    pub attempt_id: AttemptId,
    /// The secret.
    pub secret_id: SecretId,
    /// By whose word.
    pub way: AccessWay,
    /// Who asks, and alone may look.
    pub asked_by: StaffId,
    /// When they asked.
    pub asked_at: Instant,
    /// For how long, in minutes from the approval on.
    pub minutes: i64,
    /// The approval, once there is one.
    pub approval: Option<Approval>,
    /// How it ended before its time, and when.
    pub end: Option<(AccessEnd, Instant)>,
    /// When it was looked over, for those opened in an emergency.
    pub reviewed_at: Option<Instant>,
}

/// What a brokerage's own people had said before a request that needs none of their yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaidNo {
    /// The name of whoever had asked them.
    pub asker: String,
    /// When they said it.
    pub at: Instant,
    /// Whether they had said yes and stopped it.
    pub stopped: bool,
}

impl SaidNo {
    /// One line of it: who said no, and to whom.
    pub fn tell(&self, who: &str, to: &str) -> String {
        let what = if self.stopped { "stopped a look of" } else { "said no to" };
        format!("{who} {what} {to} on {}", self.at.words())
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessStage {
    /// It waits for an answer until then.
    Waiting(Instant),
    /// It counts until then.
    Open(Instant),
    /// Nobody answered in time.
    Unanswered,
    /// Its time is over.
    Over,
    /// It ended before its time.
    Ended(AccessEnd),
}

impl Access {
    /// Where it stands.
    pub fn stage(&self, now: Instant) -> AccessStage {
        let answer_by = self.asked_at.plus(ANSWER_WITHIN);
        match (&self.end, &self.approval) {
            (Some((end, _)), _) => AccessStage::Ended(*end),
            (None, Some(approval)) if now < approval.until => AccessStage::Open(approval.until),
            (None, Some(_)) => AccessStage::Over,
            (None, None) if now < answer_by => AccessStage::Waiting(answer_by),
            (None, None) => AccessStage::Unanswered,
        }
    }

    /// Whether it still may lead to a look, now or after an answer.
    pub fn is_live(&self, now: Instant) -> bool {
        matches!(self.stage(now), AccessStage::Waiting(_) | AccessStage::Open(_))
    }

    /// Between when and when a no of the brokerage is one that this request goes past; none where its yes is asked for.
    pub fn goes_past(&self, now: Instant) -> Option<(Instant, Instant)> {
        let until = self.approval.as_ref().map_or(now, |approval| approval.at);
        (self.way != AccessWay::Grant).then(|| (self.asked_at.plus(-NO_STANDS), until))
    }

    /// Whether it was opened in an emergency and nobody has looked it over.
    pub fn waits_for_review(&self) -> bool {
        self.way == AccessWay::BreakGlass && self.approval.is_some() && self.reviewed_at.is_none()
    }
}

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

/// Why somebody asks.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Why {
    /// In their own words.
    pub reason: NoteText,
    /// The ticket it belongs to.
    pub ticket: String,
}

impl Why {
    /// The fewest characters of a reason.
    pub const SHORTEST: usize = 10;
    /// The most characters of a ticket.
    pub const LONGEST_TICKET: usize = 40;

    /// Reads a reason; the error is the sentence beside its field.
    pub fn reason(typed: &str) -> Result<NoteText, String> {
        let reason = NoteText::read(typed, "the reason")?;
        if reason.as_str().chars().count() < Self::SHORTEST {
            return Err(format!("Say why in {} characters or more", Self::SHORTEST));
        }
        Ok(reason)
    }

    /// Reads a ticket; the error is the sentence beside its field.
    pub fn ticket(typed: &str) -> Result<String, String> {
        one_line(typed, Self::LONGEST_TICKET).map_err(|problem| problem.sentence("the ticket"))
    }
}

#[cfg(test)]
mod tests;
