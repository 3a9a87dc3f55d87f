//! Reminds a brokerage's people that a secret or a certificate comes to its last day. One job of the attempt carries this
//! out: it is written when the attempt is verified, runs at each reminder's time, and ends with the last one or with the
//! attempt's use. So nothing has to look through tables for what ends.

use jiff::{ToSpan, civil::Date, tz::TimeZone};

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        connection::{Connection, State},
        credential::CredentialSettings,
        ids::{AttemptId, BrokerageId, JobId},
        instant::Instant,
        job::{Claimed, Job},
    },
    notify::notice::{Case, Ending, Notice},
    store::{PreparedMail, Quiet, Write},
};

use super::{
    draft::open_settings,
    outbox,
    people::recipients,
    undone::{Undone, held},
};

/// Days before the last one on which people are reminded; the last one is a day of it, too.
pub const DAYS: &[i32] = &[60, 30, 14, 7, 1, 0];

/// Attempts that are planned in one transaction.
const BATCH: i64 = 100;

/// The hour, in UTC, at which a reminder is sent: morning from the Atlantic to the Pacific coast.
const HOUR: i8 = 15;

/// Plans the reminders of an attempt that has been verified, where its secret has a last day.
///
/// Errs when the database is away.
pub(super) async fn plan(
    app: &App,
    write: &mut Write,
    brokerage: &BrokerageId,
    attempt: &AttemptId,
    ends_on: Option<Date>,
) -> Result<(), Undone> {
    let Some(due) = ends_on.and_then(|ends_on| next_due(ends_on, app.clock.now())) else { return Ok(()) };
    let job = Job::Remind(attempt.clone());
    Ok(write.enqueue(app.new_id(JobId::from_random), &job, Some(brokerage), due).await?)
}

/// Plans the reminders of what is in use and was verified before there were any. Every worker does so when it starts;
/// what is planned, or was, is left alone.
///
/// Errs when the database is away.
pub async fn ensure_planned(app: &App) -> Result<(), Undone> {
    let mut after = String::new();
    loop {
        let found = app.store.read().await?.without_reminders(&after, BATCH).await?;
        let Some(last) = found.last() else { return Ok(()) };
        last.attempt_id.as_str().clone_into(&mut after);
        let mut write = app.store.write().await?;
        for one in found {
            // What was written under another key is reminded of by nobody; the attempt's own page says so.
            let Ok(settings) = open_settings(app, &one.attempt_id, &one.settings_box) else { continue };
            let told = one.password_ends_on.as_deref().and_then(|day| day.parse().ok());
            let ends_on = settings.secret_expires_on().or(told);
            plan(app, &mut write, &one.brokerage_id, &one.attempt_id, ends_on).await?;
        }
        write.commit_quietly(Quiet::Tick).await?;
    }
}

/// The days after `today` on which people are reminded of a last day.
pub fn days_after(ends_on: Date, today: Date) -> Vec<Date> {
    let day = |before: &i32| ends_on.checked_sub(before.days()).ok();
    DAYS.iter().filter_map(day).filter(|day| *day > today).collect()
}

/// Carries out the job: reminds, where a reminder is due, and plans the next one.
///
/// Errs when the lease was lost, the database is away, or a mail cannot be composed.
pub async fn remind(app: &App, claimed: &Claimed, attempt: &AttemptId) -> Result<(), Undone> {
    let Some(brokerage) = &claimed.brokerage_id else { return end(app, claimed).await };
    let mut read = app.store.read().await?;
    let Some(stored) = read.attempt(brokerage, attempt).await? else { return end(app, claimed).await };
    let connection = read.connection(brokerage, &stored.attempt.connection_id).await?;
    let (Some(connection), Some(known)) = (connection, read.brokerage(brokerage).await?) else {
        return end(app, claimed).await;
    };
    let people = recipients(app, read.people_of(brokerage).await?)?;
    drop(read);
    let settings = open_settings(app, attempt, &stored.settings_box)?;
    let Some(ends_on) = stored.attempt.last_day(&settings).filter(|_| is_in_use(&connection, attempt)) else {
        return end(app, claimed).await;
    };
    let now = app.clock.now();
    let mails = match due(ends_on, now.date()) {
        Some((step, days_left)) => {
            let case =
                Case::new(&known, &connection, stored.attempt.number, Case::renewal_of(&connection.id));
            let notice = Notice::Ending(Ending { case, ends_on, days_left, holder: holder(&settings) });
            outbox::prepare(app, &notice, &event(attempt, step), brokerage, &people)?
        }
        None => Vec::new(),
    };
    write_all(app, claimed, attempt, &connection, &mails, next_due(ends_on, now)).await
}

