//! Drafts: the answers that are being filled in for a connection's next attempt, one a connection.

use jiff::SignedDuration;

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    ids::{BrokerageId, ConnectionId, DraftId, SecretId},
    instant::Instant,
    kind::{AccessKind, KEY_HOLD, SECRET_HOLD},
    text::CompanyName,
};

/// What of a draft is read. The secret of an attempt has no end of its own: a draft that it is lent to holds it as long as
/// one that was entered or made then, which `$2` and `$3` say in microseconds.
macro_rules! find {
    ($more:literal, $condition:literal) => {
        concat!(
            "
SELECT ",
            $more,
            "drafts.id, drafts.version, drafts.attempt_number, drafts.answers_box, drafts.session_hash,
    drafts.secret_at, drafts.updated_at, secrets.id AS secret_id, secrets.letters, secrets.certificate_box,
    CASE WHEN secrets.id IS NOT NULL THEN COALESCE(
        secrets.expires_at,
        drafts.secret_at + CASE WHEN secrets.certificate_box IS NULL THEN CAST($2 AS BIGINT) ELSE CAST($3 AS BIGINT) END
    ) END AS expires_at,
    (secrets.id IS NOT NULL AND secrets.expires_at IS NULL) AS lent
FROM drafts
LEFT JOIN secrets ON secrets.id = drafts.secret_id
WHERE drafts.brokerage_id = $1",
            $condition
        )
    };
}

const FIND: &str = find!("", " AND drafts.connection_id = $4");

const FIND_ALL: &str = find!("drafts.connection_id, ", "");

const INSERT: &str = "
INSERT INTO drafts (id, version, brokerage_id, connection_id, attempt_number, answers_box, secret_id,
    session_hash, secret_at, updated_at)
VALUES ($1, 1, $2, $3, $4, $5, NULL, NULL, NULL, $6)
ON CONFLICT (connection_id) DO NOTHING";

const SAVE: &str = "
UPDATE drafts
SET version = version + 1, answers_box = $3, updated_at = $4
WHERE brokerage_id = $1 AND id = $2
RETURNING version";

const POINT: &str = "
UPDATE drafts
SET version = version + 1, secret_id = $3, session_hash = $4, secret_at = $5, updated_at = $5
WHERE brokerage_id = $1 AND id = $2
RETURNING version";

const OF_JOB: &str = "
SELECT drafts.id, drafts.brokerage_id, drafts.connection_id, brokerages.company, connections.kind, drafts.secret_id
FROM drafts
JOIN brokerages ON brokerages.id = drafts.brokerage_id
JOIN connections ON connections.id = drafts.connection_id
WHERE drafts.id = $1";

// The version stays: what a person typed meanwhile is no older because of it.
const GIVE: &str = "
UPDATE drafts
SET secret_id = $3, session_hash = $5, secret_at = $4
WHERE brokerage_id = $1 AND id = $2 AND secret_id IS NULL";

// It was refused: the page asks for another as if none had been entered.
const LET_GO: &str = "
UPDATE drafts
SET version = version + 1, secret_id = NULL, session_hash = NULL, secret_at = NULL
WHERE brokerage_id = $1 AND id = $2 AND secret_id = $3";

const DELETE: &str = "DELETE FROM drafts WHERE brokerage_id = $1 AND id = $2 AND version = $3";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[FIND, FIND_ALL, INSERT, SAVE, POINT, OF_JOB, GIVE, LET_GO, DELETE];

/// A draft as it stands in the table. Its answers are encrypted under the settings key.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// Counts changes.
    pub version: i64,
    /// The number of the attempt it becomes.
    pub attempt_number: i64,
    /// What was typed, encrypted.
    pub answers_box: Vec<u8>,
    /// The digest of the session in which the secret was entered; stays when the secret is gone.
    pub session_hash: Option<Vec<u8>>,
    /// When a secret was entered last; stays when the secret is gone.
    pub secret_at: Option<Instant>,
    /// When it changed last.
    pub updated_at: Instant,
    /// The sealed secret, while it is there.
    pub secret_id: Option<SecretId>,
    /// How many characters that has.
    pub letters: Option<i64>,
    /// When the draft's hold on it ends.
    pub expires_at: Option<Instant>,
    /// The certificate that goes with it, encrypted, where it is a private key.
    pub certificate_box: Option<Vec<u8>>,
    /// Whether it is the secret of the attempt before, which has it until this draft is submitted.
    pub lent: bool,
}

