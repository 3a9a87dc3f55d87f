//! Removes what a check left in a test mailbox, or what a visit left in one of a roster: because its removal was refused,
//! because the connection fell, or because the worker was lost in between. It is tried for a day and a half; then our own people see it.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        check::CauseId,
        credential::CredentialSettings,
        ids::{AttemptId, CheckId},
        instant::Instant,
        job::Claimed,
        test_item::TestItem,
    },
    store::{LeftItem, Quiet, Write},
    verification::{Cleared, Fate, Verifier},
};

use super::{
    left_items::opened_item,
    needs::{self, Parked},
    own_sign_in::OwnSignIn,
    run_check::{
        account,
        load::{Loaded, load_any, stand_in},
        open_credential, verifier,
    },
    undone::{Undone, held},
};

/// The pauses between tries.
const PAUSES: &[SignedDuration] = &[
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
    SignedDuration::from_hours(1),
    SignedDuration::from_hours(3),
    SignedDuration::from_hours(8),
    SignedDuration::from_hours(24),
];

/// What was cut off while it was written may arrive later than the answer would have; after this, nothing follows.
const SETTLED: SignedDuration = SignedDuration::from_mins(5);

/// How long it waits before it looks again whether there is room at the server or the account.
const UNTIL_THERE_IS_ROOM: SignedDuration = SignedDuration::from_secs(5);

/// The longest pause that a server is granted when it names one itself.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(1);

/// Carries out the job.
///
/// Errs when the lease was lost, or when the database or the keys are away.
pub async fn clear_mailbox(app: &App, claimed: &Claimed, check: &CheckId) -> Result<(), Undone> {
    let left = app.store.read().await?.left_by_check(check).await?;
    let loaded = load_any(app, check).await?.filter(|_| !left.is_empty());
    let Some(loaded) = loaded else { return nothing_to_do(app, claimed).await };
    let settings = loaded.settings(app)?;
    let (loaded, settings) = match stand_in(app, &loaded, &settings).await? {
        Some(other) => other,
        None => (loaded, settings),
    };
    let Some(turn) = app.turns.take(&account::narrow(&settings)) else { return put_off(app, claimed).await };
    let verifier = verifier(app, &loaded)?;
    let sign_in = OwnSignIn::new(app, claimed, &loaded, &settings, None);
    let cleared = cleared(app, (&loaded, &settings), &left, &verifier, &sign_in).await?;
    drop(turn);
    let Some(cleared) = cleared else {
        return give_up(app, claimed, check, "the secret is not there any more").await;
    };
    if let Some(why) = sign_in.uncounted() {
        return Err(Undone::Ours(why));
    }
    conclude(app, claimed, &loaded, &left, &cleared, sign_in.refused()).await
}

/// Goes to one mailbox after the other, each with a sign-in of its own; a secret that is refused in one is not shown to the
/// next. `None`: there is no secret any more.
async fn cleared(
    app: &App,
    (loaded, settings): (&Loaded, &CredentialSettings),
    left: &[LeftItem],
    verifier: &Verifier,
    sign_in: &OwnSignIn,
) -> Result<Option<Cleared>, Undone> {
    let mut all = Cleared::default();
    // They come by run and place, so those of one mailbox stand together.
    for at_one in left.chunk_by(|one, next| (one.run, one.place) == (next.run, next.place)) {
        let opened: Vec<_> = at_one.iter().map(|one| opened_item(app, one)).collect::<Result<_, _>>()?;
        let mailbox = opened.first().and_then(|(mailbox, _)| mailbox.clone());
        let items: Vec<TestItem> = opened.into_iter().map(|(_, item)| item).collect();
        let settings = mailbox.map_or_else(|| settings.clone(), |mailbox| settings.clone().at(mailbox));
        let Some(credential) = open_credential(app, loaded, settings)? else { return Ok(None) };
        all.add(match sign_in.refused() || sign_in.uncounted().is_some() {
            true => Cleared { fates: vec![Fate::Left; items.len()], ..Cleared::default() },
            false => Box::pin(verifier.clear(&credential, &items, sign_in)).await,
        });
    }
    Ok(Some(all))
}

