//! Sends the letter for the mail provider: what a check found and what is needed, from somebody of the office to whoever
//! hosts its mail. Who gets it may sign in nowhere by it; an answer goes to who sent it.

use jiff::SignedDuration;

use super::{form_answer::FormKey, limits::Limit, outbox, people::recipients};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        ids::{ConnectionId, EventId},
        refused::Refused,
        scope::Scope,
    },
    notify::notice::{Notice, ProviderLetter},
    store::PreparedMail,
};

/// Five a day from one person: an office has one host, and somebody there who answers.
const SENT: Limit = Limit { what: "letters sent", window: SignedDuration::from_hours(24), most: 5 };
/// Three a day to one address, from whatever office.
const GOT: Limit = Limit { what: "letters got", window: SignedDuration::from_hours(24), most: 3 };

/// A letter as the page showed it.
#[derive(Debug, Clone, Default)]
pub struct LetterToSend {
    /// The reference of the attempt it is about.
    pub reference: String,
    /// What it says, line by line.
    pub lines: Vec<String>,
    /// To whom, as it was typed.
    pub to: String,
}

/// Sends it. The same form again sends nothing.
///
/// Errs when the connection is not this brokerage's, with the field when the address is none, and with the time when too
/// many were sent.
pub async fn send_letter(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    letter: LetterToSend,
    key: &FormKey,
) -> Result<(), Refused> {
    match send(app, scope, id, letter, key).await {
        Ok(()) => Ok(()),
        Err(refused) => key.settle(app, scope, refused).await.map(|_| ()),
    }
}

async fn send(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    letter: LetterToSend,
    key: &FormKey,
) -> Result<(), Refused> {
    let to = MailAddress::parse(&letter.to).map_err(|problem| {
        Refused::field("to", problem.sentence("the address of whoever hosts your mail"))
    })?;
    let mut read = app.store.read().await?;
    if key.answered(&mut read, scope).await?.is_some() {
        return Ok(());
    }
    read.connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    let person = read.person_of_sign_in(&scope.person).await?.ok_or(Refused::NotFound)?;
    drop(read);
    let sender = recipients(app, vec![person])?.into_iter().next().ok_or(Refused::NotFound)?;
    let notice = Notice::ProviderLetter(ProviderLetter {
        company: brokerage.company,
        reference: letter.reference,
        sender: sender.name.as_str().to_owned(),
        lines: letter.lines,
    });
    let event = format!("{id}/{}", app.new_id(EventId::from_random));
    let mail = outbox::prepare_from(app, &notice, (event.as_str(), &scope.brokerage), &to, &sender)?;
    write(app, scope, id, &to, &mail, key).await
}

async fn write(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    to: &MailAddress,
    mail: &PreparedMail,
    key: &FormKey,
) -> Result<(), Refused> {
    let meters = [SENT.of(app, scope.person.as_str()), GOT.of(app, &to.key())];
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    for meter in meters {
        if let Some(until) = meter.take(&mut write, now).await? {
            return Err(Refused::TooMany(until));
        }
    }
    write.post_mail(mail).await?;
    // The address is a setting: what the form is answered with, which stands in clear, is the connection.
    key.note(&mut write, scope, id.as_str()).await?;
    let line =
        AuditLine::new(Actor::Person(scope.person.clone()), "letter.send", id.as_str()).of(&scope.brokerage);
    Ok(write.commit(&[line]).await?)
}
