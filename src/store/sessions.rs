//! Sessions. Only the SHA-256 of an id is kept: a stolen table opens no session.

use hex::FromHex as _;
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
use crate::domain::{
    browser::Browser,
    ids::{PersonId, StaffId},
    instant::Instant,
};

/// The texts of one site's sessions.
#[derive(Debug)]
struct Texts {
    insert: &'static str,
    update: &'static str,
    find: &'static str,
    delete: &'static str,
    delete_of_one: &'static str,
    delete_old: &'static str,
    open_of: &'static str,
    end_one: &'static str,
    end_others: &'static str,
}

/// The texts for a table of sessions, the column that says whose they are, and whose open nothing though they stand there:
/// a row that was written while its owner was being shut out must not let them in.
macro_rules! texts {
    ($table:literal, $owner:literal, $shut_out:literal) => {
        Texts {
            insert: concat!(
                "INSERT INTO ",
                $table,
                " (id_hash, ",
                $owner,
                ", data, created_at, expires_at) ",
                "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id_hash) DO NOTHING"
            ),
            update: concat!(
                "UPDATE ",
                $table,
                " SET ",
                $owner,
                " = $2, data = $3, expires_at = $4 WHERE id_hash = $1"
            ),
            find: concat!(
                "SELECT data, expires_at FROM ",
                $table,
                " WHERE id_hash = $1 AND expires_at > $2",
                $shut_out
            ),
            delete: concat!("DELETE FROM ", $table, " WHERE id_hash = $1"),
            delete_of_one: concat!("DELETE FROM ", $table, " WHERE ", $owner, " = $1"),
            delete_old: concat!(
                "DELETE FROM ",
                $table,
                " WHERE id_hash IN (SELECT id_hash FROM ",
                $table,
                " WHERE expires_at < $1 LIMIT $2)"
            ),
            open_of: concat!(
                "SELECT id_hash, created_at, expires_at, data FROM ",
                $table,
                " WHERE ",
                $owner,
                " = $1 AND expires_at > $2 ORDER BY created_at DESC LIMIT 50"
            ),
            end_one: concat!("DELETE FROM ", $table, " WHERE ", $owner, " = $1 AND id_hash = $2"),
            end_others: concat!("DELETE FROM ", $table, " WHERE ", $owner, " = $1 AND id_hash <> $2"),
        }
    };
}

const PORTAL: Texts = texts!(
    "sessions",
    "person_id",
    " AND NOT EXISTS (
    SELECT 1
    FROM people
    JOIN brokerages ON brokerages.id = people.brokerage_id
    WHERE people.id = sessions.person_id AND (people.removed_at IS NOT NULL OR brokerages.refused_at IS NOT NULL)
)"
);

const STAFF: Texts = texts!("staff_sessions", "staff_id", "");

const COLLEAGUES: &str = "
SELECT staff.id, staff.name, COUNT(*) AS sessions, MAX(staff_sessions.expires_at) AS expires_at
FROM staff_sessions
JOIN staff ON staff.id = staff_sessions.staff_id
WHERE staff_sessions.expires_at > $2 AND staff.id <> $1
GROUP BY staff.id, staff.name
ORDER BY staff.name, staff.id
LIMIT 500";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    PORTAL.insert,
    PORTAL.update,
    PORTAL.find,
    PORTAL.delete,
    PORTAL.delete_of_one,
    PORTAL.delete_old,
    PORTAL.open_of,
    PORTAL.end_one,
    PORTAL.end_others,
    STAFF.insert,
    STAFF.update,
    STAFF.find,
    STAFF.delete,
    STAFF.delete_of_one,
    STAFF.delete_old,
    STAFF.open_of,
    STAFF.end_one,
    STAFF.end_others,
    COLLEAGUES,
];

/// How long a session of the portal lives without a request. Counted here, by the clock that was handed in: the
/// library's records carry an end by the machine's own clock, which is not read.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_mins(30);

/// The same for the staff site.
pub const STAFF_SESSION_IDLE: SignedDuration = SignedDuration::from_mins(15);

/// Names a session to its owner without being its id: it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionKey(Vec<u8>);

impl SessionKey {
    /// The key of a session that is open here.
    pub fn of(id: &Id) -> Self {
        Self(hash(id))
    }

    /// Reads the letters of a form; `None` when they are none of a key.
    pub fn parse(text: &str) -> Option<Self> {
        <[u8; 32]>::from_hex(text).ok().map(|bytes| Self(bytes.to_vec()))
    }
}

