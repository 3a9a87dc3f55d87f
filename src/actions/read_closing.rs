//! One of our people has read why an office closed its connection: it leaves those that need somebody.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::ConnectionId,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
};

use super::{
    needs::{self, Parked},
    take_item::MAY_NOT_TAKE,
};

/// Notes it.
///
/// Errs when no role may, or when there is no such connection.
pub async fn read_closing(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<(), Refused> {
    if !scope.may(Deed::TakeItem) {
        return Err(MAY_NOT_TAKE);
    }
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    write.note_closing_read(&brokerage, id).await?;
    needs::settle(&mut write, id, Parked::AsBefore).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "connection.close_read", id.as_str())
        .of(&brokerage);
    Ok(write.commit(&[line]).await?)
}
