//! Whether what a mail tells is still so. A mail that was overtaken while the mail server was away is not sent.

use crate::{
    domain::{
        access::AccessStage,
        attempt::Attempt,
        connection::{Phase, State},
        ids::{AccessId, AttemptId, BrokerageId, CheckId, ConnectionId, EventId, InvitationId, SignInId},
        invitation::InvitationStage,
        mail::MailKind,
    },
    store::{Mail, Result, Write},
};

use super::{remind, send_again::AGAIN_MARK, staff_mail};

/// How what a mail tells stands to what is so now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is so.
    Current,
    /// It is so no more.
    Overtaken,
    /// A look is under way that decides it.
    Undecided,
}

/// How what the mail tells stands. It stays so until this transaction ends, for whoever changes it holds the
/// connection as well. An event that this version cannot read counts as overtaken.
pub(super) async fn standing(write: &mut Write, mail: &Mail) -> Result<Standing> {
    // What is sent once more tells of the same event.
    let first: Mail;
    let mail = match mail.event_id.split_once(AGAIN_MARK) {
        Some((event, _)) => {
            first = Mail { event_id: event.to_owned(), message_box: None, ..mail.clone() };
            &first
        }
        None => mail,
    };
    if mail.kind.is_to_staff() {
        return Ok(current_if(staff_mail::is_current(write, mail).await?));
    }
    let Some(brokerage) = &mail.brokerage_id else {
        return Ok(current_if(mail.kind == MailKind::SignInCode && !is_turned_away(write, mail).await?));
    };
    if write.brokerage(brokerage).await?.is_some_and(|it| it.refused_at.is_some())
        && !mail.kind.is_about_access()
    {
        return Ok(Standing::Overtaken);
    }
    if mail.kind == MailKind::Accepted {
        return Ok(current_if(write.brokerage(brokerage).await?.is_some_and(|b| b.accepted_at.is_some())));
    }
    // Whoever was asked for a step may look at it later as well; what people write to each other is never overtaken.
    if matches!(
        mail.kind,
        MailKind::GuideStep
            | MailKind::Question
            | MailKind::Answer
            | MailKind::ProviderLetter
            | MailKind::Message
    ) {
        return Ok(Standing::Current);
    }
    if mail.kind == MailKind::Invitation {
        return invitation(write, mail).await;
    }
    if mail.kind == MailKind::RosterEnded {
        let Ok(event) = EventId::parse(&mail.event_id) else { return Ok(Standing::Overtaken) };
        return Ok(current_if(write.roster_end_is_current(&event).await?));
    }
    if mail.kind == MailKind::Ending {
        return ending(write, brokerage, mail).await;
    }
    if mail.kind.is_about_access() {
        return access(write, mail).await;
    }
    if mail.kind == MailKind::Rotated {
        return rotated(write, brokerage, mail).await;
    }
    if let MailKind::Closed | MailKind::Reopened | MailKind::Enabled = mail.kind {
        return of_connection(write, brokerage, mail).await;
    }
    let check = CheckId::parse(&mail.event_id).ok();
    let attempt = match &check {
        Some(check) => write.check_of_job(check).await?.and_then(|check| check.attempt_id),
        None => AttemptId::parse(&mail.event_id).ok(),
    };
    let Some(attempt) = attempt else { return Ok(Standing::Overtaken) };
    let Some(stored) = write.attempt(brokerage, &attempt).await? else { return Ok(Standing::Overtaken) };
    let connection = write.hold_connection(brokerage, &stored.attempt.connection_id).await?;
    // Once more, now that nobody moves it.
    let stored = write.attempt(brokerage, &attempt).await?;
    let (Some(connection), Some(stored)) = (connection, stored) else { return Ok(Standing::Overtaken) };
    if ![&connection.in_use, &connection.candidate].contains(&&Some(attempt.clone())) {
        return Ok(Standing::Overtaken);
    }
    let attempt = stored.attempt;
    let is_latest = check.is_some() && attempt.check_id == check;
    Ok(match mail.kind {
        MailKind::SignInCode
        | MailKind::Accepted
        | MailKind::Invitation
        | MailKind::GuideStep
        | MailKind::RosterEnded
        | MailKind::Question
        | MailKind::Answer
        | MailKind::ProviderLetter
        | MailKind::Ending
        | MailKind::AccessAsked
        | MailKind::AccessOpened
        | MailKind::AccessLooked
        | MailKind::AccessStopped
        | MailKind::AccessAnswered
        | MailKind::Rotated
        | MailKind::Closed
        | MailKind::Reopened
        | MailKind::Enabled
        | MailKind::StaffNeed
        | MailKind::StaffOverdue
        | MailKind::StaffDaily
        | MailKind::SecondWanted
        | MailKind::LooksRefused
        | MailKind::KeeperTold
        | MailKind::HandedOver
        | MailKind::Message => Standing::Overtaken,
        MailKind::Received => current_if(attempt.state == State::Submitted),
        MailKind::Verified => current_if(is_latest && attempt.state == State::Verified),
        MailKind::Failed => current_if(is_latest && attempt.state == State::Failed),
        MailKind::NeedsStaff => current_if(is_latest && at(&attempt, &[Phase::NeedsStaff])),
        MailKind::Waiting => {
            let press = write.last_press(&attempt.id).await?;
            if press != check {
                Standing::Overtaken
            } else if at(&attempt, &[Phase::Queued, Phase::Checking]) {
                Standing::Undecided
            } else {
                current_if(at(&attempt, &[Phase::WaitingForProvider]))
            }
        }
    })
}