/// Posts the mails and puts the job to its next time, or ends it; all of it only while the attempt is in use.
async fn write_all(
    app: &App,
    claimed: &Claimed,
    attempt: &AttemptId,
    connection: &Connection,
    mails: &[PreparedMail],
    next: Option<Instant>,
) -> Result<(), Undone> {
    let brokerage = &connection.brokerage_id;
    let mut write = app.store.write().await?;
    let standing = write.hold_connection(brokerage, &connection.id).await?;
    let in_use = standing.is_some_and(|connection| is_in_use(&connection, attempt));
    held(match next.filter(|_| in_use) {
        Some(next) => write.repeat_job(claimed, next).await?,
        None => write.finish_job(claimed).await?,
    })?;
    let mut lines = Vec::new();
    if in_use && !mails.is_empty() {
        for mail in mails {
            write.post_mail(mail).await?;
        }
        lines.push(AuditLine::new(Actor::System, "secret.remind", attempt.as_str()).of(brokerage));
    }
    if lines.is_empty() {
        Ok(write.commit_quietly(Quiet::Tick).await?)
    } else {
        Ok(write.commit(&lines).await?)
    }
}

async fn end(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    Ok(write.commit_quietly(Quiet::Tick).await?)
}

/// Whether MoxiEngage works with this attempt's secret.
pub(super) fn is_in_use(connection: &Connection, attempt: &AttemptId) -> bool {
    connection.state == State::Verified && connection.in_use.as_ref() == Some(attempt)
}

/// The event that a reminder tells of. A step is told once, however often its job runs.
fn event(attempt: &AttemptId, step: i32) -> String {
    format!("{attempt}/{step}")
}

/// The attempt of a reminder's event; `None` when it is none.
pub(super) fn attempt_of(event: &str) -> Option<AttemptId> {
    AttemptId::parse(event.split_once('/')?.0).ok()
}

/// What the admin called the app, or the login of the service account, whose secret it is.
fn holder(settings: &CredentialSettings) -> String {
    let app = settings.app().map(|app| app.names.app.as_str());
    app.or_else(|| Some(settings.service_account()?.0.as_str())).unwrap_or_default().to_owned()
}

/// The step that today belongs to, and how many days are left: where several were missed, only the latest is told.
fn due(ends_on: Date, today: Date) -> Option<(i32, i32)> {
    let left = (ends_on - today).get_days();
    let step = DAYS.iter().rev().find(|days| **days >= left && left >= 0)?;
    Some((*step, left))
}

/// When the next reminder after `now` is due; `None` after the last.
fn next_due(ends_on: Date, now: Instant) -> Option<Instant> {
    let at = |days: &i32| {
        let day = ends_on.checked_sub(days.days()).ok()?;
        let at = day.at(HOUR, 0, 0, 0).to_zoned(TimeZone::UTC).ok()?;
        Some(Instant::from(at.timestamp()))
    };
    DAYS.iter().filter_map(at).find(|at| *at > now)
}

/// Whether a last day is so near that people have been reminded of it, or over.
pub fn is_near(ends_on: Date, today: Date) -> bool {
    DAYS.first().is_some_and(|first| (ends_on - today).get_days() <= *first)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn noon(day: Date) -> Instant {
        day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).expect("a time").timestamp().into()
    }

    #[test]
    fn each_step_is_due_once_and_the_last_one_is_the_last_day() {
        let ends = date(2028, 3, 1);
        let mut now = noon(date(2027, 1, 1));
        let mut steps = Vec::new();
        while let Some(next) = next_due(ends, now) {
            steps.push(due(ends, next.date()));
            now = next;
        }
        let told: Vec<_> = DAYS.iter().map(|days| Some((*days, *days))).collect();
        assert_eq!(steps, told);
        assert_eq!(now.date(), ends);
    }

    #[test]
    fn a_worker_that_was_away_tells_the_latest_step_and_what_is_left() {
        let ends = date(2028, 3, 1);
        for (today, told) in [
            (date(2027, 12, 1), None),
            (date(2028, 1, 5), Some((60, 56))),
            (date(2028, 2, 20), Some((14, 10))),
            (date(2028, 2, 29), Some((1, 1))),
            (date(2028, 3, 1), Some((0, 0))),
            (date(2028, 3, 2), None),
        ] {
            assert_eq!(due(ends, today), told, "{today}");
        }
        assert_eq!(next_due(ends, noon(date(2028, 3, 2))), None);
    }

    #[test]
    fn the_attempt_is_read_from_the_event() {
        let attempt = AttemptId::from_random([7; 16]);
        assert_eq!(attempt_of(&event(&attempt, 30)), Some(attempt.clone()));
        assert_eq!(attempt_of(attempt.as_str()), None);
    }
}
