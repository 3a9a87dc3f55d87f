//! What a mail says, as values. None of them can hold a secret (but the sign-in code, which is the mail's purpose),
//! and but for one none takes what a server answered: that stays on the page behind the link. Whoever gets the letter for
//! the mail provider cannot open that page, and the words in it are of their own server.

mod access_news;
mod case;
mod letters;
mod outcome;
mod staff_news;

use crate::domain::mail::MailKind;

pub use access_news::{AccessNews, AccessTold};
pub use case::{Case, PagePath};
pub use letters::{
    Accepted, Answer, GuideStep, Invitation, Message, ProviderLetter, Question, QuestionCase, SignInCode,
};
pub use outcome::{
    Closed, Doer, Enabled, Ending, Failed, NeedsStaff, Received, Reopened, RosterEnded, Rotated, Share,
    Verified, Waiting, Warning,
};
pub use staff_news::{DailyItem, DailyMail, Reason, StaffCase, StaffNews, StaffTold};

/// A mail to be.
pub enum Notice {
    /// A sign-in code.
    SignInCode(SignInCode),
    /// A credential was received and is being checked.
    Received(Received),
    /// The connection is verified.
    Verified(Verified),
    /// The check failed.
    Failed(Failed),
    /// The provider still applies a change.
    Waiting(Waiting),
    /// We could not tell; our people look at it.
    NeedsStaff(NeedsStaff),
    /// Our people accepted the brokerage.
    Accepted(Accepted),
    /// Somebody is invited to act for a brokerage.
    Invitation(Invitation),
    /// A colleague asks for one step of a guide.
    GuideStep(GuideStep),
    /// The check of all mailboxes of a connection has ended.
    RosterEnded(RosterEnded),
    /// A secret or a certificate in use comes to its last day.
    Ending(Ending),
    /// Somebody of an office asks our own people something.
    Question(Question),
    /// Our own people answer.
    Answer(Answer),
    /// An office asks whoever hosts its mail to mend something.
    ProviderLetter(ProviderLetter),
    /// One of our people wants to look at a secret, or did, or may no more.
    Access(AccessNews),
    /// A renewed secret is in use, or the one before it again.
    Rotated(Rotated),
    /// A connection was closed by its brokerage.
    Closed(Closed),
    /// One of our own people opened a closed connection again.
    Reopened(Reopened),
    /// MoxiEngage works with a connection from a day on.
    Enabled(Enabled),
    /// To our own people: one thing.
    Staff(StaffNews),
    /// To our own people: all that waits.
    Daily(DailyMail),
    /// One of our own people writes to an office.
    Message(Message),
}

impl Notice {
    /// Its kind, as the outbox keeps it.
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::SignInCode(_) => MailKind::SignInCode,
            Self::Received(_) => MailKind::Received,
            Self::Verified(_) => MailKind::Verified,
            Self::Failed(_) => MailKind::Failed,
            Self::Waiting(_) => MailKind::Waiting,
            Self::NeedsStaff(_) => MailKind::NeedsStaff,
            Self::Accepted(_) => MailKind::Accepted,
            Self::Invitation(_) => MailKind::Invitation,
            Self::GuideStep(_) => MailKind::GuideStep,
            Self::RosterEnded(_) => MailKind::RosterEnded,
            Self::Ending(_) => MailKind::Ending,
            Self::Question(_) => MailKind::Question,
            Self::Answer(_) => MailKind::Answer,
            Self::ProviderLetter(_) => MailKind::ProviderLetter,
            Self::Access(mail) => mail.told.kind(),
            Self::Rotated(_) => MailKind::Rotated,
            Self::Closed(_) => MailKind::Closed,
            Self::Reopened(_) => MailKind::Reopened,
            Self::Enabled(_) => MailKind::Enabled,
            Self::Staff(mail) => mail.told.kind(),
            Self::Daily(_) => MailKind::StaffDaily,
            Self::Message(_) => MailKind::Message,
        }
    }
}
