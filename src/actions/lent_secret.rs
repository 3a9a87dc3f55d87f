//! The secret of an attempt that failed of something else goes on with the next one: many a secret is shown once, and
//! whoever mistyped a mailbox has it no more. Until the next attempt is submitted it stays the earlier one's, which can be
//! checked again meanwhile; the draft has it lent, for as long and for the one session as if it had been entered then.

use crate::{
    domain::{
        attempt::Attempt,
        connection::State,
        ids::{AttemptId, BrokerageId, DraftId, SecretId},
        kind::SecretSource,
        refused::Refused,
        renewal::Renewal,
    },
    store::Write,
};

use super::draft::Bench;

const CLEARING: Refused = Refused::Conflict(
    "The last check is still removing what it wrote to the test mailbox, with the same credential. Submit again in a minute: nothing is lost.",
);

/// The attempt whose secret the next one may go on with: the last one, when it failed, and not of its secret or its names.
/// Never where the office itself names the server: then a secret would go wherever the next one to sign in says.
pub fn lender(bench: &Bench) -> Option<&Attempt> {
    let (attempt, _) = bench.attempts.last()?;
    let failed = bench.connection.state == State::Failed && attempt.state == State::Failed;
    let of_something_else = attempt.cause.is_some() && bench.renewal() == Renewal::Nothing;
    let stays = failed && of_something_else && bench.connection.kind.speaks_to_its_provider();
    Some(attempt).filter(|attempt| stays && attempt.secret_id.is_some())
}

/// Lends it to a draft that begins; whether it is there still. Another session than the one that begins the draft has to
/// enter what a person typed again, as always.
pub(super) async fn lend(
    write: &mut Write,
    lender: &Attempt,
    source: SecretSource,
    draft: &DraftId,
    session: &[u8],
) -> Result<bool, Refused> {
    let brokerage = &lender.brokerage_id;
    let now = write.attempt(brokerage, &lender.id).await?.and_then(|stored| stored.attempt.secret_id);
    let Some(secret) = now.filter(|secret| lender.secret_id.as_ref() == Some(secret)) else {
        return Ok(false);
    };
    let session = Some(session).filter(|_| source == SecretSource::Admin);
    Ok(write.give_secret(brokerage, draft, &secret, session).await?)
}

/// Takes it over into the attempt that is submitted.
pub(super) async fn take_over(
    write: &mut Write,
    brokerage: &BrokerageId,
    lender: &AttemptId,
    secret: &SecretId,
) -> Result<(), Refused> {
    if write.secret_is_at_work(lender).await? {
        return Err(CLEARING);
    }
    Ok(write.take_secret_over(brokerage, lender, secret).await?)
}
