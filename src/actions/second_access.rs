//! Our own people answer what needs no brokerage's yes: the second operations person, whoever takes a request back or
//! stops it, and whoever looks an emergency over afterwards.

use super::{
    access_case::{Circle, REVIEW_BOX, To, approval_mac, is_frozen, post, until},
    answer_access::refused,
    needs::{self, Parked},
    staff_mail,
};
use crate::{
    app::App,
    domain::{
        access::{Access, AccessEnd, AccessStage, AccessWay, Approval, Approver},
        access_rules::{may_review, may_second},
        audit::{Actor, AuditLine},
        ids::AccessId,
        instant::Instant,
        refused::Refused,
        review::NoteText,
        staff::{Deed, StaffScope},
    },
    notify::notice::{AccessTold, StaffTold},
    store::{EndedBy, StoredAccess},
};

/// Says yes as the second operations person; the brokerage is told in the same transaction. `proven_at` is when they
/// signed in at the company last.
///
/// Errs when the rule says no, when nobody of the brokerage can be told, and with a conflict when it was answered
/// meanwhile.
pub async fn second_access(
    app: &App,
    scope: &StaffScope,
    proven_at: Option<Instant>,
    id: &AccessId,
) -> Result<(), Refused> {
    let (stored, circle) = read_case(app, scope, id).await?;
    if !circle.has(To::Everybody) {
        return Err(Refused::Conflict("Nobody of this brokerage can be told, so nothing is opened."));
    }
    let now = app.clock.now();
    let ends = until(stored.access.minutes, now);
    let emergency = stored.access.way == AccessWay::BreakGlass;
    let said_no = app.store.read().await?.said_no_before(&stored.access).await?;
    let opened = AccessTold::Opened { second: scope.name.clone(), emergency, until: ends, said_no };
    let mut mails = circle.tell(app, To::Everybody, id.as_str(), opened)?;
    mails.extend(circle.tell(app, To::Asker, id.as_str(), AccessTold::Answered { until: Some(ends) })?);
    let copy = StaffTold::Opened { about: circle.about(), emergency };
    let (whose, connection) = (&stored.access.brokerage_id, &stored.access.connection_id);
    let mut read = app.store.read().await?;
    mails.extend(staff_mail::to_keeper(app, &mut read, whose, connection, id.as_str(), copy).await?);
    drop(read);
    let mut write = app.store.write().await?;
    let held = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    let frozen = is_frozen(&mut write, &scope.staff).await?;
    may_second(&held, &scope.staff, &scope.roles, proven_at, frozen, now).map_err(refused)?;
    let approval = Approval { by: Approver::Second(scope.staff.clone()), at: now, until: ends };
    write.insert_approval(&held, &approval, &approval_mac(app, &held, &approval)).await?;
    if emergency {
        write.hold_connection(&held.brokerage_id, &held.connection_id).await?;
        needs::settle(&mut write, &held.connection_id, Parked::AsBefore).await?;
    }
    post(&mut write, &mails).await?;
    let line = line(scope, "access.approve", &held).with("minutes", held.minutes.to_string());
    Ok(write.commit(&[line]).await?)
}

/// Says no as the second operations person. That needs no fresh proof.
///
/// Errs when no role may, and with a conflict when it was answered meanwhile.
pub async fn decline_second(app: &App, scope: &StaffScope, id: &AccessId) -> Result<(), Refused> {
    let (_, circle) = read_case(app, scope, id).await?;
    let now = app.clock.now();
    let mails = circle.tell(app, To::Asker, id.as_str(), AccessTold::Answered { until: None })?;
    let mut write = app.store.write().await?;
    let held = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    may_second(&held, &scope.staff, &scope.roles, Some(now), false, now).map_err(refused)?;
    write.end_access(id, AccessEnd::Declined, EndedBy::Staff(&scope.staff)).await?;
    post(&mut write, &mails).await?;
    Ok(write.commit(&[line(scope, "access.decline", &held)]).await?)
}

/// Whether one of our people may end a request or an approval: whoever asked, every operations person, and of an emergency
/// whoever may look it over.
pub fn may_end(access: &Access, scope: &StaffScope) -> bool {
    let reviews = access.way == AccessWay::BreakGlass && scope.may(Deed::ReviewAccess);
    access.asked_by == scope.staff || scope.may(Deed::OpenAccess) || reviews
}

