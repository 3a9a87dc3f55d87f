//! Tries of a secret at the provider. Each is written and committed before the bytes leave, so that nobody tries a
//! secret more often than they know.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    ids::{CheckId, SecretId},
    instant::Instant,
};

const INSERT: &str = "
INSERT INTO sign_in_tries (check_id, run, account_key, secret_id, begun_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (check_id, run) DO NOTHING";

const ANSWER: &str = "
UPDATE sign_in_tries SET answered_at = $3, accepted = $4
WHERE check_id = $1 AND run = $2 AND answered_at IS NULL";

const OF_CHECK: &str = "
SELECT run, begun_at, accepted
FROM sign_in_tries
WHERE check_id = $1 AND run > 0
ORDER BY run";

const LAST_CLEANUP: &str = "SELECT COALESCE(MIN(run), 0) FROM sign_in_tries WHERE check_id = $1 AND run < 0";

const LAST_OF_SECRET: &str = "
SELECT run, begun_at, accepted
FROM sign_in_tries
WHERE secret_id = $1
ORDER BY begun_at DESC, run DESC
LIMIT 1";

const OF_SECRET: &str = "
SELECT run, begun_at, accepted
FROM sign_in_tries
WHERE secret_id = $1
ORDER BY begun_at DESC, run DESC
LIMIT $2";

const REFUSED_SINCE: &str = "
SELECT begun_at
FROM sign_in_tries
WHERE account_key = $1 AND begun_at > $2 AND accepted = FALSE
ORDER BY begun_at DESC
LIMIT $3";

// A check that was decided waits for no answer any more.
const UNDER_WAY_SINCE: &str = "
SELECT begun_at
FROM sign_in_tries
WHERE account_key = $1 AND begun_at > $2 AND accepted IS NULL AND check_id <> $3
      AND NOT EXISTS (SELECT 1 FROM verdicts WHERE verdicts.check_id = sign_in_tries.check_id)
ORDER BY begun_at DESC
LIMIT $4";

const DELETE_OLD: &str = "
DELETE FROM sign_in_tries
WHERE check_id IN (SELECT check_id FROM sign_in_tries WHERE begun_at < $1 LIMIT $2) AND begun_at < $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    INSERT,
    ANSWER,
    OF_CHECK,
    LAST_CLEANUP,
    LAST_OF_SECRET,
    OF_SECRET,
    REFUSED_SINCE,
    UNDER_WAY_SINCE,
    DELETE_OLD,
];

/// One try of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Try {
    /// The run of the check that made it; below zero, a clean-up after the check did.
    pub run: i64,
    /// When it was written, just before the bytes left.
    pub begun_at: Instant,
    /// What the provider said of the secret; `None` while it said nothing.
    pub accepted: Option<bool>,
}

impl Read {
    /// The tries of a check itself, by run; those of its clean-up do not count.
    pub async fn tries_of_check(&mut self, check: &CheckId) -> Result<Vec<Try>> {
        Ok(on!(self.tx, c => sqlx::query_as(OF_CHECK).bind(check).fetch_all(c).await)?)
    }

    /// The number for the next sign-in that cleans up after a check: below zero, away from the check's own runs.
    pub async fn next_cleanup(&mut self, check: &CheckId) -> Result<i64> {
        let (last,): (i64,) = on!(self.tx, c => sqlx::query_as(LAST_CLEANUP).bind(check).fetch_one(c).await)?;
        Ok(last - 1)
    }

    /// The latest try of a secret.
    pub async fn last_try(&mut self, secret: &SecretId) -> Result<Option<Try>> {
        Ok(on!(self.tx, c => sqlx::query_as(LAST_OF_SECRET).bind(secret).fetch_optional(c).await)?)
    }

    /// The latest `most` tries of a secret, latest first.
    pub async fn tries_of_secret(&mut self, secret: &SecretId, most: i64) -> Result<Vec<Try>> {
        Ok(on!(self.tx, c => sqlx::query_as(OF_SECRET).bind(secret).bind(most).fetch_all(c).await)?)
    }

    /// When the last `most` refused tries of an account began, since `since`, latest first.
    pub async fn refused_tries(&mut self, account: &[u8], since: Instant, most: i64) -> Result<Vec<Instant>> {
        let rows: Vec<(Instant,)> = on!(self.tx, c => sqlx::query_as(REFUSED_SINCE)
            .bind(account)
            .bind(since)
            .bind(most)
            .fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(at,)| at).collect())
    }

    /// When the last `most` tries of an account began, since `since`, that other checks than `check` have under way
    /// and whose answer may still come; latest first.
    pub async fn tries_under_way(
        &mut self,
        account: &[u8],
        since: Instant,
        check: &CheckId,
        most: i64,
    ) -> Result<Vec<Instant>> {
        let rows: Vec<(Instant,)> = on!(self.tx, c => sqlx::query_as(UNDER_WAY_SINCE)
            .bind(account)
            .bind(since)
            .bind(check)
            .bind(most)
            .fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(at,)| at).collect())
    }
}

impl Write {
    /// Lets the transactions that count tries of this account go on one after the other: two at the same time would
    /// both find room for the last try.
    pub async fn take_turn_of_account(&mut self, account: &[u8]) -> Result<()> {
        let mut key = [0; 8];
        key.iter_mut().zip(account).for_each(|(to, from)| *to = *from);
        self.tx.in_turn(i64::from_be_bytes(key)).await
    }

    /// Writes a try that is about to be made. Commit before the bytes leave.
    pub async fn insert_try(
        &mut self,
        check: &CheckId,
        run: i64,
        account: &[u8],
        secret: &SecretId,
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(check)
            .bind(run)
            .bind(account)
            .bind(secret)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Notes what the provider said of the secret.
    pub async fn answer_try(&mut self, check: &CheckId, run: i64, accepted: bool) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(ANSWER)
            .bind(check)
            .bind(run)
            .bind(now)
            .bind(accepted)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes tries of up to `most` checks that began before `before`; how many rows went.
    pub async fn delete_tries(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(DELETE_OLD)
            .bind(before)
            .bind(most)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }
}
