//! Sealed secrets. A draft's secret has an end; submitting takes the end away and moves the pointer to the attempt.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    ids::{BrokerageId, ConnectionId, SecretId},
    instant::Instant,
};

const INSERT: &str = "
INSERT INTO secrets (id, brokerage_id, connection_id, field, letters, value_sealed, sha256, key_id, created_at,
    expires_at, certificate_box, likeness_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const FIND: &str = "
SELECT id, connection_id, field, letters, value_sealed, sha256, key_id, created_at, expires_at
FROM secrets
WHERE brokerage_id = $1 AND id = $2";

// The end is checked again: a secret whose time ended while the form was on its way is not submitted.
const KEEP: &str = "
UPDATE secrets
SET expires_at = NULL
WHERE brokerage_id = $1 AND id = $2 AND expires_at > $3";

// It may be lent to the next attempt's draft: that one asks for another as if none had been entered.
const TAKE_BACK: &str = "
UPDATE drafts
SET version = version + 1, secret_id = NULL, session_hash = NULL, secret_at = NULL
WHERE secret_id = $1";

// A draft that had it lent gives it back: it is the attempt's.
const DELETE: &str = "
DELETE FROM secrets
WHERE brokerage_id = $1 AND id = $2
  AND NOT EXISTS (SELECT 1 FROM attempts WHERE attempts.secret_id = secrets.id)";

const LET_GO: &str = "
UPDATE drafts
SET secret_id = NULL, version = version + 1
WHERE secret_id IN (SELECT id FROM secrets WHERE expires_at <= $1)";

const DELETE_ENDED: &str = "DELETE FROM secrets WHERE expires_at <= $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[INSERT, FIND, KEEP, TAKE_BACK, DELETE, LET_GO, DELETE_ENDED];

/// A sealed secret that is about to be written.
#[derive(Debug)]
pub struct NewSecret<'a> {
    /// Its id, which is bound into the envelope.
    pub id: &'a SecretId,
    /// Whose it is, bound into the envelope too.
    pub brokerage: &'a BrokerageId,
    /// The connection it is for, bound into the envelope too.
    pub connection: &'a ConnectionId,
    /// Which secret it is: `client_secret`, `private_key` ...
    pub field: &'static str,
    /// How many characters it has: all that pages say of it.
    pub letters: i64,
    /// The envelope.
    pub sealed: &'a [u8],
    /// The digest of the envelope.
    pub sha256: &'a [u8; 32],
    /// The key it is sealed to.
    pub key_id: &'a str,
    /// When the draft's hold on it ends.
    pub expires_at: Instant,
    /// The certificate that goes with a private key, encrypted; none for what a person types.
    pub certificate_box: Option<&'a [u8]>,
    /// What it is recognised by when it comes a second time, blinded; none where nothing is compared.
    pub likeness: Option<&'a [u8]>,
}

/// A sealed secret as it stands in the table.
#[derive(Debug, sqlx::FromRow)]
pub struct SealedSecret {
    /// Its id.
    pub id: SecretId,
    /// The connection it is for.
    pub connection_id: ConnectionId,
    /// Which secret it is: `client_secret`, `private_key` ...
    pub field: String,
    /// How many characters it has.
    pub letters: i64,
    /// The envelope.
    #[sqlx(rename = "value_sealed")]
    pub sealed: Vec<u8>,
    /// The digest of the envelope when it was sealed.
    pub sha256: Vec<u8>,
    /// The key it is sealed to.
    pub key_id: String,
    /// When it was sealed.
    pub created_at: Instant,
    /// When a draft's hold on it ends; none once it is an attempt's.
    pub expires_at: Option<Instant>,
}

impl Read {
    /// A sealed secret of the brokerage.
    pub async fn secret(&mut self, brokerage: &BrokerageId, id: &SecretId) -> Result<Option<SealedSecret>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND).bind(brokerage).bind(id).fetch_optional(c).await)?)
    }
}

impl Write {
    /// Writes a sealed secret for a draft.
    pub async fn insert_secret(&mut self, new: &NewSecret<'_>) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(new.id)
            .bind(new.brokerage)
            .bind(new.connection)
            .bind(new.field)
            .bind(new.letters)
            .bind(new.sealed)
            .bind(new.sha256.as_slice())
            .bind(new.key_id)
            .bind(now)
            .bind(new.expires_at)
            .bind(new.certificate_box)
            .bind(new.likeness)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Takes the end away from a draft's secret, because an attempt has it now. A secret whose time is over, or
    /// that is an attempt's already, is a conflict.
    pub async fn keep_secret(&mut self, brokerage: &BrokerageId, id: &SecretId) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(KEEP)
            .bind(brokerage).bind(id).bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Deletes a secret that no attempt has; a draft it is lent to loses it, too. `false`: an attempt has it, and it stays.
    pub async fn delete_secret(&mut self, brokerage: &BrokerageId, id: &SecretId) -> Result<bool> {
        on!(self.tx, c => sqlx::query(TAKE_BACK).bind(id).execute(c).await.map(|_| ()))?;
        let done = on!(self.tx, c => sqlx::query(DELETE)
            .bind(brokerage).bind(id)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Deletes the drafts' secrets whose time is over; how many went. The drafts stay.
    pub async fn delete_ended_secrets(&mut self) -> Result<u64> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(LET_GO).bind(now).execute(c).await.map(|_| ()))?;
        Ok(on!(self.tx, c => sqlx::query(DELETE_ENDED)
            .bind(now).execute(c).await.map(|done| done.rows_affected()))?)
    }
}
