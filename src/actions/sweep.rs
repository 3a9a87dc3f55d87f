//! Deletes what its time is over for. Each kind goes in small batches, so that nobody waits long for the database,
//! and the next round is scheduled in the transaction that ends this one.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::JobId,
        instant::Instant,
        job::{Claimed, Job},
    },
    store::{self, Quiet},
};

use super::undone::{Undone, held};

/// Rows that go in one transaction.
const BATCH: i64 = 200;
/// The pause between two rounds: the shortest promise is ten minutes, and a round may be late by one of these.
const EVERY: SignedDuration = SignedDuration::from_mins(1);

const CODES: SignedDuration = SignedDuration::from_mins(10);
/// After its code's end: whoever has proven it in time may still be writing their company's name.
const SIGN_INS: SignedDuration = SignedDuration::from_mins(60);
/// The outbox's rows of sign-in codes: long enough to see why a mail did not come, then its address goes.
const CODE_MAILS: SignedDuration = SignedDuration::from_hours(23);
/// A session's end was written by the clock of another process.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(10);
const FORM_KEYS: SignedDuration = SignedDuration::from_hours(24);
const DONE_JOBS: SignedDuration = SignedDuration::from_hours(30 * 24);
const MAIL_BYTES: SignedDuration = SignedDuration::from_hours(90 * 24);
const SECRETS: SignedDuration = SignedDuration::from_hours(30 * 24);
const STEP_FACTS: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Carries out the job: one round, then the next is scheduled.
///
/// Errs when the lease was lost or the database is away.
pub async fn sweep(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let now = app.clock.now();
    codes(app, now).await?;
    drafts(app).await?;
    bookkeeping(app, now).await?;
    secrets(app, now).await?;
    let mut write = app.store.write().await?;
    held(write.repeat_job(claimed, now.plus(EVERY)).await?)?;
    Ok(write.commit_quietly(Quiet::Tick).await?)
}

/// Makes sure that a round is scheduled. Every worker does so when it starts; there is one open round in all.
pub async fn ensure_scheduled(app: &App) -> store::Result<()> {
    let mut write = app.store.write().await?;
    write.enqueue(app.new_id(JobId::from_random), &Job::Sweep, None, app.clock.now()).await?;
    write.commit_quietly(Quiet::Tick).await
}

/// Repeats one small transaction until it finds nothing more.
macro_rules! batches {
    ($app:expr, $quiet:expr, $write:ident => $delete:expr) => {
        loop {
            let mut $write = $app.store.write().await?;
            let gone = $delete.await?;
            $write.commit_quietly($quiet).await?;
            if gone < BATCH.unsigned_abs() {
                break;
            }
        }
    };
}

async fn codes(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::MailProgress, write => write.drop_old_codes(now.plus(-CODES), BATCH));
    Ok(())
}

async fn drafts(app: &App) -> store::Result<()> {
    let mut write = app.store.write().await?;
    write.delete_ended_secrets().await?;
    write.commit_quietly(Quiet::Draft).await
}

async fn bookkeeping(app: &App, now: Instant) -> store::Result<()> {
    let mut write = app.store.write().await?;
    write.delete_old_form_keys(now.plus(-FORM_KEYS)).await?;
    write.commit_quietly(Quiet::Tick).await?;
    batches!(app, Quiet::Session, write => write.delete_old_sessions(now.plus(-CLOCKS_APART), BATCH));
    // Codes and limits count by the clock that all processes share, and so does their end.
    let shared = app.store.read().await?.shared_now().await?;
    batches!(app, Quiet::Session, write => write.delete_old_sign_ins(shared.plus(-SIGN_INS), BATCH));
    batches!(app, Quiet::RateLimit, write => write.delete_old_limits(shared, BATCH));
    batches!(app, Quiet::MailProgress, write => write.delete_old_code_mails(now.plus(-CODE_MAILS), BATCH));
    batches!(app, Quiet::Tick, write => write.delete_done_jobs(now.plus(-DONE_JOBS), BATCH));
    batches!(app, Quiet::MailProgress, write => write.drop_old_mail_bytes(now.plus(-MAIL_BYTES), BATCH));
    batches!(app, Quiet::Step, write => write.delete_steps(now.plus(-STEP_FACTS), BATCH));
    batches!(app, Quiet::Step, write => write.delete_tries(now.plus(-STEP_FACTS), BATCH));
    Ok(())
}

async fn secrets(app: &App, now: Instant) -> store::Result<()> {
    loop {
        let left = app.store.read().await?.left_over_secrets(now.plus(-SECRETS), BATCH).await?;
        if left.is_empty() {
            return Ok(());
        }
        let mut write = app.store.write().await?;
        let mut lines = Vec::with_capacity(left.len());
        for one in &left {
            write.destroy_secret(one).await?;
            let line = AuditLine::new(Actor::System, "secret.destroy", one.secret_id.as_str())
                .of(&one.brokerage_id)
                .with("attempt", one.attempt_id.as_str());
            lines.push(line);
        }
        write.commit(&lines).await?;
    }
}
