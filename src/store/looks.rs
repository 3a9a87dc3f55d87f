//! Presses that ask for a secret, and the sealed answers on their way. A look points at its approval; an answer is there
//! once, for the process that made its key, and for a minute at most.

use super::{dialect::on, error::Result, read::Read, transaction::Write, wake::Topic};
use crate::domain::{
    access::Withheld,
    ids::{AccessId, BrokerageId, LookId, SecretId, StaffId},
    instant::Instant,
};

const INSERT: &str = "
INSERT INTO access_looks (id, request_id, secret_id, staff_id, at, proven_at, mac)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const OPEN: &str = "
INSERT INTO access_reveals (look_id, public_key, expires_at)
VALUES ($1, $2, $3)";

const FIND: &str = "
SELECT looks.id, looks.request_id, looks.secret_id, looks.staff_id, looks.at, looks.proven_at, looks.mac,
    looks.released_at, looks.withheld, reveals.public_key, reveals.expires_at,
    reveals.value_sealed IS NOT NULL AS answered
FROM access_looks AS looks
LEFT JOIN access_reveals AS reveals ON reveals.look_id = looks.id
WHERE looks.id = $1";

// The line of this very press, in the chain and under a signature.
const SEALED: &str = "
SELECT COUNT(*)
FROM audit
JOIN audit_chain ON audit_chain.audit_id = audit.id
JOIN audit_checkpoints ON audit_checkpoints.first_seq <= audit_chain.seq AND audit_checkpoints.seq >= audit_chain.seq
WHERE audit.object = $1 AND audit.verb = 'access.look'";

const SEAL: &str = "
UPDATE access_reveals SET value_sealed = $2
WHERE look_id = $1 AND value_sealed IS NULL AND expires_at > $3";

const RELEASE: &str = "
UPDATE access_looks SET released_at = $2
WHERE id = $1 AND released_at IS NULL AND withheld IS NULL";

const WITHHOLD: &str = "
UPDATE access_looks SET withheld = $2
WHERE id = $1 AND released_at IS NULL AND withheld IS NULL";

// Whoever is first gets it, and nobody is second.
const TAKE: &str = "
DELETE FROM access_reveals
WHERE look_id = $1 AND value_sealed IS NOT NULL AND expires_at > $2
RETURNING value_sealed";

const CLOSE: &str = "DELETE FROM access_reveals WHERE look_id = $1";

const CLOSE_ALL: &str = "
DELETE FROM access_reveals
WHERE look_id IN (SELECT id FROM access_looks WHERE request_id = $1)";

const DELETE_OLD: &str = "DELETE FROM access_reveals WHERE expires_at <= $1";

const OF_BROKERAGE: &str = "
SELECT looks.request_id, looks.at, looks.released_at, looks.withheld, staff.name AS staff_name
FROM access_looks AS looks
JOIN access_requests ON access_requests.id = looks.request_id
JOIN staff ON staff.id = looks.staff_id
WHERE access_requests.brokerage_id = $1
ORDER BY looks.at DESC, looks.id DESC
LIMIT $2";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] =
    &[INSERT, OPEN, FIND, SEALED, SEAL, RELEASE, WITHHOLD, TAKE, CLOSE, CLOSE_ALL, DELETE_OLD, OF_BROKERAGE];

/// A press that is about to be written.
#[derive(Debug)]
pub struct NewLook<'a> {
    /// Its id.
    pub id: &'a LookId,
    /// The request that allows it.
    pub access: &'a AccessId,
    /// The secret.
    pub secret: &'a SecretId,
    /// Who pressed.
    pub staff: &'a StaffId,
    /// When.
    pub at: Instant,
    /// When they had signed in for it.
    pub proven_at: Instant,
    /// The keyed digest over all of it and the key.
    pub mac: &'a [u8],
    /// The public half of the key that the answer is sealed to.
    pub public_key: &'a [u8],
    /// Until when the answer may be read.
    pub expires_at: Instant,
}

