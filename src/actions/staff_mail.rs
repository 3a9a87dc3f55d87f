//! Mails to our own people: who is reached, what is prepared for them, and whether it is still so when it leaves.

use jiff::civil::Date;

use super::{cause_words::CauseWords, outbox, staff_sign_in::address_owner};
use crate::{
    app::App,
    domain::{
        access::{AccessStage, SaidNo},
        address::MailAddress,
        cause::Names,
        ids::{AccessId, BrokerageId, CheckId, ConnectionId, EventId, JobId, StaffId},
        instant::Instant,
        job::Job,
        mail::MailKind,
        refused::Refused,
        review::NeedRule,
        staff::{Deed, StaffRole},
        staff_mail::{MailChoice, Reader, believed_since},
        text::PersonName,
    },
    notify::notice::{Case, Notice, Reason, StaffCase, StaffNews, StaffTold},
    store::{self, Mail, PreparedMail, Quiet, Reachable, Read, Result as Stored, WaitingNeed, Write},
};

/// One of our own people and where mail reaches them.
#[derive(Debug, Clone)]
pub(super) struct Colleague {
    pub(super) reader: Reader,
    name: PersonName,
    address: MailAddress,
}

/// Everybody who is written to: with a role, an address and a sign-in of late. Whoever's address cannot be read is left
/// out: no mail to others waits for it.
pub(super) async fn colleagues(app: &App, read: &mut Read) -> Stored<Vec<Colleague>> {
    let found = read.reachable_staff(believed_since(app.clock.now())).await?;
    Ok(found.into_iter().filter_map(|one| opened(app, one)).collect())
}

fn opened(app: &App, one: Reachable) -> Option<Colleague> {
    let owner = address_owner(&one.issuer, &one.subject);
    let address = app.from_box("staff.address", &owner, &one.address_box).ok()?;
    let choice = one.choice.unwrap_or_else(|| MailChoice::usual(&one.roles));
    let reader = Reader { staff: one.staff, roles: one.roles, choice };
    Some(Colleague { reader, name: PersonName::from_stored(one.name), address })
}

/// Prepares one mail for each of these.
///
/// Errs as a fault when a mail cannot be composed or encrypted.
pub(super) fn prepare(
    app: &App,
    notice: &Notice,
    event: &str,
    about: Option<&BrokerageId>,
    to: &[&Colleague],
) -> Result<Vec<PreparedMail>, Refused> {
    if to.is_empty() {
        return Ok(Vec::new());
    }
    let to = to.iter().map(|one| (&one.name, &one.address));
    outbox::prepare_by_role(app, notice, event, about, to)
}

/// Prepares the mails that say that a colleague wants to open a secret and needs a second operations person.
///
/// Errs when the database is away, and as a fault when a mail cannot be composed.
pub(super) async fn second_wanted(
    app: &App,
    read: &mut Read,
    about: StaffCase,
    access: &AccessId,
    (brokerage, asker): (&BrokerageId, &StaffId),
    (emergency, said_no): (bool, Option<SaidNo>),
) -> Result<Vec<PreparedMail>, Refused> {
    let all = colleagues(app, read).await?;
    let to: Vec<&Colleague> =
        all.iter().filter(|one| one.reader.may(Deed::OpenAccess) && one.reader.staff != *asker).collect();
    let told = StaffTold::SecondWanted { about, emergency, said_no };
    let notice = Notice::Staff(StaffNews { told, page: Case::access_of(access) });
    prepare(app, &notice, access.as_str(), Some(brokerage), &to)
}

/// Prepares the mail that says that a colleague handed a connection over; none to somebody who wants no mail at once.
///
/// Errs when the database is away, and as a fault when the mail cannot be composed.
pub(super) async fn handed_over(
    app: &App,
    read: &mut Read,
    about: StaffCase,
    (brokerage, connection): (&BrokerageId, &ConnectionId),
    (to, by): (&StaffId, &str),
) -> Result<Vec<PreparedMail>, Refused> {
    let all = colleagues(app, read).await?;
    let hears = |one: &&Colleague| one.reader.staff == *to && one.reader.choice == MailChoice::AtOnce;
    let to: Vec<&Colleague> = all.iter().filter(hears).collect();
    let told = StaffTold::HandedOver { about, by: by.to_owned() };
    let notice = Notice::Staff(StaffNews { told, page: Case::page_of(connection) });
    // It may be handed back and forth: each time is another one.
    let event = format!("{connection}/{}", app.new_id(EventId::from_random));
    prepare(app, &notice, &event, Some(brokerage), &to)
}

/// Prepares the mails that say that no more secrets are shown: one to each operations person and owner in an hour.
///
/// Errs when the database is away, and as a fault when a mail cannot be composed.
pub(super) async fn looks_refused(app: &App, at: Instant, most: i64) -> Result<Vec<PreparedMail>, Refused> {
    let all = colleagues(app, &mut app.store.read().await?).await?;
    let answers = |role: &StaffRole| matches!(role, StaffRole::Operations | StaffRole::Owner);
    let to: Vec<&Colleague> = all.iter().filter(|one| one.reader.roles.iter().any(answers)).collect();
    let notice =
        Notice::Staff(StaffNews { told: StaffTold::LooksRefused { most }, page: StaffNews::audit() });
    let hour = at.timestamp().strftime("%Y-%m-%dT%H").to_string();
    prepare(app, &notice, &hour, None, &to)
}

