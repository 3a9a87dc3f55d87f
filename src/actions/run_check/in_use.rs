//! The run of a check of the credential in use. Nothing moves and no office is written to: what fails stands among what
//! needs one of our people, until a later run passes or something else is in use.

use crate::{
    actions::{
        decide::Standing,
        left_items::{have_removed, try_anew},
        needs::{self, Parked},
        undone::{Undone, held},
    },
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        check::Verdict,
        connection::{Connection, State},
        ids::AttemptId,
        job::Claimed,
    },
    store::Write,
};

use super::{
    begin::{Begun, started},
    load::{Loaded, Submitted},
    ran::Ran,
    verdict::{JobEnd, audit_line, count, judged, write_verdict},
};

/// Higher than any ladder: what worked before waits for no change of its provider's.
const BEYOND_THE_LADDER: i64 = i64::MAX;

/// Begins a run; `None` when it is over, or ends here because something else is in use by now.
pub(super) async fn begin(
    app: &App,
    claimed: &Claimed,
    loaded: &Loaded,
    attempt: &AttemptId,
) -> Result<Option<Begun>, Undone> {
    let (check, brokerage) = (&loaded.check, &loaded.check.brokerage_id);
    let mut write = app.store.write().await?;
    let connection = write.hold_connection(brokerage, &check.connection_id).await?;
    held(write.holds_job(claimed).await?)?;
    if !connection.is_some_and(|connection| is_in_use(&connection, attempt)) {
        write.insert_verdict(&check.id, check.run, Verdict::CouldNotTell, None, &[]).await?;
        have_removed(app, &mut write, brokerage, &check.id).await?;
        let line = AuditLine::new(Actor::System, "check.drop", check.id.as_str())
            .of(brokerage)
            .with("attempt", attempt.as_str());
        write.commit(&[line]).await?;
        return Ok(None);
    }
    started(write, loaded).await
}

/// Writes the verdict and ends the job. No look follows: whoever pressed may press again.
pub(super) async fn conclude(
    app: &App,
    claimed: &Claimed,
    (loaded, of): (&Loaded, &Submitted),
    ran: Ran,
    end: JobEnd<'_>,
) -> Result<(), Undone> {
    let (check, brokerage) = (&loaded.check, &loaded.check.brokerage_id);
    let standing = Standing::of(check, of.attempt.kind, false, ran.sign_in);
    let standing = Standing { rung: BEYOND_THE_LADDER, ..standing };
    let (ran, decision) = judged(app, check, ran, standing).await?;
    let mut write = app.store.write().await?;
    let connection = write.hold_connection(brokerage, &check.connection_id).await?;
    let first = write_verdict(app, &mut write, claimed, check, (&ran, &decision), end).await?;
    if first {
        remember(app, &mut write, (loaded, of), decision.verdict).await?;
    }
    let still = connection.is_some_and(|connection| is_in_use(&connection, &of.attempt.id));
    let parked = if still && matches!(end, JobEnd::Parked(_)) { Parked::Now } else { Parked::AsBefore };
    needs::settle(&mut write, &check.connection_id, parked).await?;
    let line = audit_line(check, &ran, &decision).with("attempt", of.attempt.id.as_str());
    write.commit(&[line.with("in_use", "yes")]).await?;
    count(app, loaded, &decision);
    Ok(())
}

/// Notes whether it works. What could not be told leaves what is known.
async fn remember(
    app: &App,
    write: &mut Write,
    (loaded, of): (&Loaded, &Submitted),
    verdict: Verdict,
) -> Result<(), Undone> {
    let (check, brokerage) = (&loaded.check, &loaded.check.brokerage_id);
    match verdict {
        Verdict::Failed => {
            write.note_failed_in_use(brokerage, &of.attempt.id, Some(&check.id)).await?;
        }
        Verdict::Passed | Verdict::PassedWithWarnings => {
            write.note_failed_in_use(brokerage, &of.attempt.id, None).await?;
            try_anew(app, write, brokerage, &check.connection_id).await?;
        }
        Verdict::WaitingForProvider | Verdict::CouldNotTell => {}
    }
    Ok(())
}

fn is_in_use(connection: &Connection, attempt: &AttemptId) -> bool {
    connection.state == State::Verified && connection.in_use.as_ref() == Some(attempt)
}
