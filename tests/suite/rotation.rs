//! A secret is renewed beside the one in use: what passes takes its place, what fails leaves it untouched, and for a day
//! there is a way back.

use moxi_onboard::{
    actions::{
        check_again::check_again, draft::Bench, roll_back::roll_back, save_answers::Goal,
        start_rotation::start_rotation, submit::submit,
    },
    domain::{
        answers::Answers,
        attempt::{Attempt, AttemptEnd},
        connection::{Connection, Phase, State},
        ids::AttemptId,
        kind::AccessKind,
        mail::MailKind,
        refused::Refused,
    },
    simulator::Sample,
};

use crate::{
    databases::{Database, on_both},
    office::{SECRET, SESSION, fresh_key, save, typed},
    running::{Portal, Submission, Worker},
    verification::lab::Lab,
};

/// A verified connection, its worker still at work.
pub struct Verified {
    pub portal: Portal,
    pub of: Submission,
    pub worker: Option<Worker>,
    pub sample: Sample,
    /// The other side, which has to be there as long as somebody checks.
    pub lab: Lab,
}

pub async fn verified(database: &Database) -> Verified {
    let lab = Lab::open().await;
    let portal = Portal::open(database).await.with(lab.verifier());
    let sample = lab.sample("healthy");
    let of = portal.newcomer(&sample).await;
    let worker = Some(portal.worker());
    portal.settles(&of, State::Verified, None).await;
    Verified { portal, of, worker, sample, lab }
}

impl Verified {
    pub async fn bench(&self) -> Bench {
        let mut read = self.portal.app.store.read().await.expect("a transaction");
        Bench::read(&self.portal.app, &mut read, &self.of.scope, SESSION, &self.of.connection)
            .await
            .expect("a bench")
    }

    pub async fn connection(&self) -> Connection {
        self.portal.standing(&self.of).await.0
    }

    pub async fn attempt(&self, id: &AttemptId) -> Attempt {
        let mut read = self.portal.app.store.read().await.expect("a transaction");
        read.attempt(&self.of.scope.brokerage, id).await.expect("rows").expect("one").attempt
    }

    /// Types a new secret and its last day.
    pub async fn type_secret(&self, secret: &str) {
        let ends = self.sample.secret_expires_on;
        let answers = Answers::empty(AccessKind::GraphSecret)
            .with("ends_month", ends.month().to_string())
            .with("ends_day", ends.day().to_string())
            .with("ends_year", ends.year().to_string())
            // Nobody's form has this field; whoever sends it all the same changes nothing by it.
            .with("test_mailbox", "someone@elsewhere.example");
        let saved =
            save(&self.portal.app, &self.of.scope, &self.of.connection, typed(answers, secret), Goal::Review);
        assert_eq!(saved.await.expect("saved").errors, []);
    }

    pub async fn submit(&self) -> Result<AttemptId, Refused> {
        let mut read = self.portal.app.store.read().await.expect("a transaction");
        let draft =
            read.draft(&self.of.scope.brokerage, &self.of.connection).await.expect("rows").expect("a draft");
        drop(read);
        submit(&self.portal.app, &self.of.scope, SESSION, &self.of.connection, draft.version, &fresh_key())
            .await
    }

    pub async fn renew(&self, secret: &str) -> AttemptId {
        start_rotation(&self.portal.app, &self.of.scope, &self.of.connection).await.expect("begun");
        self.type_secret(secret).await;
        self.submit().await.expect("submitted")
    }

    /// Waits until an attempt has this state.
    pub async fn until(&self, id: &AttemptId, state: State) -> Attempt {
        let what = format!("attempt {id} is {state:?}");
        self.portal
            .until(&what, async || {
                let attempt = self.attempt(id).await;
                (attempt.state == state).then_some(attempt)
            })
            .await
    }

    pub async fn until_mailed(&self, kind: MailKind, count: usize) -> Vec<String> {
        let what = format!("{count} mails {kind:?}");
        self.portal
            .until(&what, async || {
                let sent = self.portal.mails.sent();
                let of_kind: Vec<String> = sent
                    .iter()
                    .filter(|mail| mail.kind == kind)
                    .map(|mail| String::from_utf8_lossy(&mail.message).into_owned())
                    .collect();
                (of_kind.len() >= count).then_some(of_kind)
            })
            .await
    }

    pub async fn stops(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.stop().await;
        }
    }
}

const REMINDS: &str = "jobs WHERE kind = 'remind' AND done_at IS NULL AND parked_at IS NULL";

