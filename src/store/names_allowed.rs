//! Names of failed attempts that our own people allow once more. A row is there or not.

use super::{dialect::on, error::Result, read::Read, transaction::Write};
use crate::domain::{
    ids::{BrokerageId, ConnectionId, StaffId},
    instant::Instant,
};

const LIST: &str = "
SELECT names_allowed.connection_id, names_allowed.attempt_number, names_allowed.reason_box, names_allowed.allowed_at,
    staff.name AS staff_name
FROM names_allowed
JOIN staff ON staff.id = names_allowed.staff_id
WHERE names_allowed.brokerage_id = $1
ORDER BY names_allowed.connection_id, names_allowed.attempt_number";

const INSERT: &str = "
INSERT INTO names_allowed (connection_id, attempt_number, brokerage_id, staff_id, reason_box, allowed_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (connection_id, attempt_number) DO NOTHING";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[LIST, INSERT];

/// An attempt whose names may be used again.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AllowedNames {
    /// The connection.
    pub connection_id: ConnectionId,
    /// The number of the attempt.
    pub attempt_number: i64,
    /// Why, encrypted.
    pub reason_box: Vec<u8>,
    /// When it was said.
    pub allowed_at: Instant,
    /// Which of our own people said so.
    pub staff_name: String,
}

impl Read {
    /// The attempts of a brokerage whose names may be used again.
    pub async fn names_allowed(&mut self, brokerage: &BrokerageId) -> Result<Vec<AllowedNames>> {
        Ok(on!(self.tx, c => sqlx::query_as(LIST).bind(brokerage).fetch_all(c).await)?)
    }
}

impl Write {
    /// Allows the names of an attempt; gives whether nobody had done so before.
    pub async fn allow_names(
        &mut self,
        brokerage: &BrokerageId,
        (connection, attempt): (&ConnectionId, i64),
        staff: &StaffId,
        reason_box: &[u8],
    ) -> Result<bool> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(INSERT)
            .bind(connection)
            .bind(attempt)
            .bind(brokerage)
            .bind(staff)
            .bind(reason_box)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
