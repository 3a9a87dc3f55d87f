//! What a mail says, as values. None of them can hold a secret (but the sign-in code, which is the mail's purpose),
//! and but for one none takes what a server answered: that stays on the page behind the link. Whoever gets the letter for
//! the mail provider cannot open that page, and the words in it are of their own server.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::mend::MendLine;
use crate::domain::{
    answers::secret_noun,
    attempt::AttemptEnd,
    audit::Checkpoint,
    brokerage::Brokerage,
    browser::Browser,
    connection::{CloseReason, Connection},
    ids::{AccessId, BrokerageId, ConnectionId},
    instant::Instant,
    kind::AccessKind,
    mail::MailKind,
    renewal::Renewal,
    roster::{RosterEnd, RosterTally},
    text::{CompanyName, ConnectionName},
};

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
            Self::Enabled(_) => MailKind::Enabled,
            Self::Staff(mail) => mail.told.kind(),
            Self::Daily(_) => MailKind::StaffDaily,
            Self::Message(_) => MailKind::Message,
        }
    }
}

/// The path of a page of the portal, as mails link to it: letters, digits, `/`, `-` and `_`; ids in it are opaque.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PagePath(String);

impl PagePath {
    /// Takes a path; `None` when it has a query, another host, or anything but the characters above.
    pub fn parse(path: &str) -> Option<Self> {
        let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_".contains(&b));
        let own = path.starts_with('/') && !path.starts_with("//");
        (plain && own && path.len() <= 200).then(|| Self(path.to_owned()))
    }

    /// The overview.
    pub fn overview() -> Self {
        Self("/overview".to_owned())
    }

    /// The page of a brokerage on the staff site.
    pub fn brokerage(id: &BrokerageId) -> Self {
        Self(format!("/brokerages/{id}"))
    }

