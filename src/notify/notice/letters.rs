//! What mails carry from one person to another, and what lets somebody in.

use zeroize::Zeroizing;

use crate::domain::{
    browser::Browser,
    duty::Duty,
    instant::Instant,
    text::{CompanyName, ConnectionName},
};

use super::case::{Case, PagePath};

/// See [`super::Notice::SignInCode`].
pub struct SignInCode {
    /// The code as it is typed.
    pub code: Zeroizing<String>,
    /// How long it is good for.
    pub valid_minutes: i64,
    /// The browser that asked for it, where it is a usual one.
    pub browser: Option<Browser>,
}

/// See [`super::Notice::Message`].
pub struct Message {
    /// What it is about.
    pub case: Case,
    /// Who writes.
    pub by: String,
    /// What they write, line by line.
    pub lines: Vec<String>,
}

/// See [`super::Notice::Accepted`].
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

/// See [`super::Notice::Invitation`].
pub struct Invitation {
    /// The company it leads to.
    pub company: CompanyName,
    /// Who invites.
    pub inviter: String,
    /// The company they write for; `None` for ours.
    pub house: Option<CompanyName>,
    /// As what they invite.
    pub duty: Duty,
    /// Until when it counts.
    pub until: Instant,
    /// The page of the invitation: its token is opaque, and the page signs nobody in.
    pub page: PagePath,
}

/// See [`super::Notice::Question`]. It goes to our own people, and its link leads to their site.
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

/// See [`super::Notice::Answer`].
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

/// See [`super::Notice::ProviderLetter`]. It leads nowhere: who gets it may not sign in.
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

/// See [`super::Notice::GuideStep`].
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
    pub fn new(company: CompanyName, inviter: &str, duty: Duty, token: &str, until: Instant) -> Self {
        let page = PagePath(format!("/invitation/{token}"));
        Self { company, inviter: inviter.to_owned(), house: None, duty, until, page }
    }
}
