//! Checks, their steps as they end, and their verdicts.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
    wake::Topic,
};
use crate::domain::{
    check::{CauseId, Check, Origin, Outcome, Verdict},
    check_reason::CheckReason,
    ids::{AttemptId, BrokerageId, CheckId, ConnectionId, PersonId, StaffId},
    instant::Instant,
    scope::Scope,
};

const INSERT: &str = "
INSERT INTO checks (id, brokerage_id, connection_id, attempt_id, origin, requested_by, run, rung, retries, created_at, due_at,
    staff_id, reason)
VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9, $10, $11, $12)";

const POINT_ATTEMPT: &str = "UPDATE attempts SET check_id = $2 WHERE id = $1";

const START: &str = "
UPDATE checks SET run = run + 1, started_at = $2
WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM verdicts WHERE check_id = $1)
RETURNING run";

const INSERT_VERDICT: &str = "
INSERT INTO verdicts (check_id, run, verdict, cause, warnings, decided_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (check_id) DO NOTHING";

const INSERT_STEP: &str = "
INSERT INTO check_steps (check_id, run, seq, step_id, title, outcome, elapsed_us, cause, facts_box, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (check_id, run, seq) DO NOTHING";

// Read by the worker, which acts for every brokerage.
const FIND: &str = "
SELECT checks.id, checks.attempt_id, checks.connection_id, checks.brokerage_id, checks.origin, checks.reason, checks.run, checks.rung,
       checks.retries, checks.created_at, checks.due_at, checks.started_at,
       verdicts.verdict, verdicts.cause, verdicts.warnings, verdicts.decided_at
FROM checks
LEFT JOIN verdicts ON verdicts.check_id = checks.id
WHERE checks.id = $1";

const CONNECTION_OF: &str = "SELECT brokerage_id, connection_id FROM checks WHERE id = $1";

// What our own people look at of a credential in use is none of the checks that an office is shown.
const FIND_IN: &str = "
SELECT checks.id, checks.attempt_id, checks.connection_id, checks.brokerage_id, checks.origin, checks.reason, checks.run, checks.rung,
       checks.retries, checks.created_at, checks.due_at, checks.started_at,
       verdicts.verdict, verdicts.cause, verdicts.warnings, verdicts.decided_at
FROM checks
LEFT JOIN verdicts ON verdicts.check_id = checks.id
WHERE checks.id = $1 AND checks.brokerage_id = $2 AND checks.origin <> 'in_use'";

const LIST_IN: &str = "
SELECT checks.id, checks.attempt_id, checks.connection_id, checks.brokerage_id, checks.origin, checks.reason, checks.run, checks.rung,
       checks.retries, checks.created_at, checks.due_at, checks.started_at,
       verdicts.verdict, verdicts.cause, verdicts.warnings, verdicts.decided_at
FROM checks
LEFT JOIN verdicts ON verdicts.check_id = checks.id
WHERE checks.attempt_id = $1 AND checks.brokerage_id = $2 AND checks.origin <> 'in_use'
ORDER BY checks.created_at DESC, checks.due_at DESC, checks.id DESC
LIMIT $3";

const LAST_PRESS: &str = "
SELECT id
FROM checks
WHERE attempt_id = $1 AND origin NOT IN ('schedule', 'in_use')
ORDER BY created_at DESC, id DESC
LIMIT 1";

// Those of a candidate are known by its state; those of one that was withdrawn find nothing to do when they are due.
const UNDER_WAY: &str = "
SELECT COUNT(*)
FROM checks
JOIN jobs ON jobs.subject = checks.id AND jobs.kind = 'run_check'
WHERE checks.connection_id = $1 AND checks.origin IN ('in_use', 'dry_run')
  AND jobs.done_at IS NULL AND jobs.parked_at IS NULL";

const STEPS_ABOVE: &str = "
SELECT run, seq, step_id, title, outcome, elapsed_us, cause, facts_box, ended_at
FROM check_steps
WHERE check_id = $1 AND run = $2 AND seq > $3
ORDER BY seq";

// A flood says enough by its first rows.
const CAUSES_ELSEWHERE: &str = "
SELECT DISTINCT checks.brokerage_id, verdicts.cause
FROM verdicts
JOIN checks ON checks.id = verdicts.check_id
WHERE verdicts.decided_at > $1 AND checks.brokerage_id <> $2
LIMIT 200";

const DELETE_STEPS: &str = "
DELETE FROM check_steps
WHERE check_id IN (SELECT check_id FROM check_steps WHERE ended_at < $1 LIMIT $2) AND ended_at < $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    INSERT,
    POINT_ATTEMPT,
    START,
    INSERT_VERDICT,
    INSERT_STEP,
    FIND,
    CONNECTION_OF,
    FIND_IN,
    LIST_IN,
    LAST_PRESS,
    UNDER_WAY,
    STEPS_ABOVE,
    CAUSES_ELSEWHERE,
    DELETE_STEPS,
];

/// A check to be written. It does not run by itself: enqueue its job in the same transaction.
#[derive(Debug, Clone)]
pub struct NewCheck {
    /// Its id.
    pub id: CheckId,
    /// The attempt it tests.
    pub attempt_id: AttemptId,
    /// The connection of that attempt.
    pub connection_id: ConnectionId,
    /// Whose connection that is.
    pub brokerage_id: BrokerageId,
    /// Who or what asked for it.
    pub origin: Origin,
    /// The person who did, where one did.
    pub requested_by: Option<PersonId>,
    /// Who of our own people did and why, where one of them did.
    pub staff: Option<AskedByStaff>,
    /// Which rung of the ladder it is, from 0.
    pub rung: i64,
    /// How many short pauses in a row led here, from 0.
    pub retries: i64,
    /// When it shall run.
    pub due_at: Instant,
}

/// Who of our own people asked for a check, and why.
#[derive(Debug, Clone)]
pub struct AskedByStaff {
    /// Who.
    pub staff: StaffId,
    /// Why; none, where no check runs because they decided by hand.
    pub reason: Option<CheckReason>,
}

/// A step as it stands in the table.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StepRow {
    /// The run of the check, from 1.
    pub run: i64,
    /// Its place in the order in which steps end, from 1.
    pub seq: i64,
    /// Its stable id within the plan.
    pub step_id: String,
    /// What it did.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took, in microseconds.
    pub elapsed_us: i64,
    /// What is wrong, where something is.
    pub cause: Option<CauseId>,
    /// What it learned and what the other side said, encrypted under the settings key.
    pub facts_box: Vec<u8>,
    /// When it ended.
    pub ended_at: Instant,
}

