//! Connections and the running number their references are made of.
//!
//! A change begins by taking the row: [`Write::guard_connection`] where the change was decided on something that
//! was read before, [`Write::hold_connection`] where it is decided on what the row holds now. Both keep other
//! writers of the same connection waiting until the end of the transaction.

use jiff::civil::Date;

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
    wake::Topic,
};
use crate::domain::{
    connection::{CloseReason, Closing, Connection, Phase, State},
    ids::{AttemptId, BrokerageId, ConnectionId},
    instant::Instant,
    kind::AccessKind,
    reference::Reference,
    text::{ConnectionName, ExternalId},
};

const LIST: &str = "
SELECT id, version, brokerage_id, reference, name, external_id, kind, state, phase, in_use_id, candidate_id,
    created_at, changed_at, closed_at, close_reason, closed_by_us, enabled_on, kind_chosen
FROM connections
WHERE brokerage_id = $1
ORDER BY created_at, id";

const FIND: &str = "
SELECT id, version, brokerage_id, reference, name, external_id, kind, state, phase, in_use_id, candidate_id,
    created_at, changed_at, closed_at, close_reason, closed_by_us, enabled_on, kind_chosen
FROM connections
WHERE brokerage_id = $1 AND id = $2";

const COUNT: &str = "SELECT COUNT(*) FROM connections WHERE brokerage_id = $1 AND kind_chosen";

const NAME_TAKEN: &str = "SELECT COUNT(*) FROM connections WHERE brokerage_id = $1 AND name_key = $2";

// One id, one connection of the whole installation.
const EXTERNAL_ID_HOLDER: &str = "SELECT brokerage_id FROM connections WHERE external_id_key = $1";

const SET_EXTERNAL_ID: &str = "
UPDATE connections SET external_id = $3, external_id_key = $4
WHERE brokerage_id = $1 AND id = $2 AND external_id IS NULL";

const NEXT_NUMBER: &str = "UPDATE counters SET value = value + 1 WHERE id = 'connection' RETURNING value";

const INSERT: &str = "
INSERT INTO connections (id, version, brokerage_id, reference, name, name_key, external_id, external_id_key, kind,
    came_from, state, phase, in_use_id, candidate_id, created_at, changed_at, kind_chosen, manager_id, company_key)
VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, 'draft', 'draft', NULL, NULL, NULL, $9, $9, $10,
    (SELECT manager_id FROM brokerages WHERE id = $2), (SELECT company_key FROM brokerages WHERE id = $2))";

const INSERT_WORD: &str = "
INSERT INTO connection_words (word, connection_id)
VALUES ($1, $2)
ON CONFLICT (word, connection_id) DO NOTHING";

const HOLD: &str = "
UPDATE connections
SET version = version
WHERE brokerage_id = $1 AND id = $2
RETURNING id, version, brokerage_id, reference, name, external_id, kind, state, phase, in_use_id, candidate_id,
    created_at, changed_at, closed_at, close_reason, closed_by_us, enabled_on, kind_chosen";

const GUARD: &str = "
UPDATE connections
SET version = version + 1
WHERE brokerage_id = $1 AND id = $2 AND version = $3";

const MOVE: &str = "
UPDATE connections
SET came_from = $3, state = $4, phase = $5, in_use_id = $6, candidate_id = $7, changed_at = $8
WHERE brokerage_id = $1 AND id = $2 AND state = $3";

const RETELL: &str = "
UPDATE connections
SET cause = CASE WHEN state = 'verified' THEN NULL ELSE (
    SELECT attempts.cause
    FROM attempts
    WHERE attempts.id = COALESCE(connections.candidate_id, connections.in_use_id)
) END
WHERE brokerage_id = $1 AND id = $2";

const CLOSE: &str = "
UPDATE connections
SET closed_at = $3, close_reason = $4, close_words_box = $5, closed_by_us = $6, close_read_at = NULL
WHERE brokerage_id = $1 AND id = $2";

const CLOSE_WORDS: &str = "SELECT close_words_box FROM connections WHERE brokerage_id = $1 AND id = $2";

const CLOSE_READ: &str = "
UPDATE connections
SET close_read_at = $3
WHERE brokerage_id = $1 AND id = $2 AND closed_at IS NOT NULL";

const ENABLE: &str = "
UPDATE connections
SET enabled_on = $3
WHERE brokerage_id = $1 AND id = $2";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    LIST,
    FIND,
    COUNT,
    NAME_TAKEN,
    EXTERNAL_ID_HOLDER,
    SET_EXTERNAL_ID,
    NEXT_NUMBER,
    INSERT,
    INSERT_WORD,
    HOLD,
    GUARD,
    MOVE,
    RETELL,
    CLOSE,
    CLOSE_WORDS,
    CLOSE_READ,
    ENABLE,
];

