//! What a run brought, between the run and its verdict.

use crate::{domain::check::Report, store::NewStep};

/// What a run brought.
pub(super) struct Ran {
    /// Its number.
    pub(super) run: i64,
    /// Its steps; those that are not in the table yet are written with the verdict.
    pub(super) steps: Vec<NewStep>,
    /// Whether the secret left and nobody said what they think of it.
    pub(super) unjudged: bool,
    /// Its report.
    pub(super) report: Report,
}
