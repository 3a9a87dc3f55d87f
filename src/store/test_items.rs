//! What checks wrote to test mailboxes and nobody has seen removed yet. A row is written before the thing it is about,
//! and deleted once that is gone.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    ids::{AttemptId, BrokerageId, CheckId, ConnectionId},
    instant::Instant,
    test_item::TestThing,
};

// Told again with its id once that is known.
const NOTE: &str = "
INSERT INTO test_items (check_id, run, place, thing, connection_id, place_box, noted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (check_id, run, place, thing) DO UPDATE SET place_box = excluded.place_box";

const FORGET: &str = "DELETE FROM test_items WHERE check_id = $1 AND run = $2 AND place = $3 AND thing = $4";

// While a check is under way or waits for its worker, its turn comes first; so does a visit of a roster that goes on.
const LEFT_BY_CHECK: &str = "
SELECT test_items.check_id, checks.attempt_id, test_items.run, test_items.place, test_items.thing, test_items.place_box,
       test_items.noted_at, test_items.given_up_at
FROM test_items
JOIN checks ON checks.id = test_items.check_id
LEFT JOIN verdicts ON verdicts.check_id = checks.id
WHERE test_items.check_id = $1 AND (verdicts.check_id IS NOT NULL OR NOT EXISTS (
      SELECT 1
      FROM jobs
      WHERE jobs.kind = 'run_check' AND jobs.subject = checks.id
        AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
  ))
  AND NOT EXISTS (
      SELECT 1
      FROM rosters
      WHERE test_items.place > 0 AND rosters.connection_id = test_items.connection_id
        AND rosters.ended_at IS NULL AND rosters.taken_at <= test_items.noted_at
  )
ORDER BY test_items.run, test_items.place, test_items.thing";

const LEFT_BY_CONNECTION: &str = "
SELECT test_items.check_id, checks.attempt_id, test_items.run, test_items.place, test_items.thing, test_items.place_box,
       test_items.noted_at, test_items.given_up_at
FROM test_items
JOIN checks ON checks.id = test_items.check_id
LEFT JOIN verdicts ON verdicts.check_id = checks.id
WHERE test_items.connection_id = $1 AND checks.brokerage_id = $2
  AND (verdicts.check_id IS NOT NULL OR NOT EXISTS (
      SELECT 1
      FROM jobs
      WHERE jobs.kind = 'run_check' AND jobs.subject = checks.id
        AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
  ))
  AND NOT EXISTS (
      SELECT 1
      FROM rosters
      WHERE test_items.place > 0 AND rosters.connection_id = test_items.connection_id
        AND rosters.ended_at IS NULL AND rosters.taken_at <= test_items.noted_at
  )
ORDER BY test_items.noted_at, test_items.check_id, test_items.run, test_items.place, test_items.thing
LIMIT $3";

const FORGOTTEN: &str = "
SELECT DISTINCT test_items.check_id, checks.brokerage_id
FROM test_items
JOIN checks ON checks.id = test_items.check_id
LEFT JOIN verdicts ON verdicts.check_id = checks.id
WHERE test_items.noted_at < $1 AND test_items.given_up_at IS NULL
  AND (verdicts.check_id IS NOT NULL OR NOT EXISTS (
      SELECT 1
      FROM jobs
      WHERE jobs.kind = 'run_check' AND jobs.subject = checks.id
        AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
  ))
  AND NOT EXISTS (
      SELECT 1
      FROM rosters
      WHERE test_items.place > 0 AND rosters.connection_id = test_items.connection_id
        AND rosters.ended_at IS NULL AND rosters.taken_at <= test_items.noted_at
  )
  AND NOT EXISTS (
      SELECT 1
      FROM jobs
      WHERE jobs.kind = 'clear_mailbox' AND jobs.subject = test_items.check_id
        AND jobs.done_at IS NULL AND jobs.parked_at IS NULL
  )
LIMIT $2";

const LAST_VISITS: &str = "SELECT COALESCE(MIN(run), 0) FROM test_items WHERE check_id = $1 AND place > 0";

const GIVE_UP: &str = "
UPDATE test_items SET given_up_at = $2
WHERE check_id = $1 AND given_up_at IS NULL";

const TRY_ANEW: &str = "
UPDATE test_items SET given_up_at = NULL
WHERE connection_id = $1 AND given_up_at IS NOT NULL
RETURNING check_id";

const DELETE_OLD: &str = "
DELETE FROM test_items
WHERE check_id IN (SELECT check_id FROM test_items WHERE noted_at < $1 LIMIT $2) AND noted_at < $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] =
    &[NOTE, FORGET, LEFT_BY_CHECK, LEFT_BY_CONNECTION, FORGOTTEN, LAST_VISITS, GIVE_UP, TRY_ANEW, DELETE_OLD];