#[derive(sqlx::FromRow)]
struct Row {
    id: ConnectionId,
    version: i64,
    brokerage_id: BrokerageId,
    reference: Reference,
    name: ConnectionName,
    external_id: Option<ExternalId>,
    kind: AccessKind,
    state: State,
    phase: Option<Phase>,
    in_use_id: Option<AttemptId>,
    candidate_id: Option<AttemptId>,
    created_at: Instant,
    changed_at: Instant,
    closed_at: Option<Instant>,
    close_reason: Option<CloseReason>,
    closed_by_us: bool,
    enabled_on: Option<String>,
    kind_chosen: bool,
}

impl From<Row> for Connection {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            brokerage_id: row.brokerage_id,
            reference: row.reference,
            name: row.name,
            external_id: row.external_id,
            kind: row.kind,
            state: row.state,
            phase: row.phase,
            in_use: row.in_use_id,
            candidate: row.candidate_id,
            created_at: row.created_at,
            changed_at: row.changed_at,
            closing: row.closed_at.zip(row.close_reason).map(|(at, reason)| Closing {
                at,
                reason,
                by_us: row.closed_by_us,
            }),
            enabled_on: row.enabled_on.and_then(|day| day.parse().ok()),
            kind_chosen: row.kind_chosen,
        }
    }
}

/// A connection that is about to be made, in state `draft`.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// Its id.
    pub id: ConnectionId,
    /// Whose it is.
    pub brokerage_id: BrokerageId,
    /// What people quote.
    pub reference: Reference,
    /// What the brokerage calls it.
    pub name: ConnectionName,
    /// The id in the brokerage's own system.
    pub external_id: Option<ExternalId>,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// Whether somebody chose that.
    pub kind_chosen: bool,
}

/// Where a connection goes. The database refuses a pair of states that is not in the table of moves.
#[derive(Debug, Clone)]
pub struct Move<'a> {
    /// The state it is in; a row in another one is a conflict.
    pub from: State,
    /// The state it goes to and what it waits for there.
    pub to: (State, Option<Phase>),
    /// The attempt whose credential is in use from now on.
    pub in_use: Option<&'a AttemptId>,
    /// The attempt that is undecided, or failed last, from now on.
    pub candidate: Option<&'a AttemptId>,
}

impl Read {
    /// The brokerage's connections, oldest first.
    pub async fn connections_of(&mut self, brokerage: &BrokerageId) -> Result<Vec<Connection>> {
        let rows: Vec<Row> = on!(self.tx, c => sqlx::query_as(LIST).bind(brokerage).fetch_all(c).await)?;
        Ok(rows.into_iter().map(Connection::from).collect())
    }

    /// One connection of the brokerage; `None` also when it is somebody else's.
    pub async fn connection(
        &mut self,
        brokerage: &BrokerageId,
        id: &ConnectionId,
    ) -> Result<Option<Connection>> {
        let row: Option<Row> =
            on!(self.tx, c => sqlx::query_as(FIND).bind(brokerage).bind(id).fetch_optional(c).await)?;
        Ok(row.map(Connection::from))
    }

    /// What a brokerage said in its own words when it closed the connection, encrypted.
    pub async fn close_words(
        &mut self,
        brokerage: &BrokerageId,
        id: &ConnectionId,
    ) -> Result<Option<Vec<u8>>> {
        let row: Option<(Option<Vec<u8>>,)> =
            on!(self.tx, c => sqlx::query_as(CLOSE_WORDS).bind(brokerage).bind(id).fetch_optional(c).await)?;
        Ok(row.and_then(|(words,)| words))
    }

    /// How many connections the brokerage has begun, closed ones included.
    pub async fn count_connections(&mut self, brokerage: &BrokerageId) -> Result<i64> {
        let (count,): (i64,) = on!(self.tx, c => sqlx::query_as(COUNT).bind(brokerage).fetch_one(c).await)?;
        Ok(count)
    }

    /// Whether a connection of the brokerage has this name, in whatever case.
    pub async fn connection_name_is_taken(
        &mut self,
        brokerage: &BrokerageId,
        name: &ConnectionName,
    ) -> Result<bool> {
        self.is_taken(NAME_TAKEN, brokerage, name.key()).await
    }

    /// The brokerage that has a connection with this external id, in whatever case.
    pub async fn holder_of_external_id(&mut self, id: &ExternalId) -> Result<Option<BrokerageId>> {
        let row: Option<(BrokerageId,)> =
            on!(self.tx, c => sqlx::query_as(EXTERNAL_ID_HOLDER).bind(id.key()).fetch_optional(c).await)?;
        Ok(row.map(|(id,)| id))
    }

    async fn is_taken(&mut self, text: &'static str, brokerage: &BrokerageId, key: String) -> Result<bool> {
        let (count,): (i64,) =
            on!(self.tx, c => sqlx::query_as(text).bind(brokerage).bind(key).fetch_one(c).await)?;
        Ok(count > 0)
    }
}

