//! The worker's part of a look at a secret. It waits until the press stands sealed in the audit, asks the rules for
//! itself, opens the secret, and seals it to the one process that waits, in the transaction that tells the brokerage.

use std::time::Duration;

use hex::FromHex as _;
use jiff::SignedDuration;
use secrecy::SecretString;
use tokio::time::sleep;

use super::{
    access_case::{Circle, Press, To, approval_is_ours, is_frozen, post},
    limits::Limit,
    run_check::sealed_as,
    staff_mail,
    undone::{Undone, held},
};
use crate::{
    app::App,
    domain::{
        access::{MOST_AN_HOUR, REVEAL_LASTS, Withheld},
        access_rules::{Looking, NoAccess, is_fresh, may_look},
        audit::{Actor, AuditLine},
        ids::LookId,
        job::Claimed,
    },
    notify::notice::AccessTold,
    store::{PreparedMail, Quiet, StoredAccess, StoredLook, Write},
    vault::{
        context::Context,
        open::OpenError,
        reveal::{RevealOf, seal_for},
    },
};

/// Secrets that leave this installation's workers for people's eyes.
const REVEALS: Limit =
    Limit { what: "limit.access.reveal", window: SignedDuration::from_hours(1), most: MOST_AN_HOUR };
/// How often it looks whether the press is sealed, and how many times: ten seconds, where the sealer takes one.
const SEAL_POLL: Duration = Duration::from_millis(100);
const SEAL_POLLS: usize = 100;

/// Carries out the job of a press: answers it, or notes why not. A second round deletes an answer that nobody read.
///
/// Errs when the lease was lost, or when the database or the keys are away.
pub async fn reveal(app: &App, claimed: &Claimed, id: &LookId) -> Result<(), Undone> {
    let mut read = app.store.read().await?;
    let Some(look) = read.look(id).await? else { return end(app, claimed).await };
    let stored = read.access_of_job(&look.request_id).await?;
    drop(read);
    let (Some(stored), Some(expires_at)) = (stored, look.expires_at) else { return end(app, claimed).await };
    if look.answered || look.withheld.is_some() || expires_at <= app.clock.now() {
        return close(app, claimed, &look).await;
    }
    if !Press::is_ours(app, &look) || !approval_is_ours(app, &stored) {
        tracing::error!(%id, "a look at a secret was written past the product");
        return withhold(app, claimed, &look, &stored, Withheld::NotAllowed).await;
    }
    if !is_sealed(app, id).await? {
        return withhold(app, claimed, &look, &stored, Withheld::NotRecorded).await;
    }
    let secret = match open(app, &stored).await? {
        Some(secret) => secret,
        None => return withhold(app, claimed, &look, &stored, Withheld::Gone).await,
    };
    let of = RevealOf {
        environment: &app.settings.product.environment,
        look: id,
        secret: &look.secret_id,
        staff: &look.staff_id,
    };
    let key = look.public_key.as_deref().unwrap_or_default();
    let sealed = seal_for(key, &of, &secret, &app.randomness);
    drop(secret);
    let mails = tell(app, &look, &stored).await?;
    let (Some(sealed), false) = (sealed, mails.is_empty()) else {
        return withhold(app, claimed, &look, &stored, Withheld::NobodyTold).await;
    };
    match release(app, claimed, &look, &sealed, &mails).await? {
        None => Ok(()),
        Some(why) => withhold(app, claimed, &look, &stored, why).await,
    }
}

/// Waits until the line of this very press is in the chain and under a signature.
async fn is_sealed(app: &App, id: &LookId) -> Result<bool, Undone> {
    for _ in 0..SEAL_POLLS {
        if app.store.read().await?.look_is_sealed(id).await? {
            return Ok(true);
        }
        sleep(SEAL_POLL).await;
    }
    Ok(false)
}

/// The secret; `None` when it is gone, or is not the one that was submitted.
async fn open(app: &App, stored: &StoredAccess) -> Result<Option<SecretString>, Undone> {
    let access = &stored.access;
    let mut read = app.store.read().await?;
    let attempt = read.attempt(&access.brokerage_id, &access.attempt_id).await?;
    let secret = read.secret(&access.brokerage_id, &access.secret_id).await?;
    let digest = read.audited(access.attempt_id.as_str(), "attempt.submit", "envelope_sha256").await?;
    drop(read);
    let still = attempt.is_some_and(|it| it.attempt.secret_id.as_ref() == Some(&access.secret_id));
    let (Some(secret), Some(digest), Some(field)) = (
        secret.filter(|_| still),
        digest.and_then(|text| <[u8; 32]>::from_hex(text).ok()),
        sealed_as(stored.kind),
    ) else {
        return Ok(None);
    };
    let context = Context::of_credential(
        &app.settings.product.environment,
        &access.brokerage_id,
        &access.connection_id,
        &secret.id,
        field,
    );
    match app.vault.open(&context, &secret.sealed, &digest) {
        Ok(opened) => Ok(Some(opened)),
        Err(error @ (OpenError::NoPrivateKeys | OpenError::UnknownKey(_))) => {
            Err(Undone::Ours(error.to_string()))
        }
        Err(error) => {
            tracing::error!(%error, access = %access.id, "a sealed secret did not open");
            Ok(None)
        }
    }
}

