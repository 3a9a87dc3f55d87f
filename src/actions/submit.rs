//! Submits a draft. One transaction makes it an attempt: the secret's pointer moves, and with it are written the
//! attempt, its check, the job that runs it, the mails that tell of it, the audit line and the form's answer. All of
//! it is there after the commit, or none. Everything that takes time is done before the transaction begins.

use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        check::Origin,
        connection::{Event, Phase, State, steps},
        credential::CredentialSettings,
        ids::{AttemptId, CheckId, ConnectionId, JobId, SecretId},
        job::Job,
        kind::SecretSource,
        refused::Refused,
        scope::Scope,
    },
    store::{Draft, Move, NewAttempt, NewCheck, PreparedMail, Write},
};

use super::{
    draft::{Bench, SETTINGS_BOX},
    form_answer::FormKey,
    lent_secret::take_over,
    limits::{Limit, Meter},
    needs::{self, Parked},
    received,
};

/// Submissions of a brokerage, for all of its connections together: far more than a person makes who mends and tries
/// again, and too few to try out passwords.
const SUBMISSIONS: Limit = Limit { what: "submit", window: SignedDuration::from_hours(1), most: 20 };

pub(super) const CHANGED: Refused = Refused::Conflict(
    "The answers were changed elsewhere since this page was shown, perhaps in another tab or by a colleague. Check them again, then submit.",
);

pub(super) const UNDER_WAY: Refused = Refused::Conflict(
    "A new one is being checked already. Wait for its result, or withdraw it on the page of the renewal.",
);

/// Submits the connection's draft, of which the page showed version `seen`; returns the attempt. The same form again
/// returns the same attempt and does nothing.
///
/// Errs with the fields that are missing or wrong, with a conflict when the draft changed or was submitted
/// meanwhile, with the time when the brokerage submitted too often, and as unsure when it cannot be told whether it was
/// written: the same form may then be sent again without harm.
pub async fn submit(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    seen: i64,
    key: &FormKey,
) -> Result<AttemptId, Refused> {
    let submitted = match try_submit(app, scope, session, id, seen, key).await {
        Ok(submitted) => submitted,
        Err(refused) => key.settle(app, scope, refused).await?,
    };
    AttemptId::parse(&submitted).map_err(|_| Refused::Fault(String::new()))
}

async fn try_submit(
    app: &App,
    scope: &Scope,
    session: &[u8],
    id: &ConnectionId,
    seen: i64,
    key: &FormKey,
) -> Result<String, Refused> {
    let mut read = app.store.read().await?;
    if let Some(answer) = key.answered(&mut read, scope).await? {
        return Ok(answer);
    }
    let bench = Bench::read(app, &mut read, scope, session, id).await?;
    bench.takes_answers()?;
    if bench.candidate().is_some_and(|(attempt, _)| attempt.state == State::Submitted) {
        return Err(UNDER_WAY);
    }
    let Complete { draft, settings, secret } = complete(&bench, seen)?;
    let lender = bench.lender_of(&draft);
    let sealed = match &secret {
        Some(secret) => Some(read.secret(&scope.brokerage, secret).await?.ok_or(CHANGED)?),
        None => None,
    };
    let people = read.people_of(&scope.brokerage).await?;
    drop(read);
    let attempt = app.new_id(AttemptId::from_random);
    let mails = received::prepare(app, &bench, &attempt, people)?;
    let settings_box = app.to_box(SETTINGS_BOX, attempt.as_str(), &settings)?;
    let plan = Plan {
        attempt,
        check: app.new_id(CheckId::from_random),
        job: app.new_id(JobId::from_random),
        to: steps(bench.connection.state, State::Draft, Event::Submitted).map_err(|_| CHANGED)?.connection,
        envelope: sealed.map(|sealed| hex::encode(sealed.sha256)),
        meter: SUBMISSIONS.of(app, scope.brokerage.as_str()),
        settings_box,
        mails,
        lender,
        draft,
        secret,
        bench: &bench,
    };
    plan.carry_out(app, scope, key).await
}

/// Answers of which nothing is missing.
pub(super) struct Complete {
    pub(super) draft: Draft,
    pub(super) settings: CredentialSettings,
    /// None for a kind that hands over nothing secret.
    pub(super) secret: Option<SecretId>,
}

