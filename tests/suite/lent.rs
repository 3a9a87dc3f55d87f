//! The secret of an attempt that failed of something else goes on with the next one: nobody has to find a secret again
//! that is shown once, and nobody gets further with it than whoever began the attempt.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        check_again::check_again,
        create_connection::{TypedConnection, create_connection},
        draft::{Bench, SecretStanding},
        save_answers::Goal,
        start_attempt::start_attempt,
        submit::submit,
        withdraw::withdraw,
    },
    domain::{
        answers::Answers, attempt::Attempt, connection::State, ids::SecretId, kind::AccessKind,
        refused::Refused,
    },
    store::Over,
};

use crate::{
    attempts::person,
    databases::{Database, on_both},
    office::{CLIENT, OTHER_SESSION, SESSION, TENANT, fresh_key, save, typed},
    running::{Portal, Submission, Worker},
    staff_site::portal_of,
    submit::{fail, press},
    verification::lab::Lab,
};

/// An attempt that failed because its test mailbox is mistyped, and the mailbox that is right.
async fn mistyped(database: &Database) -> (Portal, Worker, Submission, String, Lab) {
    let lab = Lab::open().await;
    let portal = Portal::open(database).await.with(lab.verifier());
    let mut sample = lab.sample("healthy");
    let right = std::mem::replace(&mut sample.test_mailbox, format!("nobody@{}", sample.tenant_domain));
    let failed = portal.newcomer(&sample).await;
    let worker = portal.worker();
    portal.settles(&failed, State::Failed, None).await;
    portal
        .until("it has cleared up after itself", async || {
            let open =
                database.count("jobs WHERE kind IN ('run_check', 'clear_mailbox') AND done_at IS NULL").await;
            (open == 0).then_some(())
        })
        .await;
    (portal, worker, failed, right, lab)
}

async fn bench(portal: &Portal, of: &Submission, session: &[u8]) -> Bench {
    let mut read = portal.app.store.read().await.expect("a transaction");
    Bench::read(&portal.app, &mut read, &of.scope, session, &of.connection).await.expect("a bench")
}

fn is_here(bench: &Bench) -> bool {
    matches!(bench.secret, SecretStanding::Here { .. })
}

async fn start(portal: &Portal, of: &Submission) {
    let started = start_attempt(&portal.app, &of.scope, SESSION, &of.connection).await;
    assert_eq!(started, Ok(2));
}

/// Corrects the mailbox without entering a secret, and submits in a session.
async fn correct(
    portal: &Portal,
    of: &Submission,
    right: &str,
    session: &[u8],
) -> Result<Submission, Refused> {
    let answers = bench(portal, of, SESSION).await.answers.with("test_mailbox", right);
    save(&portal.app, &of.scope, &of.connection, typed(answers, ""), Goal::Later).await.expect("saved");
    let seen = bench(portal, of, SESSION).await.draft.expect("a draft").version;
    let attempt = submit(&portal.app, &of.scope, session, &of.connection, seen, &fresh_key()).await?;
    Ok(Submission { attempt, ..of.clone() })
}

async fn secret_of(portal: &Portal, of: &Submission) -> Option<SecretId> {
    let (_, Attempt { secret_id, .. }) = portal.standing(of).await;
    secret_id
}

fn asks_for_the_secret(refused: &Refused) -> bool {
    matches!(refused, Refused::Fields(errors) if errors.iter().any(|error| error.field == "client_secret"))
}

