//! The queue. A job is written in the transaction of what asks for it, taken with a lease, and ended only by the
//! holder of the lease's token: whoever lost the lease changes nothing any more.

use super::{dialect::on, error::Result, read::Read, transaction::Write, wake::Topic};
use crate::domain::{
    ids::{BrokerageId, JobId},
    instant::Instant,
    job::{Claimed, Job},
};

const ENQUEUE: &str = "
INSERT INTO jobs (id, kind, subject, brokerage_id, run_at, attempts, crashes, created_at)
VALUES ($1, $2, $3, $4, $5, 0, 0, $6)
ON CONFLICT (kind, subject) WHERE done_at IS NULL AND parked_at IS NULL
DO UPDATE SET run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END";

// The brokerage with the fewest jobs under way comes first, so that nobody's thousand delay somebody's one.
// The guard stands twice: where two workers chose the same row, the second one's UPDATE sees the first one's lease.
// A lease that ended without an answer is a crash of its holder.
const CLAIM: &str = "
UPDATE jobs
SET leased_by = $1, lease_token = $2, lease_until = $3,
    crashes = crashes + CASE WHEN lease_until IS NULL THEN 0 ELSE 1 END
WHERE id = (
    SELECT waiting.id
    FROM jobs AS waiting
    LEFT JOIN (
        SELECT brokerage_id, COUNT(*) AS busy
        FROM jobs
        WHERE lease_until > $4 AND kind = $6
        GROUP BY brokerage_id
    ) AS running ON running.brokerage_id = waiting.brokerage_id
    WHERE waiting.kind = $6 AND waiting.done_at IS NULL AND waiting.parked_at IS NULL
      AND waiting.run_at <= $5 AND (waiting.lease_until IS NULL OR waiting.lease_until <= $4)
    ORDER BY COALESCE(running.busy, 0), waiting.run_at, waiting.id
    LIMIT 1
)
  AND done_at IS NULL AND parked_at IS NULL AND (lease_until IS NULL OR lease_until <= $4)
RETURNING id, kind, subject, brokerage_id, created_at, attempts, crashes, last_error";

const NEXT_RUN: &str = "
SELECT MIN(run_at)
FROM jobs
WHERE kind = $1 AND done_at IS NULL AND parked_at IS NULL AND lease_until IS NULL";

const RENEW: &str = "
UPDATE jobs SET lease_until = $3
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const HOLDS: &str = "
UPDATE jobs SET lease_token = lease_token
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const FINISH: &str = "
UPDATE jobs SET done_at = $3, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const REPEAT: &str = "
UPDATE jobs
SET run_at = $3, attempts = 0, crashes = 0, last_error = NULL, leased_by = NULL, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const RESCHEDULE: &str = "
UPDATE jobs
SET run_at = $3, attempts = attempts + 1, last_error = $4, leased_by = NULL, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const PUT_OFF: &str = "
UPDATE jobs
SET run_at = $3, leased_by = NULL, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const CRASH: &str = "
UPDATE jobs
SET run_at = $3, crashes = crashes + 1, last_error = $4, leased_by = NULL, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const RELEASE: &str = "
UPDATE jobs SET leased_by = NULL, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const PARK: &str = "
UPDATE jobs
SET parked_at = $3, last_error = $4, leased_by = NULL, lease_token = NULL, lease_until = NULL
WHERE id = $1 AND lease_token = $2 AND done_at IS NULL AND parked_at IS NULL";

const COUNT: &str = "
SELECT
    COALESCE(SUM(CASE WHEN parked_at IS NULL AND lease_until IS NULL THEN 1 ELSE 0 END), 0),
    COALESCE(SUM(CASE WHEN parked_at IS NULL AND lease_until IS NOT NULL THEN 1 ELSE 0 END), 0),
    COALESCE(SUM(CASE WHEN parked_at IS NOT NULL THEN 1 ELSE 0 END), 0)
FROM jobs
WHERE done_at IS NULL";

const DELETE_DONE: &str = "
DELETE FROM jobs
WHERE id IN (SELECT id FROM jobs WHERE done_at < $1 ORDER BY done_at LIMIT $2)";

