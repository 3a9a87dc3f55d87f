//! Who of our people looked whether a check had sent something, and what they found.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    ids::{CheckId, ConnectionId, NoteId, StaffId},
    instant::Instant,
    review::SentFinding,
};

const LIST: &str = "
SELECT checks.id AS check_id, verdicts.decided_at, sent_looks.found, sent_looks.looked_at, staff.name
FROM checks
JOIN verdicts ON verdicts.check_id = checks.id
LEFT JOIN sent_looks ON sent_looks.check_id = checks.id
LEFT JOIN staff ON staff.id = sent_looks.looked_by
WHERE checks.connection_id = $1 AND verdicts.cause = 'probe_sent_something'
ORDER BY verdicts.decided_at DESC, checks.id DESC
LIMIT 20";

const INSERT: &str = "
INSERT INTO sent_looks (check_id, connection_id, found, note_id, looked_by, looked_at)
VALUES ($1, $2, $3, $4, $5, $6)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[LIST, INSERT];

/// A check that may have sent something, and what was found of it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MaySent {
    /// The check.
    #[sqlx(rename = "check_id")]
    pub check: CheckId,
    /// When it ended.
    pub decided_at: Instant,
    /// What was found; none while nobody has looked.
    pub found: Option<SentFinding>,
    /// When somebody looked.
    pub looked_at: Option<Instant>,
    /// Who looked.
    pub name: Option<String>,
}

/// A look that is about to be written.
#[derive(Debug, Clone)]
pub struct NewSentLook<'a> {
    /// What was found.
    pub found: SentFinding,
    /// The note with what was seen.
    pub note: &'a NoteId,
    /// Who looked.
    pub staff: &'a StaffId,
}

impl Read {
    /// The checks of a connection that may have sent something, the latest first.
    pub async fn may_have_sent(&mut self, connection: &ConnectionId) -> Result<Vec<MaySent>> {
        Ok(on!(self.tx, c => sqlx::query_as(LIST).bind(connection).fetch_all(c).await)?)
    }
}

impl Write {
    /// Writes what was found about one check.
    pub async fn note_sent_look(
        &mut self,
        connection: &ConnectionId,
        check: &CheckId,
        look: &NewSentLook<'_>,
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(check)
            .bind(connection)
            .bind(look.found)
            .bind(look.note)
            .bind(look.staff)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
