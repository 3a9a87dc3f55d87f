//! A person signs out. The session itself is ended by the page's guard; this writes that it happened.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        refused::Refused,
        scope::Scope,
    },
};

/// Writes the audit line of a sign-out; errs when the database is away.
pub async fn sign_out(app: &App, scope: &Scope) -> Result<(), Refused> {
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "person.sign_out", scope.person.as_str());
    Ok(app.store.write().await?.commit(&[line.of(&scope.brokerage)]).await?)
}