    /// What an office asked, and what was answered.
    pub fn questions() -> Self {
        Self("/questions".to_owned())
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Which submission a mail is about.
#[derive(Debug, Clone)]
pub struct Case {
    /// Whose it is.
    pub company: CompanyName,
    /// What the brokerage calls the connection.
    pub connection: ConnectionName,
    /// The attempt's reference: `LKS-0042-2`.
    pub reference: String,
    /// The number of the attempt.
    pub attempt: i64,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// The page that shows it and where it can be mended.
    pub page: PagePath,
    /// Whether it is about a secret that is to take the place of one that works: that one stays in use meanwhile.
    pub beside: bool,
    /// The audit's last checkpoint, in the small print: who keeps the mail is a witness of it.
    pub checkpoint: Option<Checkpoint>,
}

impl Case {
    /// The case of an attempt of a connection.
    pub fn new(brokerage: &Brokerage, connection: &Connection, attempt: i64, page: PagePath) -> Self {
        Self {
            company: brokerage.company.clone(),
            connection: connection.name.clone(),
            reference: connection.reference.of_attempt(attempt),
            attempt,
            kind: connection.kind,
            page,
            beside: false,
            checkpoint: None,
        }
    }

    /// The same case with the audit's last checkpoint in the small print.
    pub fn with_checkpoint(mut self, checkpoint: Option<Checkpoint>) -> Self {
        self.checkpoint = checkpoint;
        self
    }

    /// The same case about a secret that is to take the place of the one in use: its page is that of the renewal.
    pub fn renewing(mut self, connection: &ConnectionId) -> Self {
        self.beside = true;
        self.page = Self::renewal_of(connection);
        self
    }

    /// The page on which the secret of a connection is renewed.
    pub fn renewal_of(connection: &ConnectionId) -> PagePath {
        PagePath(format!("/connections/{connection}/renew"))
    }

    /// What sentences call its secret.
    pub const fn secret(&self) -> &'static str {
        secret_noun(self.kind)
    }

    /// The page of a connection at its usual address, `/connections/ID`.
    pub fn page_of(connection: &ConnectionId) -> PagePath {
        PagePath(format!("/connections/{connection}"))
    }

    /// The page of a request to look at a secret, the same on both sites.
    pub fn access_of(access: &AccessId) -> PagePath {
        PagePath(format!("/access/{access}"))
    }

    /// The page of all its mailboxes.
    pub fn roster_of(connection: &ConnectionId) -> PagePath {
        PagePath(format!("/connections/{connection}/mailboxes"))
    }
}

/// See [`Notice::RosterEnded`].
pub struct RosterEnded {
    /// What it is about.
    pub case: Case,
    /// How it ended.
    pub end: RosterEnd,
    /// What came of the mailboxes in numbers.
    pub tally: RosterTally,
    /// Those that do not, by cause, the most first.
    pub shares: Vec<Share>,
    /// Why no mailbox was opened: the title of the sign-in's cause.
    pub sign_in: Option<String>,
}

impl RosterEnded {
    /// Whether every mailbox was checked and works.
    pub fn is_good(&self) -> bool {
        self.end == RosterEnd::Done && self.tally.bad() == 0
    }
}

/// So many mailboxes have the same trouble.
#[derive(Debug, Clone)]
pub struct Share {
    /// The cause's title.
    pub title: String,
    /// How many.
    pub count: i64,
}

/// See [`Notice::SignInCode`].
pub struct SignInCode {
    /// The code as it is typed.
    pub code: Zeroizing<String>,
    /// How long it is good for.
    pub valid_minutes: i64,
    /// The browser that asked for it, where it is a usual one.
    pub browser: Option<Browser>,
}

/// See [`Notice::Received`].
pub struct Received {
    /// What it is about.
    pub case: Case,
}

/// See [`Notice::Verified`].
pub struct Verified {
    /// What it is about.
    pub case: Case,
    /// Whether our own people decided it, and no check.
    pub by_hand: bool,
    /// What was tested, in the admin's words: the titles of the steps that passed.
    pub tested: Vec<String>,
    /// What should be mended all the same.
    pub warnings: Vec<Warning>,
    /// The last day of the secret, for kinds that have one.
    pub secret_expires_on: Option<Date>,
}

/// Something that works and should be mended.
#[derive(Debug, Clone)]
pub struct Warning {
    /// What it is.
    pub title: String,
    /// What it means.
    pub meaning: String,
}

/// See [`Notice::Failed`].
pub struct Failed {
    /// What it is about.
    pub case: Case,
    /// Whether our own people decided it, and no check.
    pub by_hand: bool,
    /// The cause's title.
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// What to do, in order.
    pub mend: Vec<MendLine>,
    /// Who can do it, as it stands behind "Who can mend it:".
    pub who: String,
    /// What the way on needs new: names, the secret, or nothing, so that the same attempt is checked again.
    pub renewal: Renewal,
    /// Whether the same attempt is checked again first, and what is new comes only after that.
    pub again_first: bool,
}

/// See [`Notice::Waiting`].
pub struct Waiting {
    /// What it is about.
    pub case: Case,
    /// What the provider is still doing, as a sentence.
    pub waiting_for: String,
    /// When we look again.
    pub next_look: Instant,
    /// What only the office can do, in order; empty where waiting is all that helps.
    pub mend: Vec<MendLine>,
    /// Who can do it, as it stands behind "Who can mend it:".
    pub who: String,
}

/// See [`Notice::NeedsStaff`].
pub struct NeedsStaff {
    /// What it is about.
    pub case: Case,
}

/// See [`Notice::Ending`].
pub struct Ending {
    /// What it is about.
    pub case: Case,
    /// The last day.
    pub ends_on: Date,
    /// The days from the one on which the mail is written to the last one.
    pub days_left: i32,
    /// What the admin called the app whose secret it is, or the login of the service account whose password it is.
    pub holder: String,
}

impl Ending {
    /// "in 30 days", "tomorrow", "today": behind "Ends".
    pub fn left(&self) -> String {
        match self.days_left {
            0 => "today".to_owned(),
            1 => "tomorrow".to_owned(),
            days => format!("in {days} days"),
        }
    }
}

/// See [`Notice::Access`].
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

/// See [`Notice::Rotated`].
pub struct Rotated {
    /// What it is about: the attempt that is in use now.
    pub case: Case,
    /// The last day of what is in use now, for kinds that have one.
    pub ends_on: Option<Date>,
    /// Whether somebody went back to the secret before.
    pub went_back: bool,
}

/// See [`Notice::Closed`].
pub struct Closed {
    /// What it is about.
    pub case: Case,
    /// Why.
    pub reason: CloseReason,
    /// Until when it can be taken up again.
    pub until: Instant,
    /// The name of whoever of us closed it for the office; none where somebody of the office did.
    pub by: Option<String>,
    /// What the office takes away in its own mail system; empty where nothing was handed in.
    pub take_back: &'static str,
}

/// See [`Notice::Enabled`].
pub struct Enabled {
    /// What it is about.
    pub case: Case,
    /// The first day.
    pub on: Date,
    /// Whether that day has come.
    pub has_come: bool,
}

/// What a mail to our own people is about. Nobody's name and no address stands in it.
#[derive(Debug, Clone)]
pub struct StaffCase {
    /// Whose it is.
    pub company: CompanyName,
    /// What the brokerage calls the connection.
    pub connection: ConnectionName,
    /// Its reference, or that of the attempt.
    pub reference: String,
}

impl StaffCase {
    /// Company and connection in one line.
    pub fn name(&self) -> String {
        format!("{}, {}", self.company, self.connection)
    }
}

impl From<&Case> for StaffCase {
    fn from(case: &Case) -> Self {
        Self {
            company: case.company.clone(),
            connection: case.connection.clone(),
            reference: case.reference.clone(),
        }
    }
}

/// See [`Notice::Staff`].
pub struct StaffNews {
    /// What is told.
    pub told: StaffTold,
    /// The page of the staff site that it leads to.
    pub page: PagePath,
}

impl StaffNews {
    /// The page that a mail of this kind leads to.
    pub fn page_of(kind: MailKind, connection: &ConnectionId, access: &AccessId) -> PagePath {
        match kind {
            MailKind::SecondWanted => Case::access_of(access),
            MailKind::LooksRefused => Self::audit(),
            _ => Case::page_of(connection),
        }
    }

