//! One of our people gives a connection to a colleague by name.

use super::{access_case::post, staff_mail, take_item::MAY_NOT_TAKE};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{BrokerageId, ConnectionId, StaffId},
        refused::Refused,
        staff::{Deed, StaffRole, StaffScope},
    },
    notify::notice::StaffCase,
    store::PreparedMail,
};

/// Gives it to them, whoever has it, and writes to them; `seen` is the version of the review that the page showed. Gives
/// their name.
///
/// Errs when no role may, when there is no such connection, with the field when whoever was chosen takes no
/// connections, and with a conflict when a colleague did something about it meanwhile.
pub async fn hand_over(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    to: &str,
) -> Result<String, Refused> {
    if !scope.may(Deed::TakeItem) {
        return Err(MAY_NOT_TAKE);
    }
    let choose = || Refused::field("colleague", "Choose a colleague of this list");
    let to = StaffId::parse(to).map_err(|_| choose())?;
    let brokerage =
        app.store.read().await?.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    let mails = told(app, scope, (&brokerage, id), &to).await?;
    let mut write = app.store.write().await?;
    let mut all = write.all_brokerages(scope)?;
    let review = all.review(id).await?.ok_or(Refused::NotFound)?;
    // Whoever reads and never changes takes nothing.
    let colleagues = write.staff_beside(StaffRole::Auditor).await?;
    let colleague = colleagues.into_iter().find(|colleague| colleague.staff == to).ok_or_else(choose)?;
    if review.taken.as_ref().is_some_and(|taken| taken.staff == to) {
        return Ok(colleague.name);
    }
    if review.version != seen {
        return Err(Refused::Conflict("A colleague did something about this meanwhile."));
    }
    write.take_item(id, seen, &to).await?;
    post(&mut write, &mails).await?;
    let mut line = AuditLine::new(Actor::Staff(scope.staff.clone()), "item.hand_over", id.as_str())
        .of(&brokerage)
        .with("to", to.as_str());
    if let Some(taken) = &review.taken {
        line = line.with("from", taken.staff.as_str());
    }
    write.commit(&[line]).await?;
    Ok(colleague.name)
}

/// The mail to whoever gets it; none to oneself.
async fn told(
    app: &App,
    scope: &StaffScope,
    (brokerage, id): (&BrokerageId, &ConnectionId),
    to: &StaffId,
) -> Result<Vec<PreparedMail>, Refused> {
    if *to == scope.staff {
        return Ok(Vec::new());
    }
    let mut read = app.store.read().await?;
    let known = read.brokerage(brokerage).await?.ok_or(Refused::NotFound)?;
    let connection = read.connection(brokerage, id).await?.ok_or(Refused::NotFound)?;
    let about = StaffCase {
        company: known.company,
        connection: connection.name,
        reference: connection.reference.as_str().to_owned(),
    };
    staff_mail::handed_over(app, &mut read, about, (brokerage, id), (to, &scope.name)).await
}
