//! What is known about a connection whose answers are being filled in. Pages and actions read it alike, so that a
//! page never shows as good what the action then refuses.

use crate::{
    app::App,
    domain::{
        answers::{Answers, Earlier, Rules, in_page_order, secret_field, secret_noun},
        app::AppCertificate,
        attempt::Attempt,
        brokerage::Brokerage,
        connection::{Connection, State},
        credential::CredentialSettings,
        ids::{AttemptId, BrokerageId, ConnectionId},
        instant::Instant,
        kind::{AccessKind, SecretSource},
        refused::{FieldError, Refused},
        renewal::Renewal,
        scope::Scope,
    },
    store::{AllowedNames, Draft, Read, StoredAttempt},
};

use super::make_certificate::CERTIFICATE_BOX;

/// The purpose under which a draft's answers are encrypted; the owner is the connection's id.
pub const ANSWERS_BOX: &str = "drafts.answers";
/// The purpose under which the settings of a dry run are encrypted; the owner is the check's id.
pub const DRY_RUN_BOX: &str = "dry_runs.settings";
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
    /// The kind has none.
    NotAsked,
}

impl SecretStanding {
    fn of(source: SecretSource, draft: Option<&Draft>, session: &[u8], now: Instant) -> Self {
        if source == SecretSource::Nobody {
            return Self::NotAsked;
        }
        let Some(draft) = draft else { return Self::Missing };
        let Some(at) = draft.secret_at else { return Self::Missing };
        let alive = draft.secret_id.is_some() && draft.expires_at.is_some_and(|end| end > now);
        // What a person typed is bound to their session; what was made for the office is the office's.
        let ours = source == SecretSource::Worker || draft.session_hash.as_deref() == Some(session);
        match (alive, ours) {
            (true, true) => Self::Here { at, letters: draft.letters.unwrap_or_default() },
            (true, false) => Self::OtherSession,
            (false, _) => Self::Ended,
        }
    }

    /// Why the secret of a kind has to be entered, as the sentence beside its field; `None` when it has not.
    pub fn asks(self, kind: AccessKind) -> Option<String> {
        if kind.secret_source() == SecretSource::Worker {
            return self.waits_for_worker();
        }
        let noun = secret_noun(kind);
        match self {
            Self::Here { .. } | Self::NotAsked => None,
            Self::Missing => Some(format!("Enter the {noun}")),
            Self::Ended => Some(format!(
                "Enter the {noun} again: we keep one that was not submitted for 60 minutes only, and that time is over"
            )),
            Self::OtherSession => Some(format!(
                "Enter the {noun} again: it was entered before you signed in here, and we keep it for one session only"
            )),
        }
    }
}

