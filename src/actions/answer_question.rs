//! One of our own people answers what somebody of an office asked. Who asked gets the answer by mail, and it stands on the
//! portal for everybody of the office.

use super::{
    ask_question::QUESTION_BOX,
    form_answer::FormKey,
    needs::{self, Parked},
    outbox,
    people::recipients,
};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{BrokerageId, ConnectionId, QuestionId},
        refused::Refused,
        review::NoteText,
        staff::{Deed, StaffScope},
    },
    notify::notice::{Answer, Notice},
    store::{PreparedMail, StoredQuestion},
};

/// The purpose under which an answer is encrypted; the owner is the question's id.
pub const ANSWER_BOX: &str = "questions.answer";

/// Answers it. The same form again changes nothing.
///
/// Errs when no role may, when the brokerage has no such question, with the field when there is no text or it looks as if
/// it held a secret, and with a conflict when somebody has answered meanwhile.
pub async fn answer_question(
    app: &App,
    scope: &StaffScope,
    brokerage: &BrokerageId,
    id: &QuestionId,
    typed: &str,
    key: &FormKey,
) -> Result<(), Refused> {
    if !scope.may(Deed::AnswerQuestion) {
        return Err(Refused::Forbidden("None of your roles answers questions. Ask a reviewer."));
    }
    match answer(app, scope, brokerage, id, typed, key).await {
        Ok(()) => Ok(()),
        Err(refused) => key.settle(app, scope, refused).await.map(|_| ()),
    }
}

async fn answer(
    app: &App,
    scope: &StaffScope,
    brokerage: &BrokerageId,
    id: &QuestionId,
    typed: &str,
    key: &FormKey,
) -> Result<(), Refused> {
    let text = NoteText::read(typed, "your answer").map_err(|sentence| Refused::field("answer", sentence))?;
    let mut read = app.store.read().await?;
    // Whoever may not read every brokerage's rows stops here.
    read.all_brokerages(scope)?;
    if key.answered(&mut read, scope).await?.is_some() {
        return Ok(());
    }
    let asked = read.questions_of(brokerage).await?.into_iter().find(|question| question.id == *id);
    let asked = asked.ok_or(Refused::NotFound)?;
    if asked.answered_at.is_some() {
        return Err(Refused::Conflict("A colleague has answered this meanwhile."));
    }
    let company = read.brokerage(brokerage).await?.ok_or(Refused::NotFound)?.company;
    let people = read.people_of(brokerage).await?;
    drop(read);
    // Who may sign in no more gets no mail; the answer stands on the portal all the same.
    let people: Vec<_> = people.into_iter().filter(|person| person.person.id == asked.person_id).collect();
    let question: NoteText = app.from_box(QUESTION_BOX, id.as_str(), &asked.text_box)?;
    let lines = |text: &NoteText| text.as_str().lines().map(str::to_owned).collect();
    let notice = Notice::Answer(Answer {
        company,
        question: lines(&question),
        answer: lines(&text),
        by: scope.name.clone(),
    });
    let mails = outbox::prepare(app, &notice, id.as_str(), brokerage, &recipients(app, people)?)?;
    let answer_box = app.to_box(ANSWER_BOX, id.as_str(), &text)?;
    write(app, scope, brokerage, &asked, &answer_box, &mails, key).await
}

async fn write(
    app: &App,
    scope: &StaffScope,
    brokerage: &BrokerageId,
    asked: &StoredQuestion,
    answer_box: &[u8],
    mails: &[PreparedMail],
    key: &FormKey,
) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    if let Some(connection) = &asked.connection_id {
        write.hold_connection(brokerage, connection).await?.ok_or(Refused::NotFound)?;
    }
    write.answer_question(brokerage, &asked.id, &scope.staff, answer_box).await?;
    if let Some(connection) = &asked.connection_id {
        needs::settle(&mut write, connection, Parked::AsBefore).await?;
    }
    for mail in mails {
        write.post_mail(mail).await?;
    }
    key.note(&mut write, scope, asked.id.as_str()).await?;
    let object = asked.connection_id.as_ref().map_or(brokerage.as_str(), ConnectionId::as_str);
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "question.answer", object)
        .of(brokerage)
        .with("question", asked.id.as_str());
    Ok(write.commit(&[line]).await?)
}
