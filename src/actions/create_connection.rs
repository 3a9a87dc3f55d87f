//! Makes a connection: its name, its external id if it has one, its access kind and the reference people quote.

use crate::{
    app::App,
    domain::{
        address::MailDomain,
        answers::Answers,
        audit::{Actor, AuditLine},
        brokerage::Brokerage,
        ids::{BrokerageId, ConnectionId, DraftId},
        kind::{AccessKind, SecretSource},
        reference::Reference,
        refused::{FieldError, Refused},
        scope::Scope,
        search::search_words,
        text::{CompanyName, ConnectionName, ExternalId, TextProblem},
    },
    store::{NewConnection, Read, Write},
};

use super::{
    draft::ANSWERS_BOX,
    form_answer::FormKey,
    make_certificate::ask,
    needs::{self, Parked},
};

/// How many connections a brokerage has at most until staff accept it. Offices have one or two mail systems.
pub const LIMIT_UNACCEPTED: i64 = 3;
/// How many an accepted one has at most: a guard against a runaway script, not a rule of the business.
pub const LIMIT_ACCEPTED: i64 = 200;

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedConnection {
    /// What the brokerage calls it.
    pub name: String,
    /// The id in the brokerage's own system; may be empty.
    pub external_id: String,
    /// The access kind's id.
    pub kind: String,
}

/// The kinds that a brokerage may start a connection with, in the order they are offered. Chooser, form and this
/// action read it alike.
pub fn kinds_for(app: &App, brokerage: &Brokerage) -> Vec<AccessKind> {
    let kinds = &app.settings.kinds;
    let known = brokerage.accepted_at.is_some();
    AccessKind::ALL.iter().copied().filter(|kind| kinds.availability(*kind).admits(known)).collect()
}

/// How many more connections the brokerage may have.
pub fn room_left(brokerage: &Brokerage, has: i64) -> i64 {
    let limit = if brokerage.accepted_at.is_some() { LIMIT_ACCEPTED } else { LIMIT_UNACCEPTED };
    (limit - has).max(0)
}

/// Makes the connection; returns its id. The same form again returns the same id and makes nothing.
///
/// Errs with every field that is wrong: no name or one the brokerage has already, an external id that is taken, a
/// kind that is not open to it; and when it has as many connections as it may have.
pub async fn create_connection(
    app: &App,
    scope: &Scope,
    typed: &TypedConnection,
    key: &FormKey,
) -> Result<ConnectionId, Refused> {
    create_as(app, scope, typed, key, true).await
}

/// The same for an office that goes no further before it has chosen a mail system: it counts as none of its connections.
pub(super) async fn create_unchosen(
    app: &App,
    scope: &Scope,
    typed: &TypedConnection,
    key: &FormKey,
) -> Result<ConnectionId, Refused> {
    create_as(app, scope, typed, key, false).await
}

async fn create_as(
    app: &App,
    scope: &Scope,
    typed: &TypedConnection,
    key: &FormKey,
    chosen: bool,
) -> Result<ConnectionId, Refused> {
    let made = match create(app, scope, typed, key, chosen).await {
        Ok(made) => made,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    ConnectionId::parse(&made).map_err(|_| Refused::Fault(String::new()))
}

async fn create(
    app: &App,
    scope: &Scope,
    typed: &TypedConnection,
    key: &FormKey,
    chosen: bool,
) -> Result<String, Refused> {
    let mut write = app.store.write().await?;
    // Held, so that two forms at once are counted and named one after the other.
    let brokerage = write.hold_brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
    if let Some(made) = key.answered(&mut write, scope).await? {
        return Ok(made);
    }
    if brokerage.refused_at.is_some() {
        return Err(Refused::NotFound);
    }
    let has = write.count_connections(&brokerage.id).await?;
    let kinds = kinds_for(app, &brokerage);
    let whose = For {
        id: &brokerage.id,
        company: &brokerage.company,
        domain: &brokerage.proven_domain,
        kinds: &kinds,
        ours: false,
        chosen,
    };
    if room_left(&brokerage, has) == 0 {
        // What is wrong with the fields is told first: it is so whatever we answer about the room.
        read_fields(&mut write, &whose, typed).await?;
        return Err(Refused::Forbidden(
            "You have as many connections as you can start yourself. Finish or ask us about one of them; once we have accepted your brokerage you can add more.",
        ));
    }
    let actor = Actor::Person(scope.person.clone());
    let (new, line) = make(app, &mut write, &whose, typed, actor).await?;
    key.note(&mut write, scope, new.as_str()).await?;
    write.commit(&[line]).await?;
    Ok(new.into())
}

/// Whose connection is made, and out of which kinds whoever makes it chooses.
pub(super) struct For<'a> {
    pub(super) id: &'a BrokerageId,
    pub(super) company: &'a CompanyName,
    pub(super) domain: &'a MailDomain,
    pub(super) kinds: &'a [AccessKind],
    /// Whether one of our own people makes it: they may read that another brokerage has an id.
    pub(super) ours: bool,
    /// Whether somebody chose the kind.
    pub(super) chosen: bool,
}

