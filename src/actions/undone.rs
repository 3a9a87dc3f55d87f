//! Why a job's action did not end its job.

use crate::{domain::refused::Refused, store::StoreError};

/// Why an action that carries out a job stopped before the job was ended. The queue decides what follows.
#[derive(Debug, thiserror::Error)]
pub enum Undone {
    /// Another worker holds the job by now: whatever this one found is worth nothing and was not written.
    #[error("the lease was lost")]
    LeaseLost,
    /// A fault or an outage of ours; trying again later may help. The text is for the log and for staff.
    #[error("{0}")]
    Ours(String),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Ours(error.to_string())
    }
}

impl From<Refused> for Undone {
    fn from(refused: Refused) -> Self {
        Self::Ours(refused.to_string())
    }
}

/// Turns "the lease was lost" of the store into the reason to stop.
pub(super) fn held(still: bool) -> Result<(), Undone> {
    if still { Ok(()) } else { Err(Undone::LeaseLost) }
}
