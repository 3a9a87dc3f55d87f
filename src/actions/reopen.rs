//! Takes a closed connection up again: its brokerage within a week, our own people at any time. It begins as a draft with
//! everything that is not secret.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        connection::{Connection, Event, State, next},
        ids::{BrokerageId, ConnectionId, EventId},
        instant::Instant,
        refused::Refused,
        scope::Scope,
        staff::{Deed, StaffScope},
    },
    notify::notice::{Case, Doer, Notice, Reopened},
    store::{Move, PreparedMail, Read},
};

use super::{
    needs::{self, Parked},
    next_draft::NextDraft,
    outbox,
    people::{doer_of, recipients},
    sweep::CLOSED_SECRETS,
};

const OPEN: Refused = Refused::Conflict("This connection is open already.");
const TOO_LATE: Refused = Refused::Conflict(
    "This connection was closed more than 7 days ago. Ask us to open it again, or make a new one.",
);

const REFUSED: Refused = Refused::Conflict("Its brokerage was refused. Accept it after all first.");

const UNCHOSEN: Refused = Refused::Conflict(
    "No mail system was chosen yet, so there is nothing to open again. Make a new connection instead.",
);

/// Until when a brokerage may take a closed connection up again by itself; `None` when it is not closed.
pub fn may_reopen_until(connection: &Connection) -> Option<Instant> {
    let closing = connection.closing.filter(|_| connection.state == State::Closed)?;
    Some(closing.at.plus(CLOSED_SECRETS))
}

/// Takes it up again for its brokerage; its people are told, as they were of the closing.
///
/// Errs when the connection is not this brokerage's, and with a conflict when it is open or was closed too long ago.
pub async fn reopen(app: &App, scope: &Scope, id: &ConnectionId) -> Result<(), Refused> {
    let mut read = app.store.read().await?;
    let connection = read.connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let until = may_reopen_until(&connection).ok_or(OPEN)?;
    if read.now() >= until {
        return Err(TOO_LATE);
    }
    drop(read);
    open(app, &scope.brokerage, id, Actor::Person(scope.person.clone()), None).await
}

/// Takes it up again for its brokerage, which asked us to. Its people are told who did it and what comes next.
///
/// Errs when no role may, when there is no such connection, and with a conflict when it is open.
pub async fn staff_reopen(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<(), Refused> {
    if !scope.may(Deed::CheckAgain) {
        return Err(Refused::Forbidden("None of your roles opens connections again. Ask a reviewer."));
    }
    let mut read = app.store.read().await?;
    let brokerage = read.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    drop(read);
    open(app, &brokerage, id, Actor::Staff(scope.staff.clone()), Some(&scope.name)).await
}

/// `ours` is the name of whoever of us does it; none where somebody of the office does.
async fn open(
    app: &App,
    brokerage: &BrokerageId,
    id: &ConnectionId,
    actor: Actor,
    ours: Option<&str>,
) -> Result<(), Refused> {
    let mut read = app.store.read().await?;
    let known = read.connection(brokerage, id).await?.ok_or(Refused::NotFound)?;
    if !known.kind_chosen {
        return Err(UNCHOSEN);
    }
    let draft = NextDraft::prepare(app, &mut read, &known).await?;
    let mails = told(app, &mut read, &known, &actor, ours).await?;
    drop(read);
    let mut write = app.store.write().await?;
    let connection = write.hold_connection(brokerage, id).await?.ok_or(Refused::NotFound)?;
    if write.brokerage(brokerage).await?.is_some_and(|it| it.refused_at.is_some()) {
        return Err(REFUSED);
    }
    let to = next(connection.state, Event::Reopened).map_err(|_| OPEN)?;
    write.guard_connection(brokerage, id, connection.version).await?;
    let step = Move { from: connection.state, to, in_use: None, candidate: None };
    write.move_connection(brokerage, id, &step).await?;
    write.note_closing(brokerage, id, None, None).await?;
    if let Some(draft) = draft {
        draft.write(app, &mut write, &connection).await?;
    }
    needs::settle(&mut write, id, Parked::Over).await?;
    for mail in &mails {
        write.post_mail(mail).await?;
    }
    let line = AuditLine::new(actor, "connection.reopen", id.as_str()).of(brokerage);
    Ok(write.commit(&[line]).await?)
}

/// What its people are told.
async fn told(
    app: &App,
    read: &mut Read,
    connection: &Connection,
    actor: &Actor,
    ours: Option<&str>,
) -> Result<Vec<PreparedMail>, Refused> {
    let (of, id) = (&connection.brokerage_id, &connection.id);
    let brokerage = read.brokerage(of).await?.ok_or(Refused::NotFound)?;
    let people = recipients(app, read.people_of(of).await?)?;
    let next = read.attempts_of(of, id).await?.last().map_or(1, |last| last.attempt.number + 1);
    let case = Case::new(&brokerage, connection, next, Case::page_of(id));
    let by = ours.map_or_else(|| doer_of(&people, actor), |name| Doer::Ours(name.to_owned()));
    let notice = Notice::Reopened(Reopened { case, by, tried: next > 1 });
    let event = format!("{id}/{}", app.new_id(EventId::from_random));
    outbox::prepare(app, &notice, &event, of, &people)
}
