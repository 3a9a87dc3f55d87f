//! Marks the beginning of a run.

use crate::{
    actions::undone::{Undone, held},
    app::App,
    domain::{
        check::{CauseId, Outcome},
        connection::{Event, steps},
        ids::AttemptId,
        job::Claimed,
    },
    store::{AttemptMove, Move, Quiet, Write},
};

use super::load::Loaded;

/// A run that began.
pub(super) struct Begun {
    /// Its number, from 1.
    pub(super) run: i64,
    /// An earlier run's sign-in was refused: the cause it named, where its step was written.
    pub(super) refused_before: Option<Option<CauseId>>,
}

/// Begins a run of an attempt's check: the page shows from now on that a worker is at it. `None` when the check is decided,
/// or when its attempt is no longer the one that is being decided.
pub(super) async fn begin(
    app: &App,
    claimed: &Claimed,
    loaded: &Loaded,
    attempt: &AttemptId,
) -> Result<Option<Begun>, Undone> {
    let (check, brokerage) = (&loaded.check, &loaded.check.brokerage_id);
    let mut write = app.store.write().await?;
    let Some(connection) = write.hold_connection(brokerage, &check.connection_id).await? else {
        return Ok(None);
    };
    let Some(stored) = write.attempt(brokerage, attempt).await? else { return Ok(None) };
    let wanted =
        connection.candidate.as_ref() == Some(attempt) && stored.attempt.check_id.as_ref() == Some(&check.id);
    let Ok(to) = steps(connection.state, stored.attempt.state, Event::CheckStarted) else { return Ok(None) };
    if !wanted {
        return Ok(None);
    }
    held(write.holds_job(claimed).await?)?;
    write.guard_connection(brokerage, &connection.id, connection.version).await?;
    let attempt = &stored.attempt;
    let step = Move {
        from: connection.state,
        to: to.connection,
        in_use: connection.in_use.as_ref(),
        candidate: connection.candidate.as_ref(),
    };
    write.move_connection(brokerage, &connection.id, &step).await?;
    let step = AttemptMove {
        from: attempt.state,
        to: to.candidate,
        cause: attempt.cause.as_ref(),
        check: attempt.check_id.as_ref(),
        decided_at: attempt.decided_at,
    };
    write.move_attempt(brokerage, &attempt.id, &step).await?;
    started(write, loaded).await
}

/// Counts the run and ends the transaction in which it begins; `None`, and nothing written, when the check is decided.
pub(super) async fn started(mut write: Write, loaded: &Loaded) -> Result<Option<Begun>, Undone> {
    let Some(run) = write.start_check(&loaded.check.id).await? else { return Ok(None) };
    let refused_before = refused_before(&mut write, loaded).await?;
    write.commit_quietly(Quiet::Step).await?;
    Ok(Some(Begun { run, refused_before }))
}

/// Whether an earlier run of this check was refused at sign-in before its worker was lost.
async fn refused_before(write: &mut Write, loaded: &Loaded) -> Result<Option<Option<CauseId>>, Undone> {
    let tries = write.tries_of_check(&loaded.check.id).await?;
    let Some(refused) = tries.iter().find(|one| one.accepted == Some(false)) else { return Ok(None) };
    let steps = write.steps_above(&loaded.check.id, refused.run, 0).await?;
    Ok(Some(steps.into_iter().find(|step| step.outcome == Outcome::Failed).and_then(|step| step.cause)))
}
