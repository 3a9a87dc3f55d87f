//! Rosters: the mailboxes of an office that are checked together, and what came of each. Addresses are encrypted. A
//! result is written once and stays until somebody has the failed ones checked again.

use super::{dialect::on, error::Result, read::Read, transaction::Write, wake::Topic};
use crate::domain::{
    check::{CauseId, Verdict},
    ids::{AttemptId, BrokerageId, ConnectionId, EventId, PersonId, RosterId},
    instant::Instant,
    roster::{MailboxResult, Roster, RosterEnd, RosterGroup},
};

const FIND: &str = "
SELECT id, brokerage_id, connection_id, attempt_id, mailboxes, done, round, asked_by, asked_at, event_id, taken_at,
    taken_done, stop_at, ended_at, ended_by, cause
FROM rosters
WHERE id = $1";

const FIND_IN: &str = "
SELECT id, brokerage_id, connection_id, attempt_id, mailboxes, done, round, asked_by, asked_at, event_id, taken_at,
    taken_done, stop_at, ended_at, ended_by, cause
FROM rosters
WHERE brokerage_id = $1 AND connection_id = $2";

const IS_CURRENT: &str = "SELECT COUNT(*) FROM rosters WHERE event_id = $1 AND ended_at IS NOT NULL";

const INSERT: &str = "
INSERT INTO rosters (id, brokerage_id, connection_id, attempt_id, mailboxes, done, round, asked_by, asked_at, event_id,
    taken_done, created_at)
VALUES ($1, $2, $3, $4, $5, 0, 1, $6, $7, $8, 0, $7)";

const INSERT_MAILBOX: &str = "
INSERT INTO roster_mailboxes (roster_id, seq, line, address_box, outside)
VALUES ($1, $2, $3, $4, $5)";

const OPEN_ONES: &str = "
SELECT seq, line, address_box, outside, verdict, cause
FROM roster_mailboxes
WHERE roster_id = $1 AND verdict IS NULL
ORDER BY seq";

const FROM: &str = "
SELECT seq, line, address_box, outside, verdict, cause
FROM roster_mailboxes
WHERE roster_id = $1 AND seq > $2
ORDER BY seq
LIMIT $3";

const OF_CAUSE: &str = "
SELECT seq, line, address_box, outside, verdict, cause
FROM roster_mailboxes
WHERE roster_id = $1 AND cause = $2 AND seq > $3
ORDER BY seq
LIMIT $4";

const GROUPS: &str = "
SELECT outside, verdict, cause, COUNT(*)
FROM roster_mailboxes
WHERE roster_id = $1
GROUP BY outside, verdict, cause";

const TAKE: &str = "
UPDATE rosters SET taken_at = $2, taken_done = done
WHERE id = $1 AND ended_at IS NULL";

const KEEP: &str = "
UPDATE roster_mailboxes SET verdict = $3, cause = $4, checked_at = $5
WHERE roster_id = $1 AND seq = $2 AND verdict IS NULL";

const REWORD: &str = "
UPDATE roster_mailboxes SET cause = $3
WHERE roster_id = $1 AND cause = $2 AND NOT outside AND EXISTS (
    SELECT 1
    FROM roster_mailboxes AS others
    WHERE others.roster_id = $1 AND NOT others.outside AND others.verdict IN ('passed', 'passed_with_warnings')
)";

const COUNT_DONE: &str = "UPDATE rosters SET done = done + $2 WHERE id = $1";

const STOP: &str = "
UPDATE rosters SET stop_at = $3
WHERE brokerage_id = $1 AND id = $2 AND ended_at IS NULL AND stop_at IS NULL";

const END: &str = "
UPDATE rosters SET ended_at = $2, ended_by = $3, cause = $4
WHERE id = $1 AND ended_at IS NULL";

const FORGET_FAILED: &str = "
UPDATE roster_mailboxes SET verdict = NULL, cause = NULL, checked_at = NULL
WHERE roster_id = $1 AND verdict IN ('failed', 'waiting_for_provider', 'could_not_tell')";

const REOPEN: &str = "
UPDATE rosters
SET round = round + 1, done = done - $4, attempt_id = $5, asked_by = $3, asked_at = $6, event_id = $7, taken_at = NULL,
    stop_at = NULL, ended_at = NULL, ended_by = NULL, cause = NULL
WHERE brokerage_id = $1 AND id = $2 AND ended_at IS NOT NULL";

const DELETE_MAILBOXES: &str = "DELETE FROM roster_mailboxes WHERE roster_id = $1";

const DELETE: &str = "DELETE FROM rosters WHERE id = $1";

