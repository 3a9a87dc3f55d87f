//! One of our people presses to see a secret. The press is written and sealed into the audit before anything is shown;
//! the worker then looks at the rules for itself, and its answer opens in this process's memory alone.

use std::time::Duration;

use secrecy::SecretString;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use super::{
    access_case::{Press, is_frozen},
    answer_access::refused,
    form_answer::FormKey,
};
use crate::{
    app::App,
    domain::{
        access::{AccessEnd, AccessStage, REVEAL_LASTS, Withheld},
        access_rules::{Looking, NoAccess, is_fresh, may_look},
        audit::{Actor, AuditLine},
        ids::{AccessId, JobId, LookId, SecretId, StaffId},
        instant::Instant,
        job::Job,
        refused::Refused,
        staff::StaffScope,
    },
    store::{NewLook, Quiet, Read, StoredAccess, Topic},
    vault::reveal::{RevealKey, RevealOf},
};

/// How often the answer is looked for when nothing wakes.
const POLL: Duration = Duration::from_millis(500);
/// How long somebody waits in front of the page: the audit takes a second, and ten where it is in trouble.
const PATIENCE: Duration = Duration::from_secs(20);

/// A press whose answer is on its way: only this value can open it.
pub struct Pressed {
    look: LookId,
    secret: SecretId,
    staff: StaffId,
    key: RevealKey,
}

impl Pressed {
    /// Its id.
    pub const fn id(&self) -> &LookId {
        &self.look
    }
}

/// Whether the reader may press now; the error says why not. For the page: the press asks again.
pub async fn may_press(
    app: &App,
    scope: &StaffScope,
    proven_at: Option<Instant>,
    stored: &StoredAccess,
) -> Result<Result<(), NoAccess>, Refused> {
    let mut read = app.store.read().await?;
    let frozen = is_frozen(&mut read, &scope.staff).await?;
    let access = &stored.access;
    let now = app.clock.now();
    let looking = Looking {
        staff: &scope.staff,
        roles: &scope.roles,
        fresh: is_fresh(proven_at, now),
        connection: &access.connection_id,
        secret: &access.secret_id,
        frozen,
        now,
    };
    Ok(may_look(access, &looking))
}

/// Writes the press: what it is about, the audit line, the job, and the public half of a key that is made for it. The same
/// form pressed again is refused: an answer is there once.
///
/// Errs when the rule says no.
pub async fn press(
    app: &App,
    scope: &StaffScope,
    proven_at: Option<Instant>,
    id: &AccessId,
    form: &FormKey,
) -> Result<Pressed, Refused> {
    let mut read = app.store.read().await?;
    let whose = read.all_brokerages(scope)?.whose_access(id).await?.ok_or(Refused::NotFound)?;
    read.access(&whose, id).await?.ok_or(Refused::NotFound)?;
    drop(read);
    let proven_at = proven_at.ok_or(refused(NoAccess::NotFresh))?;
    let key = RevealKey::generate(&app.randomness);
    let (look, now) = (app.new_id(LookId::from_random), app.clock.now());
    let mut write = app.store.write().await?;
    let access = write.hold_access(id).await?.ok_or(Refused::NotFound)?.access;
    let frozen = is_frozen(&mut write, &scope.staff).await?;
    let looking = Looking {
        staff: &scope.staff,
        roles: &scope.roles,
        fresh: is_fresh(Some(proven_at), now),
        connection: &access.connection_id,
        secret: &access.secret_id,
        frozen,
        now,
    };
    // Before what became of the same form: an access that was stopped says so, however often it is pressed.
    may_look(&access, &looking).map_err(refused)?;
    if form.answered(&mut write, scope).await?.is_some() {
        return Err(Refused::Conflict("This press had its answer. Press again to see the secret once more."));
    }
    let public_key = key.public();
    let pressed = Press {
        id: &look,
        access: id,
        secret: &access.secret_id,
        staff: &scope.staff,
        at: now,
        proven_at,
        public_key: &public_key,
    };
    let new = NewLook {
        id: &look,
        access: id,
        secret: &access.secret_id,
        staff: &scope.staff,
        at: now,
        proven_at,
        mac: &pressed.mac(app),
        public_key: &public_key,
        expires_at: now.plus(REVEAL_LASTS),
    };
    write.insert_look(&new).await?;
    form.note(&mut write, scope, look.as_str()).await?;
    let job = Job::Reveal(look.clone());
    write.enqueue(app.new_id(JobId::from_random), &job, Some(&access.brokerage_id), now).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "access.look", look.as_str())
        .of(&access.brokerage_id)
        .with("access", id.as_str())
        .with("secret", access.secret_id.as_str());
    write.commit(&[line]).await?;
    Ok(Pressed { look, secret: access.secret_id, staff: scope.staff.clone(), key })
}

