//! What mails tell our own people.

use crate::domain::{
    access::SaidNo,
    ids::{AccessId, ConnectionId},
    mail::MailKind,
    review::NeedRule,
    text::{CompanyName, ConnectionName},
};

use super::case::{Case, PagePath};

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

/// Why something waits for one of us.
#[derive(Debug, Clone)]
pub struct Reason {
    /// The rule that brought it to the queue.
    pub rule: NeedRule,
    /// What the check met, as our own people read it, where that is why.
    pub cause: Option<String>,
}

impl Reason {
    /// Of a rule alone.
    pub const fn of(rule: NeedRule) -> Self {
        Self { rule, cause: None }
    }

    /// "The check could not tell: Microsoft is busy".
    pub fn words(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{}: {cause}", self.rule.title()),
            None => self.rule.title().to_owned(),
        }
    }
}

/// See [`super::Notice::Staff`].
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

    /// The page on which its reader chooses which mails they want.
    pub fn choices() -> PagePath {
        PagePath("/account".to_owned())
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
        /// Why.
        why: Reason,
        /// By when somebody should look.
        due: String,
    },
    /// Nobody has looked in time.
    Overdue {
        /// What it is about.
        about: StaffCase,
        /// Why.
        why: Reason,
        /// By when somebody should have looked.
        due: String,
    },
    /// Two of us opened a secret in an emergency, and somebody else has to look it over.
    Emergency {
        /// Whose secret.
        about: StaffCase,
        /// Until when it has to be looked over.
        due: String,
        /// Whether nobody has, in time.
        overdue: bool,
    },
    /// A colleague wants to open a secret and needs a second person.
    SecondWanted {
        /// Whose secret.
        about: StaffCase,
        /// Whether it is an emergency.
        emergency: bool,
        /// The no of the office that this would go past.
        said_no: Option<SaidNo>,
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
    /// A colleague handed it over to the reader.
    HandedOver {
        /// What it is about.
        about: StaffCase,
        /// The colleague's name.
        by: String,
    },
}

impl StaffTold {
    /// The mail's kind.
    pub const fn kind(&self) -> MailKind {
        match self {
            Self::Needs { .. } => MailKind::StaffNeed,
            Self::Overdue { .. } => MailKind::StaffOverdue,
            Self::Emergency { overdue: false, .. } => MailKind::StaffNeed,
            Self::Emergency { overdue: true, .. } => MailKind::StaffOverdue,
            Self::SecondWanted { .. } => MailKind::SecondWanted,
            Self::LooksRefused { .. } => MailKind::LooksRefused,
            Self::Verified { .. } | Self::Failed { .. } | Self::Opened { .. } => MailKind::KeeperTold,
            Self::HandedOver { .. } => MailKind::HandedOver,
        }
    }

    /// The first words of the subject.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Needs { why, .. } => why.rule.lead(),
            Self::Overdue { .. } => "Overdue:",
            Self::Emergency { overdue: false, .. } | Self::Opened { emergency: true, .. } => {
                "EMERGENCY: secret opened:"
            }
            Self::Emergency { overdue: true, .. } => "EMERGENCY not looked over:",
            Self::SecondWanted { emergency: true, .. } => "EMERGENCY: second person wanted:",
            Self::SecondWanted { .. } => "Second person wanted:",
            Self::LooksRefused { .. } => "No more secrets are shown for now",
            Self::Verified { .. } => "Verified:",
            Self::Failed { .. } => "Not connected:",
            Self::Opened { .. } => "Secret opened:",
            Self::HandedOver { .. } => "Handed to you:",
        }
    }

    /// The subject, but for the reason: what happened, then whom it is about.
    pub fn subject(&self, name: &str) -> String {
        format!("{} {name}", self.words()).trim().to_owned()
    }

    /// Behind the subject, and never cut: what the check met. Of what is overdue it says which thing it is.
    pub fn reason(&self) -> String {
        match self {
            Self::Needs { why: Reason { cause: Some(cause), .. }, .. } => format!(" ({cause})"),
            Self::Overdue { why, .. } => {
                format!(" ({})", why.cause.as_deref().unwrap_or(why.rule.title()))
            }
            _ => String::new(),
        }
    }

    /// Whether its reader can choose not to get it.
    pub const fn can_be_chosen(&self) -> bool {
        matches!(self, Self::Needs { .. } | Self::Overdue { .. } | Self::HandedOver { .. })
    }

    /// Whether it is to be seen among all other mails.
    pub const fn is_emergency(&self) -> bool {
        matches!(
            self,
            Self::Emergency { .. }
                | Self::SecondWanted { emergency: true, .. }
                | Self::Opened { emergency: true, .. }
        )
    }

    /// What it is about.
    pub const fn about(&self) -> Option<&StaffCase> {
        match self {
            Self::Needs { about, .. }
            | Self::Overdue { about, .. }
            | Self::Emergency { about, .. }
            | Self::SecondWanted { about, .. }
            | Self::Verified { about }
            | Self::Failed { about, .. }
            | Self::Opened { about, .. }
            | Self::HandedOver { about, .. } => Some(about),
            Self::LooksRefused { .. } => None,
        }
    }

    /// Why its reader gets it, and whether they can do without.
    pub const fn because(&self) -> &'static str {
        match self {
            Self::Needs { .. } | Self::Overdue { .. } => "You get this mail because your role may act on it.",
            Self::HandedOver { .. } => "You get this mail because a colleague handed something over to you.",
            Self::SecondWanted { .. } | Self::LooksRefused { .. } | Self::Emergency { .. } => {
                "You get this mail because of your role. It cannot be switched off."
            }
            Self::Verified { .. } | Self::Failed { .. } | Self::Opened { .. } => {
                "You get this mail because you are the account manager of this brokerage."
            }
        }
    }
}

/// See [`super::Notice::Daily`].
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
    /// Why.
    pub why: Reason,
    /// By when somebody should look, or should have looked.
    pub due: String,
    /// Whether that is over.
    pub overdue: bool,
}
