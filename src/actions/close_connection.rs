//! Closes a connection: its brokerage does not go on with it, and says why. Reminders and checks end, our people read
//! the reason, and its secrets are deleted after a week. Until then it can be taken up again.

use crate::{
    app::App,
    domain::{
        attempt::AttemptEnd,
        audit::{Actor, AuditLine},
        connection::{CloseReason, Closing, Connection, Event, State, next},
        ids::{ConnectionId, EventId},
        refused::{FieldError, Refused},
        review::NoteText,
        scope::Scope,
    },
    notify::notice::{Case, Closed, Notice},
    store::{Move, Write},
};

use super::{
    access_ends::Going,
    draft::Bench,
    needs::{self, Parked},
    next_draft::drop_draft,
    outbox,
    people::recipients,
    sweep::CLOSED_SECRETS,
    withdraw::end,
};

/// The purpose under which what a brokerage said when it closed a connection is encrypted; the owner is the
/// connection's id.
pub const CLOSE_WORDS_BOX: &str = "connections.close_words";

const CHANGED: Refused = Refused::Conflict(
    "This connection changed meanwhile. Look at it again, then close it if you still want to.",
);

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedClosing {
    /// The word of the reason.
    pub reason: String,
    /// The reason in one's own words; may be empty.
    pub words: String,
}

/// Closes it. `seen` is the version of the connection that the page showed.
///
/// Errs when the connection is not this brokerage's, with the fields to mend, and with a conflict when it changed
/// meanwhile or is closed already.
pub async fn close_connection(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedClosing,
) -> Result<(), Refused> {
    let (reason, words) = parse(typed)?;
    let mut read = app.store.read().await?;
    let bench = Bench::read(app, &mut read, scope, &[], id).await?;
    let people = recipients(app, read.people_of(&scope.brokerage).await?)?;
    let whose = (&scope.brokerage, id);
    let going = Going::prepare(app, &mut read, whose, None, AttemptEnd::Closed).await?;
    drop(read);
    let to = next(bench.connection.state, Event::Closed).map_err(|_| CHANGED)?;
    let words_box = words.map(|words| app.to_box(CLOSE_WORDS_BOX, id.as_str(), &words)).transpose()?;
    let number = bench.attempts.last().map_or(bench.number, |(attempt, _)| attempt.number);
    let case = Case::new(&bench.brokerage, &bench.connection, number, Case::page_of(id));
    let closed = Closed { case, reason, until: bench.now.plus(CLOSED_SECRETS) };
    let event = format!("{id}/{}", app.new_id(EventId::from_random));
    let mails = outbox::prepare(app, &Notice::Closed(closed), &event, &scope.brokerage, &people)?;

    let mut write = app.store.write().await?;
    write.guard_connection(&scope.brokerage, id, seen).await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    if connection.state != bench.connection.state {
        return Err(CHANGED);
    }
    let step = Move { from: connection.state, to, in_use: None, candidate: None };
    write.move_connection(&scope.brokerage, id, &step).await?;
    let closing = Closing { at: write.now(), reason };
    write.note_closing(&scope.brokerage, id, Some(closing), words_box.as_deref()).await?;
    write.set_enabled(&scope.brokerage, id, None).await?;
    end_attempts(&mut write, &connection).await?;
    drop_draft(&mut write, &scope.brokerage, id).await?;
    needs::settle(&mut write, id, Parked::Over).await?;
    for mail in &mails {
        write.post_mail(mail).await?;
    }
    let mut lines = going.end(&mut write).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "connection.close", id.as_str())
        .of(&scope.brokerage)
        .with("reason", reason.as_str())
        .with("was", connection.state.as_str());
    lines.push(line);
    Ok(write.commit(&lines).await?)
}

/// What was in use keeps its secret for the days in which it can be taken up again; what was being decided does not.
async fn end_attempts(write: &mut Write, connection: &Connection) -> Result<(), Refused> {
    let brokerage = &connection.brokerage_id;
    if let Some(in_use) = &connection.in_use {
        write.end_attempt(brokerage, in_use, Some(AttemptEnd::Closed)).await?;
    }
    let candidate = match &connection.candidate {
        Some(candidate) => write.attempt(brokerage, candidate).await?,
        None => None,
    };
    if let Some(stored) = candidate.filter(|stored| stored.attempt.state == State::Submitted) {
        end(write, &stored.attempt, AttemptEnd::Closed).await?;
    }
    Ok(())
}

/// Reads what was typed; errs with the fields to mend.
pub(super) fn parse(typed: &TypedClosing) -> Result<(CloseReason, Option<NoteText>), Refused> {
    let mut errors = Vec::new();
    let reason = CloseReason::parse(&typed.reason);
    if reason.is_none() {
        errors.push(FieldError::new("reason", "Choose why you close it".to_owned()));
    }
    let words = match typed.words.trim() {
        "" => Ok(None),
        words => NoteText::parse(words).map(Some),
    };
    let words = words.map_err(|problem| {
        errors.push(FieldError::new("words", problem.sentence("the reason in your own words")));
    });
    match (reason, words) {
        (Some(reason), Ok(words)) => Ok((reason, words)),
        _ => Err(Refused::Fields(errors)),
    }
}
