//! One of our people accepts a brokerage that started by itself: it may check mailboxes of other domains from then on,
//! has more connections, and the access kinds that are open to known offices. One that was refused is refused no more.

use super::{
    needs::{self, Parked},
    outbox,
    people::recipients,
};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::BrokerageId,
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    notify::notice::{Accepted, Notice},
};

/// Accepts it and writes to its people; `seen` is the version that the page showed. One that is accepted stays so, and
/// nobody is written to again: that gives `false`.
///
/// Errs when no role may, when there is no such brokerage, and with a conflict when it changed meanwhile.
pub async fn accept_brokerage(
    app: &App,
    scope: &StaffScope,
    id: &BrokerageId,
    seen: i64,
) -> Result<bool, Refused> {
    if !scope.may(Deed::AcceptBrokerage) {
        return Err(Refused::Forbidden(
            "None of your roles accepts brokerages. Ask a reviewer or an account manager.",
        ));
    }
    let mut read = app.store.read().await?;
    let brokerage = read.brokerage(id).await?.ok_or(Refused::NotFound)?;
    if brokerage.accepted_at.is_some() {
        return Ok(false);
    }
    let people = recipients(app, read.people_of(id).await?)?;
    drop(read);
    let notice = Notice::Accepted(Accepted { company: brokerage.company });
    let mails = outbox::prepare(app, &notice, id.as_str(), id, &people)?;
    let mut write = app.store.write().await?;
    write.accept_brokerage(id, seen).await?;
    for connection in write.connection_ids_of(id).await? {
        write.hold_connection(id, &connection).await?;
        needs::settle(&mut write, &connection, Parked::AsBefore).await?;
    }
    for mail in &mails {
        write.post_mail(mail).await?;
    }
    let mut line = AuditLine::new(Actor::Staff(scope.staff.clone()), "brokerage.accept", id.as_str()).of(id);
    if brokerage.refused_at.is_some() {
        line = line.with("refused_before", "yes");
    }
    write.commit(&[line]).await?;
    Ok(true)
}
