//! One of our own people writes to everybody of an office about a connection: a text that is made of what the check found,
//! changed by whoever sends it, looked at as it will go out, and sent by the outbox.

use jiff::SignedDuration;

use super::{
    cause_words::{CauseWords, names},
    draft::open_settings,
    form_answer::FormKey,
    limits::Limit,
    outbox::{self, letterhead},
    people::{Recipient, recipients},
};
use crate::{
    app::App,
    domain::{
        attempt::Attempt,
        audit::{Actor, AuditLine},
        brokerage::Brokerage,
        check::CauseId,
        connection::{Connection, State},
        ids::{BrokerageId, ConnectionId, MessageId},
        refused::Refused,
        review::NoteText,
        staff::{Deed, StaffScope},
    },
    notify::{
        compose::compose,
        composed::Composed,
        notice::{Case, Message, Notice},
    },
    store::{PreparedMail, Quiet, Read, StoredAttempt, StoredMessage},
};

/// The purpose under which what is written is encrypted; the owner is the message's id.
pub const MESSAGE_TEXT_BOX: &str = "messages.text";

/// Forty a day from one person: who writes more is no person.
const WRITTEN: Limit = Limit { what: "messages", window: SignedDuration::from_hours(24), most: 40 };
/// What a proposal leaves free, for what its sender adds.
const ROOM: usize = 300;

const CHANGED: Refused = Refused::Conflict(
    "The connection changed since you began to write. Read how it stands, then write anew if it is still right.",
);

/// Whether one of our people writes to offices at all.
///
/// Errs when none of their roles may.
pub fn may_write(scope: &StaffScope) -> Result<(), Refused> {
    if scope.may(Deed::AnswerQuestion) {
        Ok(())
    } else {
        Err(Refused::Forbidden("None of your roles writes to offices. Ask a reviewer."))
    }
}

/// What there is to write about: the connection, and what a text begins with.
pub struct Occasion {
    /// Whose it is.
    pub brokerage: Brokerage,
    /// The connection.
    pub connection: Connection,
    /// The text that the cause makes of what does not work; only a greeting where there is none.
    pub proposal: String,
    /// How many people get it.
    pub readers: usize,
}

/// Reads it.
///
/// Errs when no role may, or when there is no such connection.
pub async fn occasion(app: &App, scope: &StaffScope, id: &ConnectionId) -> Result<Occasion, Refused> {
    may_write(scope)?;
    let mut read = app.store.read().await?;
    let whose = read.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    let brokerage = read.brokerage(&whose).await?.ok_or(Refused::NotFound)?;
    let connection = read.connection(&whose, id).await?.ok_or(Refused::NotFound)?;
    let last = last_attempt(&mut read, &connection).await?;
    let cause = match &last {
        Some(stored) => cause_of(&mut read, &connection, &stored.attempt).await?,
        None => None,
    };
    let readers = read.people_of(&whose).await?.len();
    drop(read);
    let proposal = proposal(app, scope, &connection, last.as_ref().zip(cause))?;
    Ok(Occasion { brokerage, connection, proposal, readers })
}

async fn last_attempt(read: &mut Read, connection: &Connection) -> Result<Option<StoredAttempt>, Refused> {
    match connection.candidate.as_ref().or(connection.in_use.as_ref()) {
        Some(attempt) => Ok(read.attempt(&connection.brokerage_id, attempt).await?),
        None => Ok(None),
    }
}

/// Of what it failed: what is in use may do so later, when one of us has it checked.
async fn cause_of(
    read: &mut Read,
    connection: &Connection,
    attempt: &Attempt,
) -> Result<Option<CauseId>, Refused> {
    if connection.state != State::Verified || connection.candidate.is_some() {
        return Ok(attempt.cause.clone());
    }
    match &attempt.failed_in_use {
        Some(check) => Ok(read.check_of_job(check).await?.and_then(|check| check.cause)),
        None => Ok(None),
    }
}

