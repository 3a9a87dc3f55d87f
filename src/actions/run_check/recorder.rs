//! Writes steps as they end and counts sign-ins.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::{
    app::App,
    domain::{
        check::{Check, Fact, Origin, Step},
        credential::CredentialSettings,
        ids::SecretId,
        instant::Instant,
        job::Claimed,
        refused::Refused,
    },
    store::{self, NewStep, Quiet, Try, Write},
    verification::{Observer, SignInDenied},
};

use super::load::Loaded;

/// The purpose under which a step's facts are encrypted; the owner is the check's id.
pub const FACTS_BOX: &str = "check_steps.facts";
/// Refused tries of one account within [`WITHIN`] after which nobody tries it, whatever checks they belong to.
const MOST_REFUSED: usize = 3;
const WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// One try a check, and one more where a worker was lost between try and answer.
const MOST_TRIES: usize = 2;

/// What a step learned, as it stands encrypted in its row.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StepNotes {
    /// What it learned.
    pub facts: Vec<Fact>,
    /// What the other side said.
    pub words: Option<String>,
}

/// Writes steps as they end and counts sign-ins.
pub(super) struct Recorder {
    app: App,
    claimed: Claimed,
    check: Check,
    run: i64,
    account: Vec<u8>,
    secret: Option<SecretId>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Every step that ended; the verdict's transaction writes again what is missing in the table.
    steps: Vec<NewStep>,
    tried: bool,
    judged: bool,
}

impl Recorder {
    pub(super) fn new(
        app: App,
        claimed: Claimed,
        loaded: &Loaded,
        settings: &CredentialSettings,
        run: i64,
    ) -> Self {
        let account = app.blind("sign_in_tries.account", &account(settings));
        let secret = loaded.secret.as_ref().map(|secret| secret.id.clone());
        Self { app, claimed, check: loaded.check.clone(), run, account, secret, seen: Mutex::default() }
    }

    pub(super) fn steps(&self) -> Vec<NewStep> {
        self.seen().steps.clone()
    }

    /// Whether the secret left and nobody said what they think of it.
    pub(super) fn unjudged(&self) -> bool {
        let seen = self.seen();
        seen.tried && !seen.judged
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn row(&self, seq: usize, step: &Step) -> Result<NewStep, Refused> {
        let notes = StepNotes { facts: step.facts.clone(), words: step.words.clone() };
        Ok(NewStep {
            check_id: self.check.id.clone(),
            run: self.run,
            seq: i64::try_from(seq).unwrap_or(i64::MAX),
            step_id: step.id.clone(),
            title: step.title.clone(),
            outcome: step.outcome,
            elapsed_us: i64::try_from(step.elapsed.as_micros()).unwrap_or(i64::MAX),
            cause: step.cause.clone(),
            facts_box: self.app.to_box(FACTS_BOX, self.check.id.as_str(), &notes)?,
        })
    }

    async fn write_step(&self, row: &NewStep) -> store::Result<()> {
        let mut write = self.app.store.write().await?;
        write.insert_step(row).await?;
        write.commit_quietly(Quiet::Step).await
    }

    /// Counts the try, or says why it may not be made.
    async fn count_try(&self) -> store::Result<Result<(), SignInDenied>> {
        let denied = SignInDenied { until: None };
        let Some(secret) = &self.secret else { return Ok(Err(denied)) };
        let mut write = self.app.store.write().await?;
        if !write.holds_job(&self.claimed).await? {
            return Ok(Err(denied));
        }
        let allowed = self.allowed(&mut write, secret).await?;
        if allowed.is_ok() {
            write.insert_try(&self.check.id, self.run, &self.account, secret).await?;
            write.commit_quietly(Quiet::Step).await?;
        }
        Ok(allowed)
    }

    async fn allowed(&self, write: &mut Write, secret: &SecretId) -> store::Result<Result<(), SignInDenied>> {
        let of_check = write.tries_of_check(&self.check.id).await?;
        let last = write.last_try(secret).await?;
        let now = write.now();
        let refused = write.refused_tries(&self.account, now.plus(-WITHIN), 3).await?;
        Ok(may_try(self.check.origin, &of_check, last, &refused))
    }

    async fn note_answer(&self, accepted: bool) -> store::Result<()> {
        let mut write = self.app.store.write().await?;
        write.answer_try(&self.check.id, self.run, accepted).await?;
        write.commit_quietly(Quiet::Step).await
    }
}

/// Whether a secret may be tried now. `last` is the latest try of the secret, `refused` the latest refused tries of
/// the account within the hour, latest first.
fn may_try(
    origin: Origin,
    of_check: &[Try],
    last: Option<Try>,
    refused: &[Instant],
) -> Result<(), SignInDenied> {
    let machine = origin == Origin::Schedule;
    let never = of_check.len() >= MOST_TRIES
        || of_check.iter().any(|one| one.accepted == Some(false))
        || machine && last.is_some_and(|one| one.accepted == Some(false));
    if never {
        return Err(SignInDenied { until: None });
    }
    match refused.get(MOST_REFUSED - 1) {
        Some(third) => Err(SignInDenied { until: Some(third.plus(WITHIN)) }),
        None => Ok(()),
    }
}

/// What locks when secrets are refused: the app within its tenant.
fn account(settings: &CredentialSettings) -> String {
    match settings {
        CredentialSettings::GraphSecret(settings) => {
            format!("{}|{}", settings.tenant.as_str(), settings.client_id)
        }
    }
}

#[async_trait]
impl Observer for Recorder {
    async fn step_ended(&self, seq: usize, step: &Step) {
        let Ok(row) = self.row(seq, step) else { return };
        self.seen().steps.push(row.clone());
        if let Err(error) = self.write_step(&row).await {
            tracing::warn!(%error, check = %self.check.id, "a step is written with the verdict");
        }
    }

