//! One of our own people says that the names of a failed attempt may be used again, and why. The office's next attempt
//! then keeps them, as it does after a cause that does not lie in them.

use super::form_answer::FormKey;
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::ConnectionId,
        refused::Refused,
        renewal::Renewal,
        review::NoteText,
        staff::{Deed, StaffScope},
    },
};

/// The purpose under which the reason is encrypted; the owner is the connection's id.
pub const REASON_BOX: &str = "names_allowed.reason";

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedAllowance {
    /// The number of the attempt.
    pub attempt: String,
    /// Why its names may be used again.
    pub why: String,
}

/// Allows them. The same again, by whomever, changes nothing.
///
/// Errs when no role may, when there is no such connection, with the reason's field when it is empty, and with a conflict
/// when this attempt did not use up its names.
pub async fn allow_names(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    typed: &TypedAllowance,
    key: &FormKey,
) -> Result<(), Refused> {
    if !scope.may(Deed::AllowNames) {
        return Err(Refused::Forbidden("None of your roles allows names again. Ask a reviewer."));
    }
    match allow(app, scope, id, typed, key).await {
        Ok(()) => Ok(()),
        Err(refused) => key.settle(app, scope, refused).await.map(|_| ()),
    }
}

async fn allow(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    typed: &TypedAllowance,
    key: &FormKey,
) -> Result<(), Refused> {
    let why = NoteText::read(&typed.why, "why these names may be used again")
        .map_err(|sentence| Refused::field("why", sentence))?;
    let number: i64 = typed.attempt.parse().unwrap_or_default();
    let reason_box = app.to_box(REASON_BOX, id.as_str(), &why)?;
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    if key.answered(&mut write, scope).await?.is_some() {
        return Ok(());
    }
    let attempts = write.attempts_of(&brokerage, id).await?;
    let spent = attempts.iter().any(|stored| {
        stored.attempt.number == number && Renewal::after_id(stored.attempt.cause.as_ref()) == Renewal::Names
    });
    if !spent {
        return Err(Refused::Conflict("The names of this attempt may be used again already."));
    }
    if !write.allow_names(&brokerage, (id, number), &scope.staff, &reason_box).await? {
        return Err(Refused::Conflict("A colleague has allowed these names meanwhile."));
    }
    key.note(&mut write, scope, id.as_str()).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "names.allow", id.as_str())
        .of(&brokerage)
        .with("number", number.to_string());
    Ok(write.commit(&[line]).await?)
}
