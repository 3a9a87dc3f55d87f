//! Deletes what its time is over for, and notes the requests to look at a secret that ran out. Each kind goes in small batches, so that nobody waits long for the database,
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
    store::{self, Over, Quiet},
};

use super::{
    access_ends::note_run_out,
    left_items::have_removed,
    undone::{Undone, held},
};

/// Rows that go in one transaction.
const BATCH: i64 = 200;
/// The pause between two rounds: the shortest promise is ten minutes, and a round may be late by one of these.
const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// The pause after rounds whose worker was lost: a round that kills its worker shall not kill them all at once.
const AFTER_A_FAILURE: SignedDuration = SignedDuration::from_mins(5);

const CODES: SignedDuration = SignedDuration::from_mins(10);
/// After its code's end: whoever has proven it in time may still be writing their company's name.
const SIGN_INS: SignedDuration = SignedDuration::from_mins(60);
/// The outbox's rows of sign-in codes: long enough to see why a mail did not come, then its address goes.
const CODE_MAILS: SignedDuration = SignedDuration::from_hours(23);
/// After a window's end. Whoever asks again does so soon, and counts in several windows at once: a round that deleted them in
/// another order just then would have the two wait for each other, until the database ended one of them.
const LIMITS: SignedDuration = SignedDuration::from_hours(1);
/// A session's end was written by the clock of another process.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(10);
const FORM_KEYS: SignedDuration = SignedDuration::from_hours(24);
/// What was written to an office: once it is sent, the outbox has it.
const MESSAGES: SignedDuration = SignedDuration::from_hours(24);
const DONE_JOBS: SignedDuration = SignedDuration::from_hours(30 * 24);
const MAIL_BYTES: SignedDuration = SignedDuration::from_hours(90 * 24);
const SECRETS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Of a closed connection: long enough to think better of it.
pub const CLOSED_SECRETS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A clean-up that no job is to make: its check ended in a way that wrote none.
const FORGOTTEN: SignedDuration = SignedDuration::from_mins(10);
/// An office that comes back after a quarter of a year may have moved.
const RECOGNITIONS: SignedDuration = SignedDuration::from_hours(90 * 24);
/// What was tested before it was submitted, and never was.
const DRY_RUNS: SignedDuration = SignedDuration::from_hours(30 * 24);
const STEP_FACTS: SignedDuration = SignedDuration::from_hours(400 * 24);

/// Carries out the job: one round, then the next is scheduled. A kind that cannot be deleted keeps no other from it:
/// staff read of it in the log, and the next round tries it again.
///
/// Errs when the lease was lost or the database is away.
pub async fn sweep(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let now = app.clock.now();
    // Each on the heap: together they are more than a thread's stack is made for.
    told("codes", Box::pin(codes(app, now)).await);
    told("drafts", Box::pin(drafts(app)).await);
    told("form_keys", Box::pin(form_keys(app, now)).await);
    told("sessions", Box::pin(sessions(app, now)).await);
    told("staff_sessions", Box::pin(staff_sessions(app, now)).await);
    told("sign_ins", Box::pin(sign_ins(app)).await);
    told("limits", Box::pin(limits(app)).await);
    told("code_mails", Box::pin(code_mails(app, now)).await);
    told("jobs", Box::pin(done_jobs(app, now)).await);
    told("mail_bytes", Box::pin(mail_bytes(app, now)).await);
    told("steps", Box::pin(steps(app, now)).await);
    told("tries", Box::pin(tries(app, now)).await);
    told("dry_runs", Box::pin(dry_runs(app, now)).await);
    told("rosters", Box::pin(rosters(app, now)).await);
    told("test_items", Box::pin(test_items(app, now)).await);
    told("reveals", Box::pin(reveals(app)).await);
    told("run_out", Box::pin(note_run_out(app, now)).await);
    told("secrets", Box::pin(secrets(app, now)).await);
    told("messages", Box::pin(messages(app, now)).await);
    told("recognitions", Box::pin(recognitions(app, now)).await);
    let mut write = app.store.write().await?;
    held(write.repeat_job(claimed, now.plus(EVERY)).await?)?;
    Ok(write.commit_quietly(Quiet::Tick).await?)
}

fn told(kind: &'static str, swept: store::Result<()>) {
    if let Err(error) = swept {
        tracing::error!(%error, kind, "what its time is over for was not deleted; the next round tries again");
    }
}

/// Puts a round off that could not be carried out: it is never given up, for nothing else deletes.
///
/// Errs when the lease was lost or the database is away.
pub(super) async fn put_off(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    let next = write.now().plus(AFTER_A_FAILURE);
    held(write.repeat_job(claimed, next).await?)?;
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

async fn messages(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::Draft, write => write.delete_old_messages(now.plus(-MESSAGES), BATCH));
    Ok(())
}

