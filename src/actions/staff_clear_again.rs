//! One of our people has it tried once more to remove what checks left in a connection's mailboxes: because the way is
//! free now, or because the office deleted it by hand and the list shall say so.

use jiff::SignedDuration;

use super::{
    left_items::try_anew,
    limits::Limit,
    needs::{self, Parked},
};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::ConnectionId,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    store::Quiet,
};

/// Ten presses in a quarter of an hour for each of our people: each is a sign-in at the office's mail system.
const PRESSES: Limit = Limit { what: "staff_clear_again", window: SignedDuration::from_mins(15), most: 10 };

/// Has it tried. Where nothing was given up, nothing changes.
///
/// Errs when no role may, when there is no such connection, and when it was pressed too often.
pub async fn staff_clear_again(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<(), Refused> {
    if !scope.may(Deed::CheckAgain) {
        return Err(Refused::Forbidden("None of your roles has mailboxes cleaned up. Ask a reviewer."));
    }
    let presses = PRESSES.of(app, scope.staff.as_str());
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    let now = write.shared_now().await?;
    let until = presses.take(&mut write, now).await?;
    write.commit_quietly(Quiet::RateLimit).await?;
    if let Some(until) = until {
        return Err(Refused::TooMany(until));
    }
    let mut write = app.store.write().await?;
    write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    try_anew(app, &mut write, &brokerage, id).await?;
    needs::settle(&mut write, id, Parked::AsBefore).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "mailbox.clear_again", id.as_str());
    Ok(write.commit(&[line.of(&brokerage)]).await?)
}
