//! Attempts. What was submitted never changes; only where it stands does.

use jiff::civil::Date;

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    attempt::{Attempt, AttemptEnd},
    check::CauseId,
    connection::{Phase, State},
    ids::{AttemptId, BrokerageId, CheckId, ConnectionId, PersonId, SecretId},
    instant::Instant,
    kind::AccessKind,
};

const LIST: &str = "
SELECT id, brokerage_id, connection_id, number, kind, settings_box, secret_id, submitted_by, submitted_at, state,
    phase, cause, check_id, decided_at, ended_at, ended_by, mailbox_used, password_ends_on, failed_in_use
FROM attempts
WHERE brokerage_id = $1 AND connection_id = $2
ORDER BY number";

const LIST_ALL: &str = "
SELECT id, brokerage_id, connection_id, number, kind, settings_box, secret_id, submitted_by, submitted_at, state,
    phase, cause, check_id, decided_at, ended_at, ended_by, mailbox_used, password_ends_on, failed_in_use
FROM attempts
WHERE brokerage_id = $1 AND connection_id IN (SELECT connections.id FROM connections WHERE connections.brokerage_id = $1)
ORDER BY connection_id, number";

const FIND: &str = "
SELECT id, brokerage_id, connection_id, number, kind, settings_box, secret_id, submitted_by, submitted_at, state,
    phase, cause, check_id, decided_at, ended_at, ended_by, mailbox_used, password_ends_on, failed_in_use
FROM attempts
WHERE brokerage_id = $1 AND id = $2";

const NEXT_NUMBER: &str = "
SELECT COALESCE(MAX(number), 0) + 1
FROM attempts
WHERE brokerage_id = $1 AND connection_id = $2";

const INSERT: &str = "
INSERT INTO attempts (id, brokerage_id, connection_id, number, kind, settings_box, secret_id, submitted_by,
    submitted_at, came_from, state, phase, cause, check_id, decided_at, mailbox_used)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', 'submitted', 'queued', NULL, $10, NULL, $11)";

const MOVE: &str = "
UPDATE attempts
SET came_from = $3, state = $4, phase = $5, cause = $6, check_id = $7, decided_at = $8
WHERE brokerage_id = $1 AND id = $2 AND state = $3";

const WHOSE: &str = "SELECT connection_id FROM attempts WHERE brokerage_id = $1 AND id = $2";

const END: &str = "
UPDATE attempts
SET ended_at = $3, ended_by = $4
WHERE brokerage_id = $1 AND id = $2";

const PASSWORD_ENDS: &str = "
UPDATE attempts
SET password_ends_on = $3
WHERE brokerage_id = $1 AND id = $2";

const FAILED_IN_USE: &str = "
UPDATE attempts
SET failed_in_use = $3
WHERE brokerage_id = $1 AND id = $2";

const FORGET: &str = "
UPDATE attempts
SET secret_id = NULL
WHERE brokerage_id = $1 AND id = $2 AND secret_id = $3";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] =
    &[LIST, LIST_ALL, FIND, NEXT_NUMBER, INSERT, MOVE, WHOSE, END, PASSWORD_ENDS, FAILED_IN_USE, FORGET];

#[derive(sqlx::FromRow)]
struct Row {
    id: AttemptId,
    brokerage_id: BrokerageId,
    connection_id: ConnectionId,
    number: i64,
    kind: AccessKind,
    settings_box: Vec<u8>,
    secret_id: Option<SecretId>,
    submitted_by: PersonId,
    submitted_at: Instant,
    state: State,
    phase: Option<Phase>,
    cause: Option<CauseId>,
    check_id: Option<CheckId>,
    decided_at: Option<Instant>,
    ended_at: Option<Instant>,
    ended_by: Option<AttemptEnd>,
    mailbox_used: bool,
    password_ends_on: Option<String>,
    failed_in_use: Option<CheckId>,
}

/// An attempt with its settings, which are encrypted under the settings key.
#[derive(Debug, Clone)]
pub struct StoredAttempt {
    /// The attempt.
    pub attempt: Attempt,
    /// Its settings, encrypted.
    pub settings_box: Vec<u8>,
}

impl From<Row> for StoredAttempt {
    fn from(row: Row) -> Self {
        let attempt = Attempt {
            id: row.id,
            connection_id: row.connection_id,
            brokerage_id: row.brokerage_id,
            number: row.number,
            kind: row.kind,
            secret_id: row.secret_id,
            submitted_by: row.submitted_by,
            submitted_at: row.submitted_at,
            state: row.state,
            phase: row.phase,
            cause: row.cause,
            check_id: row.check_id,
            decided_at: row.decided_at,
            ended: row.ended_by.zip(row.ended_at),
            mailbox_used: row.mailbox_used,
            password_ends_on: row.password_ends_on.and_then(|day| day.parse().ok()),
            failed_in_use: row.failed_in_use,
        };
        Self { attempt, settings_box: row.settings_box }
    }
}