async fn codes(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::MailProgress, write => write.drop_old_codes(now.plus(-CODES), BATCH));
    Ok(())
}

/// Answers to a press that nobody has read.
async fn reveals(app: &App) -> store::Result<()> {
    let mut write = app.store.write().await?;
    write.delete_old_reveals().await?;
    write.commit_quietly(Quiet::Tick).await
}

async fn drafts(app: &App) -> store::Result<()> {
    let mut write = app.store.write().await?;
    write.delete_ended_secrets().await?;
    write.commit_quietly(Quiet::Draft).await
}

async fn form_keys(app: &App, now: Instant) -> store::Result<()> {
    let mut write = app.store.write().await?;
    write.delete_old_form_keys(now.plus(-FORM_KEYS)).await?;
    write.commit_quietly(Quiet::Tick).await
}

async fn sessions(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::Session, write => write.delete_old_sessions(now.plus(-CLOCKS_APART), BATCH));
    Ok(())
}

async fn staff_sessions(app: &App, now: Instant) -> store::Result<()> {
    let before = now.plus(-CLOCKS_APART);
    batches!(app, Quiet::Session, write => write.delete_old_staff_sessions(before, BATCH));
    batches!(app, Quiet::Session, write => write.delete_old_staff_returns(before, BATCH));
    Ok(())
}

/// Codes and limits count by the clock that all processes share, and so does their end.
async fn shared_now(app: &App) -> store::Result<Instant> {
    app.store.read().await?.shared_now().await
}

async fn sign_ins(app: &App) -> store::Result<()> {
    let shared = shared_now(app).await?;
    batches!(app, Quiet::Session, write => write.delete_old_sign_ins(shared.plus(-SIGN_INS), BATCH));
    Ok(())
}

async fn limits(app: &App) -> store::Result<()> {
    let over = shared_now(app).await?.plus(-LIMITS);
    batches!(app, Quiet::RateLimit, write => write.delete_old_limits(over, BATCH));
    Ok(())
}

async fn code_mails(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::MailProgress, write => write.delete_old_code_mails(now.plus(-CODE_MAILS), BATCH));
    Ok(())
}

async fn done_jobs(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::Tick, write => write.delete_done_jobs(now.plus(-DONE_JOBS), BATCH));
    Ok(())
}

async fn mail_bytes(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::MailProgress, write => write.drop_old_mail_bytes(now.plus(-MAIL_BYTES), BATCH));
    Ok(())
}

async fn steps(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::Step, write => write.delete_steps(now.plus(-STEP_FACTS), BATCH));
    Ok(())
}

async fn recognitions(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::Tick, write => write.delete_old_recognitions(now.plus(-RECOGNITIONS), BATCH));
    Ok(())
}

async fn dry_runs(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::Step, write => write.delete_old_dry_runs(now.plus(-DRY_RUNS), BATCH));
    Ok(())
}

async fn tries(app: &App, now: Instant) -> store::Result<()> {
    batches!(app, Quiet::Step, write => write.delete_tries(now.plus(-STEP_FACTS), BATCH));
    Ok(())
}

async fn rosters(app: &App, now: Instant) -> store::Result<()> {
    // Each has up to twenty thousand rows: one at a time.
    loop {
        let mut write = app.store.write().await?;
        let gone = write.delete_old_rosters(now.plus(-STEP_FACTS), 1).await?;
        write.commit_quietly(Quiet::Step).await?;
        if gone == 0 {
            return Ok(());
        }
    }
}

async fn test_items(app: &App, now: Instant) -> store::Result<()> {
    let forgotten = app.store.read().await?.forgotten_items(now.plus(-FORGOTTEN), BATCH).await?;
    for (check, brokerage) in forgotten {
        let mut write = app.store.write().await?;
        have_removed(app, &mut write, &brokerage, &check).await?;
        write.commit_quietly(Quiet::Tick).await?;
    }
    batches!(app, Quiet::Step, write => write.delete_items(now.plus(-STEP_FACTS), BATCH));
    Ok(())
}

async fn secrets(app: &App, now: Instant) -> store::Result<()> {
    let over = Over { out_of_use: now.plus(-SECRETS), closed: now.plus(-CLOSED_SECRETS) };
    loop {
        let left = app.store.read().await?.left_over_secrets(over, BATCH).await?;
        let mut write = app.store.write().await?;
        let mut lines = Vec::with_capacity(left.len());
        for one in &left {
            if !write.destroy_secret(one, over).await? {
                continue;
            }
            let line = AuditLine::new(Actor::System, "secret.destroy", one.secret_id.as_str())
                .of(&one.brokerage_id)
                .with("attempt", one.attempt_id.as_str());
            lines.push(line);
        }
        if lines.is_empty() {
            return Ok(());
        }
        write.commit(&lines).await?;
    }
}
