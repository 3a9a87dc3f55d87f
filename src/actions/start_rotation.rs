//! Begins to renew the secret of a verified connection: a draft with everything as it is in use, but for the secret and
//! its last day. The one in use stays in use until the new one is verified.

use crate::{
    app::App,
    domain::{
        answers::{Answers, secret_noun},
        attempt::Attempt,
        audit::{Actor, AuditLine},
        connection::{Connection, State},
        ids::{ConnectionId, DraftId},
        kind::SecretSource,
        refused::Refused,
        renewal::Renewal,
        scope::Scope,
    },
};

use super::{
    draft::{ANSWERS_BOX, Bench},
    make_certificate::ask,
    submit::UNDER_WAY,
};

const NOT_VERIFIED: Refused = Refused::Conflict(
    "A secret is renewed while its connection is verified. This one is not, so start a new attempt.",
);
const NOTHING_SECRET: Refused = Refused::Conflict(
    "There is nothing to renew here: you gave us no password and no key, and what you allowed has no last day.",
);

/// Whether the secret of a connection may be renewed now; the refusal says why not. `candidate` is the attempt that is
/// being decided, or failed last.
pub fn may_renew(connection: &Connection, candidate: Option<&Attempt>) -> Result<(), Refused> {
    if connection.kind.secret_source() == SecretSource::Nobody {
        return Err(NOTHING_SECRET);
    }
    if connection.state != State::Verified {
        return Err(NOT_VERIFIED);
    }
    match candidate {
        Some(attempt) if attempt.state == State::Submitted => Err(UNDER_WAY),
        _ => Ok(()),
    }
}

/// Begins it; returns the number of the attempt. A second press finds it begun and changes nothing.
///
/// Errs when the connection is not this brokerage's, with a conflict when it is not verified, has no secret, or when a
/// new one is being checked.
pub async fn start_rotation(app: &App, scope: &Scope, id: &ConnectionId) -> Result<i64, Refused> {
    let bench = Bench::read(app, &mut app.store.read().await?, scope, &[], id).await?;
    may_renew(&bench.connection, bench.candidate().map(|(attempt, _)| attempt))?;
    let number = bench.attempts.last().map_or(1, |(attempt, _)| attempt.number + 1);
    let (attempt, in_use) = bench.in_use().ok_or(NOT_VERIFIED)?;
    let answers = Answers::after(in_use, number, Renewal::Secret).with_mailbox_used(attempt.mailbox_used);
    let answers_box = app.to_box(ANSWERS_BOX, id.as_str(), answers.to_stored())?;
    let draft_id = app.new_id(DraftId::from_random);

    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let candidate = match &connection.candidate {
        Some(candidate) => write.attempt(&scope.brokerage, candidate).await?,
        None => None,
    };
    may_renew(&connection, candidate.as_ref().map(|stored| &stored.attempt))?;
    if let Some(draft) = write.draft(&scope.brokerage, id).await? {
        return Ok(draft.attempt_number);
    }
    if connection.in_use != bench.connection.in_use
        || number != write.next_attempt_number(&scope.brokerage, id).await?
    {
        return Err(Refused::Conflict("This connection changed meanwhile. Open its page and look again."));
    }
    write.insert_draft(&draft_id, &scope.brokerage, id, number, &answers_box).await?;
    ask(app, &mut write, connection.kind, &scope.brokerage, &draft_id).await?;
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "rotation.start", id.as_str())
        .of(&scope.brokerage)
        .with("number", number.to_string())
        .with("what", secret_noun(connection.kind));
    write.commit(&[line]).await?;
    Ok(number)
}
