//! Checks the mailboxes of a roster once more that do not work or were not reached; those that work are left alone.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{ConnectionId, EventId, JobId},
        job::Job,
        refused::Refused,
        scope::Scope,
    },
};

use super::{
    needs::{self, Parked},
    roster::opening_attempt,
    start_roster::{STARTS, UNDER_WAY},
};

const NOTHING: Refused =
    Refused::Conflict("Every mailbox of the list works. There is nothing to check again.");

/// Has them checked, with the credential that the connection has now. `round` is the run that the page showed.
///
/// Errs when the connection is not this brokerage's or has no roster, with a conflict when a run is under way or there
/// is nothing to check, and when it was done too often.
pub async fn check_rest(app: &App, scope: &Scope, id: &ConnectionId, round: i64) -> Result<(), Refused> {
    STARTS.of(app, scope.brokerage.as_str()).press(app.store.write().await?).await?;
    let (event, job) = (app.new_id(EventId::from_random), app.new_id(JobId::from_random));
    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let roster = write.roster_of(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    if roster.round != round || roster.ended.is_none() {
        return Err(UNDER_WAY);
    }
    let attempt = opening_attempt(&mut write, &connection).await?;
    write.reopen_roster(&roster, &attempt.id, (&scope.person, &event)).await?;
    let again = write.roster_of(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    if again.done == again.mailboxes {
        return Err(NOTHING);
    }
    let now = write.now();
    write.enqueue(job, &Job::CheckRoster(roster.id), Some(&scope.brokerage), now).await?;
    needs::settle(&mut write, id, Parked::Over).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "roster.again", id.as_str())
        .of(&scope.brokerage)
        .with("attempt", attempt.id.as_str())
        .with("mailboxes", (again.mailboxes - again.done).to_string());
    Ok(write.commit(&[line]).await?)
}
