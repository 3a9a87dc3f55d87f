//! What a run brought, between the run and its verdict.

use crate::{actions::decide::SignIn, domain::check::Report, store::NewStep};

/// What a run brought.
pub(super) struct Ran {
    /// Its number.
    pub(super) run: i64,
    /// Its steps; those that are not in the table yet are written with the verdict.
    pub(super) steps: Vec<NewStep>,
    /// How its sign-in went.
    pub(super) sign_in: SignIn,
    /// Its report.
    pub(super) report: Report,
}