fn proposal(
    app: &App,
    scope: &StaffScope,
    connection: &Connection,
    found: Option<(&StoredAttempt, CauseId)>,
) -> Result<String, Refused> {
    let mut lines = vec!["Hello,".to_owned(), String::new()];
    if let Some((stored, cause)) = found {
        let attempt = &stored.attempt;
        let settings = open_settings(app, &attempt.id, &stored.settings_box)?;
        let words = CauseWords::of(Some(&cause), &names(app, &settings, attempt.number));
        lines.push(format!("We looked at {}, attempt {}.", connection.name, attempt.number));
        lines.push(format!("{}. {}", words.title.trim_end_matches('.'), words.meaning));
        lines.push(String::new());
        lines.extend(steps(&words));
    }
    lines.push(format!("{}, MoxiWorks", scope.name));
    Ok(lines.join("\n"))
}

/// What to do, as far as there is room for it. Commands stay on the page, where they can be copied.
fn steps(words: &CauseWords) -> Vec<String> {
    if words.mend.is_empty() {
        return Vec::new();
    }
    let mut lines = vec!["What to do:".to_owned()];
    let mut left = NoteText::LIMIT - ROOM - words.meaning.chars().count().min(NoteText::LIMIT - ROOM);
    for (step, number) in words.mend.iter().zip(1..) {
        let line = format!("{number}. {}", step.text);
        let length = line.chars().count() + 1;
        if length > left {
            lines.push("The other steps stand on the page below.".to_owned());
            break;
        }
        left -= length;
        lines.push(line);
    }
    if words.mend.iter().any(|step| step.command.is_some()) {
        lines.push("The commands stand on the page below, to be copied.".to_owned());
    }
    lines.push(String::new());
    lines
}

