//! The steps of guides that were marked as done. A row is there or not, so that marking one twice changes nothing.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    ids::{BrokerageId, ConnectionId},
    instant::Instant,
};

const LIST: &str = "
SELECT step_id, ticked_at
FROM guide_ticks
WHERE brokerage_id = $1 AND connection_id = $2 AND attempt_number = $3";

const LIST_ALL: &str = "
SELECT connection_id, attempt_number, step_id
FROM guide_ticks
WHERE brokerage_id = $1";

const INSERT: &str = "
INSERT INTO guide_ticks (connection_id, attempt_number, step_id, brokerage_id, ticked_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (connection_id, attempt_number, step_id) DO NOTHING";

const DELETE: &str = "
DELETE FROM guide_ticks
WHERE connection_id = $1 AND attempt_number = $2 AND step_id = $3 AND brokerage_id = $4";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[LIST, LIST_ALL, INSERT, DELETE];

/// A step that was marked as done, with when.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GuideTick {
    /// The step's id within its guide; a guide that was changed since may have none of that id.
    pub step_id: String,
    /// When.
    pub ticked_at: Instant,
}

/// A step of one of a brokerage's connections that was marked as done.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct GuideTickOf {
    /// The connection.
    pub connection_id: ConnectionId,
    /// The number of the attempt.
    pub attempt_number: i64,
    /// The step's id within its guide.
    pub step_id: String,
}

impl Read {
    /// The steps of an attempt that were marked as done.
    pub async fn guide_ticks(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
        attempt: i64,
    ) -> Result<Vec<GuideTick>> {
        Ok(on!(self.tx, c => sqlx::query_as(LIST)
            .bind(brokerage).bind(connection).bind(attempt)
            .fetch_all(c).await)?)
    }

    /// The same of all connections and attempts of a brokerage.
    pub async fn guide_ticks_of_brokerage(&mut self, brokerage: &BrokerageId) -> Result<Vec<GuideTickOf>> {
        Ok(on!(self.tx, c => sqlx::query_as(LIST_ALL).bind(brokerage).fetch_all(c).await)?)
    }
}

impl Write {
    /// Marks a step as done; one that is marked stays so.
    pub async fn tick_step(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
        attempt: i64,
        step: &str,
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(connection).bind(attempt).bind(step).bind(brokerage).bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Takes the mark of a step back; one that has none stays so.
    pub async fn untick_step(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
        attempt: i64,
        step: &str,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query(DELETE)
            .bind(connection).bind(attempt).bind(step).bind(brokerage)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
