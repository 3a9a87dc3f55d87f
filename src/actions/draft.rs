//! What is known about a connection whose answers are being filled in. Pages and actions read it alike, so that a
//! page never shows as good what the action then refuses.

use crate::{
    app::App,
    domain::{
        answers::{GraphSecretAnswers, Rules, in_page_order},
        attempt::Attempt,
        brokerage::Brokerage,
        causes,
        connection::{Connection, State},
        credential::{CredentialSettings, GraphSecretSettings},
        ids::{AttemptId, ConnectionId},
        instant::Instant,
        naming::UsedNames,
        refused::{FieldError, Refused},
        scope::Scope,
    },
    store::{Draft, Read, StoredAttempt},
};

/// The purpose under which a draft's answers are encrypted; the owner is the connection's id.
pub const ANSWERS_BOX: &str = "drafts.answers";
/// The purpose under which an attempt's settings are encrypted; the owner is the attempt's id.
pub const SETTINGS_BOX: &str = "attempts.settings";

/// How the secret of a draft stands for one session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretStanding {
    /// None was entered yet.
    Missing,
    /// It is here, sealed.
    Here {
        /// When it was entered.
        at: Instant,
        /// How many characters it has.
        letters: i64,
    },
    /// It was entered, and its time is over.
    Ended,
    /// It was entered in another session: before the last sign-in, or in another browser.
    OtherSession,
}

impl SecretStanding {
    fn of(draft: Option<&Draft>, session: &[u8], now: Instant) -> Self {
        let Some(draft) = draft else { return Self::Missing };
        let Some(at) = draft.secret_at else { return Self::Missing };
        let alive = draft.secret_id.is_some() && draft.expires_at.is_some_and(|end| end > now);
        match (alive, draft.session_hash.as_deref() == Some(session)) {
            (true, true) => Self::Here { at, letters: draft.letters.unwrap_or_default() },
            (true, false) => Self::OtherSession,
            (false, _) => Self::Ended,
        }
    }

    /// Why the secret has to be entered, as the sentence beside its field; `None` when it has not.
    pub const fn asks(self) -> Option<&'static str> {
        match self {
            Self::Here { .. } => None,
            Self::Missing => Some("Enter the client secret"),
            Self::Ended => Some(
                "Enter the client secret again: we keep one that was not submitted for 60 minutes only, and that time is over",
            ),
            Self::OtherSession => Some(
                "Enter the client secret again: it was entered before you signed in here, and we keep it for one session only",
            ),
        }
    }
}

/// A connection whose answers are being filled in, and everything its rules look at.
pub struct Bench {
    /// Whose it is.
    pub brokerage: Brokerage,
    /// The connection.
    pub connection: Connection,
    /// Its draft, when something was saved.
    pub draft: Option<Draft>,
    /// What was typed; the proposals when nothing was saved.
    pub answers: GraphSecretAnswers,
    /// How the secret stands for this session.
    pub secret: SecretStanding,
    /// The attempts so far with their settings, first one first.
    pub attempts: Vec<(Attempt, GraphSecretSettings)>,
    /// The names those used.
    pub earlier: Vec<UsedNames>,
    /// The number of the attempt the answers are for.
    pub number: i64,
    /// The present.
    pub now: Instant,
}

