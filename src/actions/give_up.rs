//! Gives a job to staff that cannot be carried out: nothing is dropped silently.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        job::{Claimed, Job},
    },
};

use super::{
    check_roster, clear_mailbox, have_audit_verified, make_certificate,
    needs::{self, Parked},
    recognise, reveal, run_check, send_mail, sweep,
    undone::{Undone, held},
};

/// Parks a job and moves what it was about to where people see it. `why` is for staff and holds no secret. Where the
/// rows that it is about cannot be moved, the job alone is parked; a round of what goes on for ever is put off instead.
///
/// Errs when the lease was lost or the database is away.
pub async fn give_up(app: &App, claimed: &Claimed, why: &str) -> Result<(), Undone> {
    tracing::error!(job = %claimed.id, kind = claimed.job.kind(), why, "a job is given up");
    let given_up = match &claimed.job {
        Job::RunCheck(check) => run_check::give_up(app, claimed, check, why).await,
        Job::Reveal(look) => reveal::give_up(app, claimed, look).await,
        Job::MakeCertificate(_) | Job::Remind(_) | Job::ReturnItem(_) => park(app, claimed, why).await,
        Job::CheckRoster(roster) => check_roster::give_up(app, claimed, roster, why).await,
        Job::ClearMailbox(check) => clear_mailbox::give_up(app, claimed, check, why).await,
        Job::RecogniseDomain(_) => recognise::give_up(app, claimed).await,
        Job::SendMail(mail) | Job::SendCode(mail) => send_mail::give_up(app, claimed, mail, why).await,
        Job::VerifyAudit(verification) => have_audit_verified::give_up(app, claimed, verification, why).await,
        Job::Sweep | Job::TellStaff | Job::DailyMail => return sweep::put_off(app, claimed).await,
    };
    match given_up {
        Err(Undone::Ours(error)) => {
            tracing::error!(job = %claimed.id, error, "what a job is about was not moved; the job alone is parked");
            park(app, claimed, why).await
        }
        other => other,
    }
}

async fn park(app: &App, claimed: &Claimed, why: &str) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.park_job(claimed, why).await?)?;
    let about = match &claimed.job {
        Job::RunCheck(check) | Job::ClearMailbox(check) => write.connection_of_check(check).await?,
        Job::MakeCertificate(draft) => make_certificate::connection_of(&mut write, draft).await?,
        Job::CheckRoster(roster) => {
            let roster = write.roster_of_job(roster).await?;
            roster.map(|roster| (roster.brokerage_id, roster.connection_id))
        }
        Job::Remind(attempt) => match &claimed.brokerage_id {
            Some(brokerage) => {
                let stored = write.attempt(brokerage, attempt).await?;
                stored.map(|stored| (brokerage.clone(), stored.attempt.connection_id))
            }
            None => None,
        },
        Job::ReturnItem(connection) => {
            claimed.brokerage_id.clone().map(|brokerage| (brokerage, connection.clone()))
        }
        Job::RecogniseDomain(_)
        | Job::SendMail(_)
        | Job::SendCode(_)
        | Job::Reveal(_)
        | Job::VerifyAudit(_)
        | Job::TellStaff
        | Job::DailyMail
        | Job::Sweep => None,
    };
    if let Some((brokerage, connection)) = about {
        // Held, so that a note written at the same time is not settled from an older picture.
        write.hold_connection(&brokerage, &connection).await?;
        needs::settle(&mut write, &connection, Parked::Now).await?;
    }
    Ok(write.commit(&[AuditLine::new(Actor::System, "job.park", claimed.id.as_str())]).await?)
}
