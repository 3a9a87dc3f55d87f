//! A person signs out. The session itself is ended by the page's guard; this writes that it
//! happened, and makes worthless the code by which they came.

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
    let mut write = app.store.write().await?;
    write.forget_sign_ins(&scope.person).await?;
    Ok(write.commit(&[line.of(&scope.brokerage)]).await?)
}