/// An attempt that is about to be written, as submitted and queued.
#[derive(Debug)]
pub struct NewAttempt<'a> {
    /// Its id.
    pub id: &'a AttemptId,
    /// Whose connection it is for.
    pub brokerage: &'a BrokerageId,
    /// That connection.
    pub connection: &'a ConnectionId,
    /// Its number: one more than the last one's.
    pub number: i64,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// Its settings, encrypted.
    pub settings_box: &'a [u8],
    /// Its sealed secret.
    pub secret: Option<&'a SecretId>,
    /// Who submitted it.
    pub submitted_by: &'a PersonId,
    /// Its first check.
    pub check: &'a CheckId,
    /// Whether the office said that the test mailbox is in use.
    pub mailbox_used: bool,
}

/// Where an attempt goes.
#[derive(Debug, Clone)]
pub struct AttemptMove<'a> {
    /// The state it is in; a row in another one is a conflict.
    pub from: State,
    /// The state it goes to and what it waits for there.
    pub to: (State, Option<Phase>),
    /// The cause of its latest deciding check.
    pub cause: Option<&'a CauseId>,
    /// Its latest check.
    pub check: Option<&'a CheckId>,
    /// When its latest verdict came.
    pub decided_at: Option<Instant>,
}

impl Read {
    /// The attempts of a connection, first one first.
    pub async fn attempts_of(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
    ) -> Result<Vec<StoredAttempt>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(LIST)
            .bind(brokerage).bind(connection)
            .fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredAttempt::from).collect())
    }

    /// The attempts of all connections of a brokerage; those of one connection stand together, first one first.
    pub async fn attempts_of_brokerage(&mut self, brokerage: &BrokerageId) -> Result<Vec<StoredAttempt>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(LIST_ALL).bind(brokerage).fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredAttempt::from).collect())
    }

    /// One attempt of the brokerage; `None` also when it is somebody else's.
    pub async fn attempt(
        &mut self,
        brokerage: &BrokerageId,
        id: &AttemptId,
    ) -> Result<Option<StoredAttempt>> {
        let row: Option<Row> =
            on!(self.tx, c => sqlx::query_as(FIND).bind(brokerage).bind(id).fetch_optional(c).await)?;
        Ok(row.map(StoredAttempt::from))
    }

    /// The number of the connection's next attempt. It holds only while the connection is held or guarded.
    pub async fn next_attempt_number(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
    ) -> Result<i64> {
        let (number,): (i64,) = on!(self.tx, c => sqlx::query_as(NEXT_NUMBER)
            .bind(brokerage).bind(connection)
            .fetch_one(c).await)?;
        Ok(number)
    }
}

impl Write {
    /// Writes a new attempt. A number that is taken is a conflict.
    pub async fn insert_attempt(&mut self, new: &NewAttempt<'_>) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.brokerage)
            .bind(new.connection)
            .bind(new.number)
            .bind(new.kind)
            .bind(new.settings_box)
            .bind(new.secret)
            .bind(new.submitted_by)
            .bind(now)
            .bind(new.check)
            .bind(new.mailbox_used)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Moves an attempt to another state.
    pub async fn move_attempt(
        &mut self,
        brokerage: &BrokerageId,
        id: &AttemptId,
        step: &AttemptMove<'_>,
    ) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(MOVE)
            .bind(brokerage)
            .bind(id)
            .bind(step.from)
            .bind(step.to.0)
            .bind(step.to.1)
            .bind(step.cause)
            .bind(step.check)
            .bind(step.decided_at)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done != 1 {
            return Err(StoreError::Conflict);
        }
        let (connection,): (ConnectionId,) =
            on!(self.tx, c => sqlx::query_as(WHOSE).bind(brokerage).bind(id).fetch_one(c).await)?;
        self.retell_cause(brokerage, &connection).await
    }

    /// Writes why an attempt is neither in use nor being decided from now on; nothing, when it is in use again.
    pub async fn end_attempt(
        &mut self,
        brokerage: &BrokerageId,
        id: &AttemptId,
        end: Option<AttemptEnd>,
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(END)
            .bind(brokerage)
            .bind(id)
            .bind(end.map(|_| now))
            .bind(end)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Notes on which day the password of an attempt ends, as its check was told; `None` where it never does.
    pub async fn note_password_end(
        &mut self,
        brokerage: &BrokerageId,
        id: &AttemptId,
        ends_on: Option<Date>,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query(PASSWORD_ENDS)
            .bind(brokerage)
            .bind(id)
            .bind(ends_on.map(|day| day.to_string()))
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Notes by which check an attempt failed while it was in use; nothing, once a later one passed.
    pub async fn note_failed_in_use(
        &mut self,
        brokerage: &BrokerageId,
        id: &AttemptId,
        check: Option<&CheckId>,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query(FAILED_IN_USE)
            .bind(brokerage)
            .bind(id)
            .bind(check)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes the secret of an attempt and the pointer to it.
    pub async fn forget_secret(
        &mut self,
        brokerage: &BrokerageId,
        id: &AttemptId,
        secret: &SecretId,
    ) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(FORGET)
            .bind(brokerage)
            .bind(id)
            .bind(secret)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 {
            self.delete_secret(brokerage, secret).await?;
        }
        Ok(())
    }

    /// Takes the secret away from an attempt, for the next one that goes on with it. An attempt that has it no more is a
    /// conflict.
    pub async fn take_secret_over(
        &mut self,
        brokerage: &BrokerageId,
        from: &AttemptId,
        secret: &SecretId,
    ) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(FORGET)
            .bind(brokerage)
            .bind(from)
            .bind(secret)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
