//! Writes once a day, on days on which we work, to those of our own people who want one mail about all that waits. Nobody
//! gets one who has nothing to act on. The mail's event is the day, so a round that is carried out twice writes nothing
//! twice.

use super::{
    access_case::post,
    staff_mail::{Colleague, case_of, colleagues, prepare, reason_of},
    tell_staff::whose,
    undone::{Undone, held},
};
use crate::{
    app::App,
    domain::{instant::Instant, job::Claimed},
    notify::notice::{DailyItem, DailyMail, Notice},
    store::{PreparedMail, Quiet, WaitingNeed},
};

/// Needs that are looked through: more than that is no work for a day.
const MOST: i64 = 1000;
/// Those that one mail names.
const NAMED: usize = 20;

/// Carries out the job and puts it to the next morning.
///
/// Errs when the lease was lost, the database is away, or a mail cannot be composed.
pub async fn daily_mail(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let now = app.clock.now();
    let mut read = app.store.read().await?;
    let waiting = read.waiting_needs(MOST).await?;
    let all = colleagues(app, &mut read).await?;
    drop(read);
    let mut mails = Vec::new();
    for one in &all {
        mails.extend(mail_to(app, one, &waiting, now)?);
    }
    let mut write = app.store.write().await?;
    held(write.repeat_job(claimed, app.store.hours().next_opening(now)).await?)?;
    post(&mut write, &mails).await?;
    Ok(write.commit_quietly(Quiet::MailProgress).await?)
}

fn mail_to(
    app: &App,
    one: &Colleague,
    waiting: &[WaitingNeed],
    now: Instant,
) -> Result<Vec<PreparedMail>, Undone> {
    let theirs = waiting.iter().filter(|need| one.reader.hears_daily(need.rule, &whose(need)));
    let mut items: Vec<DailyItem> = theirs
        .map(|need| DailyItem {
            about: case_of(need),
            why: reason_of(need),
            due: app.store.hours().words(need.due_at),
            overdue: need.due_at <= now,
        })
        .collect();
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let overdue = items.iter().filter(|item| item.overdue).count();
    let more = items.len().saturating_sub(NAMED);
    items.truncate(NAMED);
    let notice = Notice::Daily(DailyMail { items, more, overdue });
    Ok(prepare(app, &notice, &now.date().to_string(), None, &[one])?)
}
