//! What earlier attempts of a connection left in the office's mail system, and the ticks of its people beside it.

use super::draft::Bench;
use crate::{
    app::App,
    domain::{
        connection::State,
        ids::ConnectionId,
        instant::Instant,
        leftovers::{InUse, Leftover, Thing, leftovers},
        refused::Refused,
        scope::Scope,
    },
    store::{Quiet, Read},
};

/// A thing that was left, and when somebody said that it is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The thing.
    pub leftover: Leftover,
    /// When it was ticked.
    pub removed: Option<Instant>,
}

/// What is left of earlier attempts, beside what the present one uses or is about to.
///
/// Errs when something cannot be read.
pub async fn left_of(read: &mut Read, scope: &Scope, bench: &Bench) -> Result<Vec<Left>, Refused> {
    let mut left = Vec::new();
    for leftover in of(bench) {
        let ticks = read.guide_ticks(&scope.brokerage, &bench.connection.id, leftover.attempt).await?;
        let word = tick_of(leftover.thing);
        let removed = ticks.into_iter().find(|tick| tick.step_id == word).map(|tick| tick.ticked_at);
        left.push(Left { leftover, removed });
    }
    Ok(left)
}

fn of(bench: &Bench) -> Vec<Leftover> {
    let connection = &bench.connection;
    // What is being checked, or is in use, or failed last: nobody shall remove what still counts.
    let counts = |id| [&connection.in_use, &connection.candidate].contains(&&Some(id));
    let last = bench.attempts.last().map(|(attempt, _)| attempt.number);
    let mut used = InUse::default();
    for (attempt, settings) in &bench.attempts {
        let present = bench.draft.is_none() && Some(attempt.number) == last;
        let failed = attempt.state == State::Failed && bench.draft.is_some();
        if present || (counts(attempt.id.clone()) && !failed) {
            used = used.and(settings);
        }
    }
    if bench.draft.is_some() {
        used = used.and_typed(&bench.answers);
    }
    let earlier = bench.attempts.iter().map(|(attempt, settings)| (attempt.number, settings));
    leftovers(earlier, &used)
}

/// Left-overs are ticked where steps of guides are; no step has a colon in its id.
fn tick_of(thing: Thing) -> String {
    format!("left:{}", thing.as_str())
}

/// Notes that a left-over is removed, or that it is not. The same again changes nothing.
///
/// Errs when the connection is not this brokerage's, and with a conflict when nothing of that attempt is left.
pub async fn tick_leftover(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    (attempt, thing): (i64, Thing),
    removed: bool,
) -> Result<(), Refused> {
    let bench = Bench::read(app, &mut app.store.read().await?, scope, &[], id).await?;
    if !of(&bench).iter().any(|left| left.attempt == attempt && left.thing == thing) {
        return Err(Refused::Conflict("This list was changed since the page was shown. Look at it again."));
    }
    let mut write = app.store.write().await?;
    let step = tick_of(thing);
    if removed {
        write.tick_step(&scope.brokerage, id, attempt, &step).await?;
    } else {
        write.untick_step(&scope.brokerage, id, attempt, &step).await?;
    }
    Ok(write.commit_quietly(Quiet::GuideTick).await?)
}
