//! The audit's chain, its checkpoints and the lease of whoever seals. What the bytes mean stands in the vault.

use std::time::Duration;

use jiff::SignedDuration;

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
    wake::Topic,
};
use crate::domain::{
    audit::{AuditEntry, Checkpoint},
    instant::Instant,
};

const TAKE: &str = "
UPDATE audit_sealer SET leased_by = $1, lease_token = $2, lease_until = $3
WHERE id = 'sealer' AND (lease_until IS NULL OR lease_until <= $4 OR lease_token = $2)";

// The fence: whoever lost the token changes nothing, and two who have it would wait for each other here.
const HOLDS: &str = "UPDATE audit_sealer SET lease_until = $2 WHERE id = 'sealer' AND lease_token = $1";

const RELEASE: &str = "
UPDATE audit_sealer SET leased_by = NULL, lease_token = NULL, lease_until = NULL
WHERE id = 'sealer' AND lease_token = $1";

const HEAD: &str = "SELECT seq, hash FROM audit_chain ORDER BY seq DESC LIMIT 1";

const HASH_AT: &str = "SELECT hash FROM audit_chain WHERE seq = $1";

const REFUSE: &str = "
UPDATE audit_sealer SET refused_at = COALESCE(refused_at, $1), signed_seq = $2, found_seq = $3
WHERE id = 'sealer'";

const SETTLE: &str = "
UPDATE audit_sealer SET refused_at = NULL, signed_seq = NULL, found_seq = NULL
WHERE id = 'sealer'";

const REFUSAL: &str = "
SELECT refused_at, signed_seq, found_seq
FROM audit_sealer
WHERE refused_at IS NOT NULL";

const UNSEALED: &str = "
SELECT a.id, a.at, a.actor, a.actor_id, a.verb, a.object, a.brokerage_id, a.detail
FROM audit_unsealed u
JOIN audit a ON a.id = u.audit_id
WHERE NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.audit_id = u.audit_id)
ORDER BY a.at, a.id
LIMIT $1";

const APPEND: &str = "INSERT INTO audit_chain (seq, audit_id, hash) VALUES ($1, $2, $3)";

const WAITS_NO_MORE: &str = "DELETE FROM audit_unsealed WHERE audit_id = $1";

const SIGN: &str = "
INSERT INTO audit_checkpoints (seq, first_seq, hash, at, key_id, signature)
VALUES ($1, $2, $3, $4, $5, $6)";

const LAST_CHECKPOINT: &str = "
SELECT seq, first_seq, hash, at, key_id, signature
FROM audit_checkpoints
ORDER BY seq DESC
LIMIT 1";

const CHECKPOINTS: &str = "
SELECT seq, first_seq, hash, at, key_id, signature
FROM audit_checkpoints
WHERE seq > $1
ORDER BY seq
LIMIT $2";

const LINKS: &str = "
SELECT c.seq, c.audit_id, c.hash,
    a.id, a.at, a.actor, a.actor_id, a.verb, a.object, a.brokerage_id, a.detail
FROM audit_chain c
LEFT JOIN audit a ON a.id = c.audit_id
WHERE c.seq > $1
ORDER BY c.seq
LIMIT $2";

const OUTSIDE: &str = "
SELECT a.id, a.at, u.audit_id
FROM audit a
LEFT JOIN audit_chain c ON c.audit_id = a.id AND c.seq >= 1
LEFT JOIN audit_unsealed u ON u.audit_id = a.id
WHERE (a.at, a.id) > ($1, $2) AND c.audit_id IS NULL
ORDER BY a.at, a.id
LIMIT $3";

const VANISHED: &str = "
SELECT u.audit_id
FROM audit_unsealed u
LEFT JOIN audit a ON a.id = u.audit_id
WHERE a.id IS NULL
ORDER BY u.audit_id
LIMIT 1";

const COUNTED: &str = "SELECT (SELECT COUNT(*) FROM audit_chain), (SELECT COUNT(*) FROM audit)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    TAKE,
    HOLDS,
    RELEASE,
    HEAD,
    HASH_AT,
    REFUSE,
    SETTLE,
    REFUSAL,
    UNSEALED,
    APPEND,
    WAITS_NO_MORE,
    SIGN,
    LAST_CHECKPOINT,
    CHECKPOINTS,
    LINKS,
    OUTSIDE,
    VANISHED,
    COUNTED,
];

