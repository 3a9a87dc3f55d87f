//! One of our people asks to look at a secret: the brokerage, or a second operations person.

use jiff::SignedDuration;

use super::{
    access_case::{Circle, To, WHY_BOX, is_frozen, post},
    form_answer::FormKey,
    limits::Limit,
    run_check::sealed_as,
    staff_mail,
};
use crate::{
    app::App,
    domain::{
        access::{ANSWER_WITHIN, AccessWay, NO_STANDS, Why},
        access_rules::NoAccess,
        attempt::Attempt,
        audit::{Actor, AuditLine},
        ids::{AccessId, BrokerageId, ConnectionId, SecretId},
        instant::Instant,
        kind::{AccessKind, SecretSource},
        refused::{FieldError, Refused},
        staff::StaffScope,
    },
    notify::notice::AccessTold,
    store::{NewAccess, PreparedMail, Read},
};

/// Requests of one person: each is a mail to a customer.
const REQUESTS: Limit = Limit { what: "limit.access.ask", window: SignedDuration::from_hours(1), most: 10 };

const AGAIN: Refused =
    Refused::Conflict("You have asked for this secret already. That request still counts.");
const SAID_NO: Refused = Refused::Conflict(
    "The brokerage said no within the last 24 hours. Ask the brokerage, or wait; an emergency has a way of its own.",
);
const NOBODY: Refused = Refused::Conflict("Nobody of this brokerage can say yes or no.");

/// The form as it was typed.
#[derive(Debug, Clone, Default)]
pub struct TypedAccess {
    /// The number of the attempt whose secret it is.
    pub attempt: String,
    /// The word of the way.
    pub way: String,
    /// Why.
    pub reason: String,
    /// The ticket it belongs to.
    pub ticket: String,
    /// For how many minutes.
    pub minutes: String,
}

/// What was typed, read.
struct Asked {
    way: AccessWay,
    why: Why,
    minutes: i64,
    number: i64,
}

/// Whether an attempt has a secret that somebody may ask for: one that the office knows, and that is still kept. The
/// private key of a certificate is nobody's: it was born in the worker and is shown to no one.
pub fn can_be_asked(attempt: &Attempt) -> bool {
    attempt.secret_id.is_some() && is_known_to_the_office(attempt.kind)
}

fn is_known_to_the_office(kind: AccessKind) -> bool {
    sealed_as(kind).is_some() && kind.secret_source() != SecretSource::Worker
}

/// Asks; gives the request's id. The same form again gives the same id and asks nothing.
///
/// Errs when no role may, with the fields to mend, with a conflict when it was asked already or the brokerage said no, and
/// when somebody asks too often.
pub async fn ask_access(
    app: &App,
    scope: &StaffScope,
    connection: &ConnectionId,
    typed: &TypedAccess,
    key: &FormKey,
) -> Result<AccessId, Refused> {
    let asked = parse(scope, typed)?;
    let id = match ask(app, scope, connection, &asked, key).await {
        Ok(id) => id,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    AccessId::parse(&id).map_err(|_| Refused::Fault(String::new()))
}

fn parse(scope: &StaffScope, typed: &TypedAccess) -> Result<Asked, Refused> {
    let mut errors = Vec::new();
    let way = AccessWay::parse(&typed.way);
    let minutes = typed.minutes.parse().ok();
    let number = typed.attempt.parse().ok();
    let mut wrong = |field, sentence: &str| errors.push(FieldError::new(field, sentence.to_owned()));
    let reason = Why::reason(&typed.reason).map_err(|sentence| wrong("reason_of_access", &sentence));
    let ticket = Why::ticket(&typed.ticket).map_err(|sentence| wrong("ticket", &sentence));
    match way {
        None => wrong("way", "Choose who says yes or no"),
        Some(way) if !minutes.is_some_and(|it| way.minutes().contains(&it)) => {
            let longest = way.minutes().iter().max().unwrap_or(&0);
            wrong("minutes", &format!("Choose for how long: at most {longest} minutes this way"));
        }
        Some(_) => {}
    }
    if number.is_none() {
        wrong("of_attempt", "Choose the attempt whose secret you need");
    }
    match (way, reason, ticket, minutes, number) {
        (Some(way), _, _, _, _) if !scope.may(way.deed()) => {
            Err(Refused::Forbidden("None of your roles asks for a secret this way."))
        }
        (Some(way), Ok(reason), Ok(ticket), Some(minutes), Some(number)) if errors.is_empty() => {
            Ok(Asked { way, why: Why { reason, ticket }, minutes, number })
        }
        _ => Err(Refused::Fields(errors)),
    }
}

async fn ask(
    app: &App,
    scope: &StaffScope,
    connection: &ConnectionId,
    asked: &Asked,
    key: &FormKey,
) -> Result<String, Refused> {
    let id = app.new_id(AccessId::from_random);
    let mut read = app.store.read().await?;
    let brokerage = read.all_brokerages(scope)?.whose(connection).await?.ok_or(Refused::NotFound)?;
    let circle = Circle::read(app, &mut read, &brokerage, (connection, asked.number), (&id, &scope.staff));
    let circle = circle.await?;
    let seconds = seconds(app, &mut read, scope, (&brokerage, connection), (&id, asked.way), &circle).await?;
    drop(read);
    let mails = match asked.way {
        AccessWay::Grant if !circle.has(To::Deciders) => return Err(NOBODY),
        AccessWay::Grant => {
            let until = app.clock.now().plus(ANSWER_WITHIN);
            circle.tell(app, To::Deciders, id.as_str(), AccessTold::Asked { until })?
        }
        // The brokerage is told when the second one has said yes: until then nothing is open.
        AccessWay::Operations | AccessWay::BreakGlass => seconds,
    };
    let why_box = app.to_box(WHY_BOX, id.as_str(), &asked.why)?;
    let meter = REQUESTS.of(app, scope.staff.as_str());
    let mut write = app.store.write().await?;
    write.hold_connection(&brokerage, connection).await?.ok_or(Refused::NotFound)?;
    if let Some(before) = key.answered(&mut write, scope).await? {
        return Ok(before);
    }
    let (attempt, secret) = find(&mut write, scope, &brokerage, connection, asked).await?;
    let now = write.shared_now().await?;
    if let Some(until) = meter.take(&mut write, now).await? {
        return Err(Refused::TooMany(until));
    }
    let new = NewAccess {
        id: &id,
        brokerage: &brokerage,
        connection,
        attempt: &attempt.id,
        secret: &secret,
        way: asked.way,
        minutes: asked.minutes,
        asked_by: &scope.staff,
        why_box: &why_box,
    };
    write.insert_access(&new).await?;
    post(&mut write, &mails).await?;
    key.note(&mut write, scope, id.as_str()).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "access.ask", id.as_str())
        .of(&brokerage)
        .with("attempt", asked.number.to_string())
        .with("secret", secret.as_str())
        .with("way", asked.way.as_str())
        .with("minutes", asked.minutes.to_string());
    write.commit(&[line]).await?;
    Ok(id.into())
}

