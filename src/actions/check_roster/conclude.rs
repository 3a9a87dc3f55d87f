//! Ends the run over a roster: its end, the mail that tells of it and the audit line in one transaction with the end of
//! the job.

use crate::{
    actions::{
        cause_words::CauseWords,
        left_items::have_removed,
        outbox,
        people::recipients,
        undone::{Undone, held},
    },
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        cause::Names,
        causes::BESIDE_OTHERS,
        check::{CauseId, Report},
        job::Claimed,
        roster::{Roster, RosterEnd, RosterGroup, RosterTally, works},
    },
    notify::notice::{Case, Notice, RosterEnded, Share},
    store::{PreparedMail, Quiet},
};

/// Writes the end. `report` is that of the sign-in, where that is why no mailbox was opened.
pub(super) async fn conclude(
    app: &App,
    claimed: &Claimed,
    roster: &Roster,
    (end, report): (RosterEnd, Option<Report>),
) -> Result<(), Undone> {
    let cause = report.map(|report| report.cause.unwrap_or(CauseId::known("unknown_response")));
    read_beside_each_other(app, claimed, roster).await?;
    let (tally, mails) = prepared(app, roster, end, cause.as_ref()).await?;
    let mut write = app.store.write().await?;
    held(write.finish_job(claimed).await?)?;
    if write.end_roster(&roster.id, end, cause.as_ref()).await? {
        for mail in &mails {
            write.post_mail(mail).await?;
        }
    }
    let attempt = write.attempt(&roster.brokerage_id, &roster.attempt_id).await?;
    if let Some(check) = attempt.and_then(|stored| stored.attempt.check_id) {
        have_removed(app, &mut write, &roster.brokerage_id, &check).await?;
    }
    let line = AuditLine::new(Actor::System, "roster.end", roster.connection_id.as_str())
        .of(&roster.brokerage_id)
        .with("end", end.as_str())
        .with("work", tally.work.to_string())
        .with("fail", tally.fail.to_string())
        .with("wrong", tally.wrong.to_string())
        .with("open", tally.left().to_string());
    Ok(write.commit(&[line]).await?)
}

/// Where any mailbox opened, what seemed to hold for the whole organisation holds for a mailbox alone.
async fn read_beside_each_other(app: &App, claimed: &Claimed, roster: &Roster) -> Result<(), Undone> {
    let mut write = app.store.write().await?;
    held(write.holds_job(claimed).await?)?;
    for (alone, beside_others) in BESIDE_OTHERS {
        write.reword_roster_cause(&roster.id, (alone, beside_others)).await?;
    }
    Ok(write.commit_quietly(Quiet::Step).await?)
}

/// What came of the mailboxes, and the mail to whoever asked for the run. Nobody is written to who stopped it.
async fn prepared(
    app: &App,
    roster: &Roster,
    end: RosterEnd,
    cause: Option<&CauseId>,
) -> Result<(RosterTally, Vec<PreparedMail>), Undone> {
    let mut read = app.store.read().await?;
    let groups = read.roster_groups(&roster.id).await?;
    let brokerage = read.brokerage(&roster.brokerage_id).await?;
    let connection = read.connection(&roster.brokerage_id, &roster.connection_id).await?;
    let attempt = read.attempt(&roster.brokerage_id, &roster.attempt_id).await?;
    let mut people = read.people_of(&roster.brokerage_id).await?;
    drop(read);
    let (Some(brokerage), Some(connection), Some(attempt)) = (brokerage, connection, attempt) else {
        return Err(Undone::Ours("a roster without its connection".to_owned()));
    };
    people.retain(|stored| stored.person.id == roster.asked_by && end != RosterEnd::Stopped);
    let case = Case::new(&brokerage, &connection, attempt.attempt.number, Case::roster_of(&connection.id));
    let tally = RosterTally::of(&groups);
    let notice = Notice::RosterEnded(RosterEnded {
        case,
        end,
        tally,
        shares: shares(&groups),
        sign_in: cause.map(title),
    });
    let people = recipients(app, people)?;
    let mails = outbox::prepare(app, &notice, roster.event.as_str(), &roster.brokerage_id, &people)?;
    Ok((tally, mails))
}

/// Those that do not work, by cause, the most first.
fn shares(groups: &[RosterGroup]) -> Vec<Share> {
    let failed = groups.iter().filter(|group| group.verdict.is_some_and(|verdict| !works(verdict)));
    let mut shares: Vec<Share> = Vec::new();
    for group in failed {
        let title = group.cause.as_ref().map(title).unwrap_or_default();
        match shares.iter_mut().find(|share| share.title == title) {
            Some(share) => share.count += group.count,
            None => shares.push(Share { title, count: group.count }),
        }
    }
    shares.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.title.cmp(&other.title)));
    shares
}

fn title(cause: &CauseId) -> String {
    CauseWords::of(Some(cause), &Names::default().for_one_of_many("")).title
}