/// The parts that make a submission, or what is missing of them.
pub(super) fn complete(bench: &Bench, seen: i64) -> Result<Complete, Refused> {
    let missing = bench.missing();
    let (Some(draft), [], Ok(settings)) = (&bench.draft, &missing[..], bench.settings(&bench.answers)) else {
        return Err(Refused::Fields(missing));
    };
    let asked = settings.kind().secret_source() != SecretSource::Nobody;
    if draft.version != seen || asked != draft.secret_id.is_some() {
        return Err(CHANGED);
    }
    Ok(Complete { draft: draft.clone(), settings, secret: draft.secret_id.clone() })
}

/// A submission, ready to be written.
struct Plan<'a> {
    attempt: AttemptId,
    check: CheckId,
    job: JobId,
    to: (State, Option<Phase>),
    envelope: Option<String>,
    meter: Meter,
    settings_box: Vec<u8>,
    mails: Vec<PreparedMail>,
    draft: Draft,
    secret: Option<SecretId>,
    /// The attempt that the secret is taken over from.
    lender: Option<AttemptId>,
    bench: &'a Bench,
}

impl Plan<'_> {
    async fn carry_out(self, app: &App, scope: &Scope, key: &FormKey) -> Result<String, Refused> {
        let connection = &self.bench.connection;
        let mut write = app.store.write().await?;
        let now = write.now();
        if let Some(until) = self.meter.take(&mut write, now).await? {
            return Err(Refused::TooMany(until));
        }
        write.guard_connection(&scope.brokerage, &connection.id, connection.version).await?;
        // The draft goes first: its version says that nobody changed what was checked, and its pointer at the
        // secret makes place for the attempt's.
        write.delete_draft(&scope.brokerage, &self.draft.id, self.draft.version).await?;
        if let Some(secret) = &self.secret {
            match &self.lender {
                Some(lender) => take_over(&mut write, &scope.brokerage, lender, secret).await?,
                None => write.keep_secret(&scope.brokerage, secret).await?,
            }
        }
        self.write_attempt(&mut write, scope).await?;
        write.move_connection(&scope.brokerage, &connection.id, &self.step()).await?;
        needs::settle(&mut write, &connection.id, Parked::Over).await?;
        for mail in &self.mails {
            write.post_mail(mail).await?;
        }
        key.note(&mut write, scope, self.attempt.as_str()).await?;
        write.commit(&[self.line(scope)]).await?;
        Ok(self.attempt.into())
    }

    async fn write_attempt(&self, write: &mut Write, scope: &Scope) -> Result<(), Refused> {
        let connection = &self.bench.connection;
        let number = write.next_attempt_number(&scope.brokerage, &connection.id).await?;
        if number != self.draft.attempt_number {
            return Err(CHANGED);
        }
        write
            .insert_attempt(&NewAttempt {
                id: &self.attempt,
                brokerage: &scope.brokerage,
                connection: &connection.id,
                number,
                kind: connection.kind,
                settings_box: &self.settings_box,
                secret: self.secret.as_ref(),
                submitted_by: &scope.person,
                check: &self.check,
                mailbox_used: self.bench.answers.says_mailbox_is_used(),
            })
            .await?;
        let due_at = write.now();
        write
            .insert_check(&NewCheck {
                id: self.check.clone(),
                attempt_id: self.attempt.clone(),
                connection_id: connection.id.clone(),
                brokerage_id: scope.brokerage.clone(),
                origin: Origin::Submission,
                requested_by: Some(scope.person.clone()),
                staff: None,
                rung: 0,
                retries: 0,
                due_at,
            })
            .await?;
        let job = Job::RunCheck(self.check.clone());
        write.enqueue(self.job.clone(), &job, Some(&scope.brokerage), due_at).await?;
        Ok(())
    }

    fn step(&self) -> Move<'_> {
        let connection = &self.bench.connection;
        Move {
            from: connection.state,
            to: self.to,
            in_use: connection.in_use.as_ref(),
            candidate: Some(&self.attempt),
        }
    }

    fn line(&self, scope: &Scope) -> AuditLine {
        let line =
            AuditLine::new(Actor::Person(scope.person.clone()), "attempt.submit", self.attempt.as_str())
                .of(&scope.brokerage)
                .with("connection", self.bench.connection.id.as_str())
                .with("number", self.draft.attempt_number.to_string());
        match (&self.secret, &self.envelope) {
            (Some(secret), Some(envelope)) => {
                line.with("secret", secret.as_str()).with("envelope_sha256", envelope.as_str())
            }
            _ => line.with("secret", "none"),
        }
    }
}
