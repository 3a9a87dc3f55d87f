//! Saves what was typed for the next attempt. A well-formed secret is sealed at once, also when another field is
//! wrong: nobody has to paste it twice. Whatever happens, the typed text is kept and the secret is not among it.
//! What was changed elsewhere meanwhile is not overwritten unseen: then nothing is saved, and both are shown.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use crate::{
    app::App,
    domain::{
        answers::{Answers, in_page_order, secret_field, secret_noun},
        credential::{ClientSecret, CredentialSettings, SecretProblem},
        exchange::{PasswordProblem, ServicePassword},
        google::{KeyFileProblem, ServiceAccount},
        ids::{ConnectionId, DraftId, SecretId},
        kind::{AccessKind, SECRET_HOLD},
        refused::{FieldError, Refused},
        scope::Scope,
    },
    store::{Draft, NewSecret, Quiet, Write},
    vault::{
        context::{Context, SecretField},
        seal::Sealed,
    },
    verification::read_key_file,
};

use super::draft::{ANSWERS_BOX, Bench, SecretStanding, mark, takes_answers};

/// The purpose under which the id of a key is blinded.
const LIKENESS: &str = "secrets.likeness";

/// The form as it was typed.
pub struct TypedAnswers {
    /// Everything but the secret, by field; what is no field of the connection's kind is dropped.
    pub texts: BTreeMap<String, String>,
    /// The client secret; empty when the field was left empty or is not part of the form.
    pub client_secret: SecretString,
    /// The same of the password.
    pub password: SecretString,
    /// The same of a key file, as text.
    pub service_account_key: SecretString,
    /// The same as a file that was chosen.
    pub key_file: SecretString,
    /// The mark of the draft that the form showed; empty when there was none.
    pub seen: String,
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
    pub answers: Answers,
    /// What is wrong, in the order of the page; empty when the goal is reached.
    pub errors: Vec<FieldError>,
    /// Whether nothing was kept, because the answers were changed elsewhere since the form was shown.
    pub stale: bool,
    /// Whether a secret was among what was typed and not kept.
    pub lost_secret: bool,
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
    let kind = bench.connection.kind;
    let mut answers = Answers::from_stored(kind, typed.texts.clone()).cut();
    if bench.renews() {
        answers = bench.answers.renewed_by(&answers);
    }
    let given = match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => typed.password.expose_secret(),
        AccessKind::GraphCertificate => "",
        AccessKind::GraphSecret | AccessKind::EwsSecret => typed.client_secret.expose_secret(),
        AccessKind::GoogleKey => chosen_or_pasted(&typed),
        AccessKind::GoogleDelegated => "",
    };
    let mut slips = answers.drop_misplaced_secret(given);
    let twice = kind == AccessKind::GoogleKey && given_twice(&typed);
    let parsed = if twice { Err(Some((KeyFileProblem::Twice.sentence(), None))) } else { parse(kind, given) };
    let parsed = parsed.and_then(|secret| match not_instead(&bench, &secret) {
        Some(sentence) => Err(Some((sentence, None))),
        None => Ok(secret),
    });
    let beside =
        |(field, (sentence, cause)): (&'static str, Slip)| FieldError::new(field, sentence).of(cause);
    let (secret, asks) = match parsed {
        Ok(secret) => (Some(secret), None),
        Err(None) => (None, bench.secret.asks(kind).filter(|_| goal == Goal::Review)),
        Err(Some(slip)) => {
            slips.extend(secret_field(kind).map(|field| beside((field, slip))));
            (None, None)
        }
    };
    let asked = secret_field(kind).zip(asks).map(|(field, sentence)| FieldError::new(field, sentence));
    let mut errors: Vec<FieldError> = slips.iter().cloned().chain(asked).collect();
    let remark = secret.as_ref().map_or(bench.answers.remark(), |secret| secret.remark);
    let account = match &secret {
        Some(secret) => secret.account.clone(),
        None => bench.answers.sealed_account(),
    };
    answers = answers.with_remark(remark).with_sealed_account(account.as_ref()).with_slips(&slips);
    let fresh = secret.map(|secret| seal(app, scope, id, &secret)).transpose()?;
    if goal == Goal::Review
        && let Err(found) = bench.settings(&answers)
    {
        let known: Vec<&str> = errors.iter().map(|error| error.field).collect();
        errors.extend(found.into_iter().filter(|error| !known.contains(&error.field)));
    }
    let answers_box = app.to_box(ANSWERS_BOX, id.as_str(), answers.to_stored())?;
    let mut write = app.store.write().await?;
    let kept = Kept { answers: &answers, answers_box, secret: fresh.as_ref(), seen: &typed.seen };
    if !keep(app, &mut write, scope, session, id, &kept).await? {
        let lost = Lost { secret: !given.trim().is_empty(), sealed: fresh.is_some(), other: bench.secret };
        return Ok(stale(kind, answers, &lost, errors));
    }
    write.commit_quietly(Quiet::Draft).await?;
    Ok(Saved { answers, errors: in_page_order(kind, errors), stale: false, lost_secret: false })
}

