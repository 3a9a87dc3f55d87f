//! Checks the mailboxes of a roster that have no result: signs in once, opens each as its owner, and keeps what came of
//! it as it comes. Whoever takes the job up after a crash goes on with those that have no result yet.

mod conclude;
mod desk;
mod round;

use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{App, turns::Turn},
    domain::{
        audit::{Actor, AuditLine},
        check::Report,
        credential::{Credential, CredentialSettings},
        ids::RosterId,
        job::Claimed,
        roster::RosterEnd,
    },
    store::{Quiet, WrittenBy},
    verification::{Verifier, Visits},
};

use super::{
    left_items::have_removed,
    needs::{self, Parked},
    own_sign_in::OwnSignIn,
    run_check::{account, load::Loaded, open_credential, verifier},
    undone::{Undone, held},
};
use conclude::conclude;
use desk::{Desk, Halt};
use round::Round;

/// How long it waits before it looks again whether there is room at the server or the account.
const UNTIL_THERE_IS_ROOM: SignedDuration = SignedDuration::from_secs(2);

/// Carries out the job, or puts it off while this process has enough others at the same server or account. Once `stop`
/// is cancelled no further mailbox is opened, and the job is given back.
///
/// Errs when the lease was lost, or when the database or the keys are away.
pub async fn check_roster(
    app: &App,
    claimed: &Claimed,
    id: &RosterId,
    stop: &CancellationToken,
) -> Result<(), Undone> {
    let Some(round) = Round::load(app, id).await? else { return nothing_to_do(app, claimed).await };
    let Some(loaded) = round.loaded.as_ref().filter(|_| round.is_wanted) else {
        return conclude(app, claimed, &round.roster, (RosterEnd::Overtaken, None)).await;
    };
    if round.roster.stop_at.is_some() {
        return conclude(app, claimed, &round.roster, (RosterEnd::Stopped, None)).await;
    }
    if round.open.is_empty() {
        return conclude(app, claimed, &round.roster, (RosterEnd::Done, None)).await;
    }
    let settings = loaded.settings(app)?;
    let Some(turns) = Room::take(app, &settings) else { return put_off(app, claimed).await };
    let verifier = verifier(app, loaded)?;
    let sign_in = OwnSignIn::new(app, claimed, loaded, &settings, Some(turns.account));
    let Some(credential) = open_credential(app, loaded, settings)? else {
        return Err(Undone::Ours("the secret of the roster's attempt did not open".to_owned()));
    };
    let visits =
        WrittenBy { check: &loaded.check.id, run: take(app, claimed, &round, loaded).await?, place: 0 };
    let desk = Desk::new(app, claimed, (&round, visits), stop);
    let report = Box::pin(visit(app, (&verifier, &credential), &round, &desk, &sign_in)).await;
    drop(turns.server);
    if let Some(why) = sign_in.uncounted() {
        return Err(Undone::Ours(why));
    }
    match desk.ended().await? {
        Halt::LeaseLost => Err(Undone::LeaseLost),
        Halt::NotNoted => Err(Undone::Ours("a test entry could not be noted".to_owned())),
        Halt::Leaving => give_back(app, claimed).await,
        Halt::Overtaken => conclude(app, claimed, &round.roster, (RosterEnd::Overtaken, None)).await,
        Halt::Asked => conclude(app, claimed, &round.roster, (RosterEnd::Stopped, None)).await,
        Halt::Nothing if desk.visited_none() => {
            conclude(app, claimed, &round.roster, (RosterEnd::NotOpened, Some(report))).await
        }
        Halt::Nothing => conclude(app, claimed, &round.roster, (RosterEnd::Done, None)).await,
    }
}

/// Ends a roster whose job cannot be carried out: our own people look at it, and what has a result keeps it.
///
/// Errs when the lease was lost or the database is away.
pub(super) async fn give_up(app: &App, claimed: &Claimed, id: &RosterId, why: &str) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    let Some(roster) = write.roster_of_job(id).await? else {
        held(write.finish_job(claimed).await?)?;
        return Ok(write.commit_quietly(Quiet::Lease).await?);
    };
    write.hold_connection(&roster.brokerage_id, &roster.connection_id).await?;
    held(write.park_job(claimed, why).await?)?;
    write.end_roster(id, RosterEnd::GivenUp, None).await?;
    needs::settle(&mut write, &roster.connection_id, Parked::Now).await?;
    let line = AuditLine::new(Actor::System, "roster.end", roster.connection_id.as_str())
        .of(&roster.brokerage_id)
        .with("end", RosterEnd::GivenUp.as_str())
        .with("done", roster.done.to_string());
    Ok(write.commit(&[line]).await?)
}

/// Room at the account until it has signed in, and at the office's own server until the end.
struct Room {
    account: Turn,
    server: Option<Turn>,
}

impl Room {
    /// Takes it; `None` when either is full.
    fn take(app: &App, settings: &CredentialSettings) -> Option<Self> {
        let (of_account, of_server): (Vec<_>, Vec<_>) =
            account::narrow(settings).into_iter().partition(|narrow| narrow.most == 1);
        let account = app.turns.take(&of_account)?;
        let server = app.turns.take(&of_server)?;
        Some(Self { account, server: Some(server) })
    }
}

/// Visits the mailboxes and keeps results meanwhile.
async fn visit(
    app: &App,
    (verifier, credential): (&Verifier, &Credential),
    round: &Round,
    desk: &Desk<'_>,
    sign_in: &OwnSignIn,
) -> Report {
    let visits = Visits {
        mailboxes: &round.open,
        at_once: app.settings.checks.roster_at_once as usize,
        stop: desk.halted().clone(),
        host: desk,
    };
    let over = CancellationToken::new();
    let visiting = async {
        let report = Box::pin(verifier.visit(credential, &visits, sign_in)).await;
        over.cancel();
        report
    };
    let (report, ()) = tokio::join!(visiting, desk.keep(&over));
    report
}

/// Notes that the run goes on from here, and has removed what a lost worker left in mailboxes. Gives the number under
/// which the visits note what they write.
async fn take(app: &App, claimed: &Claimed, round: &Round, loaded: &Loaded) -> Result<i64, Undone> {
    let mut write = app.store.write().await?;
    held(write.holds_job(claimed).await?)?;
    write.take_roster(&round.roster.id).await?;
    let run = write.next_visits(&loaded.check.id).await?;
    have_removed(app, &mut write, &round.roster.brokerage_id, &loaded.check.id).await?;
    write.commit_quietly(Quiet::Step).await?;
    Ok(run)
}

/// The roster was replaced, or has ended meanwhile: only the job is ended.
async fn nothing_to_do(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    Ok(write.commit_quietly(Quiet::Lease).await?)
}

async fn put_off(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    put_off_until(app, claimed, UNTIL_THERE_IS_ROOM).await
}

/// This worker stops; another goes on.
async fn give_back(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    put_off_until(app, claimed, SignedDuration::ZERO).await
}

async fn put_off_until(app: &App, claimed: &Claimed, pause: SignedDuration) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.put_off_job(claimed, app.clock.now().plus(pause)).await?)?;
    Ok(write.commit_quietly(Quiet::Lease).await?)
}
