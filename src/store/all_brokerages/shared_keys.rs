//! Which other brokerages handed in the key of a connection, and which of them our own people let stand.

use super::reader::AllBrokerages;
use crate::domain::{
    ids::{BrokerageId, ConnectionId, StaffId},
    instant::Instant,
};
use crate::store::{dialect::on, error::Result, transaction::Write};

const SHARERS: &str = "
SELECT brokerages.id AS brokerage_id, brokerages.company, shared_keys.allowed_at, shared_keys.reason_box,
    staff.name AS staff_name
FROM (
    SELECT DISTINCT theirs.brokerage_id AS id
    FROM attempts
    JOIN secrets AS mine ON mine.id = attempts.secret_id
    JOIN secrets AS theirs ON theirs.likeness_key = mine.likeness_key
    WHERE attempts.connection_id = $1 AND theirs.brokerage_id <> mine.brokerage_id
) AS sharers
JOIN brokerages ON brokerages.id = sharers.id
LEFT JOIN shared_keys ON shared_keys.connection_id = $1 AND shared_keys.brokerage_id = sharers.id
LEFT JOIN staff ON staff.id = shared_keys.staff_id
ORDER BY brokerages.company, brokerages.id";

const INSERT: &str = "
INSERT INTO shared_keys (connection_id, brokerage_id, staff_id, reason_box, allowed_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (connection_id, brokerage_id) DO NOTHING";

pub(super) const TEXTS: &[&str] = &[SHARERS, INSERT];

/// Another brokerage with the same key.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Sharer {
    /// Which one.
    pub brokerage_id: BrokerageId,
    /// What it is called.
    pub company: String,
    /// When somebody let it stand.
    pub allowed_at: Option<Instant>,
    /// Why, encrypted.
    pub reason_box: Option<Vec<u8>>,
    /// Which of our own people did.
    pub staff_name: Option<String>,
}

impl AllBrokerages<'_> {
    /// The other brokerages that handed in a key of this connection.
    pub async fn sharers(&mut self, connection: &ConnectionId) -> Result<Vec<Sharer>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(SHARERS).bind(connection).fetch_all(c).await)?)
    }
}

impl Write {
    /// Lets it stand that this brokerage has the key of the connection, too.
    pub async fn let_share(
        &mut self,
        (connection, brokerage): (&ConnectionId, &BrokerageId),
        staff: &StaffId,
        reason_box: &[u8],
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(connection)
            .bind(brokerage)
            .bind(staff)
            .bind(reason_box)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
