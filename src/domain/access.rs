//! A request to look at a customer's secret: by whose word, for how long, and where it stands. Who may answer it and who may
//! look is `access_rules`.

use jiff::SignedDuration;

use super::{
    ids::{AccessId, AttemptId, BrokerageId, ConnectionId, PersonId, SecretId, StaffId},
    instant::Instant,
    review::NoteText,
    staff::Deed,
    text::one_line,
};

/// How long a request waits for its answer.
pub const ANSWER_WITHIN: SignedDuration = SignedDuration::from_hours(12);
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
mod tests {
    use super::*;

    #[test]
    fn reasons_are_long_enough_and_words_read_back() {
        assert!(Why::reason("too short").is_err() && Why::reason("        x        ").is_err());
        assert_eq!(Why::reason(" They asked us to compare it. ").map(|it| it.as_str().len()), Ok(28));
        assert!(Why::ticket("").is_err() && Why::ticket(&"7".repeat(41)).is_err());
        for way in AccessWay::ALL {
            assert_eq!(AccessWay::parse(way.as_str()), Some(*way));
            assert!(way.minutes().iter().all(|minutes| *way != AccessWay::BreakGlass || *minutes <= 30));
        }
        assert!(AccessEnd::ALL.iter().all(|end| AccessEnd::parse(end.as_str()) == Some(*end)));
        assert!(Withheld::ALL.iter().all(|why| Withheld::parse(why.as_str()) == Some(*why)));
    }
}
