//! How often each cause was found lately.

use std::collections::BTreeMap;

use super::reader::AllBrokerages;
use crate::domain::instant::Instant;
use crate::store::{dialect::on, error::Result};

const SEEN: &str = "
SELECT cause, warnings, COUNT(*) AS times
FROM verdicts
WHERE decided_at >= $1 AND (cause IS NOT NULL OR warnings <> '[]')
GROUP BY cause, warnings";

pub(super) const TEXTS: &[&str] = &[SEEN];

#[derive(sqlx::FromRow)]
struct SeenRow {
    cause: Option<String>,
    warnings: String,
    times: i64,
}

impl AllBrokerages<'_> {
    /// In how many checks each cause was found since then, as what they failed of or as a warning; by its id.
    pub async fn causes_since(&mut self, since: Instant) -> Result<BTreeMap<String, i64>> {
        let rows: Vec<SeenRow> = on!(self.read.tx, c => sqlx::query_as(SEEN).bind(since).fetch_all(c).await)?;
        let mut times = BTreeMap::new();
        for row in rows {
            // What an older version wrote in another form counts as no warning.
            let warnings: Vec<String> = serde_json::from_str(&row.warnings).unwrap_or_default();
            for id in row.cause.into_iter().chain(warnings) {
                *times.entry(id).or_default() += row.times;
            }
        }
        Ok(times)
    }
}