impl SecretStanding {
    /// Why a draft whose secret our side makes cannot be submitted yet.
    fn waits_for_worker(self) -> Option<String> {
        match self {
            Self::Here { .. } | Self::NotAsked => None,
            Self::Missing | Self::OtherSession => Some(
                "The certificate is being made, which takes some seconds. Select \"Continue\" again in a moment"
                    .to_owned(),
            ),
            Self::Ended => Some(
                "Make a new certificate: the earlier one was not submitted for 30 days, so we deleted its key"
                    .to_owned(),
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
    pub answers: Answers,
    /// How the secret stands for this session.
    pub secret: SecretStanding,
    /// The certificate that was made for the draft, where its kind has one and it is there.
    pub certificate: Option<AppCertificate>,
    /// The attempts so far with their settings, first one first.
    pub attempts: Vec<(Attempt, CredentialSettings)>,
    /// What the rules look at of those.
    pub earlier: Vec<Earlier>,
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
        Self::of(app, read, &scope.brokerage, session, id).await
    }

    /// The same by the brokerage, for our own people.
    pub(super) async fn of(
        app: &App,
        read: &mut Read,
        whose: &BrokerageId,
        session: &[u8],
        id: &ConnectionId,
    ) -> Result<Self, Refused> {
        let brokerage = read.brokerage(whose).await?.ok_or(Refused::NotFound)?;
        let connection = read.connection(whose, id).await?.ok_or(Refused::NotFound)?;
        let draft = read.draft(whose, id).await?;
        let attempts = read.attempts_of(whose, id).await?;
        let allowed = read.names_allowed(whose).await?;
        let now = read.now();
        Self::put_together(app, brokerage, connection, draft, (attempts, &allowed), (session, now))
    }

    /// Reads those of all connections of a brokerage, in the order in which they were made: with as many queries as
    /// for one.
    pub async fn read_all(
        app: &App,
        read: &mut Read,
        scope: &Scope,
        session: &[u8],
    ) -> Result<Vec<Self>, Refused> {
        let brokerage = read.brokerage(&scope.brokerage).await?.ok_or(Refused::NotFound)?;
        let connections = read.connections_of(&scope.brokerage).await?;
        let mut drafts = read.drafts_of_brokerage(&scope.brokerage).await?;
        let mut attempts = read.attempts_of_brokerage(&scope.brokerage).await?;
        let allowed = read.names_allowed(&scope.brokerage).await?;
        let now = read.now();
        let one = |connection: Connection| {
            let draft = drafts.iter().position(|(id, _)| *id == connection.id);
            let draft = draft.map(|place| drafts.swap_remove(place).1);
            let own = attempts.extract_if(.., |row| row.attempt.connection_id == connection.id).collect();
            Self::put_together(app, brokerage.clone(), connection, draft, (own, &allowed), (session, now))
        };
        connections.into_iter().map(one).collect()
    }

    fn put_together(
        app: &App,
        brokerage: Brokerage,
        connection: Connection,
        draft: Option<Draft>,
        (attempts, allowed): (Vec<StoredAttempt>, &[AllowedNames]),
        (session, now): (&[u8], Instant),
    ) -> Result<Self, Refused> {
        let kind = connection.kind;
        let attempts = open_attempts(app, attempts, kind)?;
        let after_last = attempts.last().map_or(1, |(attempt, _)| attempt.number + 1);
        let number = draft.as_ref().map_or(after_last, |draft| draft.attempt_number);
        let answers = match &draft {
            Some(draft) => Answers::from_stored(
                kind,
                app.from_box(ANSWERS_BOX, connection.id.as_str(), &draft.answers_box)?,
            ),
            None => Answers::proposed(kind, number),
        };
        Ok(Self {
            secret: SecretStanding::of(kind.secret_source(), draft.as_ref(), session, now),
            certificate: open_certificate(app, draft.as_ref(), now)?,
            earlier: earlier(&attempts, |number| {
                allowed.iter().any(|it| it.connection_id == connection.id && it.attempt_number == number)
            }),
            brokerage,
            connection,
            draft,
            answers,
            attempts,
            number,
            now,
        })
    }

    /// By what a form is known to be out of date: see [`mark`].
    pub fn mark(&self) -> String {
        mark(self.draft.as_ref())
    }

    /// Whether answers may be filled in now; a conflict that says why not.
    pub fn takes_answers(&self) -> Result<(), Refused> {
        takes_answers(&self.connection, self.draft.is_some())
    }

    /// Whether the answers are for a secret that is to take the place of the one in use: then everything keeps its
    /// names, and only the secret and its last day are new.
    pub fn renews(&self) -> bool {
        self.connection.state == State::Verified
    }

    /// The attempt whose credential is in use, with its settings.
    pub fn in_use(&self) -> Option<&(Attempt, CredentialSettings)> {
        let wanted = self.connection.in_use.as_ref()?;
        self.attempts.iter().find(|(attempt, _)| attempt.id == *wanted)
    }

    /// The attempt that is being decided, or failed last, with its settings.
    pub fn candidate(&self) -> Option<&(Attempt, CredentialSettings)> {
        let wanted = self.connection.candidate.as_ref()?;
        self.attempts.iter().find(|(attempt, _)| attempt.id == *wanted)
    }

    /// Whether the draft goes on with the secret of the attempt before, and this session may.
    pub fn lent_secret(&self) -> bool {
        let here = matches!(self.secret, SecretStanding::Here { .. });
        here && self.draft.as_ref().is_some_and(|draft| draft.lent)
    }

    /// The attempt whose secret this draft has lent.
    pub(super) fn lender_of(&self, draft: &Draft) -> Option<AttemptId> {
        let secret = draft.secret_id.as_ref().filter(|_| draft.lent)?;
        let lender = self.attempts.iter().find(|(attempt, _)| attempt.secret_id.as_ref() == Some(secret))?;
        Some(lender.0.id.clone())
    }

    /// Reads the answers by the rules; errs with everything that is wrong.
    pub fn settings(&self, answers: &Answers) -> Result<CredentialSettings, Vec<FieldError>> {
        answers.read(&Rules {
            today: self.now.date(),
            brokerage: &self.brokerage,
            // What is in use works under its names, whatever another attempt failed of.
            earlier: if self.renews() { &[] } else { &self.earlier },
            attempt: self.number,
            certificate: self.certificate.as_ref(),
        })
    }

    /// Everything that keeps the answers from being submitted, in the order of the page.
    pub fn missing(&self) -> Vec<FieldError> {
        let kind = self.connection.kind;
        let mut errors = self.settings(&self.answers).err().unwrap_or_default();
        let asked = secret_field(kind).zip(self.secret.asks(kind));
        errors.extend(asked.map(|(field, sentence)| FieldError::new(field, sentence)));
        in_page_order(kind, errors)
    }

    /// Everything that is wrong with what was typed last: the same, and what is known only of what was not kept.
    pub fn wrong(&self) -> Vec<FieldError> {
        let mut errors = self.answers.slips();
        let told: Vec<&str> = errors.iter().map(|error| error.field).collect();
        let missing = self.missing().into_iter().filter(|error| !told.contains(&error.field));
        errors.extend(missing.collect::<Vec<_>>());
        in_page_order(self.connection.kind, errors)
    }

    /// Whether anybody has saved something yet: a draft of which our side made the secret is there before that.
    pub fn touched(&self) -> bool {
        self.draft.as_ref().is_some_and(|draft| draft.version > 1)
    }

    /// What the next attempt needs new: the cause of the last one says so.
    pub fn renewal(&self) -> Renewal {
        if self.renews() {
            return Renewal::Secret;
        }
        self.earlier.last().map_or(Renewal::Nothing, |earlier| earlier.renewal)
    }
}

/// Attempt and version of a draft, as its form carries them; empty while nothing was saved.
pub fn mark(draft: Option<&Draft>) -> String {
    draft.map(|draft| format!("{}.{}", draft.attempt_number, draft.version)).unwrap_or_default()
}

/// Whether a connection takes answers: before its first attempt, after a failed one once a new attempt was started, and
/// beside a verified one once the renewal of its secret was.
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
        State::Verified if has_draft => Ok(()),
        State::Verified => Err(Refused::Conflict(
            "This connection is verified. Nothing has to be filled in any more, unless you renew its secret.",
        )),
        State::Closed => {
            Err(Refused::Conflict("This connection is closed. Its page says how to take it up again."))
        }
    }
}

