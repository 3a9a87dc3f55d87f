//! Starts the next attempt after a failed one: a draft with everything that is not secret, and with new names where
//! the cause asks for a fresh start.

use crate::{
    app::App,
    domain::{
        answers::Answers,
        audit::{Actor, AuditLine},
        credential::CredentialSettings,
        ids::{ConnectionId, DraftId},
        refused::Refused,
        renewal::Renewal,
        scope::Scope,
    },
};

use super::{
    draft::{ANSWERS_BOX, Bench, takes_answers},
    lent_secret::{lend, lender},
    make_certificate::ask,
};

/// Starts it; returns its number. A second press finds it started and changes nothing. A secret that is not the fault goes
/// on with it, in the session that started it.
///
/// Errs when the connection is not this brokerage's, or when it did not fail.
pub async fn start_attempt(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
) -> Result<i64, Refused> {
    let bench = Bench::read(app, &mut app.store.read().await?, scope, session, id).await?;
    takes_answers(&bench.connection, true)?;
    if bench.draft.is_some() {
        return Ok(bench.number);
    }
    let renewal = bench.renewal();
    let answers = match bench.attempts.last() {
        Some((attempt, settings)) => {
            Answers::after(settings, bench.number, renewal).with_mailbox_used(attempt.mailbox_used)
        }
        None => Answers::proposed(bench.connection.kind, bench.number),
    };
    let lender = lender(&bench);
    let answers = match (lender, bench.attempts.last()) {
        (Some(_), Some((_, CredentialSettings::GoogleKey(settings)))) => {
            answers.with_sealed_account(Some(&settings.account))
        }
        _ => answers,
    };
    let answers_box = app.to_box(ANSWERS_BOX, id.as_str(), answers.to_stored())?;
    let draft_id = app.new_id(DraftId::from_random);

    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    takes_answers(&connection, true)?;
    let number = write.next_attempt_number(&scope.brokerage, id).await?;
    if write.draft(&scope.brokerage, id).await?.is_some() {
        return Ok(number);
    }
    if number != bench.number {
        return Err(Refused::Conflict(
            "Another attempt was submitted meanwhile. Open the connection's page.",
        ));
    }
    write.insert_draft(&draft_id, &scope.brokerage, id, number, &answers_box).await?;
    let source = connection.kind.secret_source();
    let kept = match lender {
        Some(lender) => lend(&mut write, lender, source, &draft_id, session).await?,
        None => false,
    };
    if !kept {
        ask(app, &mut write, connection.kind, &scope.brokerage, &draft_id).await?;
    }
    let line = AuditLine::new(Actor::Person(scope.person.clone()), "attempt.start", id.as_str())
        .of(&scope.brokerage)
        .with("number", number.to_string())
        .with("names", if renewal == Renewal::Names { "new" } else { "kept" })
        .with("secret", if kept { "kept" } else { "none" });
    write.commit(&[line]).await?;
    Ok(number)
}
