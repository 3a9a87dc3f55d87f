//! What a call showed. These types cannot hold a secret: every text in them has passed through a [`Scrub`].

use std::time::Duration;

use crate::net::Failure;

/// What one step has to show when it did not simply work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// No answer came.
    Lost(Failure),
    /// An answer came that is not the one that proves the step.
    Shown(Box<Shown>),
    /// The time of the whole check was over.
    OutOfTime,
    /// The answer was good and what it said is not.
    Found(Finding),
    /// The sign-in may not be tried now.
    Paused,
}

/// What good answers may say that is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The token is for another tenant or app than the form says.
    OtherIdentity,
    /// The token is for another service.
    OtherAudience,
    /// The token stands for a person.
    NotAnApp,
    /// The tenant is in a cloud whose hosts we have not.
    OtherCloud,
    /// The tenant is not the one that owns the domain to which checks are bound.
    ForeignTenant,
    /// The list of changes does not show what was written.
    NotListed,
    /// What was written could not be removed.
    LeftBehind,
    /// The token carries permissions that are not needed.
    ExcessPermissions,
    /// The secret ends within 60 days.
    ExpiresSoon,
}

/// An answer, reduced to what diagnosis and people need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The HTTP status.
    pub status: u16,
    /// Error codes, from the outermost to the innermost.
    pub codes: Vec<String>,
    /// Numbers of the sign-in service.
    pub aad: Vec<u32>,
    /// The server's own words, cleaned and shortened.
    pub words: Option<String>,
    /// Phrases that rules look for and that stood in the server's words before they were shortened.
    pub phrases: Vec<&'static str>,
    /// Whether the answer demands a token that satisfies further claims.
    pub claims_challenge: bool,
    /// How long the server asks to wait, capped.
    pub retry_after: Option<Duration>,
    /// Labels and values for people: request ids, trace ids, times.
    pub marks: Vec<(&'static str, String)>,
}