/// The text of a key file, whichever way it came.
fn chosen_or_pasted(typed: &TypedAnswers) -> &str {
    let chosen = typed.key_file.expose_secret();
    if chosen.trim().is_empty() { typed.service_account_key.expose_secret() } else { chosen }
}

fn given_twice(typed: &TypedAnswers) -> bool {
    [&typed.key_file, &typed.service_account_key].iter().all(|text| !text.expose_secret().trim().is_empty())
}

/// What of a secret is lost with a form of which nothing was kept.
struct Lost {
    /// Whether anything was typed for it.
    secret: bool,
    /// Whether that could have been one.
    sealed: bool,
    /// How the one that is saved stands.
    other: SecretStanding,
}

/// Nothing was kept. The secret cannot be shown again, so its field says what became of it.
fn stale(kind: AccessKind, answers: Answers, lost: &Lost, mut errors: Vec<FieldError>) -> Saved {
    if let Some(field) = secret_field(kind).filter(|_| lost.sealed) {
        let noun = secret_noun(kind);
        let or = match lost.other {
            SecretStanding::Here { .. } => ", or leave this empty to keep the one that is saved",
            _ => "",
        };
        let sentence = format!("The {noun} that you entered here was not kept. Enter it again{or}");
        errors.retain(|error| error.field != field);
        errors.push(FieldError::new(field, sentence));
    }
    Saved { answers, errors: in_page_order(kind, errors), stale: true, lost_secret: lost.secret }
}

/// A secret that can be one, on its way into the envelope.
struct Parsed {
    value: SecretString,
    letters: usize,
    remark: &'static str,
    field: SecretField,
    /// Whose key it is, where it is one.
    account: Option<ServiceAccount>,
}

