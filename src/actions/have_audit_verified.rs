//! One of our own people has the whole audit looked through. A worker does it, since a long chain takes longer than a page
//! may; what it found stands on the audit's page.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{JobId, VerificationId},
        job::{Claimed, Job},
        refused::Refused,
        staff::StaffScope,
    },
    store::VerificationEnd,
    vault::{audit_key::AuditPublicKeys, files::audit_public_keys},
};

use super::{
    undone::{Undone, held},
    verify_audit::{Verified, verify_audit},
};

/// Asks for it. While one is under way another press asks for nothing more.
///
/// Errs when no role may, and when the database is away.
pub async fn have_audit_verified(app: &App, scope: &StaffScope) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    write.records(scope)?;
    let last = write.verifications(1).await?;
    if last.first().is_some_and(|last| last.ended_at.is_none()) {
        return Ok(());
    }
    let id = app.new_id(VerificationId::from_random);
    write.insert_verification(&id, &scope.staff).await?;
    let job = Job::VerifyAudit(id.clone());
    write.enqueue(app.new_id(JobId::from_random), &job, None, app.clock.now()).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "audit.verify", id.as_str());
    Ok(write.commit(&[line]).await?)
}

/// Carries out the job.
///
/// Errs when the lease was lost, when the database is away, and when there is no public audit key to be found.
pub async fn carry_out(app: &App, claimed: &Claimed, id: &VerificationId) -> Result<(), Undone> {
    let keys = public_keys(app)?;
    let kept = match &app.vault.audit_head {
        Some(memory) => memory.read().map_err(|error| Undone::Ours(error.to_string()))?,
        None => None,
    };
    let kept: Vec<_> = kept.into_iter().collect();
    let found = verify_audit(&app.store, &keys, &kept).await?;
    if let Some(wrong) = &found.wrong {
        tracing::error!(kind = wrong.word(), row = wrong.seq(), "the audit is not as it was sealed");
    }
    let line = AuditLine::new(Actor::System, "audit.verify_end", id.as_str())
        .with("sealed", found.sealed.to_string())
        .with("wrong", found.wrong.as_ref().map_or("", |wrong| wrong.word()));
    end(app, claimed, id, &end_of(&found), line).await
}

/// Says on the page that nobody could look.
pub(super) async fn give_up(
    app: &App,
    claimed: &Claimed,
    id: &VerificationId,
    why: &str,
) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.park_job(claimed, why).await?)?;
    write.end_verification(id, &VerificationEnd::default()).await?;
    let line = AuditLine::new(Actor::System, "job.park", claimed.id.as_str());
    Ok(write.commit(&[line]).await?)
}

async fn end(
    app: &App,
    claimed: &Claimed,
    id: &VerificationId,
    end: &VerificationEnd,
    line: AuditLine,
) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    write.end_verification(id, end).await?;
    Ok(write.commit(&[line]).await?)
}

fn end_of(found: &Verified) -> VerificationEnd {
    VerificationEnd {
        sealed: Some(found.sealed),
        waiting: Some(found.waiting),
        checkpoint: found.last.map(|(head, at)| (head.to_string(), at)),
        wrong: found.wrong.as_ref().map(|wrong| (wrong.word(), wrong.seq(), wrong.to_string())),
    }
}

/// The keys of the file that the settings name; where there is no file, the public half of the key that seals here.
fn public_keys(app: &App) -> Result<AuditPublicKeys, Undone> {
    let read = audit_public_keys(&app.settings.vault.audit_public_keys_file);
    match (read, &app.vault.audit) {
        (Ok(keys), _) => Ok(keys),
        (Err(_), Some(key)) => Ok(AuditPublicKeys::new(key.public().clone(), Vec::new())),
        (Err(error), None) => Err(Undone::Ours(error.to_string())),
    }
}
