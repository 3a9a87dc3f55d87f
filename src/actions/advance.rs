//! Moves a connection and the attempt that is being decided, as the table of moves says.

use crate::{
    domain::{
        attempt::{Attempt, AttemptEnd},
        check::CauseId,
        connection::{Connection, Event, State, steps},
        ids::CheckId,
    },
    store::{AttemptMove, Move, Write},
};

use super::undone::Undone;

/// What was decided of an attempt.
pub(super) struct Decided<'a> {
    /// What happened.
    pub(super) event: Event,
    /// The cause, unless it passed.
    pub(super) cause: Option<&'a CauseId>,
    /// The check that holds the verdict.
    pub(super) check: Option<&'a CheckId>,
}

/// Moves both; a verified candidate becomes the credential in use. Gives the state of the attempt.
///
/// Errs when the table knows no such move, and with the store's conflict when somebody else moved them.
pub(super) async fn advance(
    write: &mut Write,
    connection: &Connection,
    attempt: &Attempt,
    decided: &Decided<'_>,
) -> Result<State, Undone> {
    let to = steps(connection.state, attempt.state, decided.event)
        .map_err(|wrong| Undone::Ours(wrong.to_string()))?;
    let verified = to.candidate.0 == State::Verified;
    let brokerage = &connection.brokerage_id;
    let step = Move {
        from: connection.state,
        to: to.connection,
        in_use: if verified { Some(&attempt.id) } else { connection.in_use.as_ref() },
        candidate: if verified { None } else { Some(&attempt.id) },
    };
    write.move_connection(brokerage, &connection.id, &step).await?;
    let step = AttemptMove {
        from: attempt.state,
        to: to.candidate,
        cause: decided.cause,
        check: decided.check,
        decided_at: Some(write.now()),
    };
    write.move_attempt(brokerage, &attempt.id, &step).await?;
    if let Some(before) = connection.in_use.as_ref().filter(|_| verified) {
        write.end_attempt(brokerage, before, Some(AttemptEnd::Replaced)).await?;
    }
    Ok(to.candidate.0)
}