/// A row of the chain, with the audit line that it names where that is still there.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its number, counted from 1.
    pub seq: i64,
    /// The id of its line.
    pub audit_id: String,
    /// The chain's hash here.
    pub hash: Vec<u8>,
    /// The line.
    pub entry: Option<AuditEntry>,
}

/// A signed head of the chain as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CheckpointRow {
    /// The last row it covers.
    pub seq: i64,
    /// The first row it covers.
    pub first_seq: i64,
    /// The chain's hash at its last row.
    pub hash: Vec<u8>,
    /// When it was signed.
    pub at: Instant,
    /// The key that signed.
    pub key_id: String,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The sealer does not sign on, because the chain is not the one that was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealerRefusal {
    /// Since when.
    pub since: Instant,
    /// The last row that was ever signed.
    pub signed: i64,
    /// The row where the chain ends now.
    pub found: i64,
}

/// An audit line that no row of the chain names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Its id.
    pub id: String,
    /// When it happened.
    pub at: Instant,
    /// Whether the sealer knows of it.
    pub waits: bool,
}

type EntryColumns = (String, Instant, String, Option<String>, String, String, Option<String>, String);

#[derive(sqlx::FromRow)]
struct LinkRow {
    seq: i64,
    audit_id: String,
    hash: Vec<u8>,
    id: Option<String>,
    at: Option<Instant>,
    actor: Option<String>,
    actor_id: Option<String>,
    verb: Option<String>,
    object: Option<String>,
    brokerage_id: Option<String>,
    detail: Option<String>,
}

impl LinkRow {
    fn link(self) -> Link {
        let entry = || {
            Some(AuditEntry {
                id: self.id?,
                at: self.at?,
                actor: self.actor?,
                actor_id: self.actor_id,
                verb: self.verb?,
                object: self.object?,
                brokerage_id: self.brokerage_id,
                detail: self.detail?,
            })
        };
        Link { seq: self.seq, audit_id: self.audit_id, hash: self.hash, entry: entry() }
    }
}

impl Read {
    /// The last row of the chain; `None` while it is empty.
    pub async fn chain_head(&mut self) -> Result<Option<Checkpoint>> {
        let row: Option<(i64, Vec<u8>)> = on!(self.tx, c => sqlx::query_as(HEAD).fetch_optional(c).await)?;
        row.map(|(seq, hash)| checkpoint(seq, &hash)).transpose()
    }

    /// The chain's hash at a row; `None` when there is no such row.
    pub async fn chain_hash(&mut self, seq: i64) -> Result<Option<Vec<u8>>> {
        let row: Option<(Vec<u8>,)> =
            on!(self.tx, c => sqlx::query_as(HASH_AT).bind(seq).fetch_optional(c).await)?;
        Ok(row.map(|(hash,)| hash))
    }

    /// Why the sealer does not sign on, where it does not.
    pub async fn sealer_refusal(&mut self) -> Result<Option<SealerRefusal>> {
        let row: Option<(Instant, i64, i64)> =
            on!(self.tx, c => sqlx::query_as(REFUSAL).fetch_optional(c).await)?;
        Ok(row.map(|(since, signed, found)| SealerRefusal { since, signed, found }))
    }

    /// Committed lines that wait for the sealer, oldest first, at most so many.
    pub async fn unsealed(&mut self, most: i64) -> Result<Vec<AuditEntry>> {
        let rows: Vec<EntryColumns> =
            on!(self.tx, c => sqlx::query_as(UNSEALED).bind(most).fetch_all(c).await)?;
        let entry = |(id, at, actor, actor_id, verb, object, brokerage_id, detail)| AuditEntry {
            id,
            at,
            actor,
            actor_id,
            verb,
            object,
            brokerage_id,
            detail,
        };
        Ok(rows.into_iter().map(entry).collect())
    }

    /// The newest checkpoint.
    pub async fn last_checkpoint(&mut self) -> Result<Option<CheckpointRow>> {
        Ok(on!(self.tx, c => sqlx::query_as(LAST_CHECKPOINT).fetch_optional(c).await)?)
    }

    /// Checkpoints behind row `after`, in order, at most so many.
    pub async fn checkpoints(&mut self, after: i64, most: i64) -> Result<Vec<CheckpointRow>> {
        Ok(on!(self.tx, c => sqlx::query_as(CHECKPOINTS).bind(after).bind(most).fetch_all(c).await)?)
    }

    /// Rows of the chain behind row `after`, in order, at most so many.
    pub async fn links(&mut self, after: i64, most: i64) -> Result<Vec<Link>> {
        let rows: Vec<LinkRow> =
            on!(self.tx, c => sqlx::query_as(LINKS).bind(after).bind(most).fetch_all(c).await)?;
        Ok(rows.into_iter().map(LinkRow::link).collect())
    }

