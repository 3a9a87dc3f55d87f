//! Invitations: a brokerage admin is asked to come by a mail with a link. The link shows a page and signs nobody in;
//! whoever wants in types a code that went to the invited address.

use jiff::SignedDuration;

use super::{
    duty::Duty,
    ids::{BrokerageId, InvitationId},
    instant::Instant,
    text::PersonName,
};

/// How long an invitation counts.
pub const INVITATION_LASTS: SignedDuration = SignedDuration::from_hours(14 * 24);

/// How an invitation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationEnd {
    /// The invited person came.
    Used,
    /// Our people took it back.
    Revoked,
    /// The same address was invited again.
    Newer,
}

impl InvitationEnd {
    /// Every end.
    pub const ALL: &[Self] = &[Self::Used, Self::Revoked, Self::Newer];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Revoked => "revoked",
            Self::Newer => "newer",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|end| end.as_str() == word)
    }
}

/// An invitation. The address is kept encrypted, so it is not part of this value.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The brokerage it leads to.
    pub brokerage_id: BrokerageId,
    /// Who is invited.
    pub contact: PersonName,
    /// What they do for the brokerage.
    pub duty: Duty,
    /// When it was written.
    pub created_at: Instant,
    /// Until when it counts.
    pub expires_at: Instant,
    /// When it ended before that.
    pub ended_at: Option<Instant>,
    /// How it ended before that.
    pub ended_by: Option<InvitationEnd>,
}

/// How an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationStage {
    /// It counts.
    Open,
    /// Its two weeks are over.
    Expired,
    /// It ended before.
    Ended(InvitationEnd),
}

impl Invitation {
    /// How it stands at a point in time.
    pub fn stage(&self, now: Instant) -> InvitationStage {
        match self.ended_by {
            Some(end) => InvitationStage::Ended(end),
            None if self.expires_at <= now => InvitationStage::Expired,
            None => InvitationStage::Open,
        }
    }
}
