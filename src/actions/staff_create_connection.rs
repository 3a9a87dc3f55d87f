//! One of our people makes a connection for a brokerage, so that it is there when its people come.

use super::{
    create_connection::{For, TypedConnection, kinds_of_ours, make, read_external_id, room_left},
    form_answer::FormKey,
};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{BrokerageId, ConnectionId},
        kind::AccessKind,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
};

/// Whether one of our people prepares connections at all.
///
/// Errs when none of their roles may.
pub fn may_prepare(scope: &StaffScope) -> Result<(), Refused> {
    if scope.may(Deed::PrepareConnection) {
        Ok(())
    } else {
        Err(Refused::Forbidden(
            "None of your roles prepares connections. Ask a reviewer or an account manager.",
        ))
    }
}

/// The kinds that one of our people may start a connection with; none when none of their roles prepares any.
pub fn kinds_for_staff(app: &App, scope: &StaffScope) -> Vec<AccessKind> {
    if scope.may(Deed::PrepareConnection) { kinds_of_ours(app) } else { Vec::new() }
}

/// Makes the connection; returns its id. The same form again returns the same id and makes nothing.
///
/// Errs when no role may, when there is no such brokerage, with the fields to mend, and with a conflict when it has as many
/// connections as it may have.
pub async fn staff_create_connection(
    app: &App,
    scope: &StaffScope,
    brokerage: &BrokerageId,
    typed: &TypedConnection,
    key: &FormKey,
) -> Result<ConnectionId, Refused> {
    may_prepare(scope)?;
    let made = match create(app, scope, brokerage, typed, key).await {
        Ok(made) => made,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    ConnectionId::parse(&made).map_err(|_| Refused::Fault(String::new()))
}

async fn create(
    app: &App,
    scope: &StaffScope,
    brokerage: &BrokerageId,
    typed: &TypedConnection,
    key: &FormKey,
) -> Result<String, Refused> {
    let mut write = app.store.write().await?;
    let brokerage = write.hold_brokerage(brokerage).await?.ok_or(Refused::NotFound)?;
    if let Some(made) = key.answered(&mut write, scope).await? {
        return Ok(made);
    }
    if brokerage.refused_at.is_some() {
        return Err(Refused::Conflict("This brokerage was refused. Accept it after all first."));
    }
    if room_left(&brokerage, write.count_connections(&brokerage.id).await?) == 0 {
        return Err(Refused::Conflict(
            "It has as many connections as it may have. Accept it first, or close one.",
        ));
    }
    let whose = For {
        id: &brokerage.id,
        company: &brokerage.company,
        domain: &brokerage.proven_domain,
        kinds: &kinds_of_ours(app),
        ours: true,
        chosen: true,
    };
    let (new, line) = make(app, &mut write, &whose, typed, Actor::Staff(scope.staff.clone())).await?;
    key.note(&mut write, scope, new.as_str()).await?;
    write.commit(&[line]).await?;
    Ok(new.into())
}

/// Sets the external id of a connection that has none. It can never change afterwards. `seen` is the version that the page
/// showed.
///
/// Errs when no role may, with the field to mend, and with a conflict when it has one or changed meanwhile.
pub async fn set_external_id(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &str,
) -> Result<(), Refused> {
    may_prepare(scope)?;
    if typed.trim().is_empty() {
        return Err(Refused::field("external_id", "Enter the ID"));
    }
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    let connection = write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    if connection.external_id.is_some() {
        return Err(Refused::Conflict("It has an ID already, and an ID never changes."));
    }
    let external = read_external_id(&mut write, &brokerage, typed, true)
        .await?
        .map_err(|sentence| Refused::field("external_id", sentence))?;
    let Some(external) = external else { return Err(Refused::field("external_id", "Enter the ID")) };
    write.guard_connection(&brokerage, id, seen).await?;
    write.set_external_id(&brokerage, id, &external).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "connection.name", id.as_str())
        .of(&brokerage)
        .with("external_id", external.as_str());
    Ok(write.commit(&[line]).await?)
}
