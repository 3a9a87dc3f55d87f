//! Dry runs: checks of answers that nobody has submitted. The check itself, its steps, tries and verdict stand in the
//! tables of all checks; here is what it tests.

use super::{dialect::on, error::Result, read::Read, transaction::Write, wake::Topic};
use crate::domain::{
    check::Origin,
    dry_run::{DryRun, DryRunEnd},
    ids::{BrokerageId, CheckId, ConnectionId, DraftId, PersonId, SecretId},
    instant::Instant,
};

const INSERT_CHECK: &str = "
INSERT INTO checks (id, brokerage_id, connection_id, attempt_id, origin, requested_by, run, rung, retries, created_at, due_at)
VALUES ($1, $2, $3, NULL, $4, $5, 0, 0, 0, $6, $6)";

const INSERT: &str = "
INSERT INTO dry_runs (check_id, brokerage_id, connection_id, draft_id, attempt_number, settings_box, secret_id, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

// Read by the worker, which acts for every brokerage.
const OF_CHECK: &str = "
SELECT check_id, brokerage_id, connection_id, draft_id, attempt_number, settings_box, secret_id, asked_at, ended_by
FROM dry_runs
WHERE check_id = $1";

const LATEST: &str = "
SELECT check_id, brokerage_id, connection_id, draft_id, attempt_number, settings_box, secret_id, asked_at, ended_by
FROM dry_runs
WHERE connection_id = $1 AND brokerage_id = $2
ORDER BY asked_at DESC, check_id DESC
LIMIT 1";

const END: &str = "UPDATE dry_runs SET ended_by = $2 WHERE check_id = $1";

// What is still in a mailbox needs them; such notes have an end of their own.
const DELETE_OLD: &str = "
DELETE FROM dry_runs
WHERE check_id IN (
    SELECT check_id
    FROM dry_runs
    WHERE asked_at < $1 AND NOT EXISTS (SELECT 1 FROM test_items WHERE test_items.check_id = dry_runs.check_id)
    LIMIT $2
)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[INSERT_CHECK, INSERT, OF_CHECK, LATEST, END, DELETE_OLD];

/// A dry run with the settings it tests, which are encrypted under the settings key.
#[derive(Debug, Clone)]
pub struct StoredDryRun {
    /// The dry run.
    pub dry_run: DryRun,
    /// Its settings, encrypted; the owner is the check's id.
    pub settings_box: Vec<u8>,
}

/// A dry run to be written. It does not run by itself: enqueue its job in the same transaction.
#[derive(Debug)]
pub struct NewDryRun<'a> {
    /// The check that carries it out.
    pub check: &'a CheckId,
    /// Whose connection it is for.
    pub brokerage: &'a BrokerageId,
    /// That connection.
    pub connection: &'a ConnectionId,
    /// The draft whose answers it tests.
    pub draft: &'a DraftId,
    /// The number of the attempt that the draft would become.
    pub attempt_number: i64,
    /// The settings, encrypted.
    pub settings_box: &'a [u8],
    /// The draft's secret.
    pub secret: Option<&'a SecretId>,
    /// Who asked for it.
    pub asked_by: &'a PersonId,
}

#[derive(sqlx::FromRow)]
struct Row {
    check_id: CheckId,
    brokerage_id: BrokerageId,
    connection_id: ConnectionId,
    draft_id: DraftId,
    attempt_number: i64,
    settings_box: Vec<u8>,
    secret_id: Option<SecretId>,
    asked_at: Instant,
    ended_by: Option<DryRunEnd>,
}

impl From<Row> for StoredDryRun {
    fn from(row: Row) -> Self {
        let dry_run = DryRun {
            check_id: row.check_id,
            brokerage_id: row.brokerage_id,
            connection_id: row.connection_id,
            draft_id: row.draft_id,
            attempt_number: row.attempt_number,
            secret_id: row.secret_id,
            asked_at: row.asked_at,
            ended_by: row.ended_by,
        };
        Self { dry_run, settings_box: row.settings_box }
    }
}

impl Read {
    /// What a check tests that is a dry run; `None` for every other check, and once retention deleted it. Ask for the
    /// check within its scope first.
    pub async fn dry_run(&mut self, check: &CheckId) -> Result<Option<StoredDryRun>> {
        let row: Option<Row> =
            on!(self.tx, c => sqlx::query_as(OF_CHECK).bind(check).fetch_optional(c).await)?;
        Ok(row.map(StoredDryRun::from))
    }

    /// The latest dry run of a connection of this brokerage.
    pub async fn latest_dry_run(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
    ) -> Result<Option<StoredDryRun>> {
        let row: Option<Row> = on!(self.tx, c => sqlx::query_as(LATEST)
            .bind(connection)
            .bind(brokerage)
            .fetch_optional(c).await)?;
        Ok(row.map(StoredDryRun::from))
    }
}

impl Write {
    /// Writes a dry run and its check.
    pub async fn insert_dry_run(&mut self, new: &NewDryRun<'_>) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT_CHECK)
            .bind(new.check)
            .bind(new.brokerage)
            .bind(new.connection)
            .bind(Origin::DryRun)
            .bind(new.asked_by)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(new.check)
            .bind(new.brokerage)
            .bind(new.connection)
            .bind(new.draft)
            .bind(new.attempt_number)
            .bind(new.settings_box)
            .bind(new.secret)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        self.wake(Topic::Check(new.check.clone()));
        Ok(())
    }

    /// Notes why nobody looks at it any more.
    pub async fn end_dry_run(&mut self, check: &CheckId, end: DryRunEnd) -> Result<()> {
        on!(self.tx, c => sqlx::query(END).bind(check).bind(end).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes up to `most` that were asked for before `before` and left nothing in a mailbox; how many rows went.
    pub async fn delete_old_dry_runs(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(DELETE_OLD)
            .bind(before)
            .bind(most)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }
}