const OLD: &str = "SELECT id FROM rosters WHERE ended_at < $1 ORDER BY ended_at LIMIT $2";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    FIND,
    FIND_IN,
    IS_CURRENT,
    INSERT,
    INSERT_MAILBOX,
    OPEN_ONES,
    FROM,
    OF_CAUSE,
    GROUPS,
    TAKE,
    KEEP,
    REWORD,
    COUNT_DONE,
    STOP,
    END,
    FORGET_FAILED,
    REOPEN,
    DELETE_MAILBOXES,
    DELETE,
    OLD,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: RosterId,
    brokerage_id: BrokerageId,
    connection_id: ConnectionId,
    attempt_id: AttemptId,
    mailboxes: i64,
    done: i64,
    round: i64,
    asked_by: PersonId,
    asked_at: Instant,
    event_id: EventId,
    taken_at: Option<Instant>,
    taken_done: i64,
    stop_at: Option<Instant>,
    ended_at: Option<Instant>,
    ended_by: Option<RosterEnd>,
    cause: Option<CauseId>,
}

impl From<Row> for Roster {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            brokerage_id: row.brokerage_id,
            connection_id: row.connection_id,
            attempt_id: row.attempt_id,
            mailboxes: row.mailboxes,
            done: row.done,
            round: row.round,
            asked_by: row.asked_by,
            asked_at: row.asked_at,
            event: row.event_id,
            taken: row.taken_at.map(|at| (at, row.taken_done)),
            stop_at: row.stop_at,
            ended: row.ended_at.zip(row.ended_by),
            cause: row.cause,
        }
    }
}

/// A mailbox of a roster. Its address is encrypted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct RosterRow {
    /// Its place in the roster, from 1.
    pub seq: i64,
    /// The line of the table that was sent in.
    pub line: i64,
    /// Its address, encrypted.
    pub address_box: Vec<u8>,
    /// Whether opening it must be refused.
    pub outside: bool,
    /// The result, once there is one.
    pub verdict: Option<Verdict>,
    /// The cause, unless it works.
    pub cause: Option<CauseId>,
}

/// A roster that is about to be written.
#[derive(Debug)]
pub struct NewRoster<'a> {
    /// Its id.
    pub id: &'a RosterId,
    /// Whose it is.
    pub brokerage: &'a BrokerageId,
    /// The connection whose credential opens the mailboxes.
    pub connection: &'a ConnectionId,
    /// The attempt that brought that credential.
    pub attempt: &'a AttemptId,
    /// Who asked for it.
    pub asked_by: &'a PersonId,
    /// What the mail about its end is known by.
    pub event: &'a EventId,
    /// Its mailboxes, in the order of the table.
    pub mailboxes: &'a [NewRosterMailbox],
}

/// A mailbox of a roster that is about to be written.
#[derive(Debug)]
pub struct NewRosterMailbox {
    /// The line of the table that was sent in.
    pub line: i64,
    /// Its address, encrypted.
    pub address_box: Vec<u8>,
    /// Whether opening it must be refused.
    pub outside: bool,
}

impl Read {
    /// The roster of a connection of this brokerage.
    pub async fn roster_of(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
    ) -> Result<Option<Roster>> {
        let row: Option<Row> = on!(self.tx, c => sqlx::query_as(FIND_IN)
            .bind(brokerage)
            .bind(connection)
            .fetch_optional(c).await)?;
        Ok(row.map(Roster::from))
    }

    /// A roster of the worker's, whichever brokerage it is for.
    pub async fn roster_of_job(&mut self, id: &RosterId) -> Result<Option<Roster>> {
        let row: Option<Row> = on!(self.tx, c => sqlx::query_as(FIND).bind(id).fetch_optional(c).await)?;
        Ok(row.map(Roster::from))
    }

