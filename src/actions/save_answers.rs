//! Saves what was typed for the next attempt. A well-formed secret is sealed at once, also when another field is
//! wrong: nobody has to paste it twice. Whatever happens, the typed text is kept and the secret is not among it.

use jiff::SignedDuration;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    app::App,
    domain::{
        answers::{GraphSecretAnswers, in_page_order},
        credential::{ClientSecret, SecretProblem},
        ids::{ConnectionId, DraftId, SecretId},
        refused::{FieldError, Refused},
        scope::Scope,
    },
    store::{NewSecret, Quiet, Write},
    vault::{
        context::{Context, SecretField},
        seal::Sealed,
    },
};

use super::draft::{ANSWERS_BOX, Bench, takes_answers};

/// How long a draft holds a sealed secret.
pub const SECRET_HOLD: SignedDuration = SignedDuration::from_mins(60);

/// The form as it was typed.
pub struct TypedAnswers {
    /// Everything but the secret.
    pub answers: GraphSecretAnswers,
    /// The client secret; empty when the field was left empty.
    pub client_secret: SecretString,
}

/// What the person wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// To check the answers: everything has to be right.
    Review,
    /// To come back later: anything goes, except a secret that would be lost without a word.
    Later,
}

/// What came of it.
pub struct Saved {
    /// The answers as they were kept, to be shown again.
    pub answers: GraphSecretAnswers,
    /// What is wrong, in the order of the page; empty when the goal is reached.
    pub errors: Vec<FieldError>,
}

/// Saves the answers of a connection and seals its secret. Field errors are part of what it returns, because the
/// answers were saved all the same.
///
/// Errs when the connection is not this brokerage's, or when it takes no answers now.
pub async fn save_answers(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    typed: TypedAnswers,
    goal: Goal,
) -> Result<Saved, Refused> {
    let bench = Bench::read(app, &mut app.store.read().await?, scope, session, id).await?;
    bench.takes_answers()?;
    let mut answers = typed.answers.cut();
    let given = typed.client_secret.expose_secret();
    let mut errors = answers.drop_misplaced_secret(given);
    let secret = match ClientSecret::parse(given) {
        Ok(secret) => Some(seal(app, scope, id, &secret)?),
        Err(problem) => {
            let sentence = match problem {
                SecretProblem::Empty => bench.secret.asks().filter(|_| goal == Goal::Review),
                other => Some(other.sentence()),
            };
            errors.extend(
                sentence.map(|sentence| FieldError { field: "client_secret", sentence: sentence.to_owned() }),
            );
            None
        }
    };
    if goal == Goal::Review
        && let Err(found) = bench.settings(&answers)
    {
        let known: Vec<&str> = errors.iter().map(|error| error.field).collect();
        errors.extend(found.into_iter().filter(|error| !known.contains(&error.field)));
    }
    let answers_box = app.to_box(ANSWERS_BOX, id.as_str(), &answers)?;
    let mut write = app.store.write().await?;
    keep(app, &mut write, scope, session, id, &answers_box, secret.as_ref()).await?;
    write.commit_quietly(Quiet::Draft).await?;
    Ok(Saved { answers, errors: in_page_order(errors) })
}

/// A sealed secret on its way into the draft.
struct Fresh {
    id: SecretId,
    sealed: Sealed,
    letters: i64,
}

fn seal(app: &App, scope: &Scope, id: &ConnectionId, secret: &ClientSecret) -> Result<Fresh, Refused> {
    let secret_id = app.new_id(SecretId::from_random);
    let environment = &app.settings.product.environment;
    let context =
        Context::of_credential(environment, &scope.brokerage, id, &secret_id, SecretField::ClientSecret);
    let sealed = app.vault.seal(&context, secret.expose()).map_err(|error| {
        tracing::error!(%error, "a client secret was not sealed");
        Refused::Fault(String::new())
    })?;
    Ok(Fresh { id: secret_id, sealed, letters: i64::try_from(secret.letters()).unwrap_or(i64::MAX) })
}

async fn keep(
    app: &App,
    write: &mut Write,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    answers_box: &[u8],
    secret: Option<&Fresh>,
) -> Result<(), Refused> {
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let mut draft = write.draft(&scope.brokerage, id).await?;
    takes_answers(&connection, draft.is_some())?;
    if draft.is_none() {
        let number = write.next_attempt_number(&scope.brokerage, id).await?;
        let draft_id = app.new_id(DraftId::from_random);
        write.insert_draft(&draft_id, &scope.brokerage, id, number, answers_box).await?;
        draft = write.draft(&scope.brokerage, id).await?;
    }
    let draft = draft.ok_or(Refused::NotFound)?;
    write.save_answers(&scope.brokerage, &draft.id, answers_box).await?;
    let Some(fresh) = secret else { return Ok(()) };
    let expires_at = write.now().plus(SECRET_HOLD);
    write
        .insert_secret(&NewSecret {
            id: &fresh.id,
            brokerage: &scope.brokerage,
            connection: id,
            field: SecretField::ClientSecret.as_str(),
            letters: fresh.letters,
            sealed: &fresh.sealed.bytes,
            sha256: &fresh.sealed.sha256,
            key_id: &fresh.sealed.key_id.to_string(),
            expires_at,
        })
        .await?;
    write.point_draft(&scope.brokerage, &draft.id, &fresh.id, session).await?;
    if let Some(old) = &draft.secret_id {
        write.delete_secret(&scope.brokerage, old).await?;
    }
    Ok(())
}
