//! The run of a dry run: like that of a submission, but nothing moves. What it tests is the draft's, so it begins only
//! while the draft is as it was, and its end tells nobody but whoever looks.

use crate::{
    actions::{
        decide::{Decision, Standing},
        left_items::have_removed,
        test_answers::{is_ours, meter},
        undone::{Undone, held},
    },
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        cause::SecretFault,
        causes,
        check::Verdict,
        dry_run::{DryRun, DryRunEnd},
        instant::Instant,
        job::Claimed,
        kind::SecretSource,
    },
    store::{Draft, Write},
};

use super::{
    begin::{Begun, started},
    load::Loaded,
    ran::Ran,
    verdict::{JobEnd, audit_line, count, judged, write_verdict},
};

/// Begins a run; `None` when it is over, or ends here because the draft is not what it was.
pub(super) async fn begin(
    app: &App,
    claimed: &Claimed,
    (loaded, of): (&Loaded, &DryRun),
) -> Result<Option<Begun>, Undone> {
    let (check, brokerage) = (&loaded.check, &loaded.check.brokerage_id);
    let mut write = app.store.write().await?;
    write.hold_connection(brokerage, &check.connection_id).await?;
    let draft = write.draft(brokerage, &check.connection_id).await?;
    held(write.holds_job(claimed).await?)?;
    if let Some(end) = gone(draft.as_ref(), of, write.now()) {
        if write.insert_verdict(&check.id, check.run, Verdict::CouldNotTell, None, &[]).await? {
            write.end_dry_run(&check.id, end).await?;
            meter(app, brokerage).give_back(&mut write).await?;
            have_removed(app, &mut write, brokerage, &check.id).await?;
        }
        let line = AuditLine::new(Actor::System, "answers.test_end", check.id.as_str())
            .of(brokerage)
            .with("why", end.as_str());
        write.commit(&[line]).await?;
        return Ok(None);
    }
    started(write, loaded).await
}

/// Why there is nothing to look at any more.
fn gone(draft: Option<&Draft>, of: &DryRun, now: Instant) -> Option<DryRunEnd> {
    let Some(draft) = draft.filter(|draft| draft.id == of.draft_id) else {
        return Some(DryRunEnd::Submitted);
    };
    let wanted = of.secret_id.as_ref()?;
    match &draft.secret_id {
        Some(secret) if secret != wanted => Some(DryRunEnd::Changed),
        Some(_) if draft.expires_at.is_some_and(|end| end > now) => None,
        _ => Some(DryRunEnd::Expired),
    }
}

/// Writes the verdict and ends the job. No look follows: whoever pressed may press again.
pub(super) async fn conclude(
    app: &App,
    claimed: &Claimed,
    (loaded, of): (&Loaded, &DryRun),
    ran: Ran,
    end: JobEnd<'_>,
) -> Result<(), Undone> {
    let (check, brokerage) = (&loaded.check, &loaded.check.brokerage_id);
    let standing = Standing::of(check, loaded.connection.kind, false, ran.sign_in);
    let (ran, decision) = judged(app, check, ran, standing).await?;
    let meter = meter(app, brokerage);
    let mut write = app.store.write().await?;
    write.hold_connection(brokerage, &check.connection_id).await?;
    let first = write_verdict(app, &mut write, claimed, check, (&ran, &decision), end).await?;
    let mut line = audit_line(check, &ran, &decision).with("dry_run", "yes");
    // Then it counts as no test.
    if first && is_ours(decision.verdict, decision.cause.as_ref()) {
        meter.give_back(&mut write).await?;
    }
    if first && is_of_no_use(loaded, &decision, ran.sign_in.refused) {
        line = line.with("secret", drop_secret(&mut write, of).await?);
    }
    write.commit(&[line]).await?;
    count(app, loaded, &decision);
    Ok(())
}

/// Whether the secret that somebody typed was refused for what it is: no mend elsewhere makes it work.
fn is_of_no_use(loaded: &Loaded, decision: &Decision, refused: bool) -> bool {
    let typed = loaded.connection.kind.secret_source() == SecretSource::Admin;
    let cause = decision.cause.as_ref().and_then(|id| causes::find(id.as_str()));
    typed && refused && cause.is_some_and(|cause| matches!(cause.secret, SecretFault::Yes))
}

/// Takes it out of the draft and deletes it, unless another was entered or it was submitted meanwhile.
async fn drop_secret(write: &mut Write, of: &DryRun) -> Result<&'static str, Undone> {
    let Some(secret) = &of.secret_id else { return Ok("none") };
    if !write.let_secret_go(&of.brokerage_id, &of.draft_id, secret).await? {
        return Ok("kept");
    }
    let deleted = write.delete_secret(&of.brokerage_id, secret).await?;
    Ok(if deleted { "deleted" } else { "kept" })
}