/// A draft for which a secret is to be made.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Expectant {
    /// The draft.
    pub id: DraftId,
    /// Whose it is.
    pub brokerage_id: BrokerageId,
    /// The connection it is for.
    pub connection_id: ConnectionId,
    /// What the brokerage is called.
    pub company: CompanyName,
    /// How the mailboxes are reached.
    pub kind: AccessKind,
    /// The secret it has already.
    pub secret_id: Option<SecretId>,
}

/// A draft with the connection it is for.
#[derive(sqlx::FromRow)]
struct Owned {
    connection_id: ConnectionId,
    #[sqlx(flatten)]
    draft: Draft,
}

fn micros(hold: SignedDuration) -> i64 {
    hold.as_secs().saturating_mul(1_000_000)
}

impl Read {
    /// The draft that a job names; `None` once it was submitted or dropped.
    pub async fn draft_of_job(&mut self, id: &DraftId) -> Result<Option<Expectant>> {
        Ok(on!(self.tx, c => sqlx::query_as(OF_JOB).bind(id).fetch_optional(c).await)?)
    }

    /// The drafts of all connections of a brokerage, in no particular order.
    pub async fn drafts_of_brokerage(
        &mut self,
        brokerage: &BrokerageId,
    ) -> Result<Vec<(ConnectionId, Draft)>> {
        let rows: Vec<Owned> = on!(self.tx, c => sqlx::query_as(FIND_ALL)
                .bind(brokerage).bind(micros(SECRET_HOLD)).bind(micros(KEY_HOLD))
                .fetch_all(c).await)?;
        Ok(rows.into_iter().map(|row| (row.connection_id, row.draft)).collect())
    }

    /// The connection's draft.
    pub async fn draft(
        &mut self,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
    ) -> Result<Option<Draft>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND)
            .bind(brokerage).bind(micros(SECRET_HOLD)).bind(micros(KEY_HOLD)).bind(connection)
            .fetch_optional(c).await)?)
    }
}

impl Write {
    /// Writes a draft without a secret, unless the connection has one already.
    pub async fn insert_draft(
        &mut self,
        id: &DraftId,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
        attempt_number: i64,
        answers_box: &[u8],
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(id)
            .bind(brokerage)
            .bind(connection)
            .bind(attempt_number)
            .bind(answers_box)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Replaces a draft's answers; the new version. A draft that is gone is a conflict.
    pub async fn save_answers(
        &mut self,
        brokerage: &BrokerageId,
        id: &DraftId,
        answers_box: &[u8],
    ) -> Result<i64> {
        let now = self.now();
        let version: Option<(i64,)> = on!(self.tx, c => sqlx::query_as(SAVE)
            .bind(brokerage).bind(id).bind(answers_box).bind(now)
            .fetch_optional(c).await)?;
        version.map(|(version,)| version).ok_or(StoreError::Conflict)
    }

    /// Points a draft at the secret that was just entered in a session; the new version. The one it pointed at
    /// is the caller's to delete.
    pub async fn point_draft(
        &mut self,
        brokerage: &BrokerageId,
        id: &DraftId,
        secret: &SecretId,
        session_hash: &[u8],
    ) -> Result<i64> {
        let now = self.now();
        let version: Option<(i64,)> = on!(self.tx, c => sqlx::query_as(POINT)
            .bind(brokerage).bind(id).bind(secret).bind(session_hash).bind(now)
            .fetch_optional(c).await)?;
        version.map(|(version,)| version).ok_or(StoreError::Conflict)
    }

    /// Gives a draft the secret that was made for it, or lends it that of the attempt before: what a person once typed to one
    /// session alone. `false`: it has one already, or is gone.
    pub async fn give_secret(
        &mut self,
        brokerage: &BrokerageId,
        id: &DraftId,
        secret: &SecretId,
        session_hash: Option<&[u8]>,
    ) -> Result<bool> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(GIVE)
            .bind(brokerage).bind(id).bind(secret).bind(now).bind(session_hash)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Takes a secret away from a draft that was refused at its test. `false`: the draft has another by now, or is
    /// gone. The secret is the caller's to delete.
    pub async fn let_secret_go(
        &mut self,
        brokerage: &BrokerageId,
        id: &DraftId,
        secret: &SecretId,
    ) -> Result<bool> {
        let done = on!(self.tx, c => sqlx::query(LET_GO)
            .bind(brokerage).bind(id).bind(secret)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Deletes a draft of which version `seen` was read; another version is a conflict.
    pub async fn delete_draft(&mut self, brokerage: &BrokerageId, id: &DraftId, seen: i64) -> Result<()> {
        let done = on!(self.tx, c => sqlx::query(DELETE)
            .bind(brokerage).bind(id).bind(seen)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}