/// Stops trying: our own people see from now on what stays where.
///
/// Errs when the lease was lost or the database is away.
pub(super) async fn give_up(app: &App, claimed: &Claimed, check: &CheckId, why: &str) -> Result<(), Undone> {
    let Some(loaded) = load_any(app, check).await? else { return nothing_to_do(app, claimed).await };
    let mut write = app.store.write().await?;
    write.hold_connection(&loaded.check.brokerage_id, &loaded.check.connection_id).await?;
    let line = given_up(&mut write, claimed, &loaded, why).await?;
    Ok(write.commit(&[line]).await?)
}

async fn given_up(
    write: &mut Write,
    claimed: &Claimed,
    loaded: &Loaded,
    why: &str,
) -> Result<AuditLine, Undone> {
    held(write.park_job(claimed, why).await?)?;
    write.give_items_up(&loaded.check.id).await?;
    needs::settle(write, &loaded.check.connection_id, Parked::AsBefore).await?;
    Ok(line(loaded, "mailbox.leave"))
}

fn line(loaded: &Loaded, verb: &'static str) -> AuditLine {
    AuditLine::new(Actor::System, verb, loaded.check.id.as_str())
        .of(&loaded.check.brokerage_id)
        .with("attempt", loaded.check.attempt_id.as_ref().map_or("none", AttemptId::as_str))
}

/// There is nothing left, or nobody to ask any more.
async fn nothing_to_do(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    Ok(write.commit_quietly(Quiet::Lease).await?)
}

async fn put_off(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.put_off_job(claimed, app.clock.now().plus(UNTIL_THERE_IS_ROOM)).await?)?;
    Ok(write.commit_quietly(Quiet::Lease).await?)
}

/// What became of the things, sorted.
struct Sorted<'a> {
    /// Those that are gone.
    gone: Vec<&'a LeftItem>,
    /// How many are still there.
    left: usize,
    /// When those are looked for again that were not found so soon after they were cut off.
    look_at: Option<Instant>,
}

fn sorted<'a>(left: &'a [LeftItem], cleared: &Cleared, now: Instant) -> Sorted<'a> {
    let mut sorted = Sorted { gone: Vec::new(), left: 0, look_at: None };
    for (one, fate) in left.iter().zip(&cleared.fates) {
        let settled = one.noted_at.plus(SETTLED);
        match fate {
            Fate::Left => sorted.left += 1,
            Fate::NotFound if now < settled => sorted.look_at = sorted.look_at.max(Some(settled)),
            Fate::NotFound | Fate::Gone => sorted.gone.push(one),
        }
    }
    sorted
}

async fn conclude(
    app: &App,
    claimed: &Claimed,
    loaded: &Loaded,
    left: &[LeftItem],
    cleared: &Cleared,
    refused: bool,
) -> Result<(), Undone> {
    let (check, now) = (&loaded.check, app.clock.now());
    let sorted = sorted(left, cleared, now);
    let mut write = app.store.write().await?;
    write.hold_connection(&check.brokerage_id, &check.connection_id).await?;
    for gone in &sorted.gone {
        write.forget_item(gone.by(), gone.thing).await?;
    }
    let cause = cleared.cause.as_ref().map_or("unknown", CauseId::as_str);
    let mut lines = Vec::new();
    if !sorted.gone.is_empty() {
        lines.push(line(loaded, "mailbox.clear").with("removed", sorted.gone.len().to_string()));
    }
    let pause = next_pause(claimed, cleared).filter(|_| !refused);
    match (sorted.left, sorted.look_at, pause) {
        (0, None, _) => held(write.finish_job(claimed).await?)?,
        (0, Some(at), _) => held(write.put_off_job(claimed, at).await?)?,
        (_, _, Some(pause)) => held(write.reschedule_job(claimed, now.plus(pause), cause).await?)?,
        (_, _, None) => lines.push(given_up(&mut write, claimed, loaded, cause).await?.with("cause", cause)),
    }
    needs::settle(&mut write, &check.connection_id, Parked::AsBefore).await?;
    Ok(write.commit(&lines).await?)
}

/// How long the next try waits; `None` after the last one.
fn next_pause(claimed: &Claimed, cleared: &Cleared) -> Option<SignedDuration> {
    let pause = *PAUSES.get(usize::try_from(claimed.attempts).ok()?)?;
    let asked = cleared.asked.and_then(|asked| SignedDuration::try_from(asked).ok());
    Some(asked.map_or(pause, |asked| pause.max(asked.min(LONGEST_ASKED))))
}
