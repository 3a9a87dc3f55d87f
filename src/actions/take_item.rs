//! One of our people takes a connection of the queue, so that others see who looks after it.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::ConnectionId,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
};

/// What somebody reads whose roles do not take items.
pub(super) const MAY_NOT_TAKE: Refused =
    Refused::Forbidden("None of your roles takes connections. Ask a reviewer.");

/// Takes it where nobody has it: what a press in a list may do, where nobody has looked who does.
///
/// Errs as [`take_item`] does, and with a conflict when a colleague has it.
pub async fn take_free_item(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
) -> Result<(), Refused> {
    take(app, scope, id, seen, false).await
}

/// Takes it, also from a colleague; `seen` is the version of the review that the page showed. Who has it already keeps
/// it.
///
/// Errs when no role may, when there is no such connection, and with a conflict when somebody was faster.
pub async fn take_item(app: &App, scope: &StaffScope, id: &ConnectionId, seen: i64) -> Result<(), Refused> {
    take(app, scope, id, seen, true).await
}

async fn take(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    over: bool,
) -> Result<(), Refused> {
    if !scope.may(Deed::TakeItem) {
        return Err(MAY_NOT_TAKE);
    }
    let mut write = app.store.write().await?;
    let mut all = write.all_brokerages(scope)?;
    let brokerage = all.whose(id).await?.ok_or(Refused::NotFound)?;
    let review = all.review(id).await?.ok_or(Refused::NotFound)?;
    let before = review.taken.as_ref();
    if before.is_some_and(|taken| taken.staff == scope.staff) {
        return Ok(());
    }
    if review.version != seen {
        return Err(Refused::Conflict(if before.is_some() {
            "A colleague took this meanwhile, or was handed it. Look who has it, then decide."
        } else {
            "This was taken and given back meanwhile. Look at it again."
        }));
    }
    if before.is_some() && !over {
        return Err(Refused::Conflict("A colleague has this. Look who it is, then decide."));
    }
    let from = before.map(|taken| taken.staff.as_str().to_owned());
    write.take_item(id, seen, &scope.staff).await?;
    let mut line = AuditLine::new(Actor::Staff(scope.staff.clone()), "item.take", id.as_str()).of(&brokerage);
    if let Some(from) = from {
        line = line.with("from", from);
    }
    Ok(write.commit(&[line]).await?)
}
