//! Takes back what was submitted and is not in use: a submission while it is checked or after it failed, or a secret
//! that was to take the place of the one in use. Its secret is deleted.

use crate::{
    app::App,
    domain::{
        attempt::{Attempt, AttemptEnd},
        audit::{Actor, AuditLine},
        connection::{Connection, Event, State, next, steps},
        ids::{AttemptId, ConnectionId},
        refused::Refused,
        scope::Scope,
    },
    store::{AttemptMove, Move, Write},
};

use super::{
    access_ends::Going,
    needs::{self, Parked},
    next_draft::{NextDraft, drop_draft, drop_secret},
};

const NOTHING: Refused =
    Refused::Conflict("There is nothing to withdraw here: the result has come meanwhile.");

fn next_place(connection: &Connection) -> Option<State> {
    let to = steps(connection.state, State::Submitted, Event::Withdrawn).ok()?;
    Some(to.connection.0)
}

/// Withdraws it. `seen` is the attempt that the page showed; `None` for a renewal that is not submitted.
///
/// Errs when the connection is not this brokerage's, and with a conflict when it changed meanwhile: a verdict that came
/// first stands.
pub async fn withdraw(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    seen: Option<&AttemptId>,
) -> Result<(), Refused> {
    let mut read = app.store.read().await?;
    let known = read.connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let next_draft = NextDraft::prepare(app, &mut read, &known).await?;
    let going = match seen {
        Some(seen) => {
            let whose = (&scope.brokerage, id);
            Some(Going::prepare(app, &mut read, whose, Some(seen), AttemptEnd::Withdrawn).await?)
        }
        None => None,
    };
    drop(read);

    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    // What a worker does meanwhile moves the version, too; what is withdrawn stays the same attempt.
    if connection.candidate.as_ref() != seen {
        return Err(NOTHING);
    }
    let beside = connection.state == State::Verified;
    let had_draft = beside && drop_draft(&mut write, &scope.brokerage, id).await?;
    let candidate = match &connection.candidate {
        Some(candidate) => write.attempt(&scope.brokerage, candidate).await?.map(|stored| stored.attempt),
        None => None,
    };
    let to = next_place(&connection).ok_or(NOTHING)?;
    if candidate.is_none() && !had_draft {
        return Err(NOTHING);
    }
    write.guard_connection(&scope.brokerage, id, connection.version).await?;
    let step =
        Move { from: connection.state, to: (to, None), in_use: connection.in_use.as_ref(), candidate: None };
    write.move_connection(&scope.brokerage, id, &step).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "attempt.withdraw", id.as_str())
        .of(&scope.brokerage);
    let line = match &candidate {
        Some(attempt) => {
            let deleted = end(&mut write, attempt, AttemptEnd::Withdrawn).await?;
            line.with("attempt", attempt.id.as_str())
                .with("secret", if deleted { "deleted" } else { "deleted after the check" })
        }
        None => line.with("attempt", "not submitted"),
    };
    if let Some(draft) = next_draft.filter(|_| !beside) {
        draft.write(app, &mut write, &connection).await?;
    }
    needs::settle(&mut write, id, Parked::Over).await?;
    let mut lines = match going {
        Some(going) => going.end(&mut write).await?,
        None => Vec::new(),
    };
    lines.push(line);
    Ok(write.commit(&lines).await?)
}

/// Ends an attempt that is not in use and has its secret deleted; whether that is gone already.
pub(super) async fn end(write: &mut Write, attempt: &Attempt, why: AttemptEnd) -> Result<bool, Refused> {
    if attempt.state == State::Submitted {
        let to = next(attempt.state, Event::Closed).map_err(|_| NOTHING)?;
        let step = AttemptMove {
            from: attempt.state,
            to,
            cause: attempt.cause.as_ref(),
            check: attempt.check_id.as_ref(),
            decided_at: attempt.decided_at,
        };
        write.move_attempt(&attempt.brokerage_id, &attempt.id, &step).await?;
    }
    write.end_attempt(&attempt.brokerage_id, &attempt.id, Some(why)).await?;
    drop_secret(write, attempt).await
}
