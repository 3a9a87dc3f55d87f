//! What our own people write to offices, from the first look at it until it is sent.

use super::{
    dialect::on,
    error::{Result, StoreError},
    read::Read,
    transaction::Write,
};
use crate::domain::{
    ids::{BrokerageId, ConnectionId, MessageId, StaffId},
    instant::Instant,
};

const FIND: &str = "
SELECT id, brokerage_id, connection_id, staff_id, seen, text_box, sent_at
FROM messages
WHERE connection_id = $1 AND staff_id = $2 AND id = $3";

const INSERT: &str = "
INSERT INTO messages (id, brokerage_id, connection_id, staff_id, seen, text_box, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const SEND: &str = "UPDATE messages SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL";

const DELETE_OLD: &str = "
DELETE FROM messages
WHERE id IN (SELECT id FROM messages WHERE created_at < $1 ORDER BY created_at LIMIT $2) AND created_at < $1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[FIND, INSERT, SEND, DELETE_OLD];

/// A message.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StoredMessage {
    /// Its id.
    pub id: MessageId,
    /// Whose connection it is about.
    pub brokerage_id: BrokerageId,
    /// That connection.
    pub connection_id: ConnectionId,
    /// Who writes.
    pub staff_id: StaffId,
    /// The version of the connection that they saw.
    pub seen: i64,
    /// What it says, encrypted.
    pub text_box: Vec<u8>,
    /// When it was sent; none while it is only looked at.
    pub sent_at: Option<Instant>,
}

impl Read {
    /// A message that this person wrote about this connection.
    pub async fn message(
        &mut self,
        connection: &ConnectionId,
        staff: &StaffId,
        id: &MessageId,
    ) -> Result<Option<StoredMessage>> {
        Ok(on!(self.tx, c => sqlx::query_as(FIND)
            .bind(connection).bind(staff).bind(id)
            .fetch_optional(c).await)?)
    }
}

impl Write {
    /// Keeps a message until it is sent.
    pub async fn insert_message(&mut self, message: &StoredMessage) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(INSERT)
            .bind(&message.id)
            .bind(&message.brokerage_id)
            .bind(&message.connection_id)
            .bind(&message.staff_id)
            .bind(message.seen)
            .bind(message.text_box.as_slice())
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Notes that a message is sent. One that was sent before is a conflict.
    pub async fn note_message_sent(&mut self, id: &MessageId) -> Result<()> {
        let now = self.now();
        let done = on!(self.tx, c => sqlx::query(SEND)
            .bind(id)
            .bind(now)
            .execute(c).await.map(|done| done.rows_affected()))?;
        if done == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }

    /// Deletes up to `most` messages that were written before `before`, sent or not; how many went.
    pub async fn delete_old_messages(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(DELETE_OLD)
            .bind(before)
            .bind(most)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }
}
