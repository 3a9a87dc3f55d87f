//! The end of the run of an attempt's check: the verdict and everything that follows from it, in one transaction.

use jiff::{SignedDuration, civil::Date};

use crate::{
    actions::{
        access_ends::Going,
        advance::{Decided, advance},
        decide::{Decision, Look, Standing},
        left_items::try_anew,
        needs::{self, Parked},
        queue_check::queue_check,
        remind,
        undone::Undone,
    },
    app::App,
    domain::{
        attempt::{Attempt, AttemptEnd},
        check::{Origin, Verdict},
        check_reason::CheckReason,
        connection::{Connection, Event, State},
        ids::CheckId,
        job::Claimed,
    },
    store::{NewCheck, PreparedMail, Write},
};

use super::{
    load::{Loaded, Submitted},
    outcome_mails,
    ran::Ran,
    verdict::{JobEnd, audit_line, count, judged, write_verdict},
};

/// Writes the verdict of an attempt's check and ends the job.
pub(super) async fn conclude(
    app: &App,
    claimed: &Claimed,
    (loaded, of): (&Loaded, &Submitted),
    ran: Ran,
    end: JobEnd<'_>,
) -> Result<(), Undone> {
    let standing = Standing::of(&loaded.check, of.attempt.kind, of.said_mended, ran.sign_in);
    let (ran, decision) = judged(app, &loaded.check, ran, standing).await?;
    // A pause puts off what was asked for: when it is over, whoever asked may still try a new secret.
    let origin = ran.sign_in.paused_until.map_or(Origin::Schedule, |_| loaded.check.origin);
    let look = decision.look.map(|look| planned(app, (loaded, of), look, origin));
    let mails = match tells_nothing_new((loaded, of), &decision) {
        true => Vec::new(),
        false => outcome_mails::prepare(app, (loaded, of), &decision, &ran, look.as_ref()).await?,
    };
    let password_ends_on = ran.report.password_ends_on();
    let ends_on = loaded.settings(app).ok().and_then(|settings| settings.secret_expires_on());
    let passed = matches!(decision.verdict, Verdict::Passed | Verdict::PassedWithWarnings);
    let replaced = loaded.connection.in_use.as_ref().filter(|in_use| passed && **in_use != of.attempt.id);
    let going = match replaced {
        Some(before) => {
            let mut read = app.store.read().await?;
            let whose = (&loaded.check.brokerage_id, &loaded.check.connection_id);
            Some(Going::prepare(app, &mut read, whose, Some(before), AttemptEnd::Replaced).await?)
        }
        None => None,
    };
    let ends_on = ends_on.or(password_ends_on);
    let follow = Follow { decision, look, mails, ends_on, password_ends_on, going };
    write_all(app, claimed, (loaded, of), &ran, &follow, end).await
}

/// Whether one of our people only looked, and it stands as the office knows: nobody is written to about that.
fn tells_nothing_new((loaded, of): (&Loaded, &Submitted), decision: &Decision) -> bool {
    let looked = loaded.check.reason == Some(CheckReason::Look);
    let failed_before = of.attempt.decided_at.is_some() && of.attempt.cause.is_some();
    looked && failed_before && decision.verdict == Verdict::Failed && of.attempt.cause == decision.cause
}

/// What follows from a report, prepared before the transaction begins.
struct Follow {
    decision: Decision,
    look: Option<NewCheck>,
    mails: Vec<PreparedMail>,
    /// The last day of the secret, for kinds whose secrets have one.
    ends_on: Option<Date>,
    /// The requests to look at the secret that this one takes the place of.
    going: Option<Going>,
    /// The day on which the password ends, where the mail server told it.
    password_ends_on: Option<Date>,
}

/// The check that the schedule makes next.
fn planned(app: &App, (loaded, of): (&Loaded, &Submitted), look: Look, origin: Origin) -> NewCheck {
    let after = SignedDuration::try_from(look.after).unwrap_or(SignedDuration::from_hours(24));
    NewCheck {
        id: app.new_id(CheckId::from_random),
        attempt_id: of.attempt.id.clone(),
        connection_id: loaded.check.connection_id.clone(),
        brokerage_id: loaded.check.brokerage_id.clone(),
        origin,
        requested_by: None,
        staff: None,
        rung: look.rung,
        retries: look.retries,
        due_at: app.clock.now().plus(after),
    }
}

async fn write_all(
    app: &App,
    claimed: &Claimed,
    (loaded, of): (&Loaded, &Submitted),
    ran: &Ran,
    follow: &Follow,
    end: JobEnd<'_>,
) -> Result<(), Undone> {
    let (check, brokerage, decision) = (&loaded.check, &loaded.check.brokerage_id, &follow.decision);
    let mut write = app.store.write().await?;
    let connection = write.hold_connection(brokerage, &check.connection_id).await?;
    let attempt = write.attempt(brokerage, &of.attempt.id).await?.map(|stored| stored.attempt);
    let first = write_verdict(app, &mut write, claimed, check, (ran, decision), end).await?;
    let mut line = audit_line(check, ran, decision).with("attempt", of.attempt.id.as_str());
    let mut lines = Vec::new();
    match connection.zip(attempt) {
        Some((connection, attempt)) if first && is_current(&connection, &attempt, &check.id) => {
            write.guard_connection(brokerage, &connection.id, connection.version).await?;
            let decided = Decided {
                event: Event::Decided(decision.moves),
                cause: decision.cause.as_ref(),
                check: attempt.check_id.as_ref(),
            };
            let state = advance(&mut write, &connection, &attempt, &decided).await?;
            line = line.with("state", state.as_str());
            if let Some(going) = &follow.going {
                lines = going.end(&mut write).await?;
            }
            if matches!(decision.verdict, Verdict::Passed | Verdict::PassedWithWarnings) {
                write.note_password_end(brokerage, &attempt.id, follow.password_ends_on).await?;
                remind::plan(app, &mut write, brokerage, &attempt.id, follow.ends_on).await?;
                try_anew(app, &mut write, brokerage, &connection.id).await?;
            }
            let parked = if matches!(end, JobEnd::Parked(_)) { Parked::Now } else { Parked::Over };
            needs::settle(&mut write, &connection.id, parked).await?;
            post(app, &mut write, follow).await?;
        }
        // Overtaken meanwhile: the verdict is kept, and moves nothing.
        _ => line = line.with("moved", "nothing"),
    }
    lines.push(line);
    write.commit(&lines).await?;
    count(app, loaded, decision);
    Ok(())
}

/// Writes the mails and the next look.
async fn post(app: &App, write: &mut Write, follow: &Follow) -> Result<(), Undone> {
    for mail in &follow.mails {
        write.post_mail(mail).await?;
    }
    if let Some(look) = &follow.look {
        queue_check(app, write, look).await?;
    }
    Ok(())
}

fn is_current(connection: &Connection, attempt: &Attempt, check: &CheckId) -> bool {
    attempt.state == State::Submitted
        && connection.candidate.as_ref() == Some(&attempt.id)
        && attempt.check_id.as_ref() == Some(check)
}