    /// Whether this event is the end of a run that no later one followed.
    pub async fn roster_end_is_current(&mut self, event: &EventId) -> Result<bool> {
        let (count,): (i64,) = on!(self.tx, c => sqlx::query_as(IS_CURRENT).bind(event).fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// The mailboxes of a roster that have no result, in the order of the table.
    pub async fn open_roster_mailboxes(&mut self, roster: &RosterId) -> Result<Vec<RosterRow>> {
        Ok(on!(self.tx, c => sqlx::query_as(OPEN_ONES).bind(roster).fetch_all(c).await)?)
    }

    /// Up to `most` mailboxes of a roster behind place `after`. Ask for the roster within its brokerage first.
    pub async fn roster_mailboxes(
        &mut self,
        roster: &RosterId,
        after: i64,
        most: i64,
    ) -> Result<Vec<RosterRow>> {
        Ok(on!(self.tx, c => sqlx::query_as(FROM)
            .bind(roster)
            .bind(after)
            .bind(most)
            .fetch_all(c).await)?)
    }

    /// Up to `most` mailboxes of a roster behind place `after` that do not work, of this cause. Ask for the roster
    /// within its brokerage first.
    pub async fn roster_mailboxes_of_cause(
        &mut self,
        roster: &RosterId,
        cause: &CauseId,
        after: i64,
        most: i64,
    ) -> Result<Vec<RosterRow>> {
        Ok(on!(self.tx, c => sqlx::query_as(OF_CAUSE)
            .bind(roster)
            .bind(cause)
            .bind(after)
            .bind(most)
            .fetch_all(c).await)?)
    }

    /// How many mailboxes of a roster came to which result. Ask for the roster within its brokerage first.
    pub async fn roster_groups(&mut self, roster: &RosterId) -> Result<Vec<RosterGroup>> {
        let rows: Vec<(bool, Option<Verdict>, Option<CauseId>, i64)> =
            on!(self.tx, c => sqlx::query_as(GROUPS).bind(roster).fetch_all(c).await)?;
        Ok(rows
            .into_iter()
            .map(|(outside, verdict, cause, count)| RosterGroup { outside, verdict, cause, count })
            .collect())
    }
}

impl Write {
    /// Writes a roster in the place of the connection's earlier one, if there is any. Hold the connection.
    pub async fn replace_roster(&mut self, new: &NewRoster<'_>) -> Result<()> {
        if let Some(earlier) = self.roster_of(new.brokerage, new.connection).await? {
            self.delete_roster(&earlier.id).await?;
        }
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.brokerage)
            .bind(new.connection)
            .bind(new.attempt)
            .bind(i64::try_from(new.mailboxes.len()).unwrap_or(i64::MAX))
            .bind(new.asked_by)
            .bind(now)
            .bind(new.event)
            .execute(c).await.map(|_| ()))?;
        for (seq, mailbox) in (1_i64..).zip(new.mailboxes) {
            on!(self.tx, c => sqlx::query(INSERT_MAILBOX)
                .bind(new.id)
                .bind(seq)
                .bind(mailbox.line)
                .bind(mailbox.address_box.as_slice())
                .bind(mailbox.outside)
                .execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    async fn delete_roster(&mut self, id: &RosterId) -> Result<()> {
        for text in [DELETE_MAILBOXES, DELETE] {
            on!(self.tx, c => sqlx::query(text).bind(id).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    /// Notes that a worker takes a roster up: the pace is counted from here.
    pub async fn take_roster(&mut self, id: &RosterId) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(TAKE).bind(id).bind(now).execute(c).await.map(|_| ()))?;
        self.wake(Topic::Roster(id.clone()));
        Ok(())
    }

    /// Writes the results of mailboxes by their places; one that has a result keeps it.
    pub async fn keep_roster_results(
        &mut self,
        id: &RosterId,
        results: &[(i64, MailboxResult)],
    ) -> Result<()> {
        let (now, mut kept) = (self.now(), 0_i64);
        for (seq, result) in results {
            let done = on!(self.tx, c => sqlx::query(KEEP)
                .bind(id)
                .bind(*seq)
                .bind(result.verdict)
                .bind(result.cause.clone())
                .bind(now)
                .execute(c).await.map(|done| done.rows_affected()))?;
            kept += i64::from(done == 1);
        }
        on!(self.tx, c => sqlx::query(COUNT_DONE).bind(id).bind(kept).execute(c).await.map(|_| ()))?;
        self.wake(Topic::Roster(id.clone()));
        Ok(())
    }

    /// Where any mailbox of a roster opened, those that failed with the first cause failed with the second.
    pub async fn reword_roster_cause(&mut self, id: &RosterId, (cause, into): (&str, &str)) -> Result<()> {
        on!(self.tx, c => sqlx::query(REWORD)
            .bind(id)
            .bind(cause)
            .bind(into)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Notes that a person wants it to stop. `false`: it has ended already, or was asked to.
    pub async fn ask_roster_to_stop(&mut self, brokerage: &BrokerageId, id: &RosterId) -> Result<bool> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(STOP)
            .bind(brokerage)
            .bind(id)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Roster(id.clone()));
        Ok(done == 1)
    }

    /// Ends a run. `false`: it has ended before.
    pub async fn end_roster(
        &mut self,
        id: &RosterId,
        end: RosterEnd,
        cause: Option<&CauseId>,
    ) -> Result<bool> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(END)
            .bind(id)
            .bind(now)
            .bind(end)
            .bind(cause.cloned())
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Roster(id.clone()));
        Ok(done == 1)
    }

    /// Opens a roster for one more run over what does not work or has no result, with the credential of `attempt`.
    /// `false`: it has not ended.
    pub async fn reopen_roster(
        &mut self,
        roster: &Roster,
        attempt: &AttemptId,
        (person, event): (&PersonId, &EventId),
    ) -> Result<bool> {
        let now = self.now();
        let failed = on!(self.tx, c => sqlx::query(FORGET_FAILED)
            .bind(&roster.id)
            .execute(c).await.map(|done| done.rows_affected()))?;
        let done = on!(self.tx, c => sqlx::query(REOPEN)
            .bind(&roster.brokerage_id)
            .bind(&roster.id)
            .bind(person)
            .bind(i64::try_from(failed).unwrap_or(i64::MAX))
            .bind(attempt)
            .bind(now)
            .bind(event)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Roster(roster.id.clone()));
        Ok(done == 1)
    }

    /// Deletes up to `most` rosters that ended before `before`; how many went.
    pub async fn delete_old_rosters(&mut self, before: Instant, most: i64) -> Result<u64> {
        let old: Vec<(RosterId,)> = on!(self.tx, c => sqlx::query_as(OLD)
            .bind(before)
            .bind(most)
            .fetch_all(c).await)?;
        for (id,) in &old {
            self.delete_roster(id).await?;
        }
        Ok(old.len() as u64)
    }
}