impl Bench {
    /// Reads it; not found when the connection is not this brokerage's.
    ///
    /// `session` is the digest of the session's id: a secret that was entered in another one does not count.
    pub async fn read(
        app: &App,
        read: &mut Read,
        scope: &Scope,
        session: &[u8],
        id: &ConnectionId,
    ) -> Result<Self, Refused> {
        let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
        let connection = read.connection(&scope.brokerage, id).await?.ok_or(Refused::NotFound)?;
        let draft = read.draft(&scope.brokerage, id).await?;
        let attempts = open_attempts(app, read.attempts_of(&scope.brokerage, id).await?)?;
        let now = read.now();
        let after_last = attempts.last().map_or(1, |(attempt, _)| attempt.number + 1);
        let number = draft.as_ref().map_or(after_last, |draft| draft.attempt_number);
        let answers = match &draft {
            Some(draft) => app.from_box(ANSWERS_BOX, id.as_str(), &draft.answers_box)?,
            None => GraphSecretAnswers::proposed(number),
        };
        Ok(Self {
            secret: SecretStanding::of(draft.as_ref(), session, now),
            earlier: attempts.iter().map(|(attempt, settings)| used_names(attempt, settings)).collect(),
            brokerage,
            connection,
            draft,
            answers,
            attempts,
            number,
            now,
        })
    }

    /// Whether answers may be filled in now; a conflict that says why not.
    pub fn takes_answers(&self) -> Result<(), Refused> {
        takes_answers(&self.connection, self.draft.is_some())
    }

    /// Reads the answers by the rules; errs with everything that is wrong.
    pub fn settings(&self, answers: &GraphSecretAnswers) -> Result<GraphSecretSettings, Vec<FieldError>> {
        answers.read(&Rules {
            today: self.now.date(),
            brokerage: &self.brokerage,
            earlier: &self.earlier,
            attempt: self.number,
        })
    }

    /// Everything that keeps the answers from being submitted, in the order of the page.
    pub fn missing(&self) -> Vec<FieldError> {
        let mut errors = self.settings(&self.answers).err().unwrap_or_default();
        errors.extend(
            self.secret
                .asks()
                .map(|sentence| FieldError { field: "client_secret", sentence: sentence.to_owned() }),
        );
        in_page_order(errors)
    }

    /// Whether the next attempt starts with new names by default: the catalogue says so of the last cause. A
    /// cause that this version does not know is no reason for it.
    pub fn starts_fresh(&self) -> bool {
        let last = self.attempts.last().and_then(|(attempt, _)| attempt.cause.as_ref());
        last.and_then(|cause| causes::find(cause.as_str())).is_some_and(|cause| cause.renew)
    }
}

/// Whether a connection takes answers: before its first attempt, and after a failed one once a new attempt was
/// started.
pub fn takes_answers(connection: &Connection, has_draft: bool) -> Result<(), Refused> {
    match connection.state {
        State::Draft => Ok(()),
        State::Failed | State::Compromised if has_draft => Ok(()),
        State::Failed | State::Compromised => Err(Refused::Conflict(
            "The last attempt is over. Start a new attempt on the connection's page, then fill in the answers.",
        )),
        State::Submitted => Err(Refused::Conflict(
            "These answers were submitted already and are being checked. The connection's page shows how far it is.",
        )),
        State::Verified => {
            Err(Refused::Conflict("This connection is verified. Nothing has to be filled in any more."))
        }
        State::Closed => {
            Err(Refused::Conflict("This connection is closed. Ask us if you want to take it up again."))
        }
    }
}

fn open_attempts(
    app: &App,
    stored: Vec<StoredAttempt>,
) -> Result<Vec<(Attempt, GraphSecretSettings)>, Refused> {
    stored
        .into_iter()
        .map(|row| match open_settings(app, &row.attempt.id, &row.settings_box)? {
            CredentialSettings::GraphSecret(settings) => Ok((row.attempt, settings)),
            _ => Err(Refused::Fault(String::new())),
        })
        .collect()
}

/// Decrypts an attempt's settings; errs as a fault when they were written under another key.
pub fn open_settings(app: &App, attempt: &AttemptId, bytes: &[u8]) -> Result<CredentialSettings, Refused> {
    app.from_box(SETTINGS_BOX, attempt.as_str(), bytes)
}

fn used_names(attempt: &Attempt, settings: &GraphSecretSettings) -> UsedNames {
    UsedNames {
        attempt: attempt.number,
        client_id: settings.client_id.clone(),
        names: settings.names.clone(),
    }
}
