//! Whether what a mail tells is still so. A mail that was overtaken while the mail server was away is not sent.

use crate::{
    domain::{
        attempt::Attempt,
        connection::{Connection, State},
        ids::{AttemptId, BrokerageId, CheckId},
        mail::MailKind,
    },
    store::{Mail, Read, Result},
};

/// Whether what the mail tells is still so. An event that this version cannot read counts as overtaken.
pub(super) async fn is_current(read: &mut Read, mail: &Mail) -> Result<bool> {
    let Some(brokerage) = &mail.brokerage_id else { return Ok(mail.kind == MailKind::SignInCode) };
    let check = match CheckId::parse(&mail.event_id) {
        Ok(id) => read.check_of_job(&id).await?,
        Err(_) => None,
    };
    let attempt = match (&check, AttemptId::parse(&mail.event_id)) {
        (Some(check), _) => Some(check.attempt_id.clone()),
        (None, Ok(attempt)) => Some(attempt),
        (None, Err(_)) => None,
    };
    let Some((connection, attempt)) = standing(read, brokerage, attempt).await? else { return Ok(false) };
    let is_latest = check.as_ref().is_some_and(|check| attempt.check_id.as_ref() == Some(&check.id));
    let lives = [&connection.in_use, &connection.candidate].contains(&&Some(attempt.id.clone()));
    Ok(lives
        && match mail.kind {
            MailKind::SignInCode => false,
            MailKind::Received => true,
            MailKind::Verified => is_latest && attempt.state == State::Verified,
            MailKind::Failed => is_latest && attempt.state == State::Failed,
            MailKind::Waiting => attempt.state == State::Submitted,
            MailKind::NeedsStaff => is_latest && attempt.state == State::Submitted,
        })
}

async fn standing(
    read: &mut Read,
    brokerage: &BrokerageId,
    attempt: Option<AttemptId>,
) -> Result<Option<(Connection, Attempt)>> {
    let Some(attempt) = attempt else { return Ok(None) };
    let Some(stored) = read.attempt(brokerage, &attempt).await? else { return Ok(None) };
    let connection = read.connection(brokerage, &stored.attempt.connection_id).await?;
    Ok(connection.map(|connection| (connection, stored.attempt)))
}
