//! One of our people says whether single letters do something in the queue.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        refused::Refused,
        staff::StaffScope,
    },
};

/// Keeps their choice, for every browser of theirs.
///
/// Errs when the database is away.
pub async fn choose_keys(app: &App, scope: &StaffScope, on: bool) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    write.choose_staff_keys(&scope.staff, on).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "staff.keys", scope.staff.as_str());
    Ok(write.commit(&[line.with("on", if on { "yes" } else { "no" })]).await?)
}