/// What is wrong with a secret, and the entry of the catalogue that says more.
type Slip = (String, Option<&'static str>);

/// Reads the secret of a kind. Errs without a sentence when nothing was entered.
fn parse(kind: AccessKind, given: &str) -> Result<Parsed, Option<Slip>> {
    let parsed = |value: &str, letters, remark, field| Parsed {
        value: SecretString::from(value.to_owned()),
        letters,
        remark,
        field,
        account: None,
    };
    match kind {
        AccessKind::ExchangeBasic | AccessKind::Microsoft365Password => match ServicePassword::parse(given) {
            Ok(one) => Ok(parsed(one.expose(), one.letters(), one.remark(), SecretField::ServicePassword)),
            Err(PasswordProblem::Empty) => Err(None),
            Err(problem) => Err(Some((problem.sentence().to_owned(), None))),
        },
        // Nobody types it: it is made for them.
        AccessKind::GraphCertificate => Err(None),
        AccessKind::GraphSecret | AccessKind::EwsSecret => match ClientSecret::parse(given) {
            Ok(one) => Ok(parsed(one.expose(), one.letters(), "", SecretField::ClientSecret)),
            Err(SecretProblem::Empty) => Err(None),
            Err(problem) => Err(Some((problem.sentence().to_owned(), problem.cause()))),
        },
        AccessKind::GoogleKey => match read_key_file(given) {
            Ok((account, key)) => Ok(Parsed {
                account: Some(account),
                ..parsed(key.expose(), key.letters(), "", SecretField::ServiceAccountKey)
            }),
            Err(KeyFileProblem::Empty) => Err(None),
            Err(problem) => Err(Some((problem.sentence(), Some("form_google_key_type")))),
        },
        AccessKind::GoogleDelegated => Err(None),
    }
}

/// Why a key cannot be what the one in use is renewed by.
fn not_instead(bench: &Bench, secret: &Parsed) -> Option<String> {
    let (_, CredentialSettings::GoogleKey(in_use)) = bench.in_use().filter(|_| bench.renews())? else {
        return None;
    };
    secret.account.as_ref()?.not_instead_of(&in_use.account)
}

/// A sealed secret on its way into the draft.
struct Fresh {
    id: SecretId,
    sealed: Sealed,
    letters: i64,
    field: SecretField,
    likeness: Option<Vec<u8>>,
}

fn seal(app: &App, scope: &Scope, id: &ConnectionId, secret: &Parsed) -> Result<Fresh, Refused> {
    let secret_id = app.new_id(SecretId::from_random);
    let environment = &app.settings.product.environment;
    let context = Context::of_credential(environment, &scope.brokerage, id, &secret_id, secret.field);
    let sealed = app.vault.seal(&context, secret.value.expose_secret()).map_err(|error| {
        tracing::error!(%error, "a secret was not sealed");
        Refused::Fault(String::new())
    })?;
    let letters = i64::try_from(secret.letters).unwrap_or(i64::MAX);
    let likeness = secret.account.as_ref().map(|account| app.blind(LIKENESS, &account.key_id));
    Ok(Fresh { id: secret_id, sealed, letters, field: secret.field, likeness })
}

/// What is to be kept, and the mark of the draft that the form showed.
struct Kept<'a> {
    answers: &'a Answers,
    answers_box: Vec<u8>,
    secret: Option<&'a Fresh>,
    seen: &'a str,
}

impl Kept<'_> {
    /// Whether what stands now may be replaced: it is what the form showed, or it says the same. So a second press of
    /// the same form does no harm.
    fn may_replace(&self, app: &App, id: &ConnectionId, standing: Option<&Draft>) -> Result<bool, Refused> {
        let Some(draft) = standing else { return Ok(true) };
        if mark(Some(draft)) == self.seen {
            return Ok(true);
        }
        let stored = app.from_box(ANSWERS_BOX, id.as_str(), &draft.answers_box)?;
        let standing = Answers::from_stored(self.answers.kind(), stored);
        let typed = |answers: Answers| answers.with_remark("").with_sealed_account(None).with_slips(&[]);
        Ok(typed(standing) == typed(self.answers.clone()))
    }
}

/// Writes it; not, when the draft was changed since the form was shown.
async fn keep(
    app: &App,
    write: &mut Write,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    kept: &Kept<'_>,
) -> Result<bool, Refused> {
    let connection = write.hold_connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
    let mut draft = write.draft(&scope.brokerage, id).await?;
    takes_answers(&connection, draft.is_some())?;
    if !kept.may_replace(app, id, draft.as_ref())? {
        return Ok(false);
    }
    if draft.is_none() {
        let number = write.next_attempt_number(&scope.brokerage, id).await?;
        let draft_id = app.new_id(DraftId::from_random);
        write.insert_draft(&draft_id, &scope.brokerage, id, number, &kept.answers_box).await?;
        draft = write.draft(&scope.brokerage, id).await?;
    }
    let draft = draft.ok_or(Refused::NotFound)?;
    write.save_answers(&scope.brokerage, &draft.id, &kept.answers_box).await?;
    let Some(fresh) = kept.secret else { return Ok(true) };
    let expires_at = write.now().plus(SECRET_HOLD);
    write
        .insert_secret(&NewSecret {
            id: &fresh.id,
            brokerage: &scope.brokerage,
            connection: id,
            field: fresh.field.as_str(),
            letters: fresh.letters,
            sealed: &fresh.sealed.bytes,
            sha256: &fresh.sealed.sha256,
            key_id: &fresh.sealed.key_id.to_string(),
            expires_at,
            certificate_box: None,
            likeness: fresh.likeness.as_deref(),
        })
        .await?;
    write.point_draft(&scope.brokerage, &draft.id, &fresh.id, session).await?;
    if let Some(old) = &draft.secret_id {
        write.delete_secret(&scope.brokerage, old).await?;
    }
    Ok(true)
}