/// Whether a code would go to somebody of a brokerage that was refused. It is asked here and not where the code is asked for:
/// that looks nobody up.
async fn is_turned_away(write: &mut Write, mail: &Mail) -> Result<bool> {
    let Ok(id) = SignInId::parse(&mail.event_id) else { return Ok(false) };
    let Some(sign_in) = write.sign_in(&id).await? else { return Ok(false) };
    write.is_refused(&sign_in.address_key).await
}

/// What happened to a secret is told in any case; only a question that waits for no answer any more is not asked.
async fn access(write: &mut Write, mail: &Mail) -> Result<Standing> {
    if mail.kind != MailKind::AccessAsked {
        return Ok(Standing::Current);
    }
    let Ok(id) = AccessId::parse(&mail.event_id) else { return Ok(Standing::Overtaken) };
    let now = write.now();
    let stored = write.access_of_job(&id).await?;
    Ok(current_if(stored.is_some_and(|it| matches!(it.access.stage(now), AccessStage::Waiting(_)))))
}

/// A reminder of a secret that is in use no more is not sent.
async fn ending(write: &mut Write, brokerage: &BrokerageId, mail: &Mail) -> Result<Standing> {
    let Some(attempt) = remind::attempt_of(&mail.event_id) else { return Ok(Standing::Overtaken) };
    let Some(stored) = write.attempt(brokerage, &attempt).await? else { return Ok(Standing::Overtaken) };
    let connection = write.hold_connection(brokerage, &stored.attempt.connection_id).await?;
    Ok(current_if(connection.is_some_and(|connection| remind::is_in_use(&connection, &attempt))))
}

/// What was renewed, or gone back to, is told while it is in use. The event is the check that passed, or the attempt that
/// is in use again and the one that is not.
async fn rotated(write: &mut Write, brokerage: &BrokerageId, mail: &Mail) -> Result<Standing> {
    let check = CheckId::parse(&mail.event_id).ok();
    let attempt = match &check {
        Some(check) => write.check_of_job(check).await?.and_then(|check| check.attempt_id),
        None => remind::attempt_of(&mail.event_id),
    };
    let Some(attempt) = attempt else { return Ok(Standing::Overtaken) };
    let Some(stored) = write.attempt(brokerage, &attempt).await? else { return Ok(Standing::Overtaken) };
    let connection = write.hold_connection(brokerage, &stored.attempt.connection_id).await?;
    Ok(current_if(connection.is_some_and(|connection| remind::is_in_use(&connection, &attempt))))
}

/// That a connection is closed, open again, or enabled from a day on, is told while it is so. The event is the connection's id, and
/// for the latter the day.
async fn of_connection(write: &mut Write, brokerage: &BrokerageId, mail: &Mail) -> Result<Standing> {
    let parts = mail.event_id.split_once('/');
    let Some((id, day)) = parts.and_then(|(id, rest)| Some((ConnectionId::parse(id).ok()?, rest))) else {
        return Ok(Standing::Overtaken);
    };
    let Some(connection) = write.hold_connection(brokerage, &id).await? else {
        return Ok(Standing::Overtaken);
    };
    Ok(current_if(match mail.kind {
        MailKind::Closed => connection.state == State::Closed,
        MailKind::Reopened => connection.state != State::Closed,
        _ => connection.enabled_on.is_some_and(|on| day.starts_with(&on.to_string())),
    }))
}

/// An invitation that was taken back or replaced while the mail server was away is not sent.
async fn invitation(write: &mut Write, mail: &Mail) -> Result<Standing> {
    let Ok(id) = InvitationId::parse(&mail.event_id) else { return Ok(Standing::Overtaken) };
    let now = write.now();
    let found = write.invitation(&id).await?;
    Ok(current_if(found.is_some_and(|found| found.invitation.stage(now) == InvitationStage::Open)))
}

fn at(attempt: &Attempt, phases: &[Phase]) -> bool {
    attempt.state == State::Submitted && attempt.phase.is_some_and(|phase| phases.contains(&phase))
}

const fn current_if(so: bool) -> Standing {
    if so { Standing::Current } else { Standing::Overtaken }
}
