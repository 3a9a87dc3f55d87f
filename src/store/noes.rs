//! What a brokerage's own people said no to: whoever goes past it without asking them reads so.

use super::{dialect::on, error::Result, read::Read};
use crate::domain::{
    access::{Access, SaidNo},
    ids::{AccessId, ConnectionId},
    instant::Instant,
};

const SAID: &str = "
SELECT staff.name, asked.ended_at, asked.ended_by = 'stopped' AS stopped
FROM access_requests AS asked
JOIN staff ON staff.id = asked.asked_by
WHERE asked.connection_id = $1 AND asked.id <> $2 AND asked.ended_person IS NOT NULL
  AND asked.ended_at >= $3 AND asked.ended_at <= $4
ORDER BY asked.ended_at DESC, asked.id DESC
LIMIT 1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[SAID];

impl Read {
    /// The last no of the brokerage that a request goes past; none where it was asked, or said nothing lately.
    pub async fn said_no_before(&mut self, access: &Access) -> Result<Option<SaidNo>> {
        let now = self.now();
        match access.goes_past(now) {
            Some(time) => self.said_no(&access.connection_id, &access.id, time).await,
            None => Ok(None),
        }
    }

    /// The last no to a look at this connection's secrets in this time, but for one to `except`.
    pub async fn said_no(
        &mut self,
        connection: &ConnectionId,
        except: &AccessId,
        (from, until): (Instant, Instant),
    ) -> Result<Option<SaidNo>> {
        let row: Option<(String, Instant, bool)> = on!(self.tx, c => sqlx::query_as(SAID)
            .bind(connection)
            .bind(except)
            .bind(from)
            .bind(until)
            .fetch_optional(c).await)?;
        Ok(row.map(|(asker, at, stopped)| SaidNo { asker, at, stopped }))
    }
}
