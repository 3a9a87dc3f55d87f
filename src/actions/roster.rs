//! What the actions and pages of a connection's roster share: by which credential its mailboxes are opened, and how
//! their addresses stand in the database.

use crate::{
    app::App,
    domain::{
        address::MailAddress,
        attempt::Attempt,
        check::Outcome,
        connection::{Connection, State},
        ids::RosterId,
        kind::SecretSource,
        refused::Refused,
    },
    store::{Read, RosterRow, Try},
};

/// The purpose under which the address of a mailbox is encrypted; the owner is the roster's id and its place.
const ADDRESS_BOX: &str = "roster_mailboxes.address";

/// Tries of a secret that are looked at: the last one that was answered, and one that a lost worker left open.
const TRIES: i64 = 2;

const NOT_YET: Refused = Refused::Conflict(
    "All mailboxes can be checked once the connection is verified, or when its sign-in works and something else failed.",
);

/// Encrypts the address of the mailbox at this place.
pub(super) fn address_box(
    app: &App,
    roster: &RosterId,
    seq: i64,
    mailbox: &MailAddress,
) -> Result<Vec<u8>, Refused> {
    app.to_box(ADDRESS_BOX, &owner(roster, seq), &mailbox.as_str())
}

/// Decrypts the address of a mailbox; errs as a fault when it was written under another key.
pub fn opened_address(app: &App, roster: &RosterId, row: &RosterRow) -> Result<MailAddress, Refused> {
    let text: String = app.from_box(ADDRESS_BOX, &owner(roster, row.seq), &row.address_box)?;
    MailAddress::parse(&text).map_err(|_| Refused::Fault(String::new()))
}

fn owner(roster: &RosterId, seq: i64) -> String {
    format!("{roster}.{seq}")
}

/// The attempt whose credential opens the mailboxes of a connection: the one in use, or one that failed although its
/// sign-in works.
///
/// Errs with a conflict when there is none: a secret that was refused is not tried again because of a roster.
pub async fn opening_attempt(read: &mut Read, connection: &Connection) -> Result<Attempt, Refused> {
    let wanted = match connection.state {
        State::Verified => connection.in_use.as_ref(),
        State::Failed => connection.candidate.as_ref(),
        _ => None,
    };
    let attempt = match wanted {
        Some(id) => read.attempt(&connection.brokerage_id, id).await?.map(|stored| stored.attempt),
        None => None,
    };
    let attempt = attempt.filter(Attempt::can_be_checked).ok_or(NOT_YET)?;
    let accepted = match &attempt.secret_id {
        Some(secret) => was_accepted(&read.tries_of_secret(secret, TRIES).await?),
        // Nothing is typed for such a kind, so nothing locks.
        None => nobody_types(&attempt),
    };
    // A right secret alone opens nothing: where consent or delegation is missing, every mailbox would be refused.
    if accepted && (connection.state == State::Verified || was_let_in(read, &attempt).await?) {
        Ok(attempt)
    } else {
        Err(NOT_YET)
    }
}

const fn nobody_types(attempt: &Attempt) -> bool {
    matches!(attempt.kind.secret_source(), SecretSource::Nobody)
}

/// The steps that pass only where somebody let us in; the last part of an id tells those that fetch a token. At Google
/// the service account's own step says nothing yet: whether it may act for anybody is asked after it.
async fn was_let_in(read: &mut Read, attempt: &Attempt) -> Result<bool, Refused> {
    let Some(id) = &attempt.check_id else { return Ok(false) };
    let Some(check) = read.check_of_job(id).await? else { return Ok(false) };
    let steps = read.steps_above(id, check.run, 0).await?;
    let opens = |id: &str| match id {
        "token" => !attempt.kind.is_google(),
        "sign_in" | "mailbox" => true,
        id => id.ends_with("_token"),
    };
    let passed = |outcome| matches!(outcome, Outcome::Passed | Outcome::Warning);
    Ok(steps.iter().any(|step| opens(&step.step_id) && passed(step.outcome)))
}

/// Whether a secret was accepted the last time it was judged. `tries` are the latest, latest first: one of them may be
/// without an answer, because a worker was lost between try and answer.
pub(super) fn was_accepted(tries: &[Try]) -> bool {
    match tries {
        [Try { accepted: Some(accepted), .. }, ..] => *accepted,
        [Try { accepted: None, .. }, Try { accepted, .. }, ..] => *accepted == Some(true),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::instant::Instant;

    #[test]
    fn a_secret_that_was_refused_or_never_judged_opens_no_roster() {
        let one = |accepted| Try { run: 1, begun_at: Instant::from_micros(0), accepted };
        let (yes, no, open) = (one(Some(true)), one(Some(false)), one(None));
        for (tries, good) in [
            (&[][..], false),
            (&[yes][..], true),
            (&[no, yes][..], false),
            (&[open, yes][..], true),
            (&[open, no][..], false),
            (&[open, open][..], false),
            (&[open][..], false),
        ] {
            assert_eq!(was_accepted(tries), good, "{tries:?}");
        }
    }
}