/// Where something was written: by a run of a check in its test mailbox, or by a visit to a mailbox of a roster.
#[derive(Debug, Clone, Copy)]
pub struct WrittenBy<'a> {
    /// The check whose credential opened the mailbox.
    pub check: &'a CheckId,
    /// Which run of it; the runs of rosters are counted down from -1.
    pub run: i64,
    /// The mailbox's place in the roster; 0 is the test mailbox.
    pub place: i64,
}

/// Something that a check wrote and that may still be there.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LeftItem {
    /// The check that wrote it.
    pub check_id: CheckId,
    /// The attempt of that check, whose settings say in which mailbox it is; none, where a dry run wrote it.
    pub attempt_id: Option<AttemptId>,
    /// Which run of the check.
    pub run: i64,
    /// The mailbox's place in a roster; 0 is the test mailbox.
    pub place: i64,
    /// What it is.
    pub thing: TestThing,
    /// By what it is found, encrypted under the settings key.
    pub place_box: Vec<u8>,
    /// When it was about to be written.
    pub noted_at: Instant,
    /// When we stopped trying to remove it.
    pub given_up_at: Option<Instant>,
}

impl LeftItem {
    /// Who wrote it, and where.
    pub const fn by(&self) -> WrittenBy<'_> {
        WrittenBy { check: &self.check_id, run: self.run, place: self.place }
    }
}

impl Read {
    /// What a check left behind, once it is over.
    pub async fn left_by_check(&mut self, check: &CheckId) -> Result<Vec<LeftItem>> {
        Ok(on!(self.tx, c => sqlx::query_as(LEFT_BY_CHECK).bind(check).fetch_all(c).await)?)
    }

    /// Up to `most` things that the checks of this brokerage's connection left behind, oldest first.
    pub async fn left_by_connection(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
        most: i64,
    ) -> Result<Vec<LeftItem>> {
        Ok(on!(self.tx, c => sqlx::query_as(LEFT_BY_CONNECTION)
            .bind(connection)
            .bind(brokerage)
            .bind(most)
            .fetch_all(c).await)?)
    }

    /// Up to `most` checks that left something behind before `before` which no job is to remove, each with its
    /// brokerage.
    pub async fn forgotten_items(
        &mut self,
        before: Instant,
        most: i64,
    ) -> Result<Vec<(CheckId, BrokerageId)>> {
        Ok(on!(self.tx, c => sqlx::query_as(FORGOTTEN).bind(before).bind(most).fetch_all(c).await)?)
    }
}

impl Write {
    /// Notes what a run of a check is about to write, or by what else it is found now. Commit before it is written.
    pub async fn note_item(
        &mut self,
        by: WrittenBy<'_>,
        connection: &ConnectionId,
        thing: TestThing,
        place_box: &[u8],
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(NOTE)
            .bind(by.check)
            .bind(by.run)
            .bind(by.place)
            .bind(thing)
            .bind(connection)
            .bind(place_box)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Forgets something that is gone.
    pub async fn forget_item(&mut self, by: WrittenBy<'_>, thing: TestThing) -> Result<()> {
        on!(self.tx, c => sqlx::query(FORGET)
            .bind(by.check)
            .bind(by.run)
            .bind(by.place)
            .bind(thing)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// The number of the next run that visits mailboxes with a check's credential.
    pub async fn next_visits(&mut self, check: &CheckId) -> Result<i64> {
        let (last,): (i64,) = on!(self.tx, c => sqlx::query_as(LAST_VISITS).bind(check).fetch_one(c).await)?;
        Ok(last - 1)
    }

    /// Nobody tries any more to remove what a check left behind.
    pub async fn give_items_up(&mut self, check: &CheckId) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(GIVE_UP).bind(check).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// What was given up at a connection is tried anew; the checks that left it, each once.
    pub async fn try_items_anew(&mut self, connection: &ConnectionId) -> Result<Vec<CheckId>> {
        let rows: Vec<(CheckId,)> =
            on!(self.tx, c => sqlx::query_as(TRY_ANEW).bind(connection).fetch_all(c).await)?;
        let mut checks: Vec<CheckId> = rows.into_iter().map(|(check,)| check).collect();
        checks.sort_unstable();
        checks.dedup();
        Ok(checks)
    }

    /// Deletes notes of up to `most` checks from before `before`; how many rows went.
    pub async fn delete_items(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(DELETE_OLD)
            .bind(before)
            .bind(most)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }
}