/// Prepares the copy for the account manager who is named for a brokerage; none where nobody is, where they are one no
/// more, or where they have not signed in of late. `event` is that of the mails to the brokerage.
///
/// Errs when the database is away, and as a fault when the mail cannot be composed.
pub(super) async fn to_keeper(
    app: &App,
    read: &mut Read,
    brokerage: &BrokerageId,
    connection: &ConnectionId,
    event: &str,
    told: StaffTold,
) -> Result<Vec<PreparedMail>, Refused> {
    let Some(keeper) = read.keeper_of(brokerage).await?.filter(|keeper| keeper.has_role) else {
        return Ok(Vec::new());
    };
    let all = colleagues(app, read).await?;
    let to: Vec<&Colleague> = all.iter().filter(|one| one.reader.staff == keeper.staff).collect();
    let notice = Notice::Staff(StaffNews { told, page: Case::page_of(connection) });
    prepare(app, &notice, event, Some(brokerage), &to)
}

/// The event of a mail about a need: it is another one each time the need begins.
pub(super) fn event_of(need: &WaitingNeed) -> String {
    format!("{}/{}/{}", need.connection, need.rule.as_str(), need.since.as_micros())
}

fn need_of(event: &str) -> Option<(ConnectionId, NeedRule, Instant)> {
    let mut parts = event.split('/');
    let connection = ConnectionId::parse(parts.next()?).ok()?;
    let rule = NeedRule::parse(parts.next()?)?;
    let since = parts.next()?.parse().ok().map(Instant::from_micros)?;
    Some((connection, rule, since))
}

/// What a mail about a need says of it.
pub(super) fn case_of(need: &WaitingNeed) -> StaffCase {
    StaffCase {
        company: need.company.clone(),
        connection: need.name.clone(),
        reference: need.reference.clone(),
    }
}

/// Why it waits, as our own people read it.
pub(super) fn reason_of(need: &WaitingNeed) -> Reason {
    let cause = need.cause.as_ref().map(|cause| CauseWords::of(Some(cause), &Names::default()).told_to_us());
    Reason { rule: need.rule, cause }
}

/// Whether what a mail to our own people tells is still so: one that waited for the mail server while a colleague did what
/// it asks for is not sent.
pub(super) async fn is_current(write: &mut Write, mail: &Mail) -> Stored<bool> {
    let event = mail.event_id.as_str();
    Ok(match mail.kind {
        MailKind::StaffNeed | MailKind::StaffOverdue => match need_of(event) {
            Some((connection, rule, since)) => write.need_stands(&connection, rule, since).await?,
            None => false,
        },
        MailKind::StaffDaily => event.parse::<Date>().is_ok_and(|day| day == write.now().date()),
        MailKind::SecondWanted => {
            let now = write.now();
            let stored = match AccessId::parse(event) {
                Ok(id) => write.access_of_job(&id).await?,
                Err(_) => None,
            };
            stored.is_some_and(|it| matches!(it.access.stage(now), AccessStage::Waiting(_)))
        }
        MailKind::KeeperTold => match CheckId::parse(event) {
            Ok(check) => is_latest(write, &check).await?,
            // A secret that was opened: that is told in any case.
            Err(_) => true,
        },
        _ => true,
    })
}

/// Whether an attempt stands where this check left it.
async fn is_latest(read: &mut Read, id: &CheckId) -> Stored<bool> {
    let Some(check) = read.check_of_job(id).await? else { return Ok(false) };
    let Some(attempt) = &check.attempt_id else { return Ok(false) };
    let stored = read.attempt(&check.brokerage_id, attempt).await?;
    Ok(stored.is_some_and(|stored| stored.attempt.check_id.as_ref() == Some(id)))
}

/// Makes sure that rounds of both sorts of mail are scheduled. Every worker does so when it starts; there is one open
/// round of each in all.
///
/// Errs when the database is away.
pub async fn ensure_scheduled(app: &App) -> store::Result<()> {
    let now = app.clock.now();
    let mut write = app.store.write().await?;
    write.enqueue(app.new_id(JobId::from_random), &Job::TellStaff, None, now).await?;
    write
        .enqueue(app.new_id(JobId::from_random), &Job::DailyMail, None, app.store.hours().next_opening(now))
        .await?;
    write.commit_quietly(Quiet::Tick).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::BrokerageId,
        text::{CompanyName, ConnectionName},
    };

    #[test]
    fn the_need_is_read_from_the_event() {
        let need = WaitingNeed {
            connection: ConnectionId::from_random([7; 16]),
            brokerage: BrokerageId::from_random([8; 16]),
            company: CompanyName::from_stored("Lakeshore Realty".to_owned()),
            name: ConnectionName::from_stored("Main office".to_owned()),
            reference: "LKS-0042".to_owned(),
            rule: NeedRule::CouldNotTell,
            since: Instant::from_micros(1_795_257_720_000_000),
            due_at: Instant::from_micros(1_795_257_730_000_000),
            taken_by: None,
            keeper: None,
            cause: None,
            caused_by: None,
            second: None,
        };
        let read = need_of(&event_of(&need));
        assert_eq!(read, Some((need.connection.clone(), need.rule, need.since)));
        assert_eq!(need_of(need.connection.as_str()), None);
    }
}
