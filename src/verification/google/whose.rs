//! Whose service account a check signs in with.

use crate::verification::{
    rules::{Scene, Speaker},
    step::{self, Plan, StepId},
};

/// Whose service account it is, which decides who can mend what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Ours.
    Ours,
    /// The office's.
    TheirOwn,
}

impl Whose {
    /// What a check with it does.
    pub(super) const fn plan(self) -> &'static Plan {
        match self {
            Self::Ours => &step::GOOGLE_DELEGATED,
            Self::TheirOwn => &step::GOOGLE_KEY,
        }
    }

    /// A step at the place where service accounts sign in; `given` says that another scope was given.
    pub(super) fn signing(self, step: StepId, given: bool) -> Scene<'static> {
        Scene { ours: self == Self::Ours, opened: given, ..Scene::of(Speaker::GoogleToken, step) }
    }

    /// A step at one of the interfaces, which is reached with a token only.
    pub(super) fn at(self, step: StepId) -> Scene<'static> {
        Scene { ours: self == Self::Ours, opened: true, ..Scene::of(Speaker::Google, step) }
    }
}