/// Every text of this file, for the test that prepares them on both databases.
pub(super) const TEXTS: &[&str] = &[
    ENQUEUE,
    CLAIM,
    NEXT_RUN,
    RENEW,
    HOLDS,
    FINISH,
    REPEAT,
    RESCHEDULE,
    PUT_OFF,
    CRASH,
    RELEASE,
    PARK,
    COUNT,
    DELETE_DONE,
];

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: JobId,
    kind: String,
    subject: String,
    brokerage_id: Option<BrokerageId>,
    created_at: Instant,
    attempts: i64,
    crashes: i64,
    last_error: Option<String>,
}

/// How many jobs wait, run and are parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting for their turn or their time.
    pub waiting: i64,
    /// Held by a worker.
    pub running: i64,
    /// Given up; staff look at them.
    pub parked: i64,
}

impl Read {
    /// When the next job of this kind is due that nobody holds; it may be in the past.
    pub async fn next_run(&mut self, kind: &str) -> Result<Option<Instant>> {
        let (at,): (Option<Instant>,) =
            on!(self.tx, c => sqlx::query_as(NEXT_RUN).bind(kind).fetch_one(c).await)?;
        Ok(at)
    }

    /// How many jobs wait, run and are parked.
    pub async fn count_jobs(&mut self) -> Result<JobCounts> {
        let (waiting, running, parked): (i64, i64, i64) =
            on!(self.tx, c => sqlx::query_as(COUNT).fetch_one(c).await)?;
        Ok(JobCounts { waiting, running, parked })
    }
}

impl Write {
    /// Writes a job that runs at `run_at` or soon after. There is one open job for each kind and subject: where
    /// there is one already, it is moved to the earlier of the two times.
    pub async fn enqueue(
        &mut self,
        id: JobId,
        job: &Job,
        brokerage: Option<&BrokerageId>,
        run_at: Instant,
    ) -> Result<()> {
        let now = self.now();
        on!(self.tx, c => sqlx::query(ENQUEUE)
            .bind(id)
            .bind(job.kind())
            .bind(job.subject())
            .bind(brokerage.cloned())
            .bind(run_at)
            .bind(now)
            .execute(c).await.map(|_| ()))?;
        self.wake(Topic::Jobs);
        Ok(())
    }

    /// Takes one due job of this kind until `now + lease`; `None` when there is none, when another worker was
    /// faster, or when the row could not be read: it is parked then. Commit in each case. `who` names this worker in
    /// the table, `token` is fresh randomness.
    pub async fn claim_job(
        &mut self,
        kind: &'static str,
        who: &str,
        token: [u8; 16],
        lease: std::time::Duration,
    ) -> Result<Option<Claimed>> {
        let (now, shared) = (self.now(), self.shared_now().await?);
        let until = shared.plus(jiff::SignedDuration::try_from(lease).unwrap_or_default());
        let row: Option<ClaimRow> = on!(self.tx, c => sqlx::query_as(CLAIM)
            .bind(who)
            .bind(token.to_vec())
            .bind(until)
            .bind(shared)
            .bind(now)
            .bind(kind)
            .fetch_optional(c).await)?;
        let Some(row) = row else { return Ok(None) };
        let Some(job) = Job::parse(&row.kind, &row.subject) else {
            self.park_unreadable(&row.id, token).await?;
            return Ok(None);
        };
        Ok(Some(Claimed {
            id: row.id,
            job,
            brokerage_id: row.brokerage_id,
            created_at: row.created_at,
            attempts: row.attempts,
            crashes: row.crashes,
            last_error: row.last_error,
            lease_token: token,
            lease_until: until,
        }))
    }

    /// Takes a job out of the queue whose subject says nothing: left there it would stand before all others.
    async fn park_unreadable(&mut self, id: &JobId, token: [u8; 16]) -> Result<()> {
        tracing::error!(job = %id, "a job cannot be read and is parked");
        let now = self.now();
        on!(self.tx, c => sqlx::query(PARK)
            .bind(id.clone())
            .bind(token.to_vec())
            .bind(now)
            .bind("its subject cannot be read")
            .execute(c).await.map(|_| ()))?;
        self.wake(Topic::Jobs);
        Ok(())
    }

