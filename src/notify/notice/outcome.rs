//! What mails tell of a check and of what follows from it.

use jiff::civil::Date;

use crate::domain::{
    connection::CloseReason,
    instant::Instant,
    renewal::Renewal,
    roster::{RosterEnd, RosterTally},
};

use super::super::mend::MendLine;
use super::case::Case;

/// See [`super::Notice::RosterEnded`].
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

/// See [`super::Notice::Received`].
pub struct Received {
    /// What it is about.
    pub case: Case,
}

/// See [`super::Notice::Verified`].
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

/// See [`super::Notice::Failed`].
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

impl Failed {
    /// Whether its last step already names the button.
    pub fn ends_with_again(&self) -> bool {
        self.mend.last().is_some_and(|step| step.text.contains("\"Check again\""))
    }
}

/// See [`super::Notice::Waiting`].
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

/// See [`super::Notice::NeedsStaff`].
pub struct NeedsStaff {
    /// What it is about.
    pub case: Case,
}

/// See [`super::Notice::Ending`].
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

/// See [`super::Notice::Rotated`].
pub struct Rotated {
    /// What it is about: the attempt that is in use now.
    pub case: Case,
    /// The last day of what is in use now, for kinds that have one.
    pub ends_on: Option<Date>,
    /// Whether somebody went back to the secret before.
    pub went_back: bool,
    /// Whether what was handed in is the same secret as before.
    pub same: bool,
}

/// Who did what a mail tells of.
#[derive(Debug, Clone)]
pub enum Doer {
    /// One of our own people, by name.
    Ours(String),
    /// Somebody of the office, by name.
    Theirs(String),
}

impl Doer {
    /// As a sentence begins with it: "Ida Berg of your office".
    pub fn words(&self) -> String {
        match self {
            Self::Ours(name) => format!("{name} of MoxiWorks"),
            Self::Theirs(name) => format!("{name} of your office"),
        }
    }

    /// Whether it was one of us.
    pub const fn is_ours(&self) -> bool {
        matches!(self, Self::Ours(_))
    }
}

/// See [`super::Notice::Closed`].
pub struct Closed {
    /// What it is about.
    pub case: Case,
    /// Why.
    pub reason: CloseReason,
    /// Until when it can be taken up again.
    pub until: Instant,
    /// Who did it.
    pub by: Doer,
    /// What the office takes away in its own mail system; empty where nothing was handed in.
    pub take_back: &'static str,
    /// Whether it was begun: a mail system was chosen. An office that told us before that it does not go on has
    /// nothing to open again.
    pub begun: bool,
}

/// See [`super::Notice::Reopened`].
pub struct Reopened {
    /// What it is about: the attempt is the one that comes next.
    pub case: Case,
    /// Who did it.
    pub by: Doer,
    /// Whether something was submitted before it was closed.
    pub tried: bool,
}

/// See [`super::Notice::Enabled`].
pub struct Enabled {
    /// What it is about.
    pub case: Case,
    /// The first day.
    pub on: Date,
    /// Whether that day has come.
    pub has_come: bool,
}
