//! How the installation stands in numbers: jobs, the queue, mails, the audit. Read when somebody asks for the metrics or
//! whether all is well; each question walks open rows only, never what is over.

use super::{dialect::on, error::Result, read::Read};
use crate::domain::{instant::Instant, mail::MailState, review::NeedRule};

const JOBS: &str = "
SELECT kind,
    CASE WHEN parked_at IS NOT NULL THEN 'parked'
        WHEN lease_until IS NOT NULL THEN 'running'
        WHEN run_at <= $1 THEN 'due'
        ELSE 'waiting' END AS state,
    COUNT(*)
FROM jobs
WHERE done_at IS NULL
GROUP BY 1, 2
ORDER BY 1, 2";

const NEEDS: &str = "
SELECT rule, due_at <= $1 AS overdue, COUNT(*)
FROM needs
GROUP BY 1, 2
ORDER BY 1, 2";

const MAILS: &str = "
SELECT state, COUNT(*), MIN(created_at)
FROM mails
WHERE state IN ('pending', 'sending')
GROUP BY state
ORDER BY state";

const UNSEALED: &str = "
SELECT COUNT(*), MIN(audit.at)
FROM audit_unsealed
JOIN audit ON audit.id = audit_unsealed.audit_id";

const HEAD: &str = "SELECT MAX(seq) FROM audit_chain";

// The sweep is due each minute: while it is not carried out, no worker takes jobs.
const BEAT: &str = "
SELECT run_at, lease_until IS NOT NULL
FROM jobs
WHERE kind = 'sweep' AND done_at IS NULL AND parked_at IS NULL";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[JOBS, NEEDS, MAILS, UNSEALED, HEAD, BEAT];

/// What of the mails has not left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenMails {
    /// How many in each state.
    pub counts: Vec<(MailState, i64)>,
    /// Since when the oldest one waits.
    pub oldest: Option<Instant>,
}

/// How far the audit is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealing {
    /// The number of the last sealed row; 0 before the first.
    pub head: i64,
    /// Lines that wait.
    pub unsealed: i64,
    /// Since when the oldest of them waits.
    pub oldest: Option<Instant>,
}

impl Read {
    /// Open jobs: kind, state (`waiting`, `due`, `running`, `parked`), how many.
    pub async fn open_jobs(&mut self) -> Result<Vec<(String, String, i64)>> {
        let now = self.now();
        Ok(on!(self.tx, c => sqlx::query_as(JOBS).bind(now).fetch_all(c).await)?)
    }

    /// Needs in the queue: rule, whether they are overdue, how many.
    pub async fn need_counts(&mut self) -> Result<Vec<(NeedRule, bool, i64)>> {
        let now = self.now();
        Ok(on!(self.tx, c => sqlx::query_as(NEEDS).bind(now).fetch_all(c).await)?)
    }

    /// Mails that have not left.
    pub async fn open_mails(&mut self) -> Result<OpenMails> {
        let rows: Vec<(MailState, i64, Option<Instant>)> =
            on!(self.tx, c => sqlx::query_as(MAILS).fetch_all(c).await)?;
        let oldest = rows.iter().filter_map(|(_, _, at)| *at).min();
        Ok(OpenMails { counts: rows.into_iter().map(|(state, count, _)| (state, count)).collect(), oldest })
    }

    /// How far the audit is sealed.
    pub async fn sealing(&mut self) -> Result<Sealing> {
        let (unsealed, oldest): (i64, Option<Instant>) =
            on!(self.tx, c => sqlx::query_as(UNSEALED).fetch_one(c).await)?;
        let (head,): (Option<i64>,) = on!(self.tx, c => sqlx::query_as(HEAD).fetch_one(c).await)?;
        Ok(Sealing { head: head.unwrap_or_default(), unsealed, oldest })
    }

    /// When a worker should have carried out what is due each minute, and whether one does so now; `None` where no worker
    /// has ever started.
    pub async fn worker_beat(&mut self) -> Result<Option<(Instant, bool)>> {
        Ok(on!(self.tx, c => sqlx::query_as(BEAT).fetch_optional(c).await)?)
    }
}
