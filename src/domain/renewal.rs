//! What has to be new after an attempt that failed.

use super::{
    cause::{Cause, SecretFault},
    causes,
    check::CauseId,
};

/// How much of an attempt is used up by the cause it failed of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Renewal {
    /// Nothing: once it is mended, the same attempt is checked again.
    Nothing,
    /// The secret: what it belongs to keeps its names and gets a new one.
    Secret,
    /// Everything that has a name: what is left of the earlier set-up would be in the way.
    Names,
}

impl Renewal {
    /// What a cause uses up.
    pub const fn after(cause: &Cause) -> Self {
        match (cause.renew, cause.secret) {
            (true, _) => Self::Names,
            (false, SecretFault::Yes | SecretFault::Maybe) => Self::Secret,
            (false, SecretFault::No) => Self::Nothing,
        }
    }

    /// The same where one of our own people has said that the names may be used again.
    #[must_use]
    pub const fn with_names_allowed(self) -> Self {
        match self {
            Self::Names | Self::Nothing => Self::Nothing,
            Self::Secret => Self::Secret,
        }
    }

    /// What the cause of an attempt uses up; nothing, where this version does not know the cause.
    pub fn after_id(cause: Option<&CauseId>) -> Self {
        let known = cause.and_then(|cause| causes::find(cause.as_str()));
        known.map_or(Self::Nothing, Self::after)
    }
}
