//! Closes a connection: its brokerage does not go on with it, and says why, on the portal or to one of our own people. Reminders
//! and checks end, our people read the reason, and its secrets are deleted after a week. Until then it can be taken up again.

use crate::{
    app::App,
    domain::{
        attempt::AttemptEnd,
        audit::{Actor, AuditLine},
        connection::{CloseReason, Closing, Connection, Event, State, next},
        ids::{BrokerageId, ConnectionId, EventId},
        refused::{FieldError, Refused},
        review::NoteText,
        scope::Scope,
        staff::{Deed, StaffScope},
    },
    notify::notice::{Case, Closed, Doer, Notice},
    store::{Move, Write},
};

use super::{
    access_ends::Going,
    draft::Bench,
    needs::{self, Parked},
    next_draft::drop_draft,
    outbox,
    people::{doer_of, recipients},
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
    let by = By { actor: Actor::Person(scope.person.clone()), ours: None };
    close(app, &scope.brokerage, id, seen, typed, by).await
}

/// Closes it for its brokerage, which told one of our own people so. Its people get the same mail, with who did it.
///
/// Errs when no role may, when there is no such connection, with the fields to mend, and with a conflict when it changed
/// meanwhile or is closed already.
pub async fn staff_close(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedClosing,
) -> Result<(), Refused> {
    if !scope.may(Deed::PrepareConnection) {
        return Err(Refused::Forbidden(
            "None of your roles closes connections. Ask a reviewer or an account manager.",
        ));
    }
    let mut read = app.store.read().await?;
    let brokerage = read.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    drop(read);
    let by = By { actor: Actor::Staff(scope.staff.clone()), ours: Some(scope.name.clone()) };
    close(app, &brokerage, id, seen, typed, by).await
}

/// Who closes it.
struct By {
    actor: Actor,
    /// The name of one of our own people.
    ours: Option<String>,
}

async fn close(
    app: &App,
    brokerage: &BrokerageId,
    id: &ConnectionId,
    seen: i64,
    typed: &TypedClosing,
    by: By,
) -> Result<(), Refused> {
    let (reason, words) = parse(typed)?;
    let mut read = app.store.read().await?;
    let bench = Bench::of(app, &mut read, brokerage, &[], id).await?;
    let people = recipients(app, read.people_of(brokerage).await?)?;
    let going = Going::prepare(app, &mut read, (brokerage, id), None, AttemptEnd::Closed).await?;
    drop(read);
    next(bench.connection.state, Event::Closed).map_err(|_| CHANGED)?;
    let words_box = words.map(|words| app.to_box(CLOSE_WORDS_BOX, id.as_str(), &words)).transpose()?;
    let number = bench.attempts.last().map_or(bench.number, |(attempt, _)| attempt.number);
    let case = Case::new(&bench.brokerage, &bench.connection, number, Case::page_of(id));
    let by_us = by.ours.is_some();
    let doer = by.ours.map_or_else(|| doer_of(&people, &by.actor), Doer::Ours);
    let take_back = if bench.attempts.is_empty() { "" } else { bench.connection.kind.take_back() };
    let until = bench.now.plus(CLOSED_SECRETS);
    let begun = bench.connection.kind_chosen;
    let closed = Closed { case, reason, until, by: doer, take_back, begun };
    let event = format!("{id}/{}", app.new_id(EventId::from_random));
    let mails = outbox::prepare(app, &Notice::Closed(closed), &event, brokerage, &people)?;

    let mut write = app.store.write().await?;
    write.guard_connection(brokerage, id, seen).await?;
    let connection = write.hold_connection(brokerage, id).await?.ok_or(Refused::NotFound)?;
    if connection.state != bench.connection.state {
        return Err(CHANGED);
    }
    for mail in &mails {
        write.post_mail(mail).await?;
    }
    let closing = Closing { at: write.now(), reason, by_us };
    let shut = Shut { closing, words_box: words_box.as_deref(), actor: by.actor };
    let lines = shut.write(&mut write, &connection, &going).await?;
    Ok(write.commit(&lines).await?)
}

/// That a connection is closed, by whom and why.
pub(super) struct Shut<'a> {
    pub(super) closing: Closing,
    /// The reason in one's own words, encrypted.
    pub(super) words_box: Option<&'a [u8]>,
    pub(super) actor: Actor,
}

impl Shut<'_> {
    /// Closes the connection, which is held and guarded; ends what goes with it and gives the lines for the audit.
    ///
    /// Errs with a conflict when it is closed already.
    pub(super) async fn write(
        self,
        write: &mut Write,
        connection: &Connection,
        going: &Going,
    ) -> Result<Vec<AuditLine>, Refused> {
        let (brokerage, id, reason) = (&connection.brokerage_id, &connection.id, self.closing.reason);
        let to = next(connection.state, Event::Closed).map_err(|_| CHANGED)?;
        let step = Move { from: connection.state, to, in_use: None, candidate: None };
        write.move_connection(brokerage, id, &step).await?;
        let by_us = self.closing.by_us;
        write.note_closing(brokerage, id, Some(self.closing), self.words_box).await?;
        if by_us {
            // Who closes it for them knows why.
            write.note_closing_read(brokerage, id).await?;
        }
        write.set_enabled(brokerage, id, None).await?;
        end_attempts(write, connection).await?;
        drop_draft(write, brokerage, id).await?;
        needs::settle(write, id, Parked::Over).await?;
        let mut lines = going.end(write).await?;
        let line = AuditLine::new(self.actor, "connection.close", id.as_str())
            .of(brokerage)
            .with("reason", reason.as_str())
            .with("was", connection.state.as_str());
        lines.push(line);
        Ok(lines)
    }
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
        words => NoteText::read(words, "the reason in your own words").map(Some),
    };
    // What "Something else" is only its words say.
    let words = match words {
        Ok(None) if reason == Some(CloseReason::Other) => Err("Say in a few words why".to_owned()),
        words => words,
    };
    let words = words.map_err(|sentence| errors.push(FieldError::new("words", sentence)));
    match (reason, words) {
        (Some(reason), Ok(words)) => Ok((reason, words)),
        _ => Err(Refused::Fields(errors)),
    }
}