impl std::fmt::Display for SessionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

/// One of our own people who is signed in.
#[derive(Debug, Clone)]
pub struct SignedInColleague {
    /// Who it is.
    pub staff: StaffId,
    /// Their name.
    pub name: String,
    /// In how many browsers.
    pub sessions: i64,
    /// When one of them was used last.
    pub used_at: Instant,
}

/// An open session, as its owner sees it.
#[derive(Debug, Clone)]
pub struct OpenSession {
    /// Its key.
    pub key: SessionKey,
    /// When its owner signed in.
    pub since: Instant,
    /// When it was used last, to within a minute.
    pub used_at: Instant,
    /// The browser in which it is, where it is one of the usual.
    pub browser: Option<Browser>,
}

/// Whose sessions: each site has a table of its own, so that no session of one can ever stand for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionsOf {
    Portal,
    Staff,
}

impl SessionsOf {
    fn texts(self) -> &'static Texts {
        match self {
            Self::Portal => &PORTAL,
            Self::Staff => &STAFF,
        }
    }

    fn idle(self) -> SignedDuration {
        match self {
            Self::Portal => SESSION_IDLE,
            Self::Staff => STAFF_SESSION_IDLE,
        }
    }

    /// Whose session it is, so that all of theirs can be ended: the session guards note it under `who`.
    fn owner(self, record: &Record) -> Option<String> {
        let field = match self {
            Self::Portal => "person",
            Self::Staff => "staff",
        };
        Some(record.data.get("who")?.get(field)?.as_str()?.to_owned())
    }
}

impl Write {
    /// Ends every session of a person, at once and everywhere; gives how many there were.
    pub async fn end_sessions_of(&mut self, person: &PersonId) -> Result<u64> {
        let ended = on!(self.tx, c => sqlx::query(PORTAL.delete_of_one).bind(person).execute(c).await.map(|d| d.rows_affected()))?;
        Ok(ended)
    }

    /// Ends every session of one of our own people, at once and everywhere; gives how many there were.
    pub async fn end_staff_sessions_of(&mut self, staff: &StaffId) -> Result<u64> {
        let ended = on!(self.tx, c => sqlx::query(STAFF.delete_of_one).bind(staff).execute(c).await.map(|d| d.rows_affected()))?;
        Ok(ended)
    }

    /// Ends one session of a person; gives how many there were.
    pub async fn end_session(&mut self, person: &PersonId, key: &SessionKey) -> Result<u64> {
        self.end_some(PORTAL.end_one, person.as_str(), key).await
    }

    /// Ends every session of a person but one; gives how many there were.
    pub async fn end_other_sessions(&mut self, person: &PersonId, present: &SessionKey) -> Result<u64> {
        self.end_some(PORTAL.end_others, person.as_str(), present).await
    }

    async fn end_some(&mut self, text: &'static str, whose: &str, key: &SessionKey) -> Result<u64> {
        let ended = on!(self.tx, c => sqlx::query(text)
            .bind(whose)
            .bind(key.0.as_slice())
            .execute(c).await.map(|d| d.rows_affected()))?;
        Ok(ended)
    }

    /// Ends one session of one of our own people; gives how many there were.
    pub async fn end_staff_session(&mut self, staff: &StaffId, key: &SessionKey) -> Result<u64> {
        self.end_some(STAFF.end_one, staff.as_str(), key).await
    }

    /// Ends every session of one of our own people but one; gives how many there were.
    pub async fn end_other_staff_sessions(&mut self, staff: &StaffId, present: &SessionKey) -> Result<u64> {
        self.end_some(STAFF.end_others, staff.as_str(), present).await
    }

    /// Writes a new session; `false` when its id is taken.
    pub(super) async fn insert_session(&mut self, of: SessionsOf, record: &Record) -> Result<bool> {
        let (now, data) = (self.now(), written(record)?);
        let made = on!(self.tx, c => sqlx::query(of.texts().insert)
            .bind(hash(&record.id))
            .bind(of.owner(record))
            .bind(data.as_slice())
            .bind(now)
            .bind(now.plus(of.idle()))
            .execute(c).await.map(|d| d.rows_affected()))?;
        Ok(made == 1)
    }

    pub(super) async fn update_session(&mut self, of: SessionsOf, record: &Record) -> Result<bool> {
        let (now, data) = (self.now(), written(record)?);
        let moved = on!(self.tx, c => sqlx::query(of.texts().update)
            .bind(hash(&record.id))
            .bind(of.owner(record))
            .bind(data.as_slice())
            .bind(now.plus(of.idle()))
            .execute(c).await.map(|d| d.rows_affected()))?;
        Ok(moved == 1)
    }

