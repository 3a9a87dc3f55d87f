//! The diagnosis as data: signs and the cause they point to.
//!
//! A rule holds when all its signs do; the first that holds wins. So rules that look at several steps stand
//! first, then the most specific of one answer, then what is left of a layer.

mod graph;
mod sign_in;

use super::{
    evidence::{Finding, Shown},
    step::StepId,
};

/// One thing to look at.
#[derive(Debug, Clone, Copy)]
pub enum Sign {
    /// It happened in one of these steps.
    On(&'static [StepId]),
    /// The status is one of these.
    Status(&'static [u16]),
    /// One of these error codes is in the answer, on any level.
    Code(&'static [&'static str]),
    /// One of these numbers of the sign-in service is in the answer.
    Aad(&'static [u32]),
    /// This phrase of [`PHRASES`] is in the server's words.
    Says(&'static str),
    /// The answer demands further claims.
    ClaimsChallenge,
    /// The token is readable and lacks the permission this step needs.
    RoleAbsent,
    /// Another step that reads the mailbox worked.
    OthersOpened,
    /// The directory shows (or does not show) a licence. Never holds when the directory was not read.
    Licensed(bool),
}

/// Signs and the cause they point to.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The cause.
    pub cause: &'static str,
    /// All of them must hold.
    pub signs: &'static [Sign],
}

/// Whose answer is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The sign-in service of Microsoft 365.
    SignIn,
    /// Graph.
    Graph,
}

impl Speaker {
    /// All of them.
    #[cfg(test)]
    pub const ALL: &[Self] = &[Self::SignIn, Self::Graph];

    /// The rules for its answers.
    pub const fn rules(self) -> &'static [Rule] {
        match self {
            Self::SignIn => sign_in::RULES,
            Self::Graph => graph::RULES,
        }
    }
}

/// What is known around the answer that is judged.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The step it belongs to.
    pub step: StepId,
    /// Whose answer it is.
    pub speaker: Speaker,
    /// Permissions of which one is enough for the step, the one that the guide names first.
    pub needs: &'static [&'static str],
    /// The permissions in the token, where it could be read.
    pub roles: Option<&'a [String]>,
    /// Whether another step that reads the mailbox worked.
    pub opened: bool,
    /// Whether the account has a licence, where the directory could be read.
    pub licensed: Option<bool>,
}

/// Every phrase a rule may look for, in lower case. Words are matched only where no code tells causes apart.
pub const PHRASES: &[&str] =
    &["[raop]", "apponly accesspolicy", "access to odata is disabled", "conditional access"];

const fn rule(cause: &'static str, signs: &'static [Sign]) -> Rule {
    Rule { cause, signs }
}

/// For what good answers say.
pub const fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::OtherIdentity => "token_mismatch",
        Finding::OtherAudience => "graph_token_rejected",
        Finding::NotAnApp => "token_not_app",
        Finding::OtherCloud => "national_cloud",
        Finding::ForeignTenant => "tenant_of_others",
        Finding::NotListed => "change_feed_lag",
        Finding::LeftBehind => "test_item_left_behind",
        Finding::ExcessPermissions => "excess_permissions",
        Finding::ExpiresSoon => "client_secret_expires_soon",
    }
}

impl Scene<'_> {
    /// A step that stands for itself.
    pub const fn of(speaker: Speaker, step: StepId) -> Self {
        Self { step, speaker, needs: &[], roles: None, opened: false, licensed: None }
    }

    /// Whether the token is readable and lacks what the step needs.
    fn lacks_role(&self) -> bool {
        let enough = |role: &String| self.needs.contains(&role.as_str());
        !self.needs.is_empty() && self.roles.is_some_and(|roles| !roles.iter().any(enough))
    }
}

impl Rule {
    /// Whether all signs hold.
    pub fn holds(&self, shown: &Shown, scene: &Scene<'_>) -> bool {
        self.signs.iter().all(|sign| sign.holds(shown, scene))
    }
}

impl Sign {
    fn holds(&self, shown: &Shown, scene: &Scene<'_>) -> bool {
        match *self {
            Self::On(steps) => steps.contains(&scene.step),
            Self::Status(statuses) => statuses.contains(&shown.status),
            Self::Code(codes) => shown.codes.iter().any(|code| codes.contains(&code.as_str())),
            // An empty list asks for an answer without any number.
            Self::Aad([]) => shown.aad.is_empty(),
            Self::Aad(numbers) => shown.aad.iter().any(|number| numbers.contains(number)),
            Self::Says(phrase) => shown.phrases.contains(&phrase),
            Self::ClaimsChallenge => shown.claims_challenge,
            Self::RoleAbsent => scene.lacks_role(),
            Self::OthersOpened => scene.opened,
            Self::Licensed(wanted) => scene.licensed == Some(wanted),
        }
    }
}
