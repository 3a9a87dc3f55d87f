//! One of our own people signs out. The session itself is ended by the page's guard; this writes that it happened.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        refused::Refused,
        staff::StaffScope,
    },
};

/// Writes the audit line of a sign-out; errs when the database is away.
pub async fn staff_sign_out(app: &App, scope: &StaffScope) -> Result<(), Refused> {
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "staff.sign_out", scope.staff.as_str());
    Ok(app.store.write().await?.commit(&[line]).await?)
}