/// Waits for the worker's answer, takes it and opens it. The inner error is why there is none.
///
/// Errs when the database is away.
pub async fn answer_of(app: &App, pressed: Pressed) -> Result<Result<SecretString, Withheld>, Refused> {
    match timeout(PATIENCE, comes(app, &pressed.look)).await {
        Ok(Ok(Some(Ok(())))) => return Ok(take(app, pressed).await?.ok_or(Withheld::Late)),
        Ok(Ok(Some(Err(why)))) => return Ok(Err(why)),
        Ok(Err(refused)) => return Err(refused),
        Ok(Ok(None)) | Err(_) => {}
    }
    let mut write = app.store.write().await?;
    let why = nothing_came(&mut write, &pressed.look).await?;
    write.withhold_look(&pressed.look, why).await?;
    write.commit_quietly(Quiet::Tick).await?;
    Ok(Err(why))
}

/// Why nothing came of a press: what was stopped meanwhile has no place for an answer any more.
async fn nothing_came(read: &mut Read, look: &LookId) -> Result<Withheld, Refused> {
    let Some(found) = read.look(look).await? else { return Ok(Withheld::Late) };
    let stored = read.access_of_job(&found.request_id).await?;
    Ok(match stored.map(|stored| stored.access.stage(read.now())) {
        Some(AccessStage::Ended(AccessEnd::Gone)) => Withheld::Gone,
        Some(AccessStage::Ended(_)) => Withheld::Stopped,
        _ => Withheld::Late,
    })
}

/// Waits until the answer can be taken, or it is told why there is none; `None` when its place is gone or its time over.
async fn comes(app: &App, look: &LookId) -> Result<Option<Result<(), Withheld>>, Refused> {
    let mut woken = app.store.wakes().hear();
    loop {
        let Some(found) = app.store.read().await?.look(look).await? else { return Ok(None) };
        if let Some(why) = found.withheld {
            return Ok(Some(Err(why)));
        }
        if found.expires_at.is_none_or(|at| at <= app.clock.now()) {
            return Ok(None);
        }
        if found.answered {
            return Ok(Some(Ok(())));
        }
        let _ = timeout(POLL, until_answered(&mut woken, look)).await;
    }
}

/// Takes the answer out of the database and opens it.
async fn take(app: &App, pressed: Pressed) -> Result<Option<SecretString>, Refused> {
    let mut write = app.store.write().await?;
    let sealed = write.take_reveal(&pressed.look).await?;
    write.commit_quietly(Quiet::Tick).await?;
    let Some(sealed) = sealed else { return Ok(None) };
    let of = RevealOf {
        environment: &app.settings.product.environment,
        look: &pressed.look,
        secret: &pressed.secret,
        staff: &pressed.staff,
    };
    let opened = pressed.key.open(&of, &sealed);
    if opened.is_none() {
        tracing::error!(look = %pressed.look, "the answer to a press did not open");
    }
    Ok(opened)
}

/// Returns when there may be an answer.
async fn until_answered(woken: &mut Receiver<Topic>, look: &LookId) {
    loop {
        match woken.recv().await {
            Ok(Topic::Look(told)) if told == *look => return,
            Ok(Topic::Everything) | Err(RecvError::Lagged(_)) => return,
            Ok(_) => {}
            // The store is gone; the pause decides.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