/// A press as it stands in the tables.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredLook {
    /// Its id.
    pub id: LookId,
    /// The request that allows it.
    pub request_id: AccessId,
    /// The secret.
    pub secret_id: SecretId,
    /// Who pressed.
    pub staff_id: StaffId,
    /// When.
    pub at: Instant,
    /// When they had signed in for it.
    pub proven_at: Instant,
    /// The keyed digest over all of it and the key.
    pub mac: Vec<u8>,
    /// When the worker let the secret go.
    pub released_at: Option<Instant>,
    /// Why it did not.
    pub withheld: Option<Withheld>,
    /// The key to seal to; none once the answer was read, or its time is over.
    pub public_key: Option<Vec<u8>>,
    /// Until when the answer may be read.
    pub expires_at: Option<Instant>,
    /// Whether the answer is there.
    pub answered: bool,
}

/// A press as its brokerage and our own people read of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LookEntry {
    /// The request that allowed it.
    pub request_id: AccessId,
    /// When.
    pub at: Instant,
    /// When the worker let the secret go.
    pub released_at: Option<Instant>,
    /// Why it did not.
    pub withheld: Option<Withheld>,
    /// The name of whoever pressed.
    pub staff_name: String,
}

impl Read {
    /// A press, for the worker and for the process that waits for its answer.
    pub async fn look(&mut self, id: &LookId) -> Result<Option<StoredLook>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND).bind(id).fetch_optional(c).await)?)
    }

    /// Whether the audit line of a press stands in the chain, under a signature.
    pub async fn look_is_sealed(&mut self, id: &LookId) -> Result<bool> {
        let (count,): (i64,) = on!(self.tx, c => sqlx::query_as(SEALED).bind(id).fetch_one(c).await)?;
        Ok(count > 0)
    }

    /// The latest presses about this brokerage's secrets, latest first.
    pub async fn looks_of(&mut self, brokerage: &BrokerageId, most: i64) -> Result<Vec<LookEntry>> {
        Ok(on!(self.tx, c => sqlx::query_as(OF_BROKERAGE).bind(brokerage).bind(most).fetch_all(c).await)?)
    }
}

impl Write {
    /// Writes a press and the place of its answer. The database refuses one without an approval.
    pub async fn insert_look(&mut self, new: &NewLook<'_>) -> Result<()> {
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.access)
            .bind(new.secret)
            .bind(new.staff)
            .bind(new.at)
            .bind(new.proven_at)
            .bind(new.mac)
            .execute(c).await.map(|_| ()))?;
        on!(self.tx, c => sqlx::query(OPEN)
            .bind(new.id)
            .bind(new.public_key)
            .bind(new.expires_at)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Puts the sealed answer where its process reads it. `false`: it was answered before, or nobody waits any more.
    pub async fn release_look(&mut self, id: &LookId, sealed: &[u8]) -> Result<bool> {
        let now = self.now();
        let released = on!(self.tx, c => sqlx::query(RELEASE)
            .bind(id)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        let answered = on!(self.tx, c => sqlx::query(SEAL)
            .bind(id)
            .bind(sealed)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        self.wake(Topic::Look(id.clone()));
        Ok(released == 1 && answered == 1)
    }

    /// Notes why nothing comes of a press.
    pub async fn withhold_look(&mut self, id: &LookId, why: Withheld) -> Result<()> {
        on!(self.tx, c => sqlx::query(WITHHOLD).bind(id).bind(why).execute(c).await.map(|_| ()))?;
        self.close_reveal(id).await?;
        self.wake(Topic::Look(id.clone()));
        Ok(())
    }

    /// Takes the sealed answer away to be read; `None` when there is none, or somebody was first.
    pub async fn take_reveal(&mut self, id: &LookId) -> Result<Option<Vec<u8>>> {
        let now = self.now();
        let row: Option<(Vec<u8>,)> =
            on!(self.tx, c => sqlx::query_as(TAKE).bind(id).bind(now).fetch_optional(c).await)?;
        Ok(row.map(|(sealed,)| sealed))
    }

    /// Deletes the place of an answer, and the answer.
    pub async fn close_reveal(&mut self, id: &LookId) -> Result<()> {
        on!(self.tx, c => sqlx::query(CLOSE).bind(id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    pub(super) async fn delete_reveals_of(&mut self, access: &AccessId) -> Result<()> {
        on!(self.tx, c => sqlx::query(CLOSE_ALL).bind(access).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes the answers whose time is over; how many went.
    pub async fn delete_old_reveals(&mut self) -> Result<u64> {
        let now = self.now();
        Ok(on!(self.tx, c => sqlx::query(DELETE_OLD)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }
}
