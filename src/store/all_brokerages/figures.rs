//! How offices get on and where their connections stand, in numbers. Each text walks an index and has an end: so many
//! connections, so many causes.

use super::reader::AllBrokerages;
use crate::domain::{check::CauseId, connection::State, funnel::Course, instant::Instant, kind::AccessKind};
use crate::store::{dialect::on, error::Result};

/// So many connections are followed, the newest: more than are made in a year, few enough for a page.
pub const MOST_FOLLOWED: i64 = 10_000;
/// So many causes are listed.
const MOST_CAUSES: i64 = 15;

const COURSES: &str = "
SELECT kind, created_at, enabled_on IS NOT NULL AS enabled,
    EXISTS (SELECT 1 FROM guide_ticks WHERE guide_ticks.connection_id = connections.id) AS ticked,
    EXISTS (SELECT 1 FROM dry_runs WHERE dry_runs.connection_id = connections.id) AS tested,
    (SELECT submitted_at FROM attempts WHERE attempts.connection_id = connections.id AND number = 1) AS submitted_at,
    (SELECT MIN(number) FROM attempts WHERE attempts.connection_id = connections.id AND state = 'verified')
        AS verified_by,
    (SELECT MIN(decided_at) FROM attempts WHERE attempts.connection_id = connections.id AND state = 'verified')
        AS verified_at
FROM connections
WHERE created_at >= $1
ORDER BY created_at DESC, id DESC
LIMIT $2";

const STANDING: &str = "
SELECT kind, state, COUNT(*)
FROM connections
GROUP BY kind, state
ORDER BY kind, state";

const STANDING_CAUSES: &str = "
SELECT cause, COUNT(*) AS many
FROM connections
WHERE cause IS NOT NULL
GROUP BY cause
ORDER BY many DESC, cause
LIMIT $1";

const NAMED_CAUSES: &str = "
SELECT cause, SUM(CASE WHEN decided_at >= $2 THEN 1 ELSE 0 END) AS lately, COUNT(*)
FROM verdicts
WHERE decided_at >= $1 AND cause IS NOT NULL
GROUP BY cause
ORDER BY lately DESC, cause
LIMIT $3";

pub(super) const TEXTS: &[&str] = &[COURSES, STANDING, STANDING_CAUSES, NAMED_CAUSES];

#[derive(sqlx::FromRow)]
struct CourseRow {
    kind: AccessKind,
    created_at: Instant,
    enabled: bool,
    ticked: bool,
    tested: bool,
    submitted_at: Option<Instant>,
    verified_by: Option<i64>,
    verified_at: Option<Instant>,
}

impl AllBrokerages<'_> {
    /// How far each connection came that was made since, the newest first; at most [`MOST_FOLLOWED`].
    pub async fn courses(&mut self, since: Instant) -> Result<Vec<Course>> {
        let rows: Vec<CourseRow> = on!(self.read.tx, c => sqlx::query_as(COURSES)
            .bind(since)
            .bind(MOST_FOLLOWED)
            .fetch_all(c).await)?;
        let course = |row: CourseRow| Course {
            kind: row.kind,
            made_at: row.created_at,
            ticked: row.ticked,
            tested: row.tested,
            submitted_at: row.submitted_at,
            verified: row.verified_by.zip(row.verified_at),
            enabled: row.enabled,
        };
        Ok(rows.into_iter().map(course).collect())
    }

    /// How many connections of each kind stand where.
    pub async fn standing(&mut self) -> Result<Vec<(AccessKind, State, i64)>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(STANDING).fetch_all(c).await)?)
    }

    /// The causes that most connections stand at.
    pub async fn standing_causes(&mut self) -> Result<Vec<(CauseId, i64)>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(STANDING_CAUSES).bind(MOST_CAUSES).fetch_all(c).await)?)
    }

    /// The causes that checks named since a time, most often first: how often since then, and how often since `before`,
    /// which is earlier.
    pub async fn named_causes(
        &mut self,
        before: Instant,
        since: Instant,
    ) -> Result<Vec<(CauseId, i64, i64)>> {
        Ok(on!(self.read.tx, c => sqlx::query_as(NAMED_CAUSES)
            .bind(before)
            .bind(since)
            .bind(MOST_CAUSES)
            .fetch_all(c).await)?)
    }
}
