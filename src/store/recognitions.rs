//! Looks at which mail system a domain has.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    address::MailDomain,
    ids::{BrokerageId, RecognitionId},
    instant::Instant,
};

const ASK: &str = "
INSERT INTO recognitions (id, brokerage_id, domain, asked_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (brokerage_id, domain) DO UPDATE SET asked_at = excluded.asked_at
RETURNING id";

const OF_DOMAIN: &str = "
SELECT id, domain, asked_at, looked_at, seen_box
FROM recognitions
WHERE brokerage_id = $1 AND domain = $2";

const OF_JOB: &str = "
SELECT id, domain, asked_at, looked_at, seen_box
FROM recognitions
WHERE id = $1";

const NOTE: &str = "UPDATE recognitions SET looked_at = $2, seen_box = $3 WHERE id = $1";

const DELETE_OLD: &str = "
DELETE FROM recognitions
WHERE id IN (SELECT id FROM recognitions WHERE asked_at < $1 ORDER BY asked_at LIMIT $2) AND asked_at < $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[ASK, OF_DOMAIN, OF_JOB, NOTE, DELETE_OLD];

/// A look at a domain: asked for, and perhaps done.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Recognition {
    /// Its id.
    pub id: RecognitionId,
    /// The domain.
    pub domain: MailDomain,
    /// When it was asked for last.
    pub asked_at: Instant,
    /// When a worker looked last.
    pub looked_at: Option<Instant>,
    /// What it saw, encrypted.
    pub seen_box: Option<Vec<u8>>,
}

impl Read {
    /// The look of a brokerage at a domain.
    pub async fn recognition(
        &mut self,
        brokerage: &BrokerageId,
        domain: &MailDomain,
    ) -> Result<Option<Recognition>> {
        Ok(on!(self.tx, c => sqlx::query_as(OF_DOMAIN)
            .bind(brokerage)
            .bind(domain)
            .fetch_optional(c).await)?)
    }

    /// A look by its id, for its job.
    pub async fn recognition_of_job(&mut self, id: &RecognitionId) -> Result<Option<Recognition>> {
        Ok(on!(self.tx, c => sqlx::query_as(OF_JOB).bind(id).fetch_optional(c).await)?)
    }
}

impl Write {
    /// Notes that a brokerage wants to know which mail system a domain has; gives the id of the look, which an earlier
    /// one at the same domain keeps.
    pub async fn ask_recognition(
        &mut self,
        id: &RecognitionId,
        brokerage: &BrokerageId,
        domain: &MailDomain,
    ) -> Result<RecognitionId> {
        let now = self.now();
        Ok(on!(self.tx, c => sqlx::query_scalar(ASK)
            .bind(id)
            .bind(brokerage)
            .bind(domain)
            .bind(now)
            .fetch_one(c).await)?)
    }

    /// Notes what a worker saw.
    pub async fn note_recognition(&mut self, id: &RecognitionId, seen_box: &[u8]) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(NOTE).bind(id).bind(now).bind(seen_box).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes looks that were asked for before a point in time, at most so many; gives how many.
    pub async fn delete_old_recognitions(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(DELETE_OLD).bind(before).bind(most).execute(c).await.map(|done| done.rows_affected()))?,
        )
    }
}
