//! What our own people want to decide by hand, and what they decided. A wish is answered once.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    by_hand::{HandDecision, HandEnd},
    check::{CauseId, Verdict},
    ids::{AttemptId, BrokerageId, CheckId, ConnectionId, DecisionId, NoteId, StaffId},
    instant::Instant,
};

const LIST: &str = "
SELECT hand_decisions.id, hand_decisions.attempt_id, hand_decisions.seen_check_id, hand_decisions.verdict,
    hand_decisions.cause, hand_decisions.asked_by, hand_decisions.asked_at, hand_decisions.check_id,
    hand_decisions.ended_by, hand_decisions.ended_at, notes.id AS note_id, notes.text_box,
    asker.name AS asked_name, seconder.name AS second_name
FROM hand_decisions
JOIN notes ON notes.id = hand_decisions.note_id
JOIN staff AS asker ON asker.id = hand_decisions.asked_by
LEFT JOIN staff AS seconder ON seconder.id = hand_decisions.second_by
WHERE hand_decisions.brokerage_id = $1 AND hand_decisions.connection_id = $2
ORDER BY hand_decisions.asked_at, hand_decisions.id";

const VERIFIED: &str = "
SELECT attempt_id
FROM hand_decisions
WHERE brokerage_id = $1 AND verdict = 'passed' AND check_id IS NOT NULL";

const INSERT: &str = "
INSERT INTO hand_decisions (id, brokerage_id, connection_id, attempt_id, seen_check_id, verdict, cause, note_id, asked_by,
    asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const DONE: &str = "
UPDATE hand_decisions SET second_by = $2, check_id = $3, ended_by = 'done', ended_staff = $4, ended_at = $5
WHERE id = $1 AND ended_at IS NULL";

const END: &str = "
UPDATE hand_decisions SET ended_by = $2, ended_staff = $3, ended_at = $4
WHERE id = $1 AND ended_at IS NULL";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[LIST, VERIFIED, INSERT, DONE, END];

/// A wish with its names and the note that gives its reason.
#[derive(Debug, Clone)]
pub struct StoredDecision {
    /// The wish.
    pub decision: HandDecision,
    /// The name of whoever asked.
    pub asked_name: String,
    /// The name of the second person, where one said yes.
    pub second_name: Option<String>,
    /// The note with the reason.
    pub note: NoteId,
    /// What it says, encrypted.
    pub text_box: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: DecisionId,
    attempt_id: AttemptId,
    seen_check_id: CheckId,
    verdict: Verdict,
    cause: Option<CauseId>,
    asked_by: StaffId,
    asked_at: Instant,
    check_id: Option<CheckId>,
    ended_by: Option<HandEnd>,
    ended_at: Option<Instant>,
    note_id: NoteId,
    text_box: Vec<u8>,
    asked_name: String,
    second_name: Option<String>,
}

impl From<Row> for StoredDecision {
    fn from(row: Row) -> Self {
        let decision = HandDecision {
            id: row.id,
            attempt_id: row.attempt_id,
            seen_check: row.seen_check_id,
            verdict: row.verdict,
            cause: row.cause,
            asked_by: row.asked_by,
            asked_at: row.asked_at,
            check: row.check_id,
            ended: row.ended_by.zip(row.ended_at),
        };
        Self {
            decision,
            asked_name: row.asked_name,
            second_name: row.second_name,
            note: row.note_id,
            text_box: row.text_box,
        }
    }
}

/// A wish that is about to be written.
#[derive(Debug, Clone)]
pub struct NewDecision<'a> {
    /// Its id.
    pub id: &'a DecisionId,
    /// Whose connection it is about.
    pub brokerage: &'a BrokerageId,
    /// That connection.
    pub connection: &'a ConnectionId,
    /// Its attempt.
    pub attempt: &'a AttemptId,
    /// The check whose result it overrules.
    pub seen_check: &'a CheckId,
    /// `Passed` or `Failed`.
    pub verdict: Verdict,
    /// Why it failed, where it is to fail.
    pub cause: Option<&'a CauseId>,
    /// The note with the reason.
    pub note: &'a NoteId,
    /// Who asks.
    pub staff: &'a StaffId,
}

impl Read {
    /// What was decided by hand of a connection, or is wanted; first one first.
    pub async fn decisions_of(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
    ) -> Result<Vec<StoredDecision>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(LIST)
            .bind(brokerage)
            .bind(connection)
            .fetch_all(c).await)?;
        Ok(rows.into_iter().map(StoredDecision::from).collect())
    }

    /// The attempts of a brokerage that were verified by hand. They stay so, whatever later checks find.
    pub async fn verified_by_hand(&mut self, brokerage: &BrokerageId) -> Result<Vec<AttemptId>> {
        let rows: Vec<(AttemptId,)> =
            on!(self.tx, c => sqlx::query_as(VERIFIED).bind(brokerage).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }
}

impl Write {
    /// Writes a wish. Another one that waits is a conflict.
    pub async fn insert_decision(&mut self, new: &NewDecision<'_>) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.brokerage)
            .bind(new.connection)
            .bind(new.attempt)
            .bind(new.seen_check)
            .bind(new.verdict)
            .bind(new.cause)
            .bind(new.note)
            .bind(new.staff)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes that a wish counts, and the check that holds its verdict. One that was answered is a conflict.
    pub async fn carry_decision_out(
        &mut self,
        id: &DecisionId,
        check: &CheckId,
        second: Option<&StaffId>,
        staff: &StaffId,
    ) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(DONE)
            .bind(id)
            .bind(second)
            .bind(check)
            .bind(staff)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Ends a wish that does not count. One that was answered is a conflict.
    pub async fn end_decision(&mut self, id: &DecisionId, end: HandEnd, staff: &StaffId) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(END)
            .bind(id)
            .bind(end)
            .bind(staff)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