/// Keeps what was written, so that it can be looked at as it will go out. `seen` is the version of the connection that the
/// page showed. The same form again gives the same message.
///
/// Errs when no role may, when there is no such connection, with the field when there is no text or it looks as if it held
/// a secret, and with a conflict when nobody of the office could read it or the connection changed.
pub async fn write_message(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &str,
    key: &FormKey,
) -> Result<MessageId, Refused> {
    may_write(scope)?;
    let kept = match keep(app, scope, id, seen, typed, key).await {
        Ok(kept) => kept,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    MessageId::parse(&kept).map_err(|_| Refused::Fault(String::new()))
}

async fn keep(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    seen: i64,
    typed: &str,
    key: &FormKey,
) -> Result<String, Refused> {
    let text =
        NoteText::read(typed, "what you write").map_err(|sentence| Refused::field("message", sentence))?;
    let message = app.new_id(MessageId::from_random);
    let text_box = app.to_box(MESSAGE_TEXT_BOX, message.as_str(), &text)?;
    let mut write = app.store.write().await?;
    if let Some(kept) = key.answered(&mut write, scope).await? {
        return Ok(kept);
    }
    let brokerage = write.all_brokerages(scope)?.whose(id).await?.ok_or(Refused::NotFound)?;
    let connection = write.hold_connection(&brokerage, id).await?.ok_or(Refused::NotFound)?;
    if connection.version != seen {
        return Err(CHANGED);
    }
    if write.people_of(&brokerage).await?.is_empty() {
        return Err(Refused::Conflict("Nobody of the office can sign in yet: invite somebody first."));
    }
    let new = StoredMessage {
        id: message,
        brokerage_id: brokerage,
        connection_id: id.clone(),
        staff_id: scope.staff.clone(),
        seen,
        text_box,
        sent_at: None,
    };
    write.insert_message(&new).await?;
    key.note(&mut write, scope, new.id.as_str()).await?;
    write.commit_quietly(Quiet::Draft).await?;
    Ok(new.id.into())
}

/// A message as it will go out, or did.
pub struct Shown {
    /// The mail.
    pub mail: Composed,
    /// Whose connection it is about.
    pub brokerage: Brokerage,
    /// That connection.
    pub connection: Connection,
    /// What was typed.
    pub text: NoteText,
    /// Who gets it.
    pub readers: Vec<Recipient>,
    /// Whether it was sent.
    pub is_sent: bool,
}

/// Composes a message that this person wrote.
///
/// Errs when no role may, and when they wrote no such message about this connection.
pub async fn shown_message(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    message: &MessageId,
) -> Result<Shown, Refused> {
    may_write(scope)?;
    let (stored, ready) = prepare(app, scope, id, message).await?;
    let mail = compose(&ready.notice, &letterhead(app)).map_err(|error| {
        tracing::error!(%error, "a message was not composed");
        Refused::Fault(String::new())
    })?;
    let Ready { brokerage, connection, text, readers, .. } = ready;
    Ok(Shown { mail, brokerage, connection, text, readers, is_sent: stored.sent_at.is_some() })
}

/// Sends it to everybody of the office. One that was sent is not sent again.
///
/// Errs when no role may, when they wrote no such message, with a conflict when the connection changed since it was written,
/// and when too many were sent.
pub async fn send_message(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    message: &MessageId,
) -> Result<(), Refused> {
    may_write(scope)?;
    let (stored, ready) = prepare(app, scope, id, message).await?;
    if stored.sent_at.is_some() {
        return Ok(());
    }
    let event = format!("{id}/{message}");
    let mails = outbox::prepare(app, &ready.notice, &event, &stored.brokerage_id, &ready.readers)?;
    match send(app, scope, &stored, &mails).await {
        // Two presses at once: one of them has sent it.
        Err(Refused::Conflict(why)) => match prepare(app, scope, id, message).await?.0.sent_at {
            Some(_) => Ok(()),
            None => Err(Refused::Conflict(why)),
        },
        done => done,
    }
}

async fn send(
    app: &App,
    scope: &StaffScope,
    message: &StoredMessage,
    mails: &[PreparedMail],
) -> Result<(), Refused> {
    let meter = WRITTEN.of(app, scope.staff.as_str());
    let mut write = app.store.write().await?;
    let brokerage: &BrokerageId = &message.brokerage_id;
    let held = write.hold_connection(brokerage, &message.connection_id).await?;
    if held.ok_or(Refused::NotFound)?.version != message.seen {
        return Err(CHANGED);
    }
    write.note_message_sent(&message.id).await?;
    let now = write.shared_now().await?;
    if let Some(until) = meter.take(&mut write, now).await? {
        return Err(Refused::TooMany(until));
    }
    for mail in mails {
        write.post_mail(mail).await?;
    }
    let actor = Actor::Staff(scope.staff.clone());
    let line = AuditLine::new(actor, "message.send", message.connection_id.as_str())
        .of(brokerage)
        .with("message", message.id.as_str())
        .with("readers", mails.len().to_string());
    Ok(write.commit(&[line]).await?)
}

/// Everything a message is made of.
struct Ready {
    brokerage: Brokerage,
    connection: Connection,
    text: NoteText,
    readers: Vec<Recipient>,
    notice: Notice,
}

async fn prepare(
    app: &App,
    scope: &StaffScope,
    id: &ConnectionId,
    message: &MessageId,
) -> Result<(StoredMessage, Ready), Refused> {
    let mut read = app.store.read().await?;
    // Whoever may not read every brokerage's rows stops here.
    read.all_brokerages(scope)?;
    let stored = read.message(id, &scope.staff, message).await?.ok_or(Refused::NotFound)?;
    let brokerage = read.brokerage(&stored.brokerage_id).await?.ok_or(Refused::NotFound)?;
    let connection = read.connection(&stored.brokerage_id, id).await?.ok_or(Refused::NotFound)?;
    let last = last_attempt(&mut read, &connection).await?;
    let people = read.people_of(&stored.brokerage_id).await?;
    drop(read);
    let text: NoteText = app.from_box(MESSAGE_TEXT_BOX, message.as_str(), &stored.text_box)?;
    let number = last.map_or(1, |stored| stored.attempt.number);
    let notice = Notice::Message(Message {
        case: Case::new(&brokerage, &connection, number, Case::page_of(id)),
        by: scope.name.clone(),
        lines: text.as_str().lines().map(str::to_owned).collect(),
    });
    let readers = recipients(app, people)?;
    Ok((stored, Ready { brokerage, connection, text, readers, notice }))
}
