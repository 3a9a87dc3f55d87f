//! Attempts in use of which no reminder was ever planned: they were verified by a version that planned none.

use super::{dialect::on, error::Result, read::Read};
use crate::domain::ids::{AttemptId, BrokerageId};

const UNPLANNED: &str = "
SELECT attempts.id, attempts.brokerage_id, attempts.settings_box, attempts.password_ends_on
FROM connections
JOIN attempts ON attempts.id = connections.in_use_id
WHERE connections.state = 'verified' AND attempts.id > $1
  AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.kind = 'remind' AND jobs.subject = attempts.id)
ORDER BY attempts.id
LIMIT $2";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[UNPLANNED];

/// Such an attempt, its settings encrypted.
#[derive(Debug, sqlx::FromRow)]
pub struct Unplanned {
    /// The attempt.
    #[sqlx(rename = "id")]
    pub attempt_id: AttemptId,
    /// Whose it is.
    pub brokerage_id: BrokerageId,
    /// Its settings, encrypted.
    pub settings_box: Vec<u8>,
    /// The day on which its password ends, as ISO text, where its check was told.
    pub password_ends_on: Option<String>,
}

impl Read {
    /// Up to `most` of them behind the attempt `after`, in the order of their ids; an empty text is before all.
    pub async fn without_reminders(&mut self, after: &str, most: i64) -> Result<Vec<Unplanned>> {
        Ok(on!(self.tx, c => sqlx::query_as(UNPLANNED).bind(after).bind(most).fetch_all(c).await)?)
    }
}
