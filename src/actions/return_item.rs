//! What was put off comes back to the queue when its time has come. One job of the connection does this: it looks when
//! that is now, for it may have been put off once more, or come back by itself.

use super::undone::{Undone, held};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::ConnectionId,
        job::Claimed,
    },
    store::Quiet,
};

/// Carries out the job.
///
/// Errs when the lease was lost or the database is away.
pub async fn return_item(app: &App, claimed: &Claimed, id: &ConnectionId) -> Result<(), Undone> {
    let Some(brokerage) = &claimed.brokerage_id else { return Ok(()) };
    let mut write = app.store.write().await?;
    write.hold_connection(brokerage, id).await?;
    match write.snoozed_until(id).await? {
        Some(until) if until > write.now() => {
            held(write.repeat_job(claimed, until).await?)?;
            Ok(write.commit_quietly(Quiet::Tick).await?)
        }
        None => {
            held(write.finish_job(claimed).await?)?;
            Ok(write.commit_quietly(Quiet::Tick).await?)
        }
        Some(_) => {
            write.return_item(id).await?;
            held(write.finish_job(claimed).await?)?;
            let line = AuditLine::new(Actor::System, "item.return", id.as_str()).of(brokerage);
            Ok(write.commit(&[line]).await?)
        }
    }
}
