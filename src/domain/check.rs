//! A check: one run that tests a credential, an ordered tree of steps, and its verdict.

use std::time::Duration;

use jiff::civil::Date;

use super::{
    check_reason::CheckReason,
    ids::{AttemptId, BrokerageId, CheckId, ConnectionId},
    instant::Instant,
};

/// The stable id of a cause: what is wrong. Its texts are in the catalogue. It never changes its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct CauseId(std::borrow::Cow<'static, str>);

impl CauseId {
    /// A cause named in the source; the catalogue's test holds that it exists.
    pub const fn known(id: &'static str) -> Self {
        Self(std::borrow::Cow::Borrowed(id))
    }

    /// A cause read from a table, which may have been written by another version.
    pub fn from_stored(id: String) -> Self {
        Self(std::borrow::Cow::Owned(id))
    }

    /// The id as it stands in tables and JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for CauseId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what MoxiEngage needs.
    Passed,
    /// It works, and something about it should be mended.
    Warning,
    /// It does not work.
    Failed,
    /// It was not tried, because an earlier step failed or it is not needed.
    Skipped,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: &[Self] = &[Self::Passed, Self::Warning, Self::Failed, Self::Skipped];

    /// The word in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// Reads the word from a table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|outcome| outcome.as_str() == word)
    }
}

/// Something a step learned, for people. It cannot hold a secret: it is made only from evidence that has none.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fact {
    /// What it is: "Tenant id".
    pub label: String,
    /// Its value.
    pub value: String,
}

/// A step that a plan foresees, before it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedStep {
    /// Its stable id: `token`.
    pub id: &'static str,
    /// What it does, in the admin's words: "Sign in as your app".
    pub title: &'static str,
}

/// A step that ended.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// Its stable id within the plan.
    pub id: String,
    /// What it did, in the admin's words.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took.
    #[serde(with = "micros")]
    pub elapsed: Duration,
    /// What it learned.
    pub facts: Vec<Fact>,
    /// What the other side said, shortened and free of secrets.
    pub words: Option<String>,
    /// What is wrong, where something is.
    pub cause: Option<CauseId>,
}

mod micros {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes it.
    pub fn serialize<S: Serializer>(elapsed: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX))
    }

    /// Reads it; errs when it is no whole number.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_micros)
    }
}

/// What a check says as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The credential does what MoxiEngage needs.
    Passed,
    /// It does, and something should be mended.
    PassedWithWarnings,
    /// It does not; the cause says why.
    Failed,
    /// The provider still applies a change; looking again later helps.
    WaitingForProvider,
    /// Neither passed nor failed could be shown.
    CouldNotTell,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: &[Self] =
        &[Self::Passed, Self::PassedWithWarnings, Self::Failed, Self::WaitingForProvider, Self::CouldNotTell];

    /// The word in tables and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::PassedWithWarnings => "passed_with_warnings",
            Self::Failed => "failed",
            Self::WaitingForProvider => "waiting_for_provider",
            Self::CouldNotTell => "could_not_tell",
        }
    }

    /// Reads the word from a table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|verdict| verdict.as_str() == word)
    }
}

/// Whether, when and by whom a check that did not pass is run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Only when a person asks.
    OnPress,
    /// By ourselves after a short pause: the other side was busy. The time is what it asked for, if it did.
    Soon(Option<Duration>),
    /// By ourselves on the ladder for changes that a provider applies slowly.
    OnLadder,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// The cause, unless it passed.
    pub cause: Option<CauseId>,
    /// What should be mended although it passed.
    pub warnings: Vec<CauseId>,
    /// Whether the credential itself was accepted, whatever else failed.
    pub credential_accepted: bool,
    /// What happens next by itself.
    pub again: Again,
    /// The steps in the order of the plan.
    pub steps: Vec<Step>,
}

/// The label under which a step tells when a password ends: a day as ISO text, or words where there is none.
pub const PASSWORD_ENDS: &str = "Password ends";

impl Report {
    /// The day on which the password ends, where the mail server told it.
    pub fn password_ends_on(&self) -> Option<Date> {
        let mut facts = self.steps.iter().flat_map(|step| &step.facts);
        facts.find(|fact| fact.label == PASSWORD_ENDS).and_then(|fact| fact.value.parse().ok())
    }
}

/// Who or what asked for a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A new attempt.
    Submission,
    /// A person pressed "check again".
    CheckAgain,
    /// The ladder or the pause after a busy answer.
    Schedule,
    /// One of our own people had it checked again.
    Staff,
    /// A test of answers that nobody has submitted.
    DryRun,
    /// None was run: our own people decided by hand.
    ByHand,
    /// One of our own people had the credential in use checked once more: it moves nothing.
    InUse,
}

impl Origin {
    /// Every origin.
    pub const ALL: &[Self] = &[
        Self::Submission,
        Self::CheckAgain,
        Self::Schedule,
        Self::Staff,
        Self::DryRun,
        Self::ByHand,
        Self::InUse,
    ];

    /// The word in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submission => "submission",
            Self::CheckAgain => "check_again",
            Self::Schedule => "schedule",
            Self::Staff => "staff",
            Self::DryRun => "dry_run",
            Self::ByHand => "by_hand",
            Self::InUse => "in_use",
        }
    }

    /// Reads the word from the table.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|origin| origin.as_str() == word)
    }
}

/// A check as it stands in the database.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its id.
    pub id: CheckId,
    /// The attempt it tests; none, where it is a dry run.
    pub attempt_id: Option<AttemptId>,
    /// The connection it is for.
    pub connection_id: ConnectionId,
    /// Whose connection that is.
    pub brokerage_id: BrokerageId,
    /// Who or what asked for it.
    pub origin: Origin,
    /// Why, where one of our own people did.
    pub reason: Option<CheckReason>,
    /// How often a worker has taken it up; 0 while it waits. A second run means the first worker was lost.
    pub run: i64,
    /// Which rung of the ladder it is, from 0.
    pub rung: i64,
    /// How many short pauses in a row led here because the other side was busy, from 0.
    pub retries: i64,
    /// When it was asked for.
    pub created_at: Instant,
    /// When it shall run.
    pub due_at: Instant,
    /// When its current run began.
    pub started_at: Option<Instant>,
    /// Its verdict, once it has one.
    pub verdict: Option<Verdict>,
    /// The cause, unless it passed.
    pub cause: Option<CauseId>,
    /// What should be mended although it passed.
    pub warnings: Vec<CauseId>,
    /// When the verdict came.
    pub decided_at: Option<Instant>,
}

/// The pauses between looks while a provider applies a change, each counted from the look before: 5 minutes, 15
/// minutes, 1, 3, 8, 24 and 30 hours. Field reports put most role changes between 5 minutes and 24 hours, a few beyond.
pub const LADDER: &[Duration] = &[
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(3 * 3600),
    Duration::from_secs(8 * 3600),
    Duration::from_secs(24 * 3600),
    Duration::from_secs(30 * 3600),
];
