//! Writes steps as they end and counts sign-ins.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use jiff::SignedDuration;

use crate::{
    actions::{decide::SignIn, left_items::sealed_place},
    app::App,
    domain::{
        check::{Check, Fact, Origin, Step},
        credential::CredentialSettings,
        ids::SecretId,
        instant::Instant,
        job::Claimed,
        refused::Refused,
        test_item::{TestItem, TestThing},
    },
    store::{self, NewStep, Quiet, Read, Try, Write, WrittenBy},
    verification::{NotNoted, Observer, SignInDenied},
};

use super::{account, load::Loaded};

/// The purpose under which a step's facts are encrypted; the owner is the check's id.
pub const FACTS_BOX: &str = "check_steps.facts";
/// Refused tries of one account within [`WITHIN`] after which nobody tries it, whatever checks they belong to.
const MOST_REFUSED: usize = 3;
/// So many tries are read to see whether there is room for one more.
pub(in crate::actions) const MOST_TRIES_READ: i64 = 3;
pub(in crate::actions) const WITHIN: SignedDuration = SignedDuration::from_hours(1);
/// How long a try that has no answer yet counts as if it were refused; longer than a check may take.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_mins(2);
/// Tries of one check that nobody answered: one, and one more where a worker was lost between try and answer.
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
    accepted: Option<bool>,
    paused_until: Option<Instant>,
    /// Why the try could not be counted: a fault of ours, so that nothing was learned and nothing left.
    uncounted: Option<String>,
}

impl Recorder {
    pub(super) fn new(
        app: App,
        claimed: Claimed,
        loaded: &Loaded,
        settings: &CredentialSettings,
        run: i64,
    ) -> Self {
        let account = account::key(&app, settings);
        let secret = loaded.secret.as_ref().map(|secret| secret.id.clone());
        Self { app, claimed, check: loaded.check.clone(), run, account, secret, seen: Mutex::default() }
    }

    pub(super) fn steps(&self) -> Vec<NewStep> {
        self.seen().steps.clone()
    }

    /// How the sign-in went.
    pub(super) fn sign_in(&self) -> SignIn {
        let seen = self.seen();
        SignIn {
            unjudged: seen.tried && seen.accepted.is_none(),
            refused: seen.accepted == Some(false),
            paused_until: seen.paused_until,
        }
    }

    /// Why the try could not be counted, where that is why none was made.
    pub(super) fn uncounted(&self) -> Option<String> {
        self.seen().uncounted.clone()
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
        write.take_turn_of_account(&self.account).await?;
        let of_check = write.tries_of_check(&self.check.id).await?;
        let last = write.last_try(secret).await?;
        let now = write.now();
        let refused = write.refused_tries(&self.account, now.plus(-WITHIN), MOST_TRIES_READ).await?;
        let since = now.plus(-ANSWERED_WITHIN);
        let under_way = write.tries_under_way(&self.account, since, &self.check.id, MOST_TRIES_READ).await?;
        Ok(may_try(self.check.origin, &of_check, last, &refused, &under_way))
    }

    /// Notes what is about to be written, or its id. `false`: the lease was lost, and nothing may be written any more.
    async fn note_item(&self, item: &TestItem, place: &[u8]) -> store::Result<bool> {
        let mut write = self.app.store.write().await?;
        if item.id.is_none() && !write.holds_job(&self.claimed).await? {
            return Ok(false);
        }
        write.note_item(self.by(), &self.check.connection_id, item.thing, place).await?;
        write.commit_quietly(Quiet::Step).await?;
        Ok(true)
    }

    const fn by(&self) -> WrittenBy<'_> {
        WrittenBy { check: &self.check.id, run: self.run, place: 0 }
    }

    async fn forget_item(&self, thing: TestThing) -> store::Result<()> {
        let mut write = self.app.store.write().await?;
        write.forget_item(self.by(), thing).await?;
        write.commit_quietly(Quiet::Step).await
    }

    async fn note_answer(&self, accepted: bool) -> store::Result<()> {
        let mut write = self.app.store.write().await?;
        write.answer_try(&self.check.id, self.run, accepted).await?;
        write.commit_quietly(Quiet::Step).await
    }
}

/// Whether a secret may be tried now. `last` is the latest try of the secret, `refused` the latest refused tries of
/// the account within the hour, `under_way` those of other checks that may be refused yet.
pub(in crate::actions) fn may_try(
    origin: Origin,
    of_check: &[Try],
    last: Option<Try>,
    refused: &[Instant],
    under_way: &[Instant],
) -> Result<(), SignInDenied> {
    let machine = origin == Origin::Schedule;
    let never = of_check.iter().filter(|one| one.accepted.is_none()).count() >= MOST_TRIES
        || of_check.iter().any(|one| one.accepted == Some(false))
        || machine && last.is_some_and(|one| one.accepted == Some(false));
    if never {
        return Err(SignInDenied { until: None });
    }
    let refused = refused.iter().map(|at| at.plus(WITHIN));
    let under_way = under_way.iter().map(|at| at.plus(ANSWERED_WITHIN));
    let mut counted_until: Vec<Instant> = refused.chain(under_way).collect();
    counted_until.sort_unstable_by(|one, other| other.cmp(one));
    match counted_until.get(MOST_REFUSED - 1) {
        Some(third) => Err(SignInDenied { until: Some(*third) }),
        None => Ok(()),
    }
}

