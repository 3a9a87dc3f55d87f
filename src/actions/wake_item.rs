//! One of our people takes a connection back into the queue that was put off.

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

/// Takes it back into the queue; one that is not put off stays as it is.
///
/// Errs when no role may, and when there is no such connection.
pub async fn wake_item(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<(), Refused> {
    if !scope.may(Deed::TakeItem) {
        return Err(MAY_NOT_TAKE);
    }
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    write.hold_connection(&brokerage, id).await?;
    if write.snoozed_until(id).await?.is_none() {
        return Ok(());
    }
    write.return_item(id).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "item.wake", id.as_str());
    Ok(write.commit(&[line.of(&brokerage)]).await?)
}
