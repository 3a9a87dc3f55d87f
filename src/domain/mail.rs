//! Mails: kinds and states. A mail is written to the outbox in the transaction of the event it tells of.

/// What a mail tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// A sign-in code.
    SignInCode,
    /// A credential was received and is being checked.
    Received,
    /// The connection is verified.
    Verified,
    /// The check failed: cause and remedy.
    Failed,
    /// The provider still applies a change; we look again.
    Waiting,
    /// Neither passed nor failed could be shown; our people look at it.
    NeedsStaff,
    /// Our people accepted the brokerage.
    Accepted,
    /// Somebody is invited to act for a brokerage.
    Invitation,
    /// A colleague asks for one step of a guide.
    GuideStep,
    /// The check of all mailboxes of a connection has ended.
    RosterEnded,
    /// A secret or a certificate in use comes to its last day.
    Ending,
    /// Somebody of an office asks our own people something.
    Question,
    /// Our own people answer.
    Answer,
    /// An office asks whoever hosts its mail to mend something.
    ProviderLetter,
    /// One of our people asks for a look at a secret.
    AccessAsked,
    /// A secret was opened to one of our people without the brokerage's yes.
    AccessOpened,
    /// A secret was shown to one of our people.
    AccessLooked,
    /// A look that was allowed was stopped.
    AccessStopped,
    /// To our own people: what became of their request.
    AccessAnswered,
    /// A renewed secret is in use, or the one before it again.
    Rotated,
    /// A connection was closed by its brokerage.
    Closed,
    /// One of our own people opened a closed connection again.
    Reopened,
    /// MoxiEngage works with a connection from a day on.
    Enabled,
    /// To our own people: something has come to their queue.
    StaffNeed,
    /// To our own people: nobody has looked at it in time.
    StaffOverdue,
    /// To our own people, once a day: all that waits.
    StaffDaily,
    /// To operations: a colleague wants to open a secret and needs a second person.
    SecondWanted,
    /// To operations and owners: so many secrets were asked for that no more are shown.
    LooksRefused,
    /// To the account manager of a brokerage: what its people were told.
    KeeperTold,
    /// To one of our own people: a colleague handed a connection over to them.
    HandedOver,
    /// One of our own people writes to an office.
    Message,
}

impl MailKind {
    /// Every kind.
    pub const ALL: &[Self] = &[
        Self::SignInCode,
        Self::Received,
        Self::Verified,
        Self::Failed,
        Self::Waiting,
        Self::NeedsStaff,
        Self::Accepted,
        Self::Invitation,
        Self::GuideStep,
        Self::RosterEnded,
        Self::Ending,
        Self::Question,
        Self::Answer,
        Self::ProviderLetter,
        Self::AccessAsked,
        Self::AccessOpened,
        Self::AccessLooked,
        Self::AccessStopped,
        Self::AccessAnswered,
        Self::Rotated,
        Self::Closed,
        Self::Reopened,
        Self::Enabled,
        Self::StaffNeed,
        Self::StaffOverdue,
        Self::StaffDaily,
        Self::SecondWanted,
        Self::LooksRefused,
        Self::KeeperTold,
        Self::HandedOver,
        Self::Message,
    ];

    /// Whether it tells of somebody looking at a secret.
    pub const fn is_about_access(self) -> bool {
        matches!(
            self,
            Self::AccessAsked
                | Self::AccessOpened
                | Self::AccessLooked
                | Self::AccessStopped
                | Self::AccessAnswered
        )
    }

    /// Whether it goes to our own people by their roles, and leads to their site.
    pub const fn is_to_staff(self) -> bool {
        matches!(
            self,
            Self::StaffNeed
                | Self::StaffOverdue
                | Self::StaffDaily
                | Self::SecondWanted
                | Self::LooksRefused
                | Self::KeeperTold
                | Self::HandedOver
        )
    }

    /// Whether our own people may read it whole: not what lets its reader in.
    pub const fn is_readable(self) -> bool {
        !matches!(self, Self::SignInCode | Self::Invitation)
    }

    /// The word in the table and in Message-IDs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignInCode => "sign_in_code",
            Self::Received => "received",
            Self::Verified => "verified",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::NeedsStaff => "needs_staff",
            Self::Accepted => "accepted",
            Self::Invitation => "invitation",
            Self::GuideStep => "guide_step",
            Self::RosterEnded => "roster_ended",
            Self::Ending => "ending",
            Self::Question => "question",
            Self::Answer => "answer",
            Self::ProviderLetter => "provider_letter",
            Self::AccessAsked => "access_asked",
            Self::AccessOpened => "access_opened",
            Self::AccessLooked => "access_looked",
            Self::AccessStopped => "access_stopped",
            Self::AccessAnswered => "access_answered",
            Self::Rotated => "rotated",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Enabled => "enabled",
            Self::StaffNeed => "staff_need",
            Self::StaffOverdue => "staff_overdue",
            Self::StaffDaily => "staff_daily",
            Self::SecondWanted => "second_wanted",
            Self::LooksRefused => "looks_refused",
            Self::KeeperTold => "keeper_told",
            Self::HandedOver => "handed_over",
            Self::Message => "message",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailState {
    /// It waits for its turn.
    Pending,
    /// The mail server is being spoken to; written before the message leaves.
    Sending,
    /// The mail server took it.
    Accepted,
    /// The connection broke after the message left and before the answer came.
    Uncertain,
    /// The mail server refused it for good.
    Rejected,
    /// It is not sent: overtaken, or held by an operator.
    Held,
}

impl MailState {
    /// Every state.
    pub const ALL: &[Self] =
        &[Self::Pending, Self::Sending, Self::Accepted, Self::Uncertain, Self::Rejected, Self::Held];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Uncertain => "uncertain",
            Self::Rejected => "rejected",
            Self::Held => "held",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == word)
    }
}

/// Why one of our people has a mail sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgainReason {
    /// Its reader says that it did not come.
    NotCome,
    /// The mail server had refused it, and what it refused it for is mended.
    Refused,
    /// Its reader asked for it once more.
    Asked,
}

impl AgainReason {
    /// Every reason.
    pub const ALL: &[Self] = &[Self::NotCome, Self::Refused, Self::Asked];

    /// The word in the table and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotCome => "not_come",
            Self::Refused => "refused",
            Self::Asked => "asked",
        }
    }

    /// Reads the word of a table or a form.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
    }
}
