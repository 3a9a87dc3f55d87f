//! One of our people has the credential in use checked once more, and says why. Whatever comes of it, the connection stays
//! verified and the office is told nothing: what fails stands among what needs one of us.

use super::{
    needs::{self, Parked},
    staff_press::{NO_SECRET, StaffPress, TypedReason},
};
use crate::{
    app::App,
    domain::{
        attempt::Attempt,
        check::Origin,
        connection::{Connection, State},
        ids::{CheckId, ConnectionId},
        refused::Refused,
        staff::StaffScope,
    },
};

const CLOSED: Refused = Refused::Conflict("This connection is closed. Nothing of it is in use.");
const NOTHING: Refused =
    Refused::Conflict("Nothing is in use here yet. Only a verified connection is checked this way.");
const RENEWAL: Refused = Refused::Conflict(
    "A renewed secret stands beside the one in use. Wait until it is decided or the office takes it back.",
);
const RUNS: Refused = Refused::Conflict("A check of this connection is under way. Wait for its result.");

/// Whether the credential in use may be checked as the connection stands; the refusal says why not. `under_way` says that
/// a check of it, or of answers that nobody has submitted, has no verdict yet.
pub fn may_check_in_use(connection: &Connection, attempt: &Attempt, under_way: bool) -> Result<(), Refused> {
    match connection.state {
        State::Closed => return Err(CLOSED),
        State::Verified if connection.in_use.as_ref() == Some(&attempt.id) => {}
        _ => return Err(NOTHING),
    }
    if connection.candidate.is_some() {
        return Err(RENEWAL);
    }
    if under_way {
        return Err(RUNS);
    }
    if attempt.can_be_checked() { Ok(()) } else { Err(NO_SECRET) }
}

/// Has it checked; the new check's id. `seen` is the version of the connection that the page showed.
///
/// Errs when no role may, with the fields to mend, with a conflict when the connection changed meanwhile or what is in use
/// cannot be checked, and when it was pressed too often.
pub async fn check_in_use(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedReason,
) -> Result<CheckId, Refused> {
    let press = StaffPress::read(app, scope, id, typed).await?;
    let mut write = app.store.write().await?;
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    let connection = write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    let under_way = write.is_checked_beside(id).await?;
    let in_use = match &connection.in_use {
        Some(in_use) => write.attempt(&brokerage, in_use).await?,
        None => None,
    };
    let nothing = if connection.state == State::Closed { CLOSED } else { NOTHING };
    let attempt = in_use.ok_or(nothing)?.attempt;
    may_check_in_use(&connection, &attempt, under_way)?;
    write.guard_connection(&brokerage, id, seen).await?;
    let line = press.queue(app, &mut write, &attempt, Origin::InUse).await?;
    needs::settle(&mut write, id, Parked::Over).await?;
    write.commit(&[line.with("in_use", "yes")]).await?;
    Ok(press.check)
}
