//! Whoever takes lines of the audit away as a file stands in it themselves.

use std::time::Duration;

use tokio::{sync::broadcast::Receiver, time::timeout};

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        instant::Instant,
        refused::Refused,
        staff::StaffScope,
    },
    store::{self, Topic},
};

/// The verb of the line that tells of a file.
pub(super) const TAKEN: &str = "audit.export";

/// The sealer seals within a second. Where there is none, the file says which of its lines nothing proves.
const SEALED_WITHIN: Duration = Duration::from_secs(3);

/// Notes that a file of this sort is taken, before the first line of it leaves, and gives the time at which it is. Of the
/// `whole` audit every line up to that time shall be sealed in the file: it waits for the sealer, but not for long.
///
/// Errs when no role may, and when the database is away: then nothing leaves.
pub async fn export_audit(
    app: &App,
    scope: &StaffScope,
    sort: &'static str,
    whole: bool,
) -> Result<Instant, Refused> {
    let mut woken = app.store.wakes().hear();
    let mut write = app.store.write().await?;
    write.records(scope)?;
    let taken = app.clock.now();
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), TAKEN, "audit").with("file", sort);
    write.commit(&[line]).await?;
    if whole && let Ok(sealed) = timeout(SEALED_WITHIN, sealed(app, &mut woken, taken)).await {
        sealed?;
    }
    Ok(taken)
}

/// Waits until no line of before waits for the sealer.
async fn sealed(app: &App, woken: &mut Receiver<Topic>, before: Instant) -> store::Result<()> {
    loop {
        let oldest = app.store.read().await?.unsealed(1).await?.pop();
        if oldest.is_none_or(|line| line.at > before) {
            return Ok(());
        }
        // Whoever hears too late looks again.
        while !matches!(woken.recv().await, Ok(Topic::Sealed | Topic::Everything) | Err(_)) {}
    }
}
