//! Rate limits that hold over restarts and over processes.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::instant::Instant;

const COUNT: &str = "
INSERT INTO rate_limits (key, window_start, uses, ends_at)
VALUES ($1, $2, 1, $3)
ON CONFLICT (key, window_start) DO UPDATE SET uses = rate_limits.uses + 1
RETURNING uses";

const USES: &str = "SELECT uses FROM rate_limits WHERE key = $1 AND window_start = $2";

const DELETE_OLD: &str = "
DELETE FROM rate_limits
WHERE key IN (SELECT key FROM rate_limits WHERE ends_at < $1 LIMIT $2) AND ends_at < $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[COUNT, USES, DELETE_OLD];

impl Read {
    /// How often a thing was done in a window.
    pub async fn uses(&mut self, key: &[u8], window_start: Instant) -> Result<i64> {
        let row: Option<(i64,)> =
            on!(self.tx, c => sqlx::query_as(USES).bind(key).bind(window_start).fetch_optional(c).await)?;
        Ok(row.map_or(0, |(uses,)| uses))
    }
}

impl Write {
    /// Counts one use in a window; gives how many it has now.
    pub async fn count_use(&mut self, key: &[u8], window_start: Instant, ends_at: Instant) -> Result<i64> {
        let (uses,): (i64,) = on!(self.tx, c => sqlx::query_as(COUNT)
            .bind(key)
            .bind(window_start)
            .bind(ends_at)
            .fetch_one(c).await)?;
        Ok(uses)
    }

    /// Deletes windows that ended before a point in time, at most so many; gives how many.
    pub async fn delete_old_limits(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(DELETE_OLD).bind(before).bind(most).execute(c).await.map(|d| d.rows_affected()))?,
        )
    }
}
