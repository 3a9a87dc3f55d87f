//! Rate limits that hold over restarts and over processes.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::instant::Instant;

const COUNT: &str = "
INSERT INTO rate_limits (key, window_start, uses, ends_at)
VALUES ($1, $2, 1, $3)
ON CONFLICT (key) DO UPDATE SET
    uses = CASE WHEN rate_limits.ends_at > excluded.window_start THEN rate_limits.uses + 1 ELSE 1 END,
    window_start = CASE WHEN rate_limits.ends_at > excluded.window_start THEN rate_limits.window_start
                        ELSE excluded.window_start END,
    ends_at = CASE WHEN rate_limits.ends_at > excluded.window_start THEN rate_limits.ends_at
                   ELSE excluded.ends_at END
RETURNING uses, ends_at";

const USES: &str = "SELECT uses, ends_at FROM rate_limits WHERE key = $1 AND ends_at > $2";

const LOCK: &str = "UPDATE rate_limits SET uses = $2, ends_at = $3 WHERE key = $1";

const GIVE_BACK: &str = "UPDATE rate_limits SET uses = uses - 1 WHERE key = $1 AND ends_at > $2 AND uses > 0";

const DELETE_OLD: &str = "
DELETE FROM rate_limits
WHERE key IN (SELECT key FROM rate_limits WHERE ends_at < $1 LIMIT $2) AND ends_at < $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[COUNT, USES, LOCK, GIVE_BACK, DELETE_OLD];

/// How much of a window is used, and when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Used {
    /// Uses so far.
    pub uses: i64,
    /// When the window ends.
    pub ends_at: Instant,
}

impl Read {
    /// The window that is open now, if there is one.
    pub async fn uses(&mut self, key: &[u8], now: Instant) -> Result<Option<Used>> {
        Ok(on!(self.tx, c => sqlx::query_as(USES).bind(key).bind(now).fetch_optional(c).await)?)
    }
}

impl Write {
    /// Counts one use in the open window, or in a new one from `now` to `ends_at`. Whoever counts the same key
    /// meanwhile waits for this transaction.
    pub async fn count_use(&mut self, key: &[u8], now: Instant, ends_at: Instant) -> Result<Used> {
        Ok(on!(self.tx, c => sqlx::query_as(COUNT)
            .bind(key)
            .bind(now)
            .bind(ends_at)
            .fetch_one(c).await)?)
    }

    /// Uses a window up and sets its end.
    pub async fn lock_uses(&mut self, key: &[u8], uses: i64, ends_at: Instant) -> Result<()> {
        on!(self.tx, c => sqlx::query(LOCK).bind(key).bind(uses).bind(ends_at).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Takes back a use of the window that is open at `now`, if one is.
    pub async fn give_use_back(&mut self, key: &[u8], now: Instant) -> Result<()> {
        on!(self.tx, c => sqlx::query(GIVE_BACK)
            .bind(key)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes windows that ended before a point in time, at most so many; gives how many.
    pub async fn delete_old_limits(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(DELETE_OLD).bind(before).bind(most).execute(c).await.map(|d| d.rows_affected()))?,
        )
    }
}
