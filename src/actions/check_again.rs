//! Checks the same attempt once more, because a person says that something was mended or does not want to wait.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        attempt::Attempt,
        audit::{Actor, AuditLine},
        causes,
        check::Origin,
        connection::{Connection, Event, Phase, State, steps},
        ids::{CheckId, ConnectionId},
        refused::Refused,
        review::MAY_HAVE_SENT,
        scope::Scope,
    },
    store::{AttemptMove, Move, NewCheck, Write},
};

use super::{
    cause_words::may_check_again,
    limits::Limit,
    needs::{self, Parked},
    queue_check::queue_check,
};

/// Five presses in a quarter of an hour, for all connections of a brokerage together.
const PRESSES: Limit = Limit { what: "check_again", window: SignedDuration::from_mins(15), most: 5 };

const RUNS: Refused =
    Refused::Conflict("A check is under way already. Its result comes to this page and by e-mail.");
const NEW_ATTEMPT: Refused = Refused::Conflict(
    "This cannot be mended with the same attempt. Start a new attempt: what is not secret is carried over.",
);
const OURS_TO_LOOK: Refused =
    Refused::Conflict("Our people look at it before anything is tried again. We write to you.");
const NOTHING: Refused = Refused::Conflict("There is nothing to check again here.");

/// Whether the attempt that is being decided may be checked again as it stands; the refusal says why not.
pub fn may_press(connection: &Connection, attempt: &Attempt) -> Result<(), Refused> {
    if connection.candidate.as_ref() != Some(&attempt.id) {
        return Err(NOTHING);
    }
    // Without its secret, which retention deleted, a check could never come to a verdict.
    let sealed = attempt.can_be_checked();
    match standing(connection, attempt) {
        (State::Submitted, Some(Phase::WaitingForProvider | Phase::NeedsStaff)) if !sealed => {
            Err(NEW_ATTEMPT)
        }
        // Another check would try to send the same once more.
        (State::Submitted, Some(Phase::NeedsStaff)) if may_have_sent(attempt) => Err(OURS_TO_LOOK),
        (State::Submitted, Some(Phase::WaitingForProvider | Phase::NeedsStaff)) => Ok(()),
        (State::Submitted, _) => Err(RUNS),
        (State::Failed, _) if !sealed => Err(NEW_ATTEMPT),
        (State::Failed, _) => {
            let cause = attempt.cause.as_ref().and_then(|id| causes::find(id.as_str()));
            // A cause that this version does not know keeps nobody from trying.
            if cause.is_none_or(may_check_again) { Ok(()) } else { Err(NEW_ATTEMPT) }
        }
        _ => Err(NOTHING),
    }
}

fn may_have_sent(attempt: &Attempt) -> bool {
    attempt.cause.as_ref().is_some_and(|cause| cause.as_str() == MAY_HAVE_SENT)
}

/// How the attempt that is being decided stands: beside a verified credential it stands for itself.
pub(super) fn standing(connection: &Connection, attempt: &Attempt) -> (State, Option<Phase>) {
    if connection.state == State::Verified {
        (attempt.state, attempt.phase)
    } else {
        (connection.state, connection.phase)
    }
}

/// Has the connection's attempt checked again; the new check's id.
///
/// `seen` is the version of the connection that the page showed. Errs when the connection is not this brokerage's,
/// when it changed meanwhile or cannot be mended this way, and when it was pressed too often.
pub async fn check_again(app: &App, scope: &Scope, id: &ConnectionId, seen: i64) -> Result<CheckId, Refused> {
    take_press(app, scope, id).await?;
    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let candidate = connection.candidate.clone().ok_or(NOTHING)?;
    let stored = write.attempt(&scope.brokerage, &candidate).await?.ok_or(Refused::NotFound)?;
    may_press(&connection, &stored.attempt)?;
    write.guard_connection(&scope.brokerage, id, seen).await?;
    let check = app.new_id(CheckId::from_random);
    enqueue(app, &mut write, scope, &stored.attempt, &check).await?;
    move_to_queue(&mut write, &connection, &stored.attempt, &check).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "check.again", check.as_str())
        .of(&scope.brokerage)
        .with("attempt", stored.attempt.id.as_str());
    write.commit(&[line]).await?;
    Ok(check)
}

/// Counts the press.
async fn take_press(app: &App, scope: &Scope, id: &ConnectionId) -> Result<(), Refused> {
    let presses = PRESSES.of(app, scope.brokerage.as_str());
    let mut write = app.store.write().await?;
    write.connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    presses.press(write).await
}

async fn enqueue(
    app: &App,
    write: &mut Write,
    scope: &Scope,
    attempt: &Attempt,
    check: &CheckId,
) -> Result<(), Refused> {
    let new = NewCheck {
        id: check.clone(),
        attempt_id: attempt.id.clone(),
        connection_id: attempt.connection_id.clone(),
        brokerage_id: scope.brokerage.clone(),
        origin: Origin::CheckAgain,
        requested_by: Some(scope.person.clone()),
        staff: None,
        rung: 0,
        retries: 0,
        due_at: write.now(),
    };
    Ok(queue_check(app, write, &new).await?)
}

/// Moves connection and attempt to where a new check of the same attempt waits.
pub(super) async fn move_to_queue(
    write: &mut Write,
    connection: &Connection,
    attempt: &Attempt,
    check: &CheckId,
) -> Result<(), Refused> {
    let to = steps(connection.state, attempt.state, Event::CheckAgain).map_err(|_| NOTHING)?;
    let step = Move {
        from: connection.state,
        to: to.connection,
        in_use: connection.in_use.as_ref(),
        candidate: connection.candidate.as_ref(),
    };
    write.move_connection(&connection.brokerage_id, &connection.id, &step).await?;
    let step = AttemptMove {
        from: attempt.state,
        to: to.candidate,
        cause: attempt.cause.as_ref(),
        check: Some(check),
        decided_at: attempt.decided_at,
    };
    write.move_attempt(&connection.brokerage_id, &attempt.id, &step).await?;
    Ok(needs::settle(write, &connection.id, Parked::Over).await?)
}
