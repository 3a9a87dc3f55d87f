//! What retention deletes across tables: secrets of attempts that failed, were followed by another, or are out of use
//! for another reason, and those of closed connections.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    ids::{AttemptId, BrokerageId, ConnectionId, SecretId},
    instant::Instant,
};

// An attempt was superseded when the connection's next one was submitted.
const LEFT_OVER: &str = "
SELECT attempts.id, attempts.secret_id, attempts.brokerage_id, attempts.connection_id
FROM attempts
JOIN connections ON connections.id = attempts.connection_id
WHERE attempts.secret_id IS NOT NULL
  AND (connections.in_use_id IS NULL OR connections.in_use_id <> attempts.id)
  AND ((attempts.state = 'failed' AND attempts.decided_at < $1)
    OR attempts.ended_at < $1
    OR (attempts.ended_by = 'withdrawn' AND NOT EXISTS (
        SELECT 1
        FROM jobs
        JOIN checks ON checks.id = jobs.subject
        WHERE checks.attempt_id = attempts.id AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
          AND (jobs.lease_token IS NOT NULL OR jobs.kind = 'clear_mailbox')
    ))
    OR connections.closed_at < $2
    OR EXISTS (
        SELECT 1
        FROM attempts AS later
        WHERE later.connection_id = attempts.connection_id AND later.number > attempts.number
          AND later.submitted_at < $1
    ))
ORDER BY attempts.id
LIMIT $3";

// The conditions of the list once more: between the two somebody may have had the attempt checked again.
const FORGET: &str = "
UPDATE attempts SET secret_id = NULL
WHERE id = $1 AND secret_id = $2
  AND NOT EXISTS (SELECT 1 FROM connections WHERE connections.in_use_id = attempts.id AND connections.id = attempts.connection_id)
  AND ((state = 'failed' AND decided_at < $3)
    OR ended_at < $3
    OR (ended_by = 'withdrawn' AND NOT EXISTS (
        SELECT 1
        FROM jobs
        JOIN checks ON checks.id = jobs.subject
        WHERE checks.attempt_id = attempts.id AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
          AND (jobs.lease_token IS NOT NULL OR jobs.kind = 'clear_mailbox')
    ))
    OR EXISTS (SELECT 1 FROM connections WHERE connections.closed_at < $4 AND connections.id = attempts.connection_id)
    OR EXISTS (
        SELECT 1
        FROM attempts AS later
        WHERE later.connection_id = attempts.connection_id AND later.number > attempts.number
          AND later.submitted_at < $3
    ))";

// A check of the attempt runs, or what one left in a mailbox is still to be removed.
const AT_WORK: &str = "
SELECT COUNT(*)
FROM jobs
JOIN checks ON checks.id = jobs.subject
WHERE checks.attempt_id = $1 AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
  AND (jobs.lease_token IS NOT NULL OR jobs.kind = 'clear_mailbox')";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[LEFT_OVER, FORGET, AT_WORK];

/// A secret whose time is over.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct LeftOver {
    /// The attempt it was submitted with.
    #[sqlx(rename = "id")]
    pub attempt_id: AttemptId,
    /// The secret.
    pub secret_id: SecretId,
    /// Whose it is.
    pub brokerage_id: BrokerageId,
    /// The connection of that attempt.
    pub connection_id: ConnectionId,
}

/// Before which points in time what is not used any more is to be deleted.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    /// When an attempt failed, was followed by another, or went out of use.
    pub out_of_use: Instant,
    /// When its connection was closed.
    pub closed: Instant,
}

impl Read {
    /// Whether a check works with the secret of an attempt at this moment, or has to remove what it left in a mailbox.
    pub async fn secret_is_at_work(&mut self, attempt: &AttemptId) -> Result<bool> {
        let (jobs,): (i64,) = on!(self.tx, c => sqlx::query_as(AT_WORK).bind(attempt).fetch_one(c).await)?;
        Ok(jobs > 0)
    }

    /// Up to `most` secrets of attempts whose time is over.
    pub async fn left_over_secrets(&mut self, over: Over, most: i64) -> Result<Vec<LeftOver>> {
        Ok(on!(self.tx, c => sqlx::query_as(LEFT_OVER)
            .bind(over.out_of_use)
            .bind(over.closed)
            .bind(most)
            .fetch_all(c).await)?)
    }
}

impl Write {
    /// Deletes such a secret and the attempt's pointer to it. `false`: its time is not over any more, and it stays.
    pub async fn destroy_secret(&mut self, left: &LeftOver, over: Over) -> Result<bool> {
        // Whoever has the attempt checked again holds the connection while they look whether the secret is there.
        self.hold_connection(&left.brokerage_id, &left.connection_id).await?;
        let moved = on!(self.tx, c => sqlx::query(FORGET)
            .bind(&left.attempt_id)
            .bind(&left.secret_id)
            .bind(over.out_of_use)
            .bind(over.closed)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if moved == 1 {
            self.delete_secret(&left.brokerage_id, &left.secret_id).await?;
        }
        Ok(moved == 1)
    }
}