    /// Prolongs a lease to `now + lease`. `false`: it was lost, and the work's result is worth nothing.
    pub async fn renew_job(&mut self, claimed: &Claimed, lease: std::time::Duration) -> Result<bool> {
        let shared = self.shared_now().await?;
        let until = shared.plus(jiff::SignedDuration::try_from(lease).unwrap_or_default());
        self.end_lease(RENEW, claimed, until).await
    }

    /// Ends a job for good. `false`: the lease was lost; drop this transaction and everything in it.
    #[must_use = "without the lease nothing of this transaction may be committed"]
    pub async fn finish_job(&mut self, claimed: &Claimed) -> Result<bool> {
        let now = self.now();
        self.end_lease(FINISH, claimed, now).await
    }

    /// Ends one round of a lasting job; the next is at `run_at`. `false`: the lease was lost.
    #[must_use = "without the lease nothing of this transaction may be committed"]
    pub async fn repeat_job(&mut self, claimed: &Claimed, run_at: Instant) -> Result<bool> {
        self.wake(Topic::Jobs);
        self.end_lease(REPEAT, claimed, run_at).await
    }

    /// Gives a job back for another try at `run_at`; `why` is for the log and staff and holds no secret.
    #[must_use = "without the lease nothing of this transaction may be committed"]
    pub async fn reschedule_job(&mut self, claimed: &Claimed, run_at: Instant, why: &str) -> Result<bool> {
        self.wake(Topic::Jobs);
        self.end_lease_with(RESCHEDULE, claimed, run_at, why).await
    }

    /// Gives a job back until `run_at`, because there is no room for it yet; that counts neither as a try nor as a
    /// fault.
    #[must_use = "without the lease nothing of this transaction may be committed"]
    pub async fn put_off_job(&mut self, claimed: &Claimed, run_at: Instant) -> Result<bool> {
        self.end_lease(PUT_OFF, claimed, run_at).await
    }

    /// Gives a job back whose work panicked; it counts as a crash.
    #[must_use = "without the lease nothing of this transaction may be committed"]
    pub async fn crash_job(&mut self, claimed: &Claimed, run_at: Instant, why: &str) -> Result<bool> {
        self.end_lease_with(CRASH, claimed, run_at, why).await
    }

    /// Takes a job out of the queue until staff look at it.
    #[must_use = "without the lease nothing of this transaction may be committed"]
    pub async fn park_job(&mut self, claimed: &Claimed, why: &str) -> Result<bool> {
        let now = self.now();
        self.end_lease_with(PARK, claimed, now, why).await
    }

    /// Whether the lease is still this worker's; it stays so until this transaction ends.
    pub async fn holds_job(&mut self, claimed: &Claimed) -> Result<bool> {
        self.touch_lease(HOLDS, claimed).await
    }

    /// Gives a job back untouched, because this worker stops.
    pub async fn release_job(&mut self, claimed: &Claimed) -> Result<bool> {
        self.wake(Topic::Jobs);
        self.touch_lease(RELEASE, claimed).await
    }

    async fn touch_lease(&mut self, text: &'static str, claimed: &Claimed) -> Result<bool> {
        let done = on!(self.tx, c => sqlx::query(text)
            .bind(claimed.id.clone())
            .bind(claimed.lease_token.to_vec())
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    /// Deletes up to `most` jobs that were done before `before`; how many went.
    pub async fn delete_done_jobs(&mut self, before: Instant, most: i64) -> Result<u64> {
        Ok(on!(self.tx, c => sqlx::query(DELETE_DONE)
            .bind(before)
            .bind(most)
            .execute(c).await.map(|done| done.rows_affected()))?)
    }

    async fn end_lease(&mut self, text: &'static str, claimed: &Claimed, at: Instant) -> Result<bool> {
        let done = on!(self.tx, c => sqlx::query(text)
            .bind(claimed.id.clone())
            .bind(claimed.lease_token.to_vec())
            .bind(at)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }

    async fn end_lease_with(
        &mut self,
        text: &'static str,
        claimed: &Claimed,
        at: Instant,
        why: &str,
    ) -> Result<bool> {
        let done = on!(self.tx, c => sqlx::query(text)
            .bind(claimed.id.clone())
            .bind(claimed.lease_token.to_vec())
            .bind(at)
            .bind(why)
            .execute(c).await.map(|done| done.rows_affected()))?;
        Ok(done == 1)
    }
}