async fn tell(app: &App, look: &StoredLook, stored: &StoredAccess) -> Result<Vec<PreparedMail>, Undone> {
    let mut read = app.store.read().await?;
    let circle = Circle::of(app, &mut read, stored).await?;
    drop(read);
    Ok(circle.tell(app, To::Everybody, look.id.as_str(), AccessTold::Looked { at: look.at })?)
}

/// Lets it go, when the rules still say yes now that nobody can change what they look at. Gives why not.
async fn release(
    app: &App,
    claimed: &Claimed,
    look: &StoredLook,
    sealed: &[u8],
    mails: &[PreparedMail],
) -> Result<Option<Withheld>, Undone> {
    let meter = REVEALS.of(app, "everybody");
    let mut write = app.store.write().await?;
    let stored = write.hold_access(&look.request_id).await?;
    let Some(stored) = stored.filter(|stored| approval_is_ours(app, stored)) else {
        return Ok(Some(Withheld::NotAllowed));
    };
    if let Err(why) = allows(&mut write, look, &stored).await? {
        return Ok(Some(why));
    }
    let now = write.shared_now().await?;
    if meter.take(&mut write, now).await?.is_some() {
        tracing::error!(
            most = MOST_AN_HOUR,
            "too many secrets were asked for within an hour; no more are shown"
        );
        return Ok(Some(Withheld::TooMany));
    }
    if !write.release_look(&look.id, sealed).await? {
        return Ok(Some(Withheld::Late));
    }
    post(&mut write, mails).await?;
    // Once more at the end of its minute, to delete what nobody has read.
    let again = look.at.plus(REVEAL_LASTS);
    held(write.repeat_job(claimed, again).await?)?;
    let line = line(look, &stored, "access.show");
    write.commit(&[line]).await?;
    app.metrics.look("shown");
    Ok(None)
}

async fn allows(
    write: &mut Write,
    look: &StoredLook,
    stored: &StoredAccess,
) -> Result<Result<(), Withheld>, Undone> {
    let access = &stored.access;
    let now = write.now();
    let roles = write.staff(&look.staff_id).await?.map(|row| row.roles).unwrap_or_default();
    let attempt = write.attempt(&access.brokerage_id, &access.attempt_id).await?;
    let connection = attempt.map(|stored| stored.attempt.connection_id);
    let looking = Looking {
        staff: &look.staff_id,
        roles: &roles,
        // When they pressed: the audit may have taken a moment since.
        fresh: is_fresh(Some(look.proven_at), look.at),
        connection: connection.as_ref().unwrap_or(&access.connection_id),
        secret: &look.secret_id,
        frozen: is_frozen(write, &look.staff_id).await?,
        now,
    };
    Ok(match may_look(access, &looking) {
        Ok(()) if connection.is_none() => Err(Withheld::NotAllowed),
        allowed => allowed.map_err(NoAccess::withheld),
    })
}

async fn withhold(
    app: &App,
    claimed: &Claimed,
    look: &StoredLook,
    stored: &StoredAccess,
    why: Withheld,
) -> Result<(), Undone> {
    let alarm = match why {
        Withheld::TooMany => staff_mail::looks_refused(app, look.at, MOST_AN_HOUR).await?,
        _ => Vec::new(),
    };
    let mut write = app.store.write().await?;
    write.withhold_look(&look.id, why).await?;
    held(write.finish_job(claimed).await?)?;
    post(&mut write, &alarm).await?;
    write.commit(&[line(look, stored, "access.withhold").with("cause", why.as_str())]).await?;
    app.metrics.look(why.as_str());
    Ok(())
}

/// Ends the round that deletes what was not read, or puts it to its time.
async fn close(app: &App, claimed: &Claimed, look: &StoredLook) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    let due = look.at.plus(REVEAL_LASTS);
    if look.answered && due > write.now() {
        held(write.repeat_job(claimed, due).await?)?;
    } else {
        write.close_reveal(&look.id).await?;
        held(write.finish_job(claimed).await?)?;
    }
    Ok(write.commit_quietly(Quiet::Tick).await?)
}

async fn end(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    Ok(write.commit_quietly(Quiet::Tick).await?)
}

/// Gives a press up that no worker could answer: whoever waits reads so, and nothing is left to be read.
///
/// Errs when the lease was lost or the database is away.
pub(super) async fn give_up(app: &App, claimed: &Claimed, id: &LookId) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    write.withhold_look(id, Withheld::Late).await?;
    held(write.finish_job(claimed).await?)?;
    Ok(write.commit_quietly(Quiet::Tick).await?)
}

/// It names whoever saw it, or would have: the worker only lets it go.
fn line(look: &StoredLook, stored: &StoredAccess, verb: &'static str) -> AuditLine {
    AuditLine::new(Actor::Staff(look.staff_id.clone()), verb, look.id.as_str())
        .of(&stored.access.brokerage_id)
        .with("access", look.request_id.as_str())
}