    /// The page of the audit.
    pub fn audit() -> PagePath {
        PagePath("/audit".to_owned())
    }
}

/// What a mail to our own people tells.
pub enum StaffTold {
    /// Something has come to the queue.
    Needs {
        /// What it is about.
        about: StaffCase,
        /// The rule, as the queue prints it.
        why: &'static str,
        /// Until when somebody should look.
        due: Instant,
    },
    /// Nobody has looked in time.
    Overdue {
        /// What it is about.
        about: StaffCase,
        /// The rule, as the queue prints it.
        why: &'static str,
        /// Until when somebody should have looked.
        due: Instant,
    },
    /// A colleague wants to open a secret and needs a second person.
    SecondWanted {
        /// Whose secret.
        about: StaffCase,
        /// Whether it is an emergency.
        emergency: bool,
    },
    /// So many secrets were asked for within an hour that no more are shown.
    LooksRefused {
        /// How many an hour are shown.
        most: i64,
    },
    /// It is verified.
    Verified {
        /// What it is about.
        about: StaffCase,
    },
    /// It failed.
    Failed {
        /// What it is about.
        about: StaffCase,
        /// The cause's title.
        cause: String,
    },
    /// Two of us opened a secret without the brokerage's yes.
    Opened {
        /// Whose secret.
        about: StaffCase,
        /// Whether it was an emergency.
        emergency: bool,
    },
}

impl StaffTold {
    /// The mail's kind.
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::Needs { .. } => MailKind::StaffNeed,
            Self::Overdue { .. } => MailKind::StaffOverdue,
            Self::SecondWanted { .. } => MailKind::SecondWanted,
            Self::LooksRefused { .. } => MailKind::LooksRefused,
            Self::Verified { .. } | Self::Failed { .. } | Self::Opened { .. } => MailKind::KeeperTold,
        }
    }

    /// The first words of the subject.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Needs { .. } => "In the queue",
            Self::Overdue { .. } => "Overdue",
            Self::SecondWanted { .. } => "Second person wanted",
            Self::LooksRefused { .. } => "No more secrets are shown for now",
            Self::Verified { .. } => "Verified",
            Self::Failed { .. } => "Not connected",
            Self::Opened { .. } => "Secret opened",
        }
    }

    /// What it is about.
    pub const fn about(&self) -> Option<&StaffCase> {
        match self {
            Self::Needs { about, .. }
            | Self::Overdue { about, .. }
            | Self::SecondWanted { about, .. }
            | Self::Verified { about }
            | Self::Failed { about, .. }
            | Self::Opened { about, .. } => Some(about),
            Self::LooksRefused { .. } => None,
        }
    }

    /// Why its reader gets it, and whether they can do without.
    pub const fn because(&self) -> &'static str {
        match self {
            Self::Needs { .. } | Self::Overdue { .. } => {
                "You get this mail because your role may act on it. On your own page of the staff site you choose which of these mails you want."
            }
            Self::SecondWanted { .. } | Self::LooksRefused { .. } => {
                "You get this mail because of your role. It cannot be switched off."
            }
            Self::Verified { .. } | Self::Failed { .. } | Self::Opened { .. } => {
                "You get this mail because you are the account manager of this brokerage."
            }
        }
    }
}

