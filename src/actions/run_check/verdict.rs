//! What the end of every run writes, whatever it tested: the end of its job, its steps, its verdict, and what has the
//! mailbox cleared.

use crate::{
    actions::{
        decide::{Decision, Standing, decide},
        incident::{as_part_of, incident_of},
        left_items::have_removed,
        undone::{Undone, held},
    },
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        check::Check,
        job::Claimed,
    },
    store::Write,
};

use super::{load::Loaded, ran::Ran};

/// How the job ends.
#[derive(Clone, Copy)]
pub(super) enum JobEnd<'a> {
    /// It is done.
    Finished,
    /// It is given up, and why.
    Parked(&'a str),
}

/// What follows from a run, after asking whether what failed is an incident of more than this brokerage.
pub(super) async fn judged(
    app: &App,
    check: &Check,
    mut ran: Ran,
    mut standing: Standing,
) -> Result<(Ran, Decision), Undone> {
    if let Some(incident) = incident_of(app, &check.brokerage_id, &ran.report).await? {
        // However long it lasts, it is not this brokerage's.
        standing.retries = 0;
        ran.report = as_part_of(incident, ran.report);
    }
    let decision = decide(&ran.report, standing, app.clock.now(), &app.settings.checks.waiting_ladder);
    Ok((ran, decision))
}

/// Ends the job, writes the steps that are not in the table yet, and the verdict; whether the check had none before.
///
/// Errs when the lease was lost.
pub(super) async fn write_verdict(
    app: &App,
    write: &mut Write,
    claimed: &Claimed,
    check: &Check,
    (ran, decision): (&Ran, &Decision),
    end: JobEnd<'_>,
) -> Result<bool, Undone> {
    held(match end {
        JobEnd::Finished => write.finish_job(claimed).await?,
        JobEnd::Parked(why) => write.park_job(claimed, why).await?,
    })?;
    for step in &ran.steps {
        write.insert_step(step).await?;
    }
    let (cause, warnings) = (decision.cause.as_ref(), &decision.warnings);
    let first = write.insert_verdict(&check.id, ran.run, decision.verdict, cause, warnings).await?;
    have_removed(app, write, &check.brokerage_id, &check.id).await?;
    Ok(first)
}

/// Counts a check that came to its verdict.
pub(super) fn count(app: &App, loaded: &Loaded, decision: &Decision) {
    let cause = decision.cause.as_ref().map(|cause| cause.as_str()).unwrap_or_default();
    app.metrics.check(loaded.connection.kind.id(), decision.verdict.as_str(), cause);
}

/// The line that tells of a verdict.
pub(super) fn audit_line(check: &Check, ran: &Ran, decision: &Decision) -> AuditLine {
    let line = AuditLine::new(Actor::System, "check.decide", check.id.as_str())
        .of(&check.brokerage_id)
        .with("run", ran.run.to_string())
        .with("verdict", decision.verdict.as_str());
    match &decision.cause {
        Some(cause) => line.with("cause", cause.as_str()),
        None => line,
    }
}
