//! What shows whether an installation is well: for the doctor, which only looks.

use super::{dialect::on, error::Result, read::Read};
use crate::domain::instant::Instant;

const SECRET_KEYS: &str = "SELECT DISTINCT key_id FROM secrets ORDER BY key_id";

const ANY_BOX: &str = "SELECT address_box FROM people ORDER BY created_at DESC, id LIMIT 1";

const OLDEST_DUE: &str = "
SELECT MIN(run_at)
FROM jobs
WHERE done_at IS NULL AND parked_at IS NULL AND lease_until IS NULL AND run_at <= $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[SECRET_KEYS, ANY_BOX, OLDEST_DUE];

impl Read {
    /// The ids of the keys that secrets were sealed to.
    pub async fn secret_key_ids(&mut self) -> Result<Vec<String>> {
        let rows: Vec<(String,)> = on!(self.tx, c => sqlx::query_as(SECRET_KEYS).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// One value that is encrypted under the settings key; `None` while there is none.
    pub async fn any_box(&mut self) -> Result<Option<Vec<u8>>> {
        let row: Option<(Vec<u8>,)> = on!(self.tx, c => sqlx::query_as(ANY_BOX).fetch_optional(c).await)?;
        Ok(row.map(|(bytes,)| bytes))
    }

    /// Since when the oldest job that is due waits for a worker.
    pub async fn oldest_due_job(&mut self) -> Result<Option<Instant>> {
        let now = self.now();
        let (at,): (Option<Instant>,) =
            on!(self.tx, c => sqlx::query_as(OLDEST_DUE).bind(now).fetch_one(c).await)?;
        Ok(at)
    }
}