    async fn sign_in_begins(&self) -> Result<(), SignInDenied> {
        let counted = self.count_try().await.unwrap_or_else(|error| {
            tracing::warn!(%error, check = %self.check.id, "a sign-in could not be counted, so it is not made");
            Err(SignInDenied { until: None })
        });
        self.seen().tried |= counted.is_ok();
        counted
    }

    async fn sign_in_answered(&self, accepted: bool) {
        self.seen().judged = true;
        if let Err(error) = self.note_answer(accepted).await {
            tracing::warn!(%error, check = %self.check.id, "the answer to a sign-in was not written");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn one(accepted: Option<bool>) -> Try {
        Try { run: 1, begun_at: Instant::from_micros(0), accepted }
    }

    #[test]
    fn a_refused_secret_is_tried_again_only_when_a_person_asks() {
        let refused = Some(one(Some(false)));
        assert!(may_try(Origin::Schedule, &[], refused, &[]).is_err());
        assert!(may_try(Origin::CheckAgain, &[], refused, &[]).is_ok());
        assert!(may_try(Origin::Schedule, &[], Some(one(Some(true))), &[]).is_ok());
        assert!(may_try(Origin::Schedule, &[], Some(one(None)), &[]).is_ok());
    }

    #[test]
    fn a_lost_worker_allows_one_more_try_and_an_answer_none() {
        assert!(may_try(Origin::Submission, &[one(None)], None, &[]).is_ok());
        assert!(may_try(Origin::Submission, &[one(None), one(None)], None, &[]).is_err());
        assert!(may_try(Origin::Submission, &[one(Some(false))], None, &[]).is_err());
    }

    #[test]
    fn the_fourth_refused_try_within_an_hour_waits() {
        let at = |minutes: i64| Instant::from_micros(minutes * 60_000_000);
        let three = [at(50), at(30), at(10)];
        assert_eq!(may_try(Origin::Submission, &[], None, &three[..2]), Ok(()));
        assert_eq!(may_try(Origin::Submission, &[], None, &three), Err(SignInDenied { until: Some(at(70)) }));
    }
}
