//! One of our people has an attempt checked again, and says why. They may where the brokerage may not: also after a
//! cause that asks for a new attempt, and when the job of a check was given up.

use super::{
    check_again::{move_to_queue, standing},
    draft::open_settings,
    run_check::{account, recorder::may_sign_in_again_at},
    staff_press::{NO_SECRET, StaffPress, TypedReason},
};
use crate::{
    app::App,
    domain::{
        attempt::Attempt,
        cause::SecretFault,
        causes,
        check::Origin,
        check_reason::CheckReason,
        connection::{Connection, Phase, State},
        ids::{CheckId, ConnectionId},
        refused::Refused,
        review::{Need, NeedRule},
        staff::StaffScope,
    },
    store::{Read, StoredAttempt},
};

const NOTHING: Refused = Refused::Conflict("There is no attempt here that could be checked again.");
const RUNS: Refused = Refused::Conflict("A check is under way already. Its result comes to this page.");
const REFUSED_BEFORE: &str = "The sign-in of this attempt was refused. One more look is one more refused sign-in as their account, which some systems lock. Choose another reason where something was mended; else write to the office: it enters the right secret in its next attempt";

/// Whether one of our people may have the attempt checked again as it stands; the refusal says why not. `parked` says
/// that a job of the connection was given up.
pub fn staff_may_press(connection: &Connection, attempt: &Attempt, parked: bool) -> Result<(), Refused> {
    if connection.candidate.as_ref() != Some(&attempt.id) {
        return Err(NOTHING);
    }
    match standing(connection, attempt) {
        (State::Submitted, Some(Phase::Queued | Phase::Checking)) if !parked => Err(RUNS),
        (State::Submitted | State::Failed, _) if !attempt.can_be_checked() => Err(NO_SECRET),
        (State::Submitted | State::Failed, _) => Ok(()),
        _ => Err(NOTHING),
    }
}

/// Has it checked again; the new check's id. `seen` is the version of the connection that the page showed.
///
/// Errs when no role may, with the fields to mend, with a conflict when the connection changed meanwhile or cannot be
/// checked, and when it was pressed too often.
pub async fn staff_check_again(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedReason,
) -> Result<CheckId, Refused> {
    let press = StaffPress::read(app, scope, id, typed).await?;
    let mut write = app.store.write().await?;
    let mut all = write.all_brokerages(scope)?;
    let brokerage = all.whose(id).await?.ok_or(Refused::NotFound)?;
    let parked = all.review(id).await?.is_some_and(|review| is_parked(&review.needs));
    let connection = write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    let candidate = connection.candidate.clone().ok_or(NOTHING)?;
    let stored = write.attempt(&brokerage, &candidate).await?.ok_or(NOTHING)?;
    staff_may_press(&connection, &stored.attempt, parked)?;
    write.guard_connection(&brokerage, id, seen).await?;
    spares_their_account(app, &mut write, &stored, press.reason).await?;
    let line = press.queue(app, &mut write, &stored.attempt, Origin::Staff).await?;
    move_to_queue(&mut write, &connection, &stored.attempt, &press.check).await?;
    write.commit(&[line]).await?;
    Ok(press.check)
}

/// Every check signs in as the office's account or app, and many systems lock one after a few refused sign-ins. So a refused
/// sign-in is not looked at for the sake of looking, and nothing is tried while the account is given a rest: that would
/// only turn a clear "failed" into "we wait".
///
/// Errs with the field, and with the time until which nobody signs in.
async fn spares_their_account(
    app: &App,
    read: &mut Read,
    stored: &StoredAttempt,
    reason: CheckReason,
) -> Result<(), Refused> {
    let attempt = &stored.attempt;
    let cause = attempt.cause.as_ref().and_then(|id| causes::find(id.as_str()));
    let of_the_secret = cause.is_some_and(|cause| !matches!(cause.secret, SecretFault::No));
    if reason == CheckReason::Look && attempt.state == State::Failed && of_the_secret {
        return Err(Refused::field("reason", REFUSED_BEFORE));
    }
    let settings = open_settings(app, &attempt.id, &stored.settings_box)?;
    let now = read.now();
    match may_sign_in_again_at(read, &account::key(app, &settings), now).await? {
        (_, Some(until)) => Err(Refused::TooMany(until)),
        (_, None) => Ok(()),
    }
}

/// Whether a job of the connection was given up.
pub(super) fn is_parked(needs: &[Need]) -> bool {
    needs.iter().any(|need| need.rule == NeedRule::ParkedJob)
}
