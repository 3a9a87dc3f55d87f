//! What mails tell an office of looks at its secrets.

use crate::domain::{access::SaidNo, attempt::AttemptEnd, instant::Instant, mail::MailKind};

use super::case::Case;

/// See [`super::Notice::Access`].
pub struct AccessNews {
    /// Whose secret; its page is the one of the request.
    pub case: Case,
    /// The name of whoever asked.
    pub asker: String,
    /// What is told.
    pub told: AccessTold,
}

/// What a mail about a look at a secret tells.
pub enum AccessTold {
    /// To the brokerage: it is asked for its yes, until then.
    Asked {
        /// Until when an answer counts.
        until: Instant,
    },
    /// To the brokerage: two of us opened it without its yes.
    Opened {
        /// The second of the two.
        second: String,
        /// Whether it was an emergency.
        emergency: bool,
        /// Until when.
        until: Instant,
        /// The no of the brokerage that this went past.
        said_no: Option<SaidNo>,
    },
    /// To the brokerage: it was shown.
    Looked {
        /// When.
        at: Instant,
    },
    /// To the brokerage: nobody may look any more.
    Stopped {
        /// Who stopped it.
        by: String,
    },
    /// To the brokerage and to whoever asked: nobody looks any more, for the secret is not in use any more.
    Ended {
        /// What became of it.
        why: AttemptEnd,
    },
    /// To whoever asked: they may look until then; `None`: they may not, or no more.
    Answered {
        /// Until when.
        until: Option<Instant>,
    },
}

impl AccessTold {
    /// The mail's kind.
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::Asked { .. } => MailKind::AccessAsked,
            Self::Opened { .. } => MailKind::AccessOpened,
            Self::Looked { .. } => MailKind::AccessLooked,
            Self::Stopped { .. } | Self::Ended { .. } => MailKind::AccessStopped,
            Self::Answered { .. } => MailKind::AccessAnswered,
        }
    }

    /// The first words of the subject.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Asked { .. } => "Your yes or no",
            Self::Opened { .. } => "Secret opened",
            Self::Looked { .. } => "Secret looked at",
            Self::Stopped { .. } => "Access stopped",
            Self::Ended { .. } => "Access ended",
            Self::Answered { until: Some(_) } => "You may look",
            Self::Answered { until: None } => "You may not look",
        }
    }
}
