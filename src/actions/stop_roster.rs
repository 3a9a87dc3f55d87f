//! Stops the check of all mailboxes: those that are open are left as they were found, and no further one is opened.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::ConnectionId,
        refused::Refused,
        scope::Scope,
    },
};

/// Asks for it; the worker that is at it stops within a second. A second press changes nothing.
///
/// Errs when the connection is not this brokerage's or has no roster.
pub async fn stop_roster(app: &App, scope: &Scope, id: &ConnectionId) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let roster = write.roster_of(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    if !write.ask_roster_to_stop(&scope.brokerage, &roster.id).await? {
        return Ok(());
    }
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "roster.stop", id.as_str())
        .of(&scope.brokerage)
        .with("done", roster.done.to_string());
    Ok(write.commit(&[line]).await?)
}
