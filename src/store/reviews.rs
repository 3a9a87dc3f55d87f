//! What our own people do about a connection: taking it, giving it back, and notes. A change of the first two begins
//! by raising the review's own version; what staff note down moves no version that a brokerage's page shows.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
    wake::Topic,
};
use crate::domain::{
    ids::{BrokerageId, CheckId, ConnectionId, NoteId, StaffId},
    instant::Instant,
    review::NoteKind,
};

const TAKE: &str = "
UPDATE connections SET review_version = review_version + 1, taken_by = $3, taken_at = $4
WHERE id = $1 AND review_version = $2";

const HAND_BACK: &str = "
UPDATE connections SET review_version = review_version + 1, taken_by = NULL, taken_at = NULL
WHERE id = $1 AND review_version = $2 AND taken_by = $3";

const SNOOZE: &str = "
UPDATE connections SET review_version = review_version + 1, snoozed_until = $3, snoozed_by = $4, queue_due = NULL
WHERE id = $1 AND review_version = $2";

const RETURN: &str = "
UPDATE connections SET review_version = review_version + 1, snoozed_until = NULL, snoozed_by = NULL,
    queue_due = (
        SELECT MIN(due_at - CASE WHEN rule = 'may_have_sent' THEN 1000000000000000 ELSE 0 END)
        FROM needs WHERE connection_id = $1
    )
WHERE id = $1 AND snoozed_until IS NOT NULL";

const SNOOZED_UNTIL: &str = "SELECT snoozed_until FROM connections WHERE id = $1";

const INSERT_NOTE: &str = "
INSERT INTO notes (id, brokerage_id, connection_id, kind, staff_id, text_box, check_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[TAKE, HAND_BACK, SNOOZE, RETURN, SNOOZED_UNTIL, INSERT_NOTE];

/// A note that is about to be written.
#[derive(Debug, Clone)]
pub struct NewNote {
    /// Its id.
    pub id: NoteId,
    /// The brokerage that it is about.
    pub brokerage_id: BrokerageId,
    /// The connection of it that it is about; none, where it is about the brokerage as such.
    pub connection_id: Option<ConnectionId>,
    /// What sort of note it is.
    pub kind: NoteKind,
    /// Who writes it.
    pub staff: StaffId,
    /// What it says, encrypted.
    pub text_box: Vec<u8>,
    /// The check that it gives the reason for.
    pub check_id: Option<CheckId>,
}

impl Read {
    /// Until when a connection is put off; `None` also when there is no such connection.
    pub async fn snoozed_until(&mut self, id: &ConnectionId) -> Result<Option<Instant>> {
        let row: Option<(Option<Instant>,)> =
            on!(self.tx, c => sqlx::query_as(SNOOZED_UNTIL).bind(id).fetch_optional(c).await)?;
        Ok(row.and_then(|(until,)| until))
    }
}

impl Write {
    /// Gives a connection to one of our people. Errs with a conflict when the review is not at version `seen`.
    pub async fn take_item(&mut self, id: &ConnectionId, seen: i64, staff: &StaffId) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(TAKE)
            .bind(id)
            .bind(seen)
            .bind(staff)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Needs);
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Takes a connection back from whoever has it. Errs with a conflict when the review is not at version `seen`, or
    /// when it is not theirs.
    pub async fn hand_back(&mut self, id: &ConnectionId, seen: i64, staff: &StaffId) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(HAND_BACK)
            .bind(id)
            .bind(seen)
            .bind(staff)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Needs);
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Puts a connection off: it leaves what needs a human until then. Errs with a conflict when the review is not at
    /// version `seen`.
    pub async fn snooze_item(
        &mut self,
        id: &ConnectionId,
        seen: i64,
        staff: &StaffId,
        until: Instant,
    ) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(SNOOZE)
            .bind(id)
            .bind(seen)
            .bind(until)
            .bind(staff)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Needs);
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Takes a connection back that was put off; one that was not stays as it is.
    pub async fn return_item(&mut self, id: &ConnectionId) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(RETURN)
            .bind(id)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done > 0 {
            self.wake(Topic::Needs);
        }
        Ok(())
    }

    /// Writes a note.
    pub async fn insert_note(&mut self, note: &NewNote) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT_NOTE)
            .bind(&note.id)
            .bind(&note.brokerage_id)
            .bind(&note.connection_id)
            .bind(note.kind)
            .bind(&note.staff)
            .bind(note.text_box.as_slice())
            .bind(note.check_id.clone())
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
