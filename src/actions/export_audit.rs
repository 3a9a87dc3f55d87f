//! Whoever takes lines of the audit away as a file stands in it themselves.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        refused::Refused,
        staff::StaffScope,
    },
};

/// Notes that a file of this sort is taken, before the first line of it leaves.
///
/// Errs when no role may, and when the database is away: then nothing leaves.
pub async fn export_audit(app: &App, scope: &StaffScope, sort: &'static str) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    write.records(scope)?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "audit.export", "audit").with("file", sort);
    Ok(write.commit(&[line]).await?)
}
