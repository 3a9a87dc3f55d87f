//! Looks which mail system a domain has, before the first question is asked. A worker looks, for the portal calls
//! nobody; the page shows what was seen and chooses the access kind that fits, where the admin has chosen none.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        address::{MailAddress, MailDomain},
        ids::{BrokerageId, JobId, RecognitionId},
        instant::Instant,
        job::{Claimed, Job},
        recognition::Seen,
        refused::Refused,
        scope::Scope,
    },
    store::{self, Quiet, Recognition, Topic, Write},
};

use super::{
    limits::Limit,
    undone::{Undone, held},
};

/// The purpose under which what was seen is encrypted; the owner is the look's id.
const SEEN_BOX: &str = "recognitions.seen";
/// How long what was seen counts: name servers keep answers for about a day.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// How long a look that was asked for is waited for before another press asks again.
const UNDER_WAY: SignedDuration = SignedDuration::from_mins(2);
/// Offices have one or two mail domains; whoever looks at more looks at other people's.
const LOOKS: Limit = Limit { what: "recognitions", window: SignedDuration::from_hours(24), most: 20 };

/// What is known of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Nobody has asked.
    NotAsked,
    /// A worker will look.
    UnderWay,
    /// It has looked.
    Done(Seen),
}

/// Reads what is known of a domain, as this brokerage had it looked at.
///
/// Errs when the database is away or what was seen cannot be decrypted.
pub async fn known(app: &App, brokerage: &BrokerageId, domain: &MailDomain) -> Result<Look, Refused> {
    let found = app.store.read().await?.recognition(brokerage, domain).await?;
    let Some(found) = found else { return Ok(Look::NotAsked) };
    match &found.seen_box {
        Some(seen) => Ok(Look::Done(app.from_box(SEEN_BOX, found.id.as_str(), seen)?)),
        None => Ok(Look::UnderWay),
    }
}

/// Asks a worker to look at a domain, or at the domain of an address; gives the domain. One that was looked at within a
/// day is not looked at again.
///
/// Errs with the field where it is no domain, with `Fields` for one of private mailboxes, and with `TooMany`.
pub async fn ask_recognition(app: &App, scope: &Scope, typed: &str) -> Result<MailDomain, Refused> {
    let domain = read_domain(typed)?;
    let meter = LOOKS.of(app, scope.brokerage.as_str());
    let mut write = app.store.write().await?;
    let found = write.recognition(&scope.brokerage, &domain).await?;
    let now = write.now();
    if found.is_some_and(|found| needs_no_look(&found, now)) {
        return Ok(domain);
    }
    let shared = write.shared_now().await?;
    if let Some(until) = meter.take(&mut write, shared).await? {
        return Err(Refused::TooMany(until));
    }
    ask(app, &mut write, &scope.brokerage, &domain).await?;
    write.commit_quietly(Quiet::Tick).await?;
    Ok(domain)
}

fn needs_no_look(found: &Recognition, now: Instant) -> bool {
    match found.looked_at {
        Some(at) => now.since(at) < FRESH,
        None => now.since(found.asked_at) < UNDER_WAY,
    }
}

fn read_domain(typed: &str) -> Result<MailDomain, Refused> {
    let wrong = |sentence: &str| Refused::field("domain", sentence);
    let read = match typed.trim().contains('@') {
        true => MailAddress::parse(typed).map(|address| address.domain()).ok(),
        false => MailDomain::parse(typed).ok(),
    };
    let domain = read.ok_or_else(|| {
        wrong("Enter the part behind the @ of your agents' addresses, such as lakeshore.example")
    })?;
    if domain.is_consumer() {
        return Err(wrong(
            "That is mail for private persons. Agents who use it connect their own mailbox in their account; there is nothing for the office to set up",
        ));
    }
    Ok(domain)
}

/// Asks in the transaction of whoever makes a brokerage: by the time its first person has read the first page, it is
/// known.
pub(super) async fn ask(
    app: &App,
    write: &mut Write,
    brokerage: &BrokerageId,
    domain: &MailDomain,
) -> store::Result<()> {
    if domain.is_consumer() {
        return Ok(());
    }
    let id = app.new_id(RecognitionId::from_random);
    let id = write.ask_recognition(&id, brokerage, domain).await?;
    let now = write.now();
    write.enqueue(app.new_id(JobId::from_random), &Job::RecogniseDomain(id), Some(brokerage), now).await
}

/// Carries out the job.
///
/// Errs when the lease was lost, when the database is away, or when this worker cannot look.
pub async fn recognise(app: &App, claimed: &Claimed, id: &RecognitionId) -> Result<(), Undone> {
    let wanted = app.store.read().await?.recognition_of_job(id).await?;
    let Some(wanted) = wanted else { return end(app, claimed, None).await };
    let verifier = app.verifier.as_ref().ok_or_else(|| Undone::Ours("this worker has no net".to_owned()))?;
    let seen = verifier.look_at(&wanted.domain).await;
    let seen_box = app.to_box(SEEN_BOX, id.as_str(), &seen)?;
    end(app, claimed, Some((id, seen_box))).await
}

/// Ends a look that cannot be made: the admin chooses without it.
///
/// Errs when the lease was lost or the database is away.
pub(super) async fn give_up(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    end(app, claimed, None).await
}

async fn end(app: &App, claimed: &Claimed, seen: Option<(&RecognitionId, Vec<u8>)>) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    if let Some((id, seen_box)) = seen {
        write.note_recognition(id, &seen_box).await?;
        write.wake(Topic::Recognised);
    }
    Ok(write.commit_quietly(Quiet::Tick).await?)
}
