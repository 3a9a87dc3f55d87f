//! Marks a step of a guide as done, or as open again. The marks are the office's: whoever of its people did a step, all
//! of them see it.

use crate::{
    app::App,
    domain::{ids::ConnectionId, refused::Refused, scope::Scope},
    store::Quiet,
};

/// A step of the guide of one attempt, as a form names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepOf {
    /// The number of the attempt whose names the page showed.
    pub attempt: i64,
    /// The step's id.
    pub step: String,
}

/// Marks the step, or takes its mark back. The same again, from another tab or another person, changes nothing.
///
/// Errs when the connection is not this brokerage's, and with a conflict when its guide has no such step, or when there
/// is no such attempt.
pub async fn tick_step(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    of: &StepOf,
    done: bool,
) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    let connection = write.connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let next = write.next_attempt_number(&scope.brokerage, id).await?;
    let known = app.guides.of(connection.kind).is_some_and(|guide| guide.step(&of.step).is_some());
    if !known || !(1..=next).contains(&of.attempt) {
        return Err(Refused::Conflict(
            "The guide was changed since this page was shown. Open it again and look at the step there.",
        ));
    }
    if done {
        write.tick_step(&scope.brokerage, id, of.attempt, &of.step).await?;
    } else {
        write.untick_step(&scope.brokerage, id, of.attempt, &of.step).await?;
    }
    Ok(write.commit_quietly(Quiet::GuideTick).await?)
}