/// The kinds that our own people start a connection with: all that are not closed.
pub(super) fn kinds_of_ours(app: &App) -> Vec<AccessKind> {
    let kinds = &app.settings.kinds;
    AccessKind::ALL.iter().copied().filter(|kind| kinds.availability(*kind).admits(true)).collect()
}

/// Writes the connection with what belongs to it; gives its id and the audit line.
///
/// Errs with every field that is wrong.
pub(super) async fn make(
    app: &App,
    write: &mut Write,
    whose: &For<'_>,
    typed: &TypedConnection,
    actor: Actor,
) -> Result<(ConnectionId, AuditLine), Refused> {
    let (name, external_id, kind) = read_fields(write, whose, typed).await?;
    let number = write.next_connection_number().await?;
    let new = NewConnection {
        id: app.new_id(ConnectionId::from_random),
        brokerage_id: whose.id.clone(),
        reference: Reference::new(whose.company.as_str(), number),
        name,
        external_id,
        kind,
        kind_chosen: whose.chosen,
    };
    write.insert_connection(&new).await?;
    let names = [whose.company.as_str(), new.name.as_str()];
    let whole = [new.reference.as_str(), new.reference.number(), whose.domain.as_str()];
    for word in search_words(&names, &whole) {
        write.insert_connection_word(&new.id, &word).await?;
    }
    begin_draft(app, write, &new).await?;
    // What was asked before there was anything to ask about belongs here from now on.
    write.adopt_questions(whose.id, &new.id).await?;
    needs::settle(write, &new.id, Parked::AsBefore).await?;
    let line = AuditLine::new(actor, "connection.create", new.id.as_str())
        .of(whose.id)
        .with("reference", new.reference.as_str())
        .with("kind", new.kind.id());
    Ok((new.id, line))
}

/// Begins the first attempt at once where our side makes the secret: it is there when the admin looks for it.
async fn begin_draft(app: &App, write: &mut Write, new: &NewConnection) -> Result<(), Refused> {
    if new.kind.secret_source() != SecretSource::Worker {
        return Ok(());
    }
    let answers = Answers::proposed(new.kind, 1);
    let answers_box = app.to_box(ANSWERS_BOX, new.id.as_str(), answers.to_stored())?;
    let draft = app.new_id(DraftId::from_random);
    write.insert_draft(&draft, &new.brokerage_id, &new.id, 1, &answers_box).await?;
    ask(app, write, new.kind, &new.brokerage_id, &draft).await
}

async fn read_fields(
    read: &mut Read,
    whose: &For<'_>,
    typed: &TypedConnection,
) -> Result<(ConnectionName, Option<ExternalId>, AccessKind), Refused> {
    let mut errors = Vec::new();
    let name = match ConnectionName::parse(&typed.name) {
        Ok(name) if read.connection_name_is_taken(whose.id, &name).await? => Err(match whose.ours {
            true => format!("It has a connection called \"{name}\" already. Give this one another name"),
            false => format!("You have a connection called \"{name}\" already. Give this one another name"),
        }),
        Ok(name) => Ok(name),
        Err(problem) => Err(problem.sentence("a name for the connection")),
    }
    .map_err(|sentence| errors.push(FieldError::new("name", sentence)));
    let kind = AccessKind::from_id(&typed.kind).filter(|kind| whose.kinds.contains(kind)).ok_or_else(|| {
        let sentence = match typed.kind.is_empty() {
            true if whose.ours => "Choose how its mailboxes are reached",
            true => "Choose where your mail is",
            false => "Choose one of the mail systems on this page: the other one is not open to you now",
        };
        errors.push(FieldError::new("kind", sentence.to_owned()));
    });
    let external_id = read_external_id(read, whose.id, &typed.external_id, whose.ours)
        .await?
        .map_err(|sentence| errors.push(FieldError::new("external_id", sentence)));
    match (name, external_id, kind) {
        (Ok(name), Ok(external_id), Ok(kind)) => Ok((name, external_id, kind)),
        _ => Err(Refused::Fields(errors)),
    }
}

/// Reads an external id: none where nothing was typed; the inner error is the sentence beside the field. `ours` says that
/// one of our own people typed it.
pub(super) async fn read_external_id(
    read: &mut Read,
    brokerage: &BrokerageId,
    typed: &str,
    ours: bool,
) -> Result<Result<Option<ExternalId>, String>, Refused> {
    if typed.trim().is_empty() {
        return Ok(Ok(None));
    }
    let id = match ExternalId::parse(typed.trim()) {
        Ok(id) => id,
        Err(TextProblem::Letters) => {
            let sentence = "Use letters from a to z, digits and - _ . : / in the ID, without blanks";
            return Ok(Err(sentence.to_owned()));
        }
        Err(problem) => return Ok(Err(problem.sentence("the ID"))),
    };
    // A customer learns nothing of other customers.
    Ok(match read.holder_of_external_id(&id).await? {
        None => Ok(Some(id)),
        Some(holder) if holder == *brokerage && !ours => {
            Err(format!("Another of your connections has the ID \"{}\" already", id.as_str()))
        }
        Some(_) if ours => Err(format!("Another connection has the ID \"{}\" already", id.as_str())),
        Some(_) => Err("We cannot take this ID. Enter another one, or ask us".to_owned()),
    })
}
