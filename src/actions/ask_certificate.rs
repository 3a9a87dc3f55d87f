//! Asks for a draft's certificate once more: while it is being made, that changes nothing; where its time was over or
//! no worker could make it, another one is made.

use crate::{
    app::App,
    domain::{
        answers::Answers,
        ids::{ConnectionId, DraftId},
        kind::SecretSource,
        refused::Refused,
        scope::Scope,
    },
    store::Quiet,
};

use super::{
    draft::{ANSWERS_BOX, Bench, takes_answers},
    make_certificate::ask,
};

/// Asks for it.
///
/// Errs when the connection is not this brokerage's, or when it takes no answers now.
pub async fn ask_certificate(app: &App, scope: &Scope, id: &ConnectionId) -> Result<(), Refused> {
    let bench = Bench::read(app, &mut app.store.read().await?, scope, &[], id).await?;
    bench.takes_answers()?;
    let kind = bench.connection.kind;
    if kind.secret_source() != SecretSource::Worker || bench.certificate.is_some() {
        return Ok(());
    }
    let proposed = Answers::proposed(kind, bench.number);
    let answers_box = app.to_box(ANSWERS_BOX, id.as_str(), proposed.to_stored())?;
    let mut write = app.store.write().await?;
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let mut draft = write.draft(&scope.brokerage, id).await?;
    takes_answers(&connection, draft.is_some())?;
    if draft.is_none() {
        let number = write.next_attempt_number(&scope.brokerage, id).await?;
        let new = app.new_id(DraftId::from_random);
        write.insert_draft(&new, &scope.brokerage, id, number, &answers_box).await?;
        draft = write.draft(&scope.brokerage, id).await?;
    }
    let draft = draft.ok_or(Refused::NotFound)?;
    ask(app, &mut write, kind, &scope.brokerage, &draft.id).await?;
    Ok(write.commit_quietly(Quiet::Draft).await?)
}
