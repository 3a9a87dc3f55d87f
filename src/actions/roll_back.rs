//! Goes back to the secret that was in use before it was renewed, within a day and while it is still there.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        attempt::{Attempt, AttemptEnd},
        audit::{Actor, AuditLine},
        connection::{Connection, State},
        ids::ConnectionId,
        instant::Instant,
        refused::Refused,
        scope::Scope,
    },
    notify::notice::{Case, Notice, Rotated},
    store::Move,
};

use super::{
    access_ends::Going,
    draft::Bench,
    needs::{self, Parked},
    outbox,
    people::recipients,
    remind,
};

/// How long one may go back. The old secret is kept longer; after a day the new one is what everybody knows.
pub const MAY_GO_BACK: SignedDuration = SignedDuration::from_hours(24);

const NOTHING: Refused = Refused::Conflict(
    "There is no way back any more: the secret before this one was replaced more than 24 hours ago, or is deleted.",
);

/// The attempt that may be gone back to: the one that the credential in use took the place of, within a day.
pub fn way_back<'a>(connection: &Connection, attempts: &'a [Attempt], now: Instant) -> Option<&'a Attempt> {
    let in_use = connection.in_use.as_ref().filter(|_| connection.state == State::Verified)?;
    let latest = attempts.iter().find(|attempt| attempt.id == *in_use)?;
    let replaced = |attempt: &&Attempt| {
        attempt.number < latest.number
            && attempt.can_be_checked()
            && matches!(attempt.ended, Some((AttemptEnd::Replaced, at)) if now.since(at) < MAY_GO_BACK)
    };
    attempts.iter().filter(replaced).max_by_key(|attempt| attempt.ended.map(|(_, at)| at))
}

/// Goes back. `seen` is the version of the connection that the page showed.
///
/// Errs when the connection is not this brokerage's, with a conflict when it changed meanwhile or there is no way back.
pub async fn roll_back(app: &App, scope: &Scope, id: &ConnectionId, seen: i64) -> Result<(), Refused> {
    let mut read = app.store.read().await?;
    let bench = Bench::read(app, &mut read, scope, &[], id).await?;
    let people = recipients(app, read.people_of(&scope.brokerage).await?)?;
    let going = match &bench.connection.in_use {
        Some(left) => {
            let whose = (&scope.brokerage, id);
            Some(Going::prepare(app, &mut read, whose, Some(left), AttemptEnd::RolledBack).await?)
        }
        None => None,
    };
    drop(read);
    let attempts: Vec<Attempt> = bench.attempts.iter().map(|(attempt, _)| attempt.clone()).collect();
    let back = way_back(&bench.connection, &attempts, bench.now).ok_or(NOTHING)?.clone();
    let left = bench.connection.in_use.clone().ok_or(NOTHING)?;
    let settings =
        bench.attempts.iter().find(|(attempt, _)| attempt.id == back.id).map(|(_, settings)| settings);
    let ends_on = settings.and_then(|settings| back.last_day(settings));
    let case = Case::new(&bench.brokerage, &bench.connection, back.number, Case::page_of(id));
    let notice = Notice::Rotated(Rotated { case, ends_on, went_back: true, same: false });
    let event = format!("{}/{}", back.id, left);
    let mails = outbox::prepare(app, &notice, &event, &scope.brokerage, &people)?;

    let mut write = app.store.write().await?;
    write.guard_connection(&scope.brokerage, id, seen).await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let still =
        write.attempt(&scope.brokerage, &back.id).await?.is_some_and(|row| row.attempt.can_be_checked());
    if connection.in_use.as_ref() != Some(&left) || connection.state != State::Verified || !still {
        return Err(NOTHING);
    }
    let step = Move {
        from: State::Verified,
        to: (State::Verified, None),
        in_use: Some(&back.id),
        candidate: connection.candidate.as_ref(),
    };
    write.move_connection(&scope.brokerage, id, &step).await?;
    write.end_attempt(&scope.brokerage, &left, Some(AttemptEnd::RolledBack)).await?;
    write.end_attempt(&scope.brokerage, &back.id, None).await?;
    remind::plan(app, &mut write, &scope.brokerage, &back.id, ends_on)
        .await
        .map_err(|_| Refused::Unavailable)?;
    // What was found of the one in use is over with it, and of this one it counts again.
    needs::settle(&mut write, id, Parked::AsBefore).await?;
    for mail in &mails {
        write.post_mail(mail).await?;
    }
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "rotation.roll_back", back.id.as_str())
        .of(&scope.brokerage)
        .with("from", left.as_str());
    let mut lines = match going {
        Some(going) => going.end(&mut write).await?,
        None => Vec::new(),
    };
    lines.push(line);
    write.commit(&lines).await?;
    Ok(())
}