on_both! {
    async fn a_renewed_secret_that_passes_takes_the_place_of_the_one_in_use_and_one_press_goes_back(database) {
        let mut it = verified(database).await;
        let (app, scope, id) = (it.portal.app.clone(), it.of.scope.clone(), it.of.connection.clone());
        assert_eq!(start_rotation(&app, &scope, &id).await, Ok(2));
        assert_eq!(start_rotation(&app, &scope, &id).await, Ok(2), "a second press finds it begun");
        let bench = it.bench().await;
        assert!(bench.renews() && bench.takes_answers().is_ok());
        assert_eq!(bench.answers.text("client_id"), it.sample.client_id, "the same app");
        it.type_secret(&it.sample.client_secret).await;
        let second = it.submit().await.expect("submitted");
        it.until(&second, State::Verified).await;
        let connection = it.connection().await;
        assert_eq!((connection.state, connection.phase), (State::Verified, None));
        assert_eq!((connection.in_use, connection.candidate), (Some(second.clone()), None));
        let first = it.attempt(&it.of.attempt).await;
        assert_eq!((first.state, first.ended.map(|(end, _)| end)), (State::Verified, Some(AttemptEnd::Replaced)));
        assert!(first.secret_id.is_some(), "kept for a way back");
        let mails = it.until_mailed(MailKind::Rotated, 1).await;
        assert!(mails[0].contains("Subject: Renewed: healthy (attempt 2)"), "{}", mails[0]);
        assert_eq!(it.portal.mails.sent().iter().filter(|mail| mail.kind == MailKind::Verified).count(), 1);

        let seen = it.connection().await.version;
        roll_back(&app, &scope, &id, seen).await.expect("back");
        assert_eq!(roll_back(&app, &scope, &id, seen).await, Err(Refused::Conflict(
            "There is no way back any more: the secret before this one was replaced more than 24 hours ago, or is deleted."
        )));
        let connection = it.connection().await;
        assert_eq!((connection.state, connection.in_use), (State::Verified, Some(it.of.attempt.clone())));
        assert_eq!(it.attempt(&it.of.attempt).await.ended, None);
        assert_eq!(it.attempt(&second).await.ended.map(|(end, _)| end), Some(AttemptEnd::RolledBack));
        it.until_mailed(MailKind::Rotated, 2).await;
        assert_eq!(database.count(REMINDS).await, 2, "each ends by itself when it is not in use");
        it.stops().await;
    }

    async fn there_is_no_way_back_after_a_day(database) {
        let mut it = verified(database).await;
        let second = it.renew(&it.sample.client_secret).await;
        it.until(&second, State::Verified).await;
        it.stops().await;
        it.portal.app.clock.advance(std::time::Duration::from_secs(24 * 3600));
        let seen = it.connection().await.version;
        let refused = roll_back(&it.portal.app, &it.of.scope, &it.of.connection, seen).await;
        assert!(matches!(refused, Err(Refused::Conflict(_))), "{refused:?}");
        assert_eq!(it.connection().await.in_use, Some(second));
    }

    async fn a_new_secret_that_fails_leaves_the_one_in_use_untouched(database) {
        let mut it = verified(database).await;
        let before = it.attempt(&it.of.attempt).await;
        let second = it.renew(SECRET).await;
        let failed = it.until(&second, State::Failed).await;
        assert_eq!(failed.cause.map(|cause| cause.as_str().to_owned()).as_deref(), Some("client_secret_invalid"));
        let connection = it.connection().await;
        assert_eq!((connection.state, connection.phase), (State::Verified, None));
        assert_eq!((connection.in_use.as_ref(), connection.candidate.as_ref()), (Some(&it.of.attempt), Some(&second)));
        let after = it.attempt(&it.of.attempt).await;
        assert_eq!((after.state, after.ended, after.secret_id), (State::Verified, None, before.secret_id));
        let mail = &it.until_mailed(MailKind::Failed, 1).await[0];
        assert!(mail.contains("Subject: Not renewed: "), "{mail}");
        assert!(mail.contains("Nothing changes for your agents"), "said first: {mail}");
        assert!(mail.contains(&format!("/connections/{}/renew", it.of.connection)), "{mail}");
        let third = it.renew(&it.sample.client_secret).await;
        it.until(&third, State::Verified).await;
        let connection = it.connection().await;
        assert_eq!((connection.in_use, connection.candidate), (Some(third), None));
        it.stops().await;
    }

    async fn of_two_tabs_that_submit_a_new_secret_one_is_told_that_it_is_under_way(database) {
        let mut it = verified(database).await;
        it.stops().await;
        let second = it.renew(&it.sample.client_secret).await;
        let again = start_rotation(&it.portal.app, &it.of.scope, &it.of.connection).await;
        assert!(matches!(again, Err(Refused::Conflict(why)) if why.contains("being checked already")), "{again:?}");
        let pressed = check_again(&it.portal.app, &it.of.scope, &it.of.connection, it.connection().await.version).await;
        assert!(matches!(pressed, Err(Refused::Conflict(_))), "{pressed:?}");
        assert_eq!(it.attempt(&second).await.phase, Some(Phase::Queued));
        assert_eq!(database.count("attempts").await, 2);
        it.worker = Some(it.portal.worker());
        it.until(&second, State::Verified).await;
        it.stops().await;
    }
}
