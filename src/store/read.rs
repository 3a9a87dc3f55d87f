//! The transaction that only reads. Queries are added to it in the file of their table family.

use super::{dialect::Tx, error::Result};
use crate::{clock::Clock, domain::instant::Instant};

/// A transaction that reads one state of the database.
pub struct Read {
    pub(super) tx: Tx,
    pub(super) clock: Clock,
}

impl Read {
    /// The present by the clock that was handed in.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The present by the clock that all processes share, for leases and codes: the database's where several
    /// machines work on one database, else the clock that was handed in.
    pub async fn shared_now(&mut self) -> Result<Instant> {
        Ok(self.tx.shared_now().await?.map_or_else(|| self.clock.now(), Instant::from_micros))
    }
}