/// Ends it: taken back by whoever asked, or stopped. What is on its way goes with it.
///
/// Errs when it is somebody else's and no role may, and with a conflict when it is over.
pub async fn end_access(app: &App, scope: &StaffScope, id: &AccessId) -> Result<(), Refused> {
    let (stored, circle) = read_case(app, scope, id).await?;
    if !may_end(&stored.access, scope) {
        return Err(Refused::Forbidden("Only whoever asked takes a request back, or operations."));
    }
    let now = app.clock.now();
    let mut write = app.store.write().await?;
    let held = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    let was_open = match held.stage(now) {
        AccessStage::Open(_) => true,
        AccessStage::Waiting(_) => false,
        _ => return Err(Refused::Conflict("This access is over already: nobody can look any more.")),
    };
    drop(write);
    // Composed outside of the transaction; whoever answers meanwhile is met below.
    let mut mails = Vec::new();
    if was_open {
        let by = scope.name.clone();
        mails = circle.tell(app, To::Everybody, id.as_str(), AccessTold::Stopped { by })?;
    }
    let own = held.asked_by == scope.staff;
    if !own {
        mails.extend(circle.tell(app, To::Asker, id.as_str(), AccessTold::Answered { until: None })?);
    }
    // What was open is not taken back: somebody may have looked.
    let (end, verb) = match (own, was_open) {
        (true, false) => (AccessEnd::Withdrawn, "access.withdraw"),
        _ => (AccessEnd::Stopped, "access.stop"),
    };
    let mut write = app.store.write().await?;
    let again = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    if again.stage(now) != held.stage(now) {
        return Err(Refused::Conflict("This request was answered meanwhile. Look at it again."));
    }
    write.end_access(id, end, EndedBy::Staff(&scope.staff)).await?;
    post(&mut write, &mails).await?;
    Ok(write.commit(&[line(scope, verb, &held)]).await?)
}

/// Notes that an emergency was looked over, and what was found.
///
/// Errs when the rule says no, with the field to mend, and with a conflict when somebody had done it before.
pub async fn review_access(app: &App, scope: &StaffScope, id: &AccessId, typed: &str) -> Result<(), Refused> {
    let (stored, _) = read_case(app, scope, id).await?;
    let now = app.clock.now();
    may_review(&stored.access, &scope.staff, &scope.roles, now).map_err(refused)?;
    let note =
        NoteText::read(typed, "what you found").map_err(|sentence| Refused::field("found", sentence))?;
    let note_box = app.to_box(REVIEW_BOX, id.as_str(), &note)?;
    let mut write = app.store.write().await?;
    let held = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    may_review(&held, &scope.staff, &scope.roles, now).map_err(refused)?;
    write.review_access(id, &scope.staff, &note_box).await?;
    write.hold_connection(&held.brokerage_id, &held.connection_id).await?;
    needs::settle(&mut write, &held.connection_id, Parked::AsBefore).await?;
    Ok(write.commit(&[line(scope, "access.review", &held)]).await?)
}

/// What whoever looked it over noted. Errs as a fault when it was written under another key.
pub fn review_of(app: &App, stored: &StoredAccess) -> Result<Option<NoteText>, Refused> {
    let owner = stored.access.id.as_str();
    stored.review_box.as_ref().map(|sealed| app.from_box(REVIEW_BOX, owner, sealed)).transpose()
}

async fn read_case(app: &App, scope: &StaffScope, id: &AccessId) -> Result<(StoredAccess, Circle), Refused> {
    let mut read = app.store.read().await?;
    let whose = read.all_brokerages(scope)?.whose_access(id).await?.ok_or(Refused::NotFound)?;
    let stored = read.access(&whose, id).await?.ok_or(Refused::NotFound)?;
    let circle = Circle::of(app, &mut read, &stored).await?;
    Ok((stored, circle))
}

fn line(scope: &StaffScope, verb: &'static str, access: &Access) -> AuditLine {
    AuditLine::new(Actor::Staff(scope.staff.clone()), verb, access.id.as_str()).of(&access.brokerage_id)
}