impl Write {
    /// The next running number of connections. Whoever takes one holds back the others until the commit, so
    /// there is no gap.
    pub async fn next_connection_number(&mut self) -> Result<i64> {
        let (number,): (i64,) = on!(self.tx, c => sqlx::query_as(NEXT_NUMBER).fetch_one(c).await)?;
        Ok(number)
    }

    /// Writes a new connection. A name or an external id that the brokerage has already is a conflict.
    pub async fn insert_connection(&mut self, new: &NewConnection) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&new.id)
            .bind(&new.brokerage_id)
            .bind(&new.reference)
            .bind(&new.name)
            .bind(new.name.key())
            .bind(&new.external_id)
            .bind(new.external_id.as_ref().map(ExternalId::key))
            .bind(new.kind)
            .bind(now)
            .bind(new.kind_chosen)
            .execute(c).await.map(|_| ()))?;
        if let Some(external_id) = &new.external_id {
            self.insert_connection_word(&new.id, &external_id.key()).await?;
        }
        self.note_connected(&new.brokerage_id).await?;
        self.wake(Topic::Connections);
        Ok(())
    }

    /// Writes a folded word by whose beginning the connection is found.
    pub async fn insert_connection_word(&mut self, id: &ConnectionId, word: &str) -> Result<()> {
        on!(self.tx, c => sqlx::query(INSERT_WORD)
            .bind(word)
            .bind(id)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Sets the external id of a connection that has none, and makes it be found by it. One that has one is a conflict, and
    /// so is an id that is taken.
    pub async fn set_external_id(
        &mut self,
        brokerage: &BrokerageId,
        id: &ConnectionId,
        external: &ExternalId,
    ) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(SET_EXTERNAL_ID)
            .bind(brokerage)
            .bind(id)
            .bind(external)
            .bind(external.key())
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 0 {
            return Err(StoreError::Conflict);
        }
        self.insert_connection_word(id, &external.key()).await
    }

    /// Reads the connection as it is now and keeps other writers of it waiting until this transaction ends.
    pub async fn hold_connection(
        &mut self,
        brokerage: &BrokerageId,
        id: &ConnectionId,
    ) -> Result<Option<Connection>> {
        let row: Option<Row> =
            on!(self.tx, c => sqlx::query_as(HOLD).bind(brokerage).bind(id).fetch_optional(c).await)?;
        Ok(row.map(Connection::from))
    }

    /// The first statement of a change that was decided on version `seen`: raises it, or errs with a conflict
    /// when somebody else was faster.
    pub async fn guard_connection(
        &mut self,
        brokerage: &BrokerageId,
        id: &ConnectionId,
        seen: i64,
    ) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(GUARD)
            .bind(brokerage).bind(id).bind(seen)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Moves the connection to another state, with its credential in use and its candidate.
    pub async fn move_connection(
        &mut self,
        brokerage: &BrokerageId,
        id: &ConnectionId,
        step: &Move<'_>,
    ) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(MOVE)
            .bind(brokerage)
            .bind(id)
            .bind(step.from)
            .bind(step.to.0)
            .bind(step.to.1)
            .bind(step.in_use)
            .bind(step.candidate)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Connections);
        if done != 1 {
            return Err(StoreError::Conflict);
        }
        self.retell_cause(brokerage, id).await?;
        // Something new happens to it: nobody has put that off.
        self.return_item(id).await
    }

    /// Writes the cause of the current attempt beside the connection, by which the queue finds it.
    pub(super) async fn retell_cause(&mut self, brokerage: &BrokerageId, id: &ConnectionId) -> Result<()> {
        on!(self.tx, c => sqlx::query(RETELL)
            .bind(brokerage)
            .bind(id)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes when and why a connection was closed, and what was said to it, encrypted; nothing, when it is taken up
    /// again.
    pub async fn note_closing(
        &mut self,
        brokerage: &BrokerageId,
        id: &ConnectionId,
        closing: Option<Closing>,
        words_box: Option<&[u8]>,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query(CLOSE)
            .bind(brokerage)
            .bind(id)
            .bind(closing.map(|closing| closing.at))
            .bind(closing.map(|closing| closing.reason))
            .bind(words_box)
            .bind(closing.is_some_and(|closing| closing.by_us))
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes that one of our people has read why a connection was closed.
    pub async fn note_closing_read(&mut self, brokerage: &BrokerageId, id: &ConnectionId) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(CLOSE_READ)
            .bind(brokerage)
            .bind(id)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes the day from which on MoxiEngage works with the connection; nothing, when it does not.
    pub async fn set_enabled(
        &mut self,
        brokerage: &BrokerageId,
        id: &ConnectionId,
        day: Option<Date>,
    ) -> Result<()> {
        on!(self.tx, c => sqlx::query(ENABLE)
            .bind(brokerage)
            .bind(id)
            .bind(day.map(|day| day.to_string()))
            .execute(c).await.map(|_| ()))?;
        self.wake(Topic::Connections);
        Ok(())
    }
}
