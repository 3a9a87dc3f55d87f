//! How `check` ends.

use crate::domain::check::Verdict;

/// How the command ends when it ran; an error ends it with 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It passed, perhaps with warnings.
    Passed,
    /// It failed.
    Failed,
    /// It could not be told, or the provider is waited for.
    Open,
}

impl Ending {
    /// What a verdict comes to.
    pub(super) const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed | Verdict::PassedWithWarnings => Self::Passed,
            Verdict::Failed => Self::Failed,
            Verdict::WaitingForProvider | Verdict::CouldNotTell => Self::Open,
        }
    }

    /// The exit status.
    pub const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Open => 3,
        }
    }
}

/// Whether a mailbox works with the credential.
pub(super) const fn works(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Passed | Verdict::PassedWithWarnings)
}
