//! Somebody of an office asks our own people something, from whatever page they are on. It goes to support by mail, stands
//! on the pages of our own people until it is answered, and raises their queue.

use jiff::SignedDuration;

use super::{
    form_answer::FormKey,
    limits::Limit,
    needs::{self, Parked},
    outbox,
    people::{Recipient, recipients},
};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        brokerage::Brokerage,
        cause::Cause,
        causes,
        check::CauseId,
        connection::Connection,
        ids::{ConnectionId, QuestionId},
        refused::Refused,
        review::NoteText,
        scope::Scope,
    },
    notify::notice::{Notice, PagePath, Question, QuestionCase},
    store::{NewQuestion, PreparedMail, Read, StoredAttempt},
};

/// The purpose under which what was asked is encrypted; the owner is the question's id.
pub const QUESTION_BOX: &str = "questions.text";

/// Ten an hour from one person: more than anybody types who wants an answer.
const ASKED: Limit = Limit { what: "questions", window: SignedDuration::from_hours(1), most: 10 };
/// Forty a day from one office.
const OF_OFFICE: Limit =
    Limit { what: "questions of an office", window: SignedDuration::from_hours(24), most: 40 };

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedQuestion {
    /// What is asked.
    pub text: String,
    /// The address of the page on which it is asked; the page puts it in.
    pub about: String,
}

/// Takes a question; returns its id. The same form again returns the same id and asks nothing.
///
/// Errs with the field when there is no text, when it is too long, or when it looks as if it held a secret, and with the
/// time when too many were asked.
pub async fn ask_question(
    app: &App,
    scope: &Scope,
    typed: &TypedQuestion,
    key: &FormKey,
) -> Result<QuestionId, Refused> {
    let asked = match ask(app, scope, typed, key).await {
        Ok(asked) => asked,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    QuestionId::parse(&asked).map_err(|_| Refused::Fault(String::new()))
}

async fn ask(app: &App, scope: &Scope, typed: &TypedQuestion, key: &FormKey) -> Result<String, Refused> {
    let text = read_text(&typed.text)?;
    let mut read = app.store.read().await?;
    if let Some(asked) = key.answered(&mut read, scope).await? {
        return Ok(asked);
    }
    let about = About::read(app, &mut read, scope, &typed.about).await?;
    drop(read);
    let id = app.new_id(QuestionId::from_random);
    let mails = mail_to_us(app, &about, &id, &text)?;
    let new = NewQuestion {
        text_box: app.to_box(QUESTION_BOX, id.as_str(), &text)?,
        id,
        brokerage: scope.brokerage.clone(),
        connection: about.connection.as_ref().map(|connection| connection.id.clone()),
        person: scope.person.clone(),
        page: about.page.as_str().to_owned(),
        attempt: about.attempt.as_ref().map(|stored| stored.attempt.id.clone()),
        cause: about.cause(),
    };
    write(app, scope, &new, &mails, key).await?;
    Ok(new.id.into())
}

/// Reads a text that is kept and mailed; errs with the field "question".
fn read_text(raw: &str) -> Result<NoteText, Refused> {
    NoteText::read(raw, "your question").map_err(|sentence| Refused::field("question", sentence))
}

async fn write(
    app: &App,
    scope: &Scope,
    new: &NewQuestion,
    mails: &[PreparedMail],
    key: &FormKey,
) -> Result<(), Refused> {
    let meters = [ASKED.of(app, scope.person.as_str()), OF_OFFICE.of(app, scope.brokerage.as_str())];
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    for meter in meters {
        if let Some(until) = meter.take(&mut write, now).await? {
            return Err(Refused::TooMany(until));
        }
    }
    if let Some(connection) = &new.connection {
        write.hold_connection(&scope.brokerage, connection).await?.ok_or(Refused::NotFound)?;
    }
    write.insert_question(new).await?;
    if let Some(connection) = &new.connection {
        needs::settle(&mut write, connection, Parked::AsBefore).await?;
    }
    for mail in mails {
        write.post_mail(mail).await?;
    }
    key.note(&mut write, scope, new.id.as_str()).await?;
    let object = new.connection.as_ref().map_or(scope.brokerage.as_str(), ConnectionId::as_str);
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "question.ask", object)
        .of(&scope.brokerage)
        .with("question", new.id.as_str());
    Ok(write.commit(&[line]).await?)
}

/// What a question is about, as the page that it was asked on says.
struct About {
    brokerage: Brokerage,
    person: Recipient,
    page: PagePath,
    connection: Option<Connection>,
    attempt: Option<StoredAttempt>,
}

impl About {
    /// What the page tells of: the cause that somebody read about at a step of the guide, or what the attempt failed of.
    fn cause(&self) -> Option<CauseId> {
        let told = self.page.as_str().split_once("/guide/told/").and_then(|(_, id)| causes::find(id));
        let failed = || self.attempt.as_ref().and_then(|stored| stored.attempt.cause.clone());
        told.map(Cause::cause_id).or_else(failed)
    }

    /// Whatever stands in the form, only pages of ours and things of this brokerage count.
    async fn read(app: &App, read: &mut Read, scope: &Scope, about: &str) -> Result<Self, Refused> {
        let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
        let person = read.person_of_sign_in(&scope.person).await?.ok_or(Refused::NotFound)?;
        let person = recipients(app, vec![person])?.into_iter().next().ok_or(Refused::NotFound)?;
        let path = about.split(['?', '#']).next().unwrap_or_default();
        let page = PagePath::parse(path).unwrap_or_else(PagePath::overview);
        let named = path.split('/').nth(2).and_then(|id| ConnectionId::parse(id).ok());
        let of_page = match &named {
            Some(id) => read.connection(&scope.brokerage, id).await?,
            None => None,
        };
        let attempt = match of_page.as_ref().and_then(|it| it.candidate.as_ref().or(it.in_use.as_ref())) {
            Some(id) => read.attempt(&scope.brokerage, id).await?,
            None => None,
        };
        // A page that is about none: the one that changed last is where our people look.
        let connection = match of_page {
            Some(connection) => Some(connection),
            None => {
                let all = read.connections_of(&scope.brokerage).await?;
                all.into_iter().max_by_key(|connection| connection.changed_at)
            }
        };
        Ok(Self { brokerage, person, page, connection, attempt })
    }
}

/// The mail to support; none where the settings name no address, and the question stands on the staff site alone.
fn mail_to_us(
    app: &App,
    about: &About,
    id: &QuestionId,
    text: &NoteText,
) -> Result<Vec<PreparedMail>, Refused> {
    let address = app.settings.about.support_address.as_deref();
    let Some(address) = address.and_then(|address| MailAddress::parse(address).ok()) else {
        return Ok(Vec::new());
    };
    let number = about.attempt.as_ref().map(|stored| stored.attempt.number);
    let case = about.connection.as_ref().map(|connection| QuestionCase {
        connection: connection.name.clone(),
        reference: match number {
            Some(number) => connection.reference.of_attempt(number),
            None => connection.reference.as_str().to_owned(),
        },
    });
    let cause = about.cause();
    let notice = Notice::Question(Question {
        company: about.brokerage.company.clone(),
        asker: about.person.name.as_str().to_owned(),
        lines: text.as_str().lines().map(str::to_owned).collect(),
        case,
        cause: cause.map(|cause| cause.to_string()),
        asked_on: about.page.clone(),
        page: PagePath::brokerage(&about.brokerage.id),
    });
    let mail =
        outbox::prepare_for_us(app, &notice, (id.as_str(), &about.brokerage.id), &address, &about.person)?;
    Ok(vec![mail])
}