    /// Rows of the chain and lines of the audit, whatever they hold and whatever their numbers are.
    pub async fn audit_counts(&mut self) -> Result<(i64, i64)> {
        Ok(on!(self.tx, c => sqlx::query_as(COUNTED).fetch_one(c).await)?)
    }

    /// Audit lines that no row of the chain names, oldest first, behind `after`, at most so many. Rows are numbered from 1:
    /// what stands under another number is none of the chain.
    pub async fn outside_the_chain(&mut self, after: Option<&Outside>, most: i64) -> Result<Vec<Outside>> {
        let (at, id) = after.map_or((Instant::from_micros(i64::MIN), ""), |line| (line.at, line.id.as_str()));
        let rows: Vec<(String, Instant, Option<String>)> =
            on!(self.tx, c => sqlx::query_as(OUTSIDE).bind(at).bind(id).bind(most).fetch_all(c).await)?;
        Ok(rows.into_iter().map(|(id, at, queued)| Outside { id, at, waits: queued.is_some() }).collect())
    }

    /// The id of a line that waited for the sealer and is gone.
    pub async fn vanished(&mut self) -> Result<Option<String>> {
        let row: Option<(String,)> = on!(self.tx, c => sqlx::query_as(VANISHED).fetch_optional(c).await)?;
        Ok(row.map(|(id,)| id))
    }
}

impl Write {
    /// Takes or prolongs the sealer's lease until `now + lease`; `false` while another holds it.
    pub async fn take_sealer(&mut self, who: &str, token: [u8; 16], lease: Duration) -> Result<bool> {
        let shared = self.shared_now().await?;
        let done = on!(self.tx, c => sqlx::query(TAKE)
            .bind(who)
            .bind(token.to_vec())
            .bind(until(shared, lease))
            .bind(shared)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Whether the sealer's lease is still this one's; it stays so until this transaction ends.
    #[must_use = "without the lease nothing of this transaction may be committed"]
    pub async fn holds_sealer(&mut self, token: [u8; 16], lease: Duration) -> Result<bool> {
        let shared = self.shared_now().await?;
        let done = on!(self.tx, c => sqlx::query(HOLDS)
            .bind(token.to_vec())
            .bind(until(shared, lease))
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Notes that the sealer does not sign on: row `signed` was signed, and the chain ends at row `found`.
    pub async fn refuse_to_seal(&mut self, signed: i64, found: i64) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(REFUSE)
            .bind(now)
            .bind(signed)
            .bind(found)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Notes that the chain is the one that was signed.
    pub async fn settle_sealer(&mut self) -> Result<()> {
        on!(self.tx, c => sqlx::query(SETTLE).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Gives the sealer's lease back.
    pub async fn release_sealer(&mut self, token: [u8; 16]) -> Result<()> {
        on!(self.tx, c => sqlx::query(RELEASE).bind(token.to_vec()).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Appends a row to the chain; its line waits no more. Errs with a conflict when the number or the line is taken.
    pub async fn append_link(&mut self, seq: i64, audit_id: &str, hash: &[u8; 32]) -> Result<()> {
        on!(self.tx, c => sqlx::query(APPEND)
            .bind(seq)
            .bind(audit_id)
            .bind(hash.as_slice())
            .execute(c).await.map(|_| ()))?;
        on!(self.tx, c => sqlx::query(WAITS_NO_MORE).bind(audit_id).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes a signed head of the chain. Errs with a conflict when there is one for this row.
    pub async fn insert_checkpoint(&mut self, row: &CheckpointRow) -> Result<()> {
        on!(self.tx, c => sqlx::query(SIGN)
            .bind(row.seq)
            .bind(row.first_seq)
            .bind(row.hash.as_slice())
            .bind(row.at)
            .bind(row.key_id.as_str())
            .bind(row.signature.as_slice())
            .execute(c).await.map(|_| ()))?;
        self.wake(Topic::Sealed);
        Ok(())
    }
}

fn until(shared: Instant, lease: Duration) -> Instant {
    shared.plus(SignedDuration::try_from(lease).unwrap_or_default())
}

fn checkpoint(seq: i64, hash: &[u8]) -> Result<Checkpoint> {
    let broken = |_| StoreError::BrokenRow { table: "audit_chain", column: "hash", id: seq.to_string() };
    Ok(Checkpoint { seq, hash: hash.try_into().map_err(broken)? })
}
