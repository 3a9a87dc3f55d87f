//! The look at a mailbox that must be refused: whether the credential reaches no more than it should. It only reads, and
//! no answer to it fails a check.

use crate::domain::check::Outcome;

use super::{
    evidence::{Evidence, Finding},
    progress::Running,
    rules::{Scene, finding},
    run::Run,
    step::StepId,
};

/// Begins the step. `None` where no such mailbox was named, since the step is not needed then, and where a plan does
/// without it.
pub async fn begin(run: &Run<'_>, named: bool) -> Option<Running> {
    if !run.progress.plans(StepId::OutsideMailbox) {
        return None;
    }
    let mut running = run.progress.begin(StepId::OutsideMailbox);
    if named {
        return Some(running);
    }
    running.learn("Not needed", "no such mailbox was named");
    running.learn(
        "More mailboxes than needed",
        "not known: name a mailbox that must be refused, and the check says whether it is",
    );
    run.progress.end(running, Outcome::Skipped, None).await;
    None
}

/// Ends the look at a mailbox of a roster: as in a check, but an answer that says neither keeps its cause.
pub async fn judge<T>(
    run: &Run<'_>,
    running: Running,
    (opened, scene): (Result<T, Evidence>, Scene<'_>),
    refused: impl FnOnce(&Evidence) -> bool,
) {
    match opened {
        Err(evidence) if !refused(&evidence) => run.fail(running, &evidence, scene).await,
        clear => end(run, running, clear, |_| true).await,
    }
}

/// Ends the step by what the mail system said: opened, refused as wanted, or something that says neither.
pub async fn end<T>(
    run: &Run<'_>,
    mut running: Running,
    opened: Result<T, Evidence>,
    refused: impl FnOnce(&Evidence) -> bool,
) {
    match opened {
        Ok(_) => {
            running.learn("This mailbox", "opened: the credential reaches more than it should");
            run.progress.end(running, Outcome::Warning, Some(finding(Finding::ScopeOpen))).await;
        }
        Err(evidence) if refused(&evidence) => {
            running.learn("This mailbox", "was refused, as it should be");
            run.progress.end(running, Outcome::Passed, None).await;
        }
        Err(_) => {
            running.learn("This mailbox", "gave no answer that says whether it is out of reach");
            run.progress.end(running, Outcome::Skipped, None).await;
        }
    }
}