/// How many sign-ins of an account were refused within the hour, at most as many as stop it, and until when nobody signs
/// in as it, where that is so.
pub(in crate::actions) async fn may_sign_in_again_at(
    read: &mut Read,
    account: &[u8],
    now: Instant,
) -> store::Result<(usize, Option<Instant>)> {
    let refused = read.refused_tries(account, now.plus(-WITHIN), MOST_TRIES_READ).await?;
    let denied = may_try(Origin::DryRun, &[], None, &refused, &[]).err();
    Ok((refused.len(), denied.and_then(|denied| denied.until)))
}

#[async_trait]
impl Observer for Recorder {
    async fn step_ended(&self, seq: usize, step: &Step) {
        // This run ends without a verdict: a page that shows a pause meanwhile would say what is not so.
        if self.uncounted().is_some() {
            return;
        }
        let Ok(row) = self.row(seq, step) else { return };
        self.seen().steps.push(row.clone());
        if let Err(error) = self.write_step(&row).await {
            tracing::warn!(%error, check = %self.check.id, "a step is written with the verdict");
        }
    }

    async fn sign_in_begins(&self) -> Result<(), SignInDenied> {
        let counted = self.count_try().await.unwrap_or_else(|error| {
            tracing::warn!(%error, check = %self.check.id, "a sign-in could not be counted, so it is not made");
            self.seen().uncounted = Some(error.to_string());
            Err(SignInDenied { until: None })
        });
        let mut seen = self.seen();
        seen.tried |= counted.is_ok();
        seen.paused_until = counted.err().and_then(|denied| denied.until);
        counted
    }

    async fn sign_in_answered(&self, accepted: bool) {
        self.seen().accepted = Some(accepted);
        if let Err(error) = self.note_answer(accepted).await {
            tracing::warn!(%error, check = %self.check.id, "the answer to a sign-in was not written");
        }
    }

    async fn writing_begins(&self, item: &TestItem) -> Result<(), NotNoted> {
        let place = sealed_place(&self.app, &self.check.id, None, item).map_err(|_| NotNoted)?;
        match self.note_item(item, &place).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(NotNoted),
            Err(error) => {
                tracing::warn!(%error, check = %self.check.id, "a test entry could not be noted, so it is not written");
                self.seen().uncounted = Some(error.to_string());
                Err(NotNoted)
            }
        }
    }

    async fn written(&self, item: &TestItem) {
        let Ok(place) = sealed_place(&self.app, &self.check.id, None, item) else { return };
        if let Err(error) = self.note_item(item, &place).await {
            tracing::warn!(%error, check = %self.check.id, "the id of a test entry was not written: its mark finds it");
        }
    }

    async fn removed(&self, thing: TestThing) {
        if let Err(error) = self.forget_item(thing).await {
            tracing::warn!(%error, check = %self.check.id, "a test entry that is gone is looked for once more");
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
        assert!(may_try(Origin::Schedule, &[], refused, &[], &[]).is_err());
        assert!(may_try(Origin::CheckAgain, &[], refused, &[], &[]).is_ok());
        assert!(may_try(Origin::Schedule, &[], Some(one(Some(true))), &[], &[]).is_ok());
        assert!(may_try(Origin::Schedule, &[], Some(one(None)), &[], &[]).is_ok());
    }

    #[test]
    fn a_lost_worker_allows_one_more_try_and_an_answer_none() {
        assert!(may_try(Origin::Submission, &[one(None)], None, &[], &[]).is_ok());
        assert!(may_try(Origin::Submission, &[one(None), one(None)], None, &[], &[]).is_err());
        assert!(may_try(Origin::Submission, &[one(Some(false))], None, &[], &[]).is_err());
        let lost = [one(Some(true)), one(Some(true)), one(None)];
        assert!(may_try(Origin::Submission, &lost, None, &[], &[]).is_ok(), "the secret was accepted twice");
    }

    #[test]
    fn the_fourth_refused_try_within_an_hour_waits() {
        let at = |minutes: i64| Instant::from_micros(minutes * 60_000_000);
        let three = [at(50), at(30), at(10)];
        assert_eq!(may_try(Origin::Submission, &[], None, &three[..2], &[]), Ok(()));
        assert_eq!(
            may_try(Origin::Submission, &[], None, &three, &[]),
            Err(SignInDenied { until: Some(at(70)) })
        );
    }

    #[test]
    fn tries_that_are_under_way_elsewhere_count_until_they_are_answered() {
        let at = |minutes: i64| Instant::from_micros(minutes * 60_000_000);
        let may = |refused: &[Instant], under_way: &[Instant]| {
            may_try(Origin::Submission, &[], None, refused, under_way)
        };
        assert_eq!(may(&[at(50)], &[at(59)]), Ok(()));
        assert_eq!(may(&[at(50), at(10)], &[at(59)]), Err(SignInDenied { until: Some(at(61)) }));
        assert_eq!(may(&[], &[at(60), at(60), at(59)]), Err(SignInDenied { until: Some(at(61)) }));
    }
}
