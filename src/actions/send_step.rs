//! Sends one step of a guide to a colleague: a mail with a link to it. The link opens nothing by itself; the colleague is
//! somebody who may sign in for the same brokerage already, so nobody new comes in by it.

use jiff::SignedDuration;

use super::{
    draft::Bench,
    form_answer::FormKey,
    limits::Limit,
    outbox,
    people::{self, Recipient},
    tick_step::StepOf,
};
use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        ids::{ConnectionId, EventId, PersonId},
        refused::Refused,
        scope::Scope,
    },
    notify::notice::{Case, GuideStep, Notice, PagePath},
    store::{PreparedMail, Read},
};

/// Twenty steps a day from one person: more than any guide has.
const SENT: Limit = Limit { what: "guide steps sent", window: SignedDuration::from_hours(24), most: 20 };
/// Ten a day to one person, whoever of their colleagues sends them.
const GOT: Limit = Limit { what: "guide steps got", window: SignedDuration::from_hours(24), most: 10 };

/// A step on its way to somebody, as the form names it.
#[derive(Debug, Clone, Default)]
pub struct TypedStep {
    /// Which step.
    pub of: StepOf,
    /// What the page called it: its title with the names of the attempt.
    pub title: String,
    /// The id of who is to get it.
    pub to: String,
}

/// The other people of the brokerage, to whom a step can be sent.
pub async fn colleagues(app: &App, read: &mut Read, scope: &Scope) -> Result<Vec<Recipient>, Refused> {
    let stored = read.people_of(&scope.brokerage).await?;
    let mut people = people::recipients(app, stored)?;
    people.retain(|person| person.id != scope.person);
    Ok(people)
}

/// Sends it; returns the name of who gets it. The same form again returns the same and sends nothing.
///
/// Errs when the connection is not this brokerage's, with the field where nobody or nobody of this brokerage was chosen,
/// with a conflict when the guide has no such step, and with the time when too many were sent.
pub async fn send_step(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    typed: &TypedStep,
    key: &FormKey,
) -> Result<String, Refused> {
    match send(app, scope, id, typed, key).await {
        Ok(name) => Ok(name),
        Err(refused) => key.settle(app, scope, refused).await,
    }
}

async fn send(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    typed: &TypedStep,
    key: &FormKey,
) -> Result<String, Refused> {
    let mut read = app.store.read().await?;
    if let Some(name) = key.answered(&mut read, scope).await? {
        return Ok(name);
    }
    let bench = Bench::read(app, &mut read, scope, &[], id).await?;
    let guide = app.guides.of(bench.connection.kind).ok_or(Refused::NotFound)?;
    let step = guide.step(&typed.of.step).ok_or(Refused::NotFound)?;
    let sender = read.person_of_sign_in(&scope.person).await?.ok_or(Refused::NotFound)?.person.name;
    let colleagues = colleagues(app, &mut read, scope).await?;
    drop(read);
    let chosen = PersonId::parse(&typed.to).ok();
    let to = colleagues.into_iter().find(|person| Some(&person.id) == chosen.as_ref());
    let to = to.ok_or_else(|| Refused::field("to", "Choose who is to get the step"))?;
    let path = format!("/connections/{id}/guide/steps/{}", step.id);
    let page = PagePath::parse(&path).ok_or_else(|| Refused::Fault(String::new()))?;
    let notice = Notice::GuideStep(GuideStep {
        case: Case::new(&bench.brokerage, &bench.connection, typed.of.attempt, page),
        sender: sender.as_str().to_owned(),
        step: typed.title.clone(),
    });
    let event = format!("{id}/{}", app.new_id(EventId::from_random));
    let mails = outbox::prepare(app, &notice, &event, &scope.brokerage, std::slice::from_ref(&to))?;
    write(app, scope, id, &step.id, &to, &mails, key).await
}

async fn write(
    app: &App,
    scope: &Scope,
    id: &ConnectionId,
    step: &str,
    to: &Recipient,
    mails: &[PreparedMail],
    key: &FormKey,
) -> Result<String, Refused> {
    let meters = [SENT.of(app, scope.person.as_str()), GOT.of(app, to.id.as_str())];
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    for meter in meters {
        if let Some(until) = meter.take(&mut write, now).await? {
            return Err(Refused::TooMany(until));
        }
    }
    for mail in mails {
        write.post_mail(mail).await?;
    }
    key.note(&mut write, scope, to.name.as_str()).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "guide.send_step", id.as_str())
        .of(&scope.brokerage)
        .with("step", step)
        .with("to", to.id.as_str());
    write.commit(&[line]).await?;
    Ok(to.name.as_str().to_owned())
}