/// A step to be written.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// The check.
    pub check_id: CheckId,
    /// Which run of it.
    pub run: i64,
    /// Its place in the order in which steps end, from 1.
    pub seq: i64,
    /// Its stable id within the plan.
    pub step_id: String,
    /// What it did.
    pub title: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How long it took, in microseconds.
    pub elapsed_us: i64,
    /// What is wrong, where something is.
    pub cause: Option<CauseId>,
    /// What it learned and what the other side said, encrypted under the settings key.
    pub facts_box: Vec<u8>,
}

#[derive(sqlx::FromRow)]
pub(super) struct CheckRow {
    id: CheckId,
    attempt_id: Option<AttemptId>,
    connection_id: ConnectionId,
    brokerage_id: BrokerageId,
    origin: Origin,
    reason: Option<CheckReason>,
    run: i64,
    rung: i64,
    retries: i64,
    created_at: Instant,
    due_at: Instant,
    started_at: Option<Instant>,
    verdict: Option<Verdict>,
    cause: Option<CauseId>,
    warnings: Option<String>,
    decided_at: Option<Instant>,
}

impl TryFrom<CheckRow> for Check {
    type Error = StoreError;

    fn try_from(row: CheckRow) -> Result<Self> {
        let warnings = row.warnings.as_deref().map(serde_json::from_str).transpose().map_err(|_| {
            StoreError::BrokenRow { table: "verdicts", column: "warnings", id: row.id.as_str().to_owned() }
        })?;
        Ok(Self {
            id: row.id,
            attempt_id: row.attempt_id,
            connection_id: row.connection_id,
            brokerage_id: row.brokerage_id,
            origin: row.origin,
            reason: row.reason,
            run: row.run,
            rung: row.rung,
            retries: row.retries,
            created_at: row.created_at,
            due_at: row.due_at,
            started_at: row.started_at,
            verdict: row.verdict,
            cause: row.cause,
            warnings: warnings.unwrap_or_default(),
            decided_at: row.decided_at,
        })
    }
}

impl Read {
    /// A check of the worker's, whichever brokerage it is for.
    pub async fn check_of_job(&mut self, id: &CheckId) -> Result<Option<Check>> {
        let row: Option<CheckRow> = on!(self.tx, c => sqlx::query_as(FIND).bind(id).fetch_optional(c).await)?;
        row.map(Check::try_from).transpose()
    }

    /// The connection that a check is of, behind its brokerage. It reads nothing else of the row, so that a damaged one does not hide it.
    pub async fn connection_of_check(&mut self, id: &CheckId) -> Result<Option<(BrokerageId, ConnectionId)>> {
        Ok(on!(self.tx, c => sqlx::query_as(CONNECTION_OF).bind(id).fetch_optional(c).await)?)
    }

    /// A check of this brokerage.
    pub async fn check(&mut self, scope: &Scope, id: &CheckId) -> Result<Option<Check>> {
        let row: Option<CheckRow> = on!(self.tx, c => sqlx::query_as(FIND_IN)
            .bind(id)
            .bind(&scope.brokerage)
            .fetch_optional(c).await)?;
        row.map(Check::try_from).transpose()
    }

    /// The latest check of an attempt of this brokerage.
    pub async fn latest_check(&mut self, scope: &Scope, attempt: &AttemptId) -> Result<Option<Check>> {
        Ok(self.checks_of_attempt(scope, attempt, 1).await?.pop())
    }

