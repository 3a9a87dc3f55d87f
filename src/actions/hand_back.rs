//! One of our people gives a connection back to the queue.

use super::take_item::MAY_NOT_TAKE;
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::ConnectionId,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
};

/// Gives it back; `seen` is the version of the review that the page showed. One that nobody has stays so.
///
/// Errs when no role may, when there is no such connection, and with a conflict when a colleague has it.
pub async fn hand_back(app: &App, scope: &StaffScope, id: &ConnectionId, seen: i64) -> Result<(), Refused> {
    if !scope.may(Deed::TakeItem) {
        return Err(MAY_NOT_TAKE);
    }
    let mut write = app.store.write().await?;
    let mut all = write.all_brokerages(scope)?;
    let brokerage = all.whose(id).await?.ok_or(Refused::NotFound)?;
    let review = all.review(id).await?.ok_or(Refused::NotFound)?;
    let Some(taken) = review.taken else { return Ok(()) };
    if taken.staff != scope.staff {
        return Err(Refused::Conflict("A colleague took this meanwhile, so there is nothing to give back."));
    }
    write.hand_back(id, seen, &scope.staff).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "item.hand_back", id.as_str());
    Ok(write.commit(&[line.of(&brokerage)]).await?)
}
