//! Gives a job to staff that cannot be carried out: nothing is dropped silently.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        job::{Claimed, Job},
    },
};

use super::{
    run_check, send_mail,
    undone::{Undone, held},
};

/// Parks a job and moves what it was about to where people see it. `why` is for staff and holds no secret.
///
/// Errs when the lease was lost or the database is away.
pub async fn give_up(app: &App, claimed: &Claimed, why: &str) -> Result<(), Undone> {
    tracing::error!(job = %claimed.id, kind = claimed.job.kind(), why, "a job is given up");
    match &claimed.job {
        Job::RunCheck(check) => run_check::give_up(app, claimed, check, why).await,
        Job::SendMail(mail) => send_mail::give_up(app, claimed, mail, why).await,
        // The next start schedules a new one.
        Job::Sweep => park(app, claimed, why).await,
    }
}

async fn park(app: &App, claimed: &Claimed, why: &str) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.park_job(claimed, why).await?)?;
    Ok(write.commit(&[AuditLine::new(Actor::System, "job.park", claimed.id.as_str())]).await?)
}
