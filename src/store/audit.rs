//! Audit lines. Written in the transaction of what they tell; the database refuses to change or delete them.

use super::{dialect::on, error::Result, read::Read};
use crate::domain::{
    audit::AuditLine,
    ids::{AuditId, BrokerageId},
    instant::Instant,
};

const INSERT: &str = "
INSERT INTO audit (id, at, actor, actor_id, verb, object, brokerage_id, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

// The sealer finds what was committed here, without looking through the whole audit.
const WAITS: &str = "INSERT INTO audit_unsealed (audit_id) VALUES ($1)";

const LIST: &str = "
SELECT at, actor, verb, object, detail
FROM audit
WHERE brokerage_id = $1
ORDER BY at, id";

const DETAIL: &str = "
SELECT detail
FROM audit
WHERE object = $1 AND verb = $2
ORDER BY at, id
LIMIT 1";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[INSERT, WAITS, LIST, DETAIL];

/// An audit line as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditRow {
    /// When it happened.
    pub at: Instant,
    /// Who acted: `person`, `system`, `anonymous`.
    pub actor: String,
    /// What they did.
    pub verb: String,
    /// To what.
    pub object: String,
    /// More, as a JSON object.
    pub detail: String,
}

pub(super) async fn insert(read: &mut Read, bits: [u8; 16], line: &AuditLine) -> Result<()> {
    let (actor, actor_id) = line.actor.columns();
    let detail: serde_json::Map<String, serde_json::Value> =
        line.detail.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into())).collect();
    let detail = serde_json::Value::Object(detail).to_string();
    let (id, at) = (AuditId::from_random(bits), read.now());
    on!(read.tx, c => sqlx::query(INSERT)
        .bind(id.clone())
        .bind(at)
        .bind(actor)
        .bind(actor_id)
        .bind(line.verb)
        .bind(line.object.as_str())
        .bind(line.brokerage.clone())
        .bind(detail)
        .execute(c).await.map(|_| ()))?;
    on!(read.tx, c => sqlx::query(WAITS).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

impl Read {
    /// One detail of the first line that tells `verb` of this object.
    pub async fn audited(&mut self, object: &str, verb: &str, detail: &str) -> Result<Option<String>> {
        let row: Option<(String,)> =
            on!(self.tx, c => sqlx::query_as(DETAIL).bind(object).bind(verb).fetch_optional(c).await)?;
        let Some((text,)) = row else { return Ok(None) };
        let details: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        Ok(details.get(detail).and_then(serde_json::Value::as_str).map(str::to_owned))
    }

    /// The audit lines of a brokerage, oldest first.
    pub async fn audit_of(&mut self, brokerage: &BrokerageId) -> Result<Vec<AuditRow>> {
        Ok(on!(self.tx, c => sqlx::query_as(LIST).bind(brokerage).fetch_all(c).await)?)
    }
}
