//! Writes to our own people about what has come to the queue, and what is overdue there. A round each minute: a need that
//! is over within it is told to nobody. The row of the need decides that it is told once.

use jiff::SignedDuration;

use super::{
    access_case::post,
    staff_mail::{Colleague, case_of, colleagues, event_of, prepare, reason_of},
    undone::{Undone, held},
};
use crate::{
    app::App,
    domain::{
        job::Claimed,
        review::NeedRule,
        staff_mail::{Reader, Whose},
    },
    notify::notice::{Case, Notice, StaffNews, StaffTold},
    store::{Quiet, WaitingNeed, Write},
};

/// The pause between two rounds.
const EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Needs of each sort that one round tells: what is left is told by the next.
const MOST: i64 = 100;

/// What of a need is told.
#[derive(Debug, Clone, Copy)]
enum News {
    /// That it is there.
    Begun,
    /// That nobody has looked in time.
    Overdue,
}

impl News {
    fn is_heard(self, reader: &Reader, rule: NeedRule, whose: &Whose) -> bool {
        match self {
            Self::Begun => reader.hears_at_once(rule, whose),
            Self::Overdue => reader.hears_when_overdue(rule, whose),
        }
    }

    fn notice(self, app: &App, need: &WaitingNeed) -> Notice {
        let (about, why, due) = (case_of(need), reason_of(need), app.store.hours().words(need.due_at));
        let told = match self {
            _ if need.rule == NeedRule::BreakGlass => {
                StaffTold::Emergency { about, due, overdue: matches!(self, Self::Overdue) }
            }
            Self::Begun => StaffTold::Needs { about, why, due },
            Self::Overdue => StaffTold::Overdue { about, why, due },
        };
        Notice::Staff(StaffNews { told, page: Case::page_of(&need.connection) })
    }

    async fn mark(self, write: &mut Write, need: &WaitingNeed) -> crate::store::Result<bool> {
        match self {
            Self::Begun => write.need_is_told(need).await,
            Self::Overdue => write.need_is_told_overdue(need).await,
        }
    }
}

/// Whose a need may be.
pub(super) fn whose(need: &WaitingNeed) -> Whose {
    let by = [&need.caused_by, &need.second].into_iter().flatten().cloned().collect();
    Whose { taken_by: need.taken_by.clone(), keeper: need.keeper.clone(), by }
}

/// Carries out the job: one round, then the next is scheduled.
///
/// Errs when the lease was lost, the database is away, or a mail cannot be composed.
pub async fn tell_staff(app: &App, claimed: &Claimed) -> Result<(), Undone> {
    let now = app.clock.now();
    let mut read = app.store.read().await?;
    let begun = read.untold_needs(MOST).await?;
    let overdue = read.overdue_needs(now, MOST).await?;
    let all = colleagues(app, &mut read).await?;
    drop(read);
    for need in &begun {
        tell(app, claimed, &all, need, News::Begun).await?;
    }
    // Nobody reads at night that something is overdue; an emergency counts by the clock.
    let open = app.store.hours().is_open(now);
    for need in overdue.iter().filter(|need| open || need.rule == NeedRule::BreakGlass) {
        tell(app, claimed, &all, need, News::Overdue).await?;
    }
    let mut write = app.store.write().await?;
    held(write.repeat_job(claimed, now.plus(EVERY)).await?)?;
    Ok(write.commit_quietly(Quiet::Tick).await?)
}

/// Tells of one need, in a transaction of its own.
async fn tell(
    app: &App,
    claimed: &Claimed,
    all: &[Colleague],
    need: &WaitingNeed,
    news: News,
) -> Result<(), Undone> {
    let whose = whose(need);
    let to: Vec<&Colleague> =
        all.iter().filter(|one| news.is_heard(&one.reader, need.rule, &whose)).collect();
    let mails = prepare(app, &news.notice(app, need), &event_of(need), Some(&need.brokerage), &to)?;
    let mut write = app.store.write().await?;
    held(write.holds_job(claimed).await?)?;
    // Over meanwhile, or told by whoever held this job before and lost it.
    if !news.mark(&mut write, need).await? {
        return Ok(());
    }
    post(&mut write, &mails).await?;
    Ok(write.commit_quietly(Quiet::MailProgress).await?)
}
