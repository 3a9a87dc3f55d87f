//! Looks through the whole audit that our own people asked for, and what each of them found.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    ids::{StaffId, VerificationId},
    instant::Instant,
};

const INSERT: &str = "INSERT INTO audit_verifications (id, asked_by, asked_at) VALUES ($1, $2, $3)";

const LAST: &str = "
SELECT audit_verifications.id, staff.name, asked_at, ended_at, sealed, waiting, checkpoint, checkpoint_at, wrong,
    wrong_row, wrong_words
FROM audit_verifications
JOIN staff ON staff.id = audit_verifications.asked_by
ORDER BY asked_at DESC, audit_verifications.id DESC
LIMIT $1";

const END: &str = "
UPDATE audit_verifications
SET ended_at = $2, sealed = $3, waiting = $4, checkpoint = $5, checkpoint_at = $6, wrong = $7, wrong_row = $8,
    wrong_words = $9
WHERE id = $1 AND ended_at IS NULL";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[INSERT, LAST, END];

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Who asked for it.
    pub name: String,
    /// When.
    pub asked_at: Instant,
    /// When it was through, or was given up.
    pub ended_at: Option<Instant>,
    /// So many rows of the chain are as they were sealed; none when nobody could look.
    pub sealed: Option<i64>,
    /// So many lines waited for the sealer.
    pub waiting: Option<i64>,
    /// The last good checkpoint, as people keep it.
    pub checkpoint: Option<String>,
    /// When that was signed.
    pub checkpoint_at: Option<Instant>,
    /// The first thing that was wrong: its word for machines.
    pub wrong: Option<String>,
    /// The row of the chain that it is about.
    pub wrong_row: Option<i64>,
    /// What it is, in a sentence.
    pub wrong_words: Option<String>,
}

/// What one of them found.
#[derive(Debug, Clone, Default)]
pub struct VerificationEnd {
    /// So many rows of the chain are as they were sealed; none when nobody could look.
    pub sealed: Option<i64>,
    /// So many lines wait for the sealer.
    pub waiting: Option<i64>,
    /// The last good checkpoint, as people keep it, and when it was signed.
    pub checkpoint: Option<(String, Instant)>,
    /// The first thing that is wrong: its word, its row and a sentence.
    pub wrong: Option<(&'static str, Option<i64>, String)>,
}

impl Read {
    /// The latest ones, latest first, at most so many.
    pub async fn verifications(&mut self, most: i64) -> Result<Vec<Verification>> {
        Ok(on!(self.tx, c => sqlx::query_as(LAST).bind(most).fetch_all(c).await)?)
    }
}

impl Write {
    /// Notes that somebody asked for one.
    pub async fn insert_verification(&mut self, id: &VerificationId, staff: &StaffId) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT).bind(id).bind(staff).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Writes what it found; the first answer stays.
    pub async fn end_verification(&mut self, id: &VerificationId, end: &VerificationEnd) -> Result<()> {
        let now = self.now();
        let (checkpoint, at) = match &end.checkpoint {
            Some((text, at)) => (Some(text.as_str()), Some(*at)),
            None => (None, None),
        };
        let (word, row, words) = match &end.wrong {
            Some((word, row, words)) => (Some(*word), *row, Some(words.as_str())),
            None => (None, None, None),
        };
        on!(self.tx, c => sqlx::query(END)
            .bind(id)
            .bind(now)
            .bind(end.sealed)
            .bind(end.waiting)
            .bind(checkpoint)
            .bind(at)
            .bind(word)
            .bind(row)
            .bind(words)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