on_both! {
    async fn a_mistyped_mailbox_is_corrected_without_entering_the_secret_again(database) {
        let (portal, worker, failed, right, _lab) = mistyped(database).await;
        let secret = secret_of(&portal, &failed).await.expect("the first attempt has a secret");
        let served = portal_of(&portal.app).await;
        let iris = person(&portal, &failed, &served.origin).await;
        let page = iris.opens(&format!("/connections/{}", failed.connection)).await;
        page.must_say("The client secret stays, too");
        start(&portal, &failed).await;
        assert_eq!(secret_of(&portal, &failed).await.as_ref(), Some(&secret), "until then it is the first one's");

        let second = correct(&portal, &failed, &right, SESSION).await.expect("submitted");
        portal.settles(&second, State::Verified, None).await;
        assert_eq!(secret_of(&portal, &second).await, Some(secret));
        assert_eq!(secret_of(&portal, &failed).await, None);
        assert_eq!(database.count("secrets").await, 1);
        worker.stop().await;
    }

    async fn another_session_and_another_hour_ask_for_the_secret(database) {
        let (portal, worker, failed, right, _lab) = mistyped(database).await;
        worker.stop().await;
        start(&portal, &failed).await;
        assert!(is_here(&bench(&portal, &failed, SESSION).await));
        assert_eq!(bench(&portal, &failed, OTHER_SESSION).await.secret, SecretStanding::OtherSession);
        let other = correct(&portal, &failed, &right, OTHER_SESSION).await.err().expect("another session");
        assert!(asks_for_the_secret(&other), "{other:?}");

        portal.app.clock.advance(Duration::from_secs(3599));
        assert!(is_here(&bench(&portal, &failed, SESSION).await));
        portal.app.clock.advance(Duration::from_secs(2));
        assert_eq!(bench(&portal, &failed, SESSION).await.secret, SecretStanding::Ended);
        let late = correct(&portal, &failed, &right, SESSION).await.err().expect("too late");
        assert!(asks_for_the_secret(&late), "{late:?}");
        assert!(secret_of(&portal, &failed).await.is_some(), "the first attempt still has it");
    }

    async fn a_secret_that_is_entered_anew_leaves_the_earlier_one_where_it_was(database) {
        let (portal, worker, failed, right, lab) = mistyped(database).await;
        let first = secret_of(&portal, &failed).await;
        start(&portal, &failed).await;
        let answers = bench(&portal, &failed, SESSION).await.answers.with("test_mailbox", &right);
        let fresh = typed(answers, &lab.sample("healthy").client_secret);
        assert_eq!(save(&portal.app, &failed.scope, &failed.connection, fresh, Goal::Review).await.expect("saved").errors, []);
        assert_eq!(secret_of(&portal, &failed).await, first);
        assert_eq!(database.count("secrets").await, 2);
        let second = correct(&portal, &failed, &right, SESSION).await.expect("submitted");
        portal.settles(&second, State::Verified, None).await;
        assert_eq!(secret_of(&portal, &failed).await, first, "retention deletes it in its time");
        assert_ne!(secret_of(&portal, &second).await, first);
        worker.stop().await;
    }

    async fn the_earlier_attempt_can_be_checked_again_meanwhile(database) {
        let (portal, worker, failed, _right, _lab) = mistyped(database).await;
        start(&portal, &failed).await;
        let (connection, _) = portal.standing(&failed).await;
        let pressed = check_again(&portal.app, &failed.scope, &failed.connection, connection.version).await;
        pressed.expect("checked again");
        portal.settles(&failed, State::Failed, None).await;
        assert!(is_here(&bench(&portal, &failed, SESSION).await), "and the draft goes on with it");
        worker.stop().await;
    }

    async fn what_is_deleted_with_the_earlier_attempt_is_asked_for(database) {
        let (portal, worker, failed, right, _lab) = mistyped(database).await;
        worker.stop().await;
        start(&portal, &failed).await;
        let over = portal.app.clock.now().plus(jiff::SignedDuration::from_hours(1));
        let over = Over { out_of_use: over, closed: over };
        let left = portal.app.store.read().await.expect("a transaction").left_over_secrets(over, 9).await.expect("rows");
        let mut write = portal.app.store.write().await.expect("a transaction");
        assert!(write.destroy_secret(&left[0], over).await.expect("deleted"));
        write.commit_quietly(moxi_onboard::store::Quiet::Draft).await.expect("a commit");
        assert_eq!(database.count("secrets").await, 0);
        assert_eq!(bench(&portal, &failed, SESSION).await.secret, SecretStanding::Missing);
        let gone = correct(&portal, &failed, &right, SESSION).await.err().expect("it is gone");
        assert!(asks_for_the_secret(&gone), "{gone:?}");
    }

    async fn withdrawing_the_failed_attempt_takes_the_secret_from_both(database) {
        let (portal, worker, failed, _right, _lab) = mistyped(database).await;
        worker.stop().await;
        start(&portal, &failed).await;
        withdraw(&portal.app, &failed.scope, &failed.connection, Some(&failed.attempt)).await.expect("withdrawn");
        assert_eq!(database.count("secrets").await, 0);
        assert_eq!(bench(&portal, &failed, SESSION).await.secret, SecretStanding::Missing);
    }

    async fn a_certificate_stays_with_a_corrected_attempt(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let app = &portal.app;
        let scope = portal.office("lakeshore.example").await;
        let kind = AccessKind::GraphCertificate;
        let typed_connection = TypedConnection {
            name: "Main office".to_owned(),
            external_id: String::new(),
            kind: kind.id().to_owned(),
        };
        let id = create_connection(app, &scope, &typed_connection, &fresh_key()).await.expect("a connection");
        let worker = portal.worker();
        let look = async || {
            let mut read = app.store.read().await.expect("a transaction");
            Bench::read(app, &mut read, &scope, SESSION, &id).await.expect("a bench")
        };
        let made = portal.until("the certificate is made", async || look().await.certificate).await;
        worker.stop().await;
        let answers = Answers::proposed(kind, 1)
            .with("tenant", TENANT)
            .with("client_id", CLIENT)
            .with("test_mailbox", "pta@lakeshore.example");
        let saved = save(app, &scope, &id, typed(answers, ""), Goal::Review).await.expect("saved");
        assert_eq!(saved.errors, []);
        let seen = look().await.draft.expect("a draft").version;
        press(app, &scope, &id, seen, &fresh_key()).await.expect("submitted");
        fail(app, &scope, &id, "mailbox_not_found").await;

        assert_eq!(start_attempt(app, &scope, OTHER_SESSION, &id).await, Ok(2));
        let next = look().await;
        assert_eq!(next.certificate.as_ref().map(|it| &it.thumbprint), Some(&made.thumbprint), "nobody uploads another");
        assert!(is_here(&next), "it is the office's, whoever began");
        assert_eq!(database.count("jobs WHERE kind = 'make_certificate' AND done_at IS NULL").await, 0);
        app.clock.advance(Duration::from_secs(30 * 24 * 3600 - 1));
        assert!(is_here(&look().await));
        app.clock.advance(Duration::from_secs(2));
        assert_eq!(look().await.secret, SecretStanding::Ended);
        assert!(look().await.certificate.is_none());
    }
}