/// The mails to those who may be the second person; none where the brokerage decides.
async fn seconds(
    app: &App,
    read: &mut Read,
    scope: &StaffScope,
    (brokerage, connection): (&BrokerageId, &ConnectionId),
    (id, way): (&AccessId, AccessWay),
    circle: &Circle,
) -> Result<Vec<PreparedMail>, Refused> {
    if way == AccessWay::Grant {
        return Ok(Vec::new());
    }
    let (now, emergency) = (read.now(), way == AccessWay::BreakGlass);
    let said_no = read.said_no(connection, id, (now.plus(-NO_STANDS), now)).await?;
    let asks = (brokerage, &scope.staff);
    staff_mail::second_wanted(app, read, circle.about(), id, asks, (emergency, said_no)).await
}

/// When the brokerage declined last, and until when it is not asked again; nothing where it may be asked.
///
/// Errs when the database is away.
pub async fn declined(
    read: &mut Read,
    connection: &ConnectionId,
) -> Result<Option<(Instant, Instant)>, Refused> {
    let at = read.last_declined(connection).await?;
    let stands = at.map(|at| (at, at.plus(NO_STANDS)));
    Ok(stands.filter(|(_, until)| read.now() < *until))
}

/// What whoever asks reads of it.
pub fn declined_words(at: Instant, until: Instant) -> String {
    format!(
        "The brokerage declined this on {}. It is not asked again before {}: a no that is asked away is none. If they want you to look, have them write to you first",
        at.words(),
        until.words()
    )
}

/// The attempt and its secret, when it may be asked for now.
async fn find(
    read: &mut Read,
    scope: &StaffScope,
    brokerage: &BrokerageId,
    connection: &ConnectionId,
    asked: &Asked,
) -> Result<(Attempt, SecretId), Refused> {
    let now = read.now();
    let stored = read.attempts_of(brokerage, connection).await?;
    let mut attempts = stored.into_iter().map(|stored| stored.attempt);
    let attempt = attempts.find(|attempt| attempt.number == asked.number).filter(can_be_asked);
    let gone = || Refused::field("of_attempt", "This attempt has no secret that could be shown");
    let attempt = attempt.ok_or_else(gone)?;
    let secret = attempt.secret_id.clone().ok_or_else(gone)?;
    let others = read.accesses_of_connection(brokerage, connection, 200).await?;
    let same = |it: &&crate::store::StoredAccess| {
        it.access.asked_by == scope.staff && it.access.secret_id == secret && it.access.is_live(now)
    };
    if others.iter().any(|it| same(&it)) {
        return Err(AGAIN);
    }
    if asked.way == AccessWay::Grant
        && let Some((at, until)) = declined(read, connection).await?
    {
        return Err(Refused::field("way", declined_words(at, until)));
    }
    if asked.way == AccessWay::Operations {
        let no = read.last_no(connection).await?;
        if no.is_some_and(|at| now.since(at) < NO_STANDS) {
            return Err(SAID_NO);
        }
    }
    if asked.way != AccessWay::Grant && is_frozen(read, &scope.staff).await? {
        return Err(Refused::Forbidden(NoAccess::Frozen.sentence()));
    }
    Ok((attempt, secret))
}
