//! Sessions. Only the SHA-256 of an id is kept: a stolen table opens no session.

use jiff::SignedDuration;
use sha2::{Digest, Sha256};
use tower_sessions::{
    cookie::time::OffsetDateTime,
    session::{Id, Record},
};

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{ids::PersonId, instant::Instant};

const INSERT: &str = "
INSERT INTO sessions (id_hash, person_id, data, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id_hash) DO NOTHING";

const UPDATE: &str = "
UPDATE sessions SET person_id = $2, data = $3, expires_at = $4
WHERE id_hash = $1";

const FIND: &str = "SELECT data, expires_at FROM sessions WHERE id_hash = $1 AND expires_at > $2";

const DELETE: &str = "DELETE FROM sessions WHERE id_hash = $1";

const DELETE_OF_PERSON: &str = "DELETE FROM sessions WHERE person_id = $1";

const DELETE_OLD: &str = "
DELETE FROM sessions
WHERE id_hash IN (SELECT id_hash FROM sessions WHERE expires_at < $1 LIMIT $2)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[INSERT, UPDATE, FIND, DELETE, DELETE_OF_PERSON, DELETE_OLD];

/// How long a session lives without a request. Counted here, by the clock that was handed in: the library's records
/// carry an end by the machine's own clock, which is not read.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_mins(30);

impl Write {
    /// Ends every session of a person, at once and everywhere; gives how many there were.
    pub async fn end_sessions_of(&mut self, person: &PersonId) -> Result<u64> {
        let ended = on!(self.tx, c => sqlx::query(DELETE_OF_PERSON).bind(person).execute(c).await.map(|d| d.rows_affected()))?;
        Ok(ended)
    }

    /// Writes a new session; `false` when its id is taken.
    pub(super) async fn insert_session(&mut self, record: &Record) -> Result<bool> {
        let (now, data) = (self.now(), written(record)?);
        let made = on!(self.tx, c => sqlx::query(INSERT)
            .bind(hash(&record.id))
            .bind(person(record))
            .bind(data.as_slice())
            .bind(now)
            .bind(now.plus(SESSION_IDLE))
            .execute(c).await.map(|d| d.rows_affected()))?;
        Ok(made == 1)
    }

    pub(super) async fn update_session(&mut self, record: &Record) -> Result<bool> {
        let (now, data) = (self.now(), written(record)?);
        let moved = on!(self.tx, c => sqlx::query(UPDATE)
            .bind(hash(&record.id))
            .bind(person(record))
            .bind(data.as_slice())
            .bind(now.plus(SESSION_IDLE))
            .execute(c).await.map(|d| d.rows_affected()))?;
        Ok(moved == 1)
    }

    pub(super) async fn delete_session(&mut self, id: &Id) -> Result<()> {
        on!(self.tx, c => sqlx::query(DELETE).bind(hash(id)).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes sessions that ended before a point in time, at most so many; gives how many.
    pub async fn delete_old_sessions(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(DELETE_OLD).bind(before).bind(most).execute(c).await.map(|d| d.rows_affected()))?,
        )
    }
}

impl Read {
    /// Whether a session is still open: neither signed out, nor ended by somebody, nor idle for too long.
    pub async fn session_is_open(&mut self, id: &Id) -> Result<bool> {
        Ok(self.session(id).await?.is_some())
    }

    pub(super) async fn session(&mut self, id: &Id) -> Result<Option<Record>> {
        let now = self.now();
        let row: Option<(Vec<u8>, Instant)> =
            on!(self.tx, c => sqlx::query_as(FIND).bind(hash(id)).bind(now).fetch_optional(c).await)?;
        let Some((data, expires_at)) = row else { return Ok(None) };
        let data = serde_json::from_slice(&data).map_err(|_| broken())?;
        let nanos = i128::from(expires_at.as_micros()) * 1000;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| broken())?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }
}

fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_be_bytes()).to_vec()
}

/// Whose session it is, so that all of a person's can be ended: the session guard notes it under `who`.
fn person(record: &Record) -> Option<PersonId> {
    let person = record.data.get("who")?.get("person")?.as_str()?;
    PersonId::parse(person).ok()
}

fn written(record: &Record) -> Result<Vec<u8>> {
    serde_json::to_vec(&record.data).map_err(|_| broken())
}

fn broken() -> StoreError {
    StoreError::BrokenRow { table: "sessions", column: "data", id: "a session".to_owned() }
}