/// See [`Notice::Daily`].
pub struct DailyMail {
    /// What is named, what is due first.
    pub items: Vec<DailyItem>,
    /// How many more wait.
    pub more: usize,
    /// How many of all are overdue.
    pub overdue: usize,
}

impl DailyMail {
    /// The page it leads to: the queue.
    pub fn page() -> PagePath {
        PagePath("/".to_owned())
    }

    /// "3 things wait, 1 overdue".
    pub fn words(&self) -> String {
        let waits = match self.items.len() + self.more {
            1 => "1 thing waits for you".to_owned(),
            many => format!("{many} things wait for you"),
        };
        match self.overdue {
            0 => waits,
            overdue => format!("{waits}, {overdue} overdue"),
        }
    }
}

/// Something that waits.
pub struct DailyItem {
    /// What it is about.
    pub about: StaffCase,
    /// The rule, as the queue prints it.
    pub why: &'static str,
    /// Until when somebody should look, or should have looked.
    pub due: Instant,
    /// Whether that is over.
    pub overdue: bool,
}

/// See [`Notice::Message`].
pub struct Message {
    /// What it is about.
    pub case: Case,
    /// Who writes.
    pub by: String,
    /// What they write, line by line.
    pub lines: Vec<String>,
}

/// See [`Notice::Accepted`].
pub struct Accepted {
    /// The brokerage's company name.
    pub company: CompanyName,
}

impl Accepted {
    /// The page it leads to: the overview.
    pub fn page() -> PagePath {
        PagePath("/overview".to_owned())
    }
}

/// See [`Notice::Invitation`].
pub struct Invitation {
    /// The company it leads to.
    pub company: CompanyName,
    /// Who invites.
    pub inviter: String,
    /// The company they write for; `None` for ours.
    pub house: Option<CompanyName>,
    /// Until when it counts.
    pub until: Instant,
    /// The page of the invitation: its token is opaque, and the page signs nobody in.
    pub page: PagePath,
}

/// See [`Notice::Question`]. It goes to our own people, and its link leads to their site.
pub struct Question {
    /// Whose it is.
    pub company: CompanyName,
    /// Who asks.
    pub asker: String,
    /// What they ask, line by line.
    pub lines: Vec<String>,
    /// The connection it is about.
    pub case: Option<QuestionCase>,
    /// The id of the cause that its page showed.
    pub cause: Option<String>,
    /// The page it was asked on.
    pub asked_on: PagePath,
    /// Where it is answered.
    pub page: PagePath,
}

/// The connection that a question is about.
pub struct QuestionCase {
    /// What the brokerage calls it.
    pub connection: ConnectionName,
    /// Its reference, or that of the attempt.
    pub reference: String,
}

/// See [`Notice::Answer`].
pub struct Answer {
    /// Whose question it was.
    pub company: CompanyName,
    /// What was asked, line by line.
    pub question: Vec<String>,
    /// What is answered, line by line.
    pub answer: Vec<String>,
    /// Who answers.
    pub by: String,
}

/// See [`Notice::ProviderLetter`]. It leads nowhere: who gets it may not sign in.
pub struct ProviderLetter {
    /// Whose letter it is.
    pub company: CompanyName,
    /// The reference of the attempt.
    pub reference: String,
    /// Who sends it.
    pub sender: String,
    /// What it says, line by line.
    pub lines: Vec<String>,
}

/// See [`Notice::GuideStep`].
pub struct GuideStep {
    /// What it is about; its page is the step.
    pub case: Case,
    /// Who asks.
    pub sender: String,
    /// The step's title.
    pub step: String,
}

impl Invitation {
    /// An invitation of one of our own people, whose link holds this token.
    pub fn new(company: CompanyName, inviter: &str, token: &str, until: Instant) -> Self {
        let page = PagePath(format!("/invitation/{token}"));
        Self { company, inviter: inviter.to_owned(), house: None, until, page }
    }
}
