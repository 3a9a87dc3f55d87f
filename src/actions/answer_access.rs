//! Somebody of a brokerage says yes or no to a look at one of its secrets, or stops one that was allowed.

use super::access_case::{Circle, To, WHY_BOX, approval_mac, post, until};
use crate::{
    app::App,
    domain::{
        access::{AccessEnd, Approval, Approver, Why},
        access_rules::{NoAccess, may_approve, may_decline},
        audit::{Actor, AuditLine},
        ids::AccessId,
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    notify::notice::AccessTold,
    store::{EndedBy, StoredAccess},
};

/// The rule's word as a refusal: what a person may not do is told apart from what changed meanwhile.
pub(super) const fn refused(why: NoAccess) -> Refused {
    match why {
        NoAccess::NotYours
        | NoAccess::Role
        | NoAccess::Own
        | NoAccess::OthersAnswer
        | NoAccess::NotFresh
        | NoAccess::Frozen => Refused::Forbidden(why.sentence()),
        _ => Refused::Conflict(why.sentence()),
    }
}

/// Why somebody asks, for the pages of both sites. Errs as a fault when it was written under another key.
pub fn why(app: &App, stored: &StoredAccess) -> Result<Why, Refused> {
    app.from_box(WHY_BOX, stored.access.id.as_str(), &stored.why_box)
}

/// Says yes: from now on, for as long as was asked. `proven_at` is when this person last proved their address.
///
/// Errs when the rule says no, and with a conflict when it was answered meanwhile.
pub async fn approve_access(
    app: &App,
    scope: &Scope,
    proven_at: Instant,
    id: &AccessId,
) -> Result<(), Refused> {
    let (stored, circle) = read_case(app, scope, id).await?;
    let (duty, own) = circle.duty_of(&scope.person).ok_or(Refused::NotFound)?;
    let now = app.clock.now();
    let ends = until(stored.access.minutes, now);
    let mails = circle.tell(app, To::Asker, id.as_str(), AccessTold::Answered { until: Some(ends) })?;
    let mut write = app.store.write().await?;
    let held = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    may_approve(&held, duty, own, Some(proven_at), now).map_err(refused)?;
    let approval = Approval { by: Approver::Person(scope.person.clone()), at: now, until: ends };
    write.insert_approval(&held, &approval, &approval_mac(app, &held, &approval)).await?;
    post(&mut write, &mails).await?;
    let line = line(scope, "access.approve", id).with("minutes", held.minutes.to_string());
    Ok(write.commit(&[line]).await?)
}

/// Says no.
///
/// Errs when the rule says so, and with a conflict when it was answered meanwhile.
pub async fn decline_access(app: &App, scope: &Scope, id: &AccessId) -> Result<(), Refused> {
    let (_, circle) = read_case(app, scope, id).await?;
    let (duty, _) = circle.duty_of(&scope.person).ok_or(Refused::NotFound)?;
    let mails = circle.tell(app, To::Asker, id.as_str(), AccessTold::Answered { until: None })?;
    let mut write = app.store.write().await?;
    let held = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    may_decline(&held, duty, app.clock.now()).map_err(refused)?;
    write.end_access(id, AccessEnd::Declined, EndedBy::Person(&scope.person)).await?;
    post(&mut write, &mails).await?;
    Ok(write.commit(&[line(scope, "access.decline", id)]).await?)
}

/// Stops what was allowed, by whomever: at once, and for what is on its way as well. Everybody of the brokerage may.
///
/// Errs with a conflict when nothing is open any more.
pub async fn stop_access(app: &App, scope: &Scope, id: &AccessId) -> Result<(), Refused> {
    let (_, circle) = read_case(app, scope, id).await?;
    let person = app.store.read().await?.person_of_sign_in(&scope.person).await?;
    let by = person.ok_or(Refused::NotFound)?.person.name.as_str().to_owned();
    let told = || AccessTold::Stopped { by: by.clone() };
    let mut mails = circle.tell(app, To::Everybody, id.as_str(), told())?;
    mails.extend(circle.tell(app, To::Asker, id.as_str(), told())?);
    let mut write = app.store.write().await?;
    let held = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    if !held.is_live(app.clock.now()) {
        return Err(Refused::Conflict("This access is over already: nobody can look any more."));
    }
    write.end_access(id, AccessEnd::Stopped, EndedBy::Person(&scope.person)).await?;
    post(&mut write, &mails).await?;
    Ok(write.commit(&[line(scope, "access.stop", id)]).await?)
}

async fn read_case(app: &App, scope: &Scope, id: &AccessId) -> Result<(StoredAccess, Circle), Refused> {
    let mut read = app.store.read().await?;
    let stored = read.access(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let circle = Circle::of(app, &mut read, &stored).await?;
    Ok((stored, circle))
}

fn line(scope: &Scope, verb: &'static str, id: &AccessId) -> AuditLine {
    AuditLine::new(Actor::Person(scope.person.clone()), verb, id.as_str()).of(&scope.brokerage)
}