/// The certificate of a draft whose key has not ended.
fn open_certificate(
    app: &App,
    draft: Option<&Draft>,
    now: Instant,
) -> Result<Option<AppCertificate>, Refused> {
    let alive = draft.filter(|draft| draft.expires_at.is_some_and(|end| end > now));
    match alive.and_then(|draft| draft.secret_id.as_ref().zip(draft.certificate_box.as_ref())) {
        Some((secret, bytes)) => app.from_box(CERTIFICATE_BOX, secret.as_str(), bytes).map(Some),
        None => Ok(None),
    }
}

fn open_attempts(
    app: &App,
    stored: Vec<StoredAttempt>,
    kind: AccessKind,
) -> Result<Vec<(Attempt, CredentialSettings)>, Refused> {
    let open = |row: StoredAttempt| {
        let settings = open_settings(app, &row.attempt.id, &row.settings_box)?;
        // A connection never changes its kind, so other settings are not this attempt's.
        if settings.kind() == kind { Ok((row.attempt, settings)) } else { Err(Refused::Fault(String::new())) }
    };
    stored.into_iter().map(open).collect()
}

/// Decrypts an attempt's settings; errs as a fault when they were written under another key.
pub fn open_settings(app: &App, attempt: &AttemptId, bytes: &[u8]) -> Result<CredentialSettings, Refused> {
    app.from_box(SETTINGS_BOX, attempt.as_str(), bytes)
}

/// What the rules look at of earlier attempts. Where the last one failed for its names, those of every attempt that failed
/// before it are used up as well, whatever those failed of: a set-up that is known to be in the way is not tried again.
/// What our own people allow may be used again.
fn earlier(attempts: &[(Attempt, CredentialSettings)], allowed: impl Fn(i64) -> bool) -> Vec<Earlier> {
    let own = |attempt: &Attempt| {
        let renewal = Renewal::after_id(attempt.cause.as_ref());
        if allowed(attempt.number) { renewal.with_names_allowed() } else { renewal }
    };
    let last = attempts.last().map_or(Renewal::Nothing, |(attempt, _)| own(attempt));
    let fresh_start = last == Renewal::Names;
    let one = |(attempt, settings): &(Attempt, CredentialSettings)| {
        let spent = fresh_start && attempt.state == State::Failed && !allowed(attempt.number);
        let renewal = if spent { Renewal::Names } else { own(attempt) };
        Earlier { attempt: attempt.number, settings: settings.clone(), renewal }
    };
    attempts.iter().map(one).collect()
}