    pub(super) async fn delete_session(&mut self, of: SessionsOf, id: &Id) -> Result<()> {
        on!(self.tx, c => sqlx::query(of.texts().delete).bind(hash(id)).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes sessions of the portal that ended before a point in time, at most so many; gives how many.
    pub async fn delete_old_sessions(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(PORTAL.delete_old).bind(before).bind(most).execute(c).await.map(|d| d.rows_affected()))?,
        )
    }

    /// The same for the staff site.
    pub async fn delete_old_staff_sessions(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(
            on!(self.tx, c => sqlx::query(STAFF.delete_old).bind(before).bind(most).execute(c).await.map(|d| d.rows_affected()))?,
        )
    }
}

impl Read {
    /// Whether a session of the portal is still open: neither signed out, nor ended by somebody, nor idle for too long.
    pub async fn session_is_open(&mut self, id: &Id) -> Result<bool> {
        Ok(self.session(SessionsOf::Portal, id).await?.is_some())
    }

    /// The open sessions of a person, the newest first, at most fifty.
    pub async fn sessions_of(&mut self, person: &PersonId) -> Result<Vec<OpenSession>> {
        self.open_sessions(PORTAL.open_of, person.as_str(), SESSION_IDLE).await
    }

    /// The same of one of our own people.
    pub async fn staff_sessions_of(&mut self, staff: &StaffId) -> Result<Vec<OpenSession>> {
        self.open_sessions(STAFF.open_of, staff.as_str(), STAFF_SESSION_IDLE).await
    }

    async fn open_sessions(
        &mut self,
        text: &'static str,
        whose: &str,
        idle: SignedDuration,
    ) -> Result<Vec<OpenSession>> {
        let now = self.now();
        let rows: Vec<(Vec<u8>, Instant, Instant, Vec<u8>)> =
            on!(self.tx, c => sqlx::query_as(text).bind(whose).bind(now).fetch_all(c).await)?;
        let open = |(key, since, expires_at, data): (Vec<u8>, Instant, Instant, Vec<u8>)| OpenSession {
            key: SessionKey(key),
            since,
            used_at: expires_at.plus(-idle),
            browser: browser(&data),
        };
        Ok(rows.into_iter().map(open).collect())
    }

    /// Who else of our own people is signed in, by name.
    pub async fn staff_signed_in(&mut self, but: &StaffId) -> Result<Vec<SignedInColleague>> {
        let now = self.now();
        let rows: Vec<(StaffId, String, i64, Instant)> =
            on!(self.tx, c => sqlx::query_as(COLLEAGUES).bind(but).bind(now).fetch_all(c).await)?;
        let open = |(staff, name, sessions, expires_at): (StaffId, String, i64, Instant)| SignedInColleague {
            staff,
            name,
            sessions,
            used_at: expires_at.plus(-STAFF_SESSION_IDLE),
        };
        Ok(rows.into_iter().map(open).collect())
    }

    /// The same for the staff site.
    pub async fn staff_session_is_open(&mut self, id: &Id) -> Result<bool> {
        Ok(self.session(SessionsOf::Staff, id).await?.is_some())
    }

    pub(super) async fn session(&mut self, of: SessionsOf, id: &Id) -> Result<Option<Record>> {
        let now = self.now();
        let row: Option<(Vec<u8>, Instant)> = on!(self.tx, c => sqlx::query_as(of.texts().find).bind(hash(id)).bind(now).fetch_optional(c).await)?;
        let Some((data, expires_at)) = row else { return Ok(None) };
        let data = serde_json::from_slice(&data).map_err(|_| broken())?;
        let nanos = i128::from(expires_at.as_micros()) * 1000;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| broken())?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }
}

/// The browser that a session's guards noted under `who`.
fn browser(data: &[u8]) -> Option<Browser> {
    let data: serde_json::Value = serde_json::from_slice(data).ok()?;
    Browser::parse(data.get("who")?.get("browser")?.as_str()?)
}

fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_be_bytes()).to_vec()
}

fn written(record: &Record) -> Result<Vec<u8>> {
    serde_json::to_vec(&record.data).map_err(|_| broken())
}

fn broken() -> StoreError {
    StoreError::BrokenRow { table: "sessions", column: "data", id: "a session".to_owned() }
}