    /// Up to `most` checks of an attempt of this brokerage, latest first.
    pub async fn checks_of_attempt(
        &mut self,
        scope: &Scope,
        attempt: &AttemptId,
        most: i64,
    ) -> Result<Vec<Check>> {
        let rows: Vec<CheckRow> = on!(self.tx, c => sqlx::query_as(LIST_IN)
            .bind(attempt)
            .bind(&scope.brokerage)
            .bind(most)
            .fetch_all(c).await)?;
        rows.into_iter().map(Check::try_from).collect()
    }

    /// The latest check of an attempt that a person asked for: what the schedule does later belongs to that press.
    pub async fn last_press(&mut self, attempt: &AttemptId) -> Result<Option<CheckId>> {
        let row: Option<(CheckId,)> =
            on!(self.tx, c => sqlx::query_as(LAST_PRESS).bind(attempt).fetch_optional(c).await)?;
        Ok(row.map(|(id,)| id))
    }

    /// Whether a check beside what is being decided is under way at a connection: of the credential in use, or of answers
    /// that nobody has submitted.
    pub async fn is_checked_beside(&mut self, connection: &ConnectionId) -> Result<bool> {
        let (count,): (i64,) =
            on!(self.tx, c => sqlx::query_as(UNDER_WAY).bind(connection).fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// What the checks of other brokerages came to since `since`: each brokerage with each cause, and none where a
    /// check passed. At most 200 of them.
    pub async fn causes_elsewhere(
        &mut self,
        brokerage: &BrokerageId,
        since: Instant,
    ) -> Result<Vec<(BrokerageId, Option<CauseId>)>> {
        Ok(on!(self.tx, c => sqlx::query_as(CAUSES_ELSEWHERE)
            .bind(since)
            .bind(brokerage)
            .fetch_all(c).await)?)
    }

    /// The steps of one run of a check that ended after step `seq`, in the order in which they ended. Ask for the
    /// check within its scope first.
    pub async fn steps_above(&mut self, check: &CheckId, run: i64, seq: i64) -> Result<Vec<StepRow>> {
        Ok(on!(self.tx, c => sqlx::query_as(STEPS_ABOVE)
            .bind(check)
            .bind(run)
            .bind(seq)
            .fetch_all(c).await)?)
    }
}

impl Write {
    /// Writes a check and makes it the latest of its attempt; one of what is in use decides nothing and leaves the attempt
    /// with the check that did.
    pub async fn insert_check(&mut self, check: &NewCheck) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&check.id)
            .bind(&check.brokerage_id)
            .bind(&check.connection_id)
            .bind(&check.attempt_id)
            .bind(check.origin)
            .bind(check.requested_by.clone())
            .bind(check.rung)
            .bind(check.retries)
            .bind(now)
            .bind(check.due_at)
            .bind(check.staff.as_ref().map(|asked| asked.staff.clone()))
            .bind(check.staff.as_ref().and_then(|asked| asked.reason))
            .execute(c).await.map(|_| ()))?;
        if check.origin != Origin::InUse {
            on!(self.tx, c => sqlx::query(POINT_ATTEMPT)
                .bind(&check.attempt_id)
                .bind(&check.id)
                .execute(c).await.map(|_| ()))?;
        }
        self.wake(Topic::Check(check.id.clone()));
        Ok(())
    }

    /// Begins a run of a check; its number, from 1. `None` when the check has its verdict already.
    pub async fn start_check(&mut self, id: &CheckId) -> Result<Option<i64>> {
        let now = self.now();
        let row: Option<(i64,)> =
            on!(self.tx, c => sqlx::query_as(START).bind(id).bind(now).fetch_optional(c).await)?;
        self.wake(Topic::Check(id.clone()));
        Ok(row.map(|(run,)| run))
    }

    /// Writes the verdict of a check. `false`: it has one already, which stays.
    pub async fn insert_verdict(
        &mut self,
        id: &CheckId,
        run: i64,
        verdict: Verdict,
        cause: Option<&CauseId>,
        warnings: &[CauseId],
    ) -> Result<bool> {
        let now = self.now();
        let warnings = serde_json::Value::from_iter(warnings.iter().map(CauseId::as_str)).to_string();
        let done = on!(self.tx, c => sqlx::query(INSERT_VERDICT)
            .bind(id)
            .bind(run)
            .bind(verdict)
            .bind(cause)
            .bind(warnings)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Check(id.clone()));
        Ok(done == 1)
    }

    /// Writes a step that ended.
    pub async fn insert_step(&mut self, step: &NewStep) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT_STEP)
            .bind(&step.check_id)
            .bind(step.run)
            .bind(step.seq)
            .bind(step.step_id.as_str())
            .bind(step.title.as_str())
            .bind(step.outcome)
            .bind(step.elapsed_us)
            .bind(step.cause.clone())
            .bind(step.facts_box.as_slice())
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        self.wake(Topic::Check(step.check_id.clone()));
        Ok(())
    }

    /// Deletes the steps of up to `most` checks that ended before `before`; how many rows went.
    pub async fn delete_steps(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(DELETE_STEPS)
            .bind(before)
            .bind(most)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }
}
