//! What only a file of the audit holds: the chain in its own order, and the lines that are not in it.

use std::collections::BTreeSet;

use super::records::{RecordPlace, Records};
use crate::domain::{audit::AuditEntry, instant::Instant};
use crate::store::{CheckpointRow, Link, dialect::on, error::Result};

/// Rows of one part of a file.
const PART: i64 = 1000;

const OUTSIDE: &str = "
SELECT audit.id, audit.at, audit.actor, audit.actor_id, audit.verb, audit.object, audit.brokerage_id, audit.detail,
    audit_unsealed.audit_id AS waits
FROM audit
LEFT JOIN audit_chain ON audit_chain.audit_id = audit.id AND audit_chain.seq >= 1
LEFT JOIN audit_unsealed ON audit_unsealed.audit_id = audit.id
WHERE (audit.at, audit.id) > ($1, $2) AND audit_chain.audit_id IS NULL
    AND (audit_unsealed.audit_id IS NULL OR audit.at <= $3)
ORDER BY audit.at, audit.id
LIMIT 1000";

pub(super) const TEXTS: &[&str] = &[OUTSIDE];

#[derive(sqlx::FromRow)]
struct OutsideRow {
    id: String,
    at: Instant,
    actor: String,
    actor_id: Option<String>,
    verb: String,
    object: String,
    brokerage_id: Option<String>,
    detail: String,
    waits: Option<String>,
}

impl Records<'_> {
    /// Where the chain ends, in rows or in checkpoints that tell of rows.
    pub async fn chain_end(&mut self) -> Result<i64> {
        let head = self.read.chain_head().await?.map(|head| head.seq);
        let signed = self.read.last_checkpoint().await?.map(|last| last.seq);
        Ok(head.max(signed).unwrap_or_default())
    }

    /// A part of the chain behind row `after`, up to row `end`.
    pub async fn chain_part(&mut self, after: i64, end: i64) -> Result<Vec<Link>> {
        let mut links = self.read.links(after, PART).await?;
        links.retain(|link| link.seq <= end);
        Ok(links)
    }

    /// The checkpoints behind row `after`, up to row `end`; at most as many as a part has rows.
    pub async fn signed_part(&mut self, after: i64, end: i64) -> Result<Vec<CheckpointRow>> {
        let mut rows = self.read.checkpoints(after, PART).await?;
        rows.retain(|row| row.seq <= end);
        Ok(rows)
    }

    /// The checkpoints that end at one of these rows.
    pub async fn signed_at(&mut self, rows: BTreeSet<i64>) -> Result<Vec<CheckpointRow>> {
        let mut found = Vec::new();
        let mut rows = rows.into_iter().peekable();
        while let Some(first) = rows.next() {
            let mut last = first;
            while let Some(next) = rows.next_if(|next| last.checked_add(1) == Some(*next)) {
                last = next;
            }
            let rows = last.saturating_sub(first).saturating_add(1);
            let mut run = self.read.checkpoints(first.saturating_sub(1), rows).await?;
            run.retain(|row| row.seq <= last);
            found.extend(run);
        }
        Ok(found)
    }

    /// Lines that no row of the chain names, oldest first, behind `after`, and whether the sealer knows of each. What was
    /// written after `until` and waits for the sealer is no part of the file.
    pub async fn outside_part(
        &mut self,
        after: Option<&RecordPlace>,
        until: Instant,
    ) -> Result<Vec<(AuditEntry, bool)>> {
        let (at, id) =
            after.map_or((Instant::from_micros(i64::MIN), ""), |place| (place.at, place.id.as_str()));
        let rows: Vec<OutsideRow> =
            on!(self.read.tx, c => sqlx::query_as(OUTSIDE).bind(at).bind(id).bind(until).fetch_all(c).await)?;
        let entry = |row: OutsideRow| {
            let entry = AuditEntry {
                id: row.id,
                at: row.at,
                actor: row.actor,
                actor_id: row.actor_id,
                verb: row.verb,
                object: row.object,
                brokerage_id: row.brokerage_id,
                detail: row.detail,
            };
            (entry, row.waits.is_some())
        };
        Ok(rows.into_iter().map(entry).collect())
    }
}
