//! The keys of forms that were taken, with the body's fingerprint and the answer: a double press gets the same
//! answer, and the same key with another body is seen.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::instant::Instant;

const FIND: &str = "
SELECT body_hash, location
FROM form_keys
WHERE key = $1 AND person_id = $2";

const INSERT: &str = "
INSERT INTO form_keys (key, person_id, body_hash, location, created_at)
VALUES ($1, $2, $3, $4, $5)";

const DELETE_OLD: &str = "DELETE FROM form_keys WHERE created_at < $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[FIND, INSERT, DELETE_OLD];

/// The answer that a form got.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FormAnswer {
    /// The fingerprint of the body it came with.
    pub body_hash: Vec<u8>,
    /// Where the answer led.
    pub location: String,
}

impl Read {
    /// The answer that this person's form with this key got; the person is one of a brokerage or of our own, or whoever
    /// is about to be one: then it is the id of their sign-in.
    pub async fn form_answer(&mut self, key: &str, person: &str) -> Result<Option<FormAnswer>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND).bind(key).bind(person).fetch_optional(c).await)?)
    }
}

impl Write {
    /// Notes the answer of a form, in the transaction of what the form did. A key that is there is a conflict.
    pub async fn insert_form_answer(
        &mut self,
        key: &str,
        person: &str,
        body_hash: &[u8; 32],
        location: &str,
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(key)
            .bind(person)
            .bind(body_hash.as_slice())
            .bind(location)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Deletes the keys of forms that were taken before `before`; how many went.
    pub async fn delete_old_form_keys(&mut self, before: Instant) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(DELETE_OLD)
            .bind(before).execute(c).await.map(|done| done.rows_affected()))?)
    }
}
