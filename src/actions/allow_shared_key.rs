//! One of our own people found out why two brokerages hand in the same key, and lets it stand. A third brokerage with
//! that key is looked at again.

use super::{
    form_answer::FormKey,
    needs::{self, Parked},
};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::ConnectionId,
        refused::Refused,
        review::NoteText,
        staff::{Deed, StaffScope},
    },
};

/// The purpose under which the reason is encrypted; the owner is the connection's id.
pub const REASON_BOX: &str = "shared_keys.reason";

/// Lets it stand, for every brokerage that has the key now. The same form again changes nothing.
///
/// Errs when no role may, when there is no such connection, with the reason's field when it is empty, and with a conflict
/// when nobody else has its key, or a colleague was faster.
pub async fn allow_shared_key(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    why: &str,
    key: &FormKey,
) -> Result<(), Refused> {
    // Who a customer is, and what belongs to whom, is decided by those who look after customers.
    if !scope.may(Deed::AcceptBrokerage) {
        return Err(Refused::Forbidden(
            "None of your roles lets two brokerages share a key. Ask a reviewer or an account manager.",
        ));
    }
    match allow(app, scope, id, why, key).await {
        Ok(()) => Ok(()),
        Err(refused) => key.settle(app, scope, refused).await.map(|_| ()),
    }
}

async fn allow(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    why: &str,
    key: &FormKey,
) -> Result<(), Refused> {
    let why = NoteText::read(why, "why they may have the same key")
        .map_err(|sentence| Refused::field("shared_why", sentence))?;
    let reason_box = app.to_box(REASON_BOX, id.as_str(), &why)?;
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    if key.answered(&mut write, scope).await?.is_some() {
        return Ok(());
    }
    let sharers = write.all_brokerages(scope)?.sharers(id).await?;
    let new: Vec<_> = sharers.into_iter().filter(|sharer| sharer.allowed_at.is_none()).collect();
    if new.is_empty() {
        return Err(Refused::Conflict("No other brokerage has its key, or a colleague has let it stand."));
    }
    let mut lines = Vec::with_capacity(new.len());
    for sharer in new {
        write.let_share((id, &sharer.brokerage_id), &scope.staff, &reason_box).await?;
        let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "shared_key.allow", id.as_str());
        lines.push(line.of(&brokerage).with("with", sharer.brokerage_id.as_str()));
    }
    needs::settle(&mut write, id, Parked::AsBefore).await?;
    key.note(&mut write, scope, id.as_str()).await?;
    Ok(write.commit(&lines).await?)
}
