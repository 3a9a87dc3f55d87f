//! A sign-in that we make for ourselves: to open the mailboxes of a roster, to remove what a check left. It is counted like
//! every other, and made only with a secret that was accepted the last time.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{
    roster::was_accepted,
    run_check::{
        account,
        load::Loaded,
        recorder::{MOST_TRIES_READ, WITHIN, may_try},
    },
};
use crate::{
    app::{App, turns::Turn},
    domain::{
        check::{Origin, Step},
        credential::CredentialSettings,
        ids::{CheckId, SecretId},
        job::Claimed,
    },
    store::{self, Quiet},
    verification::{Observer, SignInDenied},
};

/// Counts it, and keeps what came of it. Its steps are nobody's to see.
pub(super) struct OwnSignIn {
    app: App,
    claimed: Claimed,
    check: CheckId,
    account: Vec<u8>,
    secret: Option<SecretId>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    run: i64,
    refused: bool,
    uncounted: Option<String>,
    /// Nobody else signs in as this account until the answer is there.
    turn: Option<Turn>,
}

impl OwnSignIn {
    /// For a job with the credential of this check. A turn that is given is held until the answer is there.
    pub(super) fn new(
        app: &App,
        claimed: &Claimed,
        loaded: &Loaded,
        settings: &CredentialSettings,
        turn: Option<Turn>,
    ) -> Self {
        Self {
            account: account::key(app, settings),
            secret: loaded.secret.as_ref().map(|secret| secret.id.clone()),
            check: loaded.check.id.clone(),
            app: app.clone(),
            claimed: claimed.clone(),
            seen: Mutex::new(Seen { turn, ..Seen::default() }),
        }
    }

    /// Whether the secret was refused: then it is tried no more by ourselves.
    pub(super) fn refused(&self) -> bool {
        self.seen().refused
    }

    /// Why the try could not be counted, where that is why none was made.
    pub(super) fn uncounted(&self) -> Option<String> {
        self.seen().uncounted.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of the try, once it is counted; why it may not be made otherwise.
    async fn count(&self) -> store::Result<Result<i64, SignInDenied>> {
        let denied = SignInDenied { until: None };
        let Some(secret) = &self.secret else { return Ok(Err(denied)) };
        let mut write = self.app.store.write().await?;
        if !write.holds_job(&self.claimed).await? {
            return Ok(Err(denied));
        }
        write.take_turn_of_account(&self.account).await?;
        let tries = write.tries_of_secret(secret, MOST_TRIES_READ).await?;
        if !was_accepted(&tries) {
            return Ok(Err(denied));
        }
        let now = write.now();
        let refused = write.refused_tries(&self.account, now.plus(-WITHIN), MOST_TRIES_READ).await?;
        if let Err(denied) = may_try(Origin::Schedule, &[], tries.first().copied(), &refused, &[]) {
            return Ok(Err(denied));
        }
        let run = write.next_cleanup(&self.check).await?;
        write.insert_try(&self.check, run, &self.account, secret).await?;
        write.commit_quietly(Quiet::Step).await?;
        Ok(Ok(run))
    }

    async fn note_answer(&self, run: i64, accepted: bool) -> store::Result<()> {
        let mut write = self.app.store.write().await?;
        write.answer_try(&self.check, run, accepted).await?;
        write.commit_quietly(Quiet::Step).await
    }
}

#[async_trait]
impl Observer for OwnSignIn {
    async fn step_ended(&self, _seq: usize, _step: &Step) {}

    async fn sign_in_begins(&self) -> Result<(), SignInDenied> {
        let counted = self.count().await.unwrap_or_else(|error| {
            tracing::warn!(%error, check = %self.check, "a sign-in could not be counted, so it is not made");
            self.seen().uncounted = Some(error.to_string());
            Err(SignInDenied { until: None })
        });
        counted.map(|run| self.seen().run = run)
    }

    async fn sign_in_answered(&self, accepted: bool) {
        let run = {
            let mut seen = self.seen();
            seen.turn = None;
            seen.refused = !accepted;
            seen.run
        };
        if let Err(error) = self.note_answer(run, accepted).await {
            tracing::warn!(%error, check = %self.check, "the answer to a sign-in was not written");
        }
    }
}
