//! What its time is over for goes on time, and nothing goes sooner.

use std::time::Duration;

use moxi_onboard::{
    actions::{check_again::check_again, outbox},
    domain::{address::MailAddress, connection::State, ids::SignInId, refused::Refused},
    store::{Over, Quiet},
};

use crate::{
    databases::{Database, on_both},
    running::{Portal, Worker},
    verification::lab::Lab,
};

const DAY: u64 = 24 * 3600;

/// Moves the clock while a worker is not looking, then lets a round of the sweep run.
async fn after(portal: &Portal, database: &Database, worker: Worker, seconds: u64) -> Worker {
    worker.stop().await;
    portal.app.clock.advance(Duration::from_secs(seconds));
    let now = portal.app.clock.now().as_micros();
    let worker = portal.worker();
    portal
        .until("a round was done", async || {
            let done = format!("jobs WHERE kind = 'sweep' AND lease_token IS NULL AND run_at > {now}");
            (database.count(&done).await == 1).then_some(())
        })
        .await;
    worker
}

on_both! {
    async fn everything_goes_on_time(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("secret-wrong");
        let scope = portal.office(&sample.tenant_domain).await;
        let failed = portal.submit(&scope, &sample).await;
        let worker = portal.worker();
        portal.until("it failed and all is told", async || {
            let open = database.count("jobs WHERE kind NOT IN ('sweep', 'tell_staff', 'daily_mail') AND done_at IS NULL").await;
            (portal.standing(&failed).await.1.decided_at.is_some() && open == 0).then_some(())
        }).await;
        let worker = after(&portal, database, worker, 60).await;
        assert_eq!(database.count("secrets").await, 1);
        assert!(database.count("jobs WHERE done_at IS NOT NULL").await > 0);

        // Thirty days: the failed secret and the done jobs, not a minute sooner.
        let worker = after(&portal, database, worker, 30 * DAY - 120).await;
        assert_eq!(database.count("secrets").await, 1);
        let worker = after(&portal, database, worker, 180).await;
        assert_eq!(database.count("secrets").await, 0);
        assert_eq!(database.count("attempts WHERE secret_id IS NOT NULL").await, 0);
        assert_eq!(database.count("audit WHERE verb = 'secret.destroy'").await, 1);
        assert_eq!(database.count("jobs WHERE done_at IS NOT NULL").await, 0);
        assert_eq!(database.count("form_keys").await, 0);
        assert!(database.count("mails WHERE message_box IS NOT NULL").await > 0);

        // Ninety days: the mails' bytes; their rows stay.
        let worker = after(&portal, database, worker, 60 * DAY).await;
        assert_eq!(database.count("mails WHERE message_box IS NOT NULL").await, 0);
        assert!(database.count("mails").await > 0);
        assert!(database.count("check_steps").await > 0);

        // Four hundred days: what the steps learned; the verdict stays.
        let worker = after(&portal, database, worker, 310 * DAY).await;
        assert_eq!(database.count("check_steps").await, 0);
        assert_eq!(database.count("sign_in_tries").await, 0);
        assert_eq!(database.count("verdicts").await, 1);
        worker.stop().await;
    }

    async fn a_code_that_was_never_sent_goes_after_ten_minutes(database) {
        let portal = Portal::open(database).await;
        let to = MailAddress::parse("it@lakeshore.example").expect("an address");
        let mail = outbox::prepare_code(&portal.app, &to, &SignInId::from_random([1; 16]), "K7QM-2XWD", None).expect("a mail");
        let mut write = portal.app.store.write().await.expect("a transaction");
        write.post_mail(&mail).await.expect("a row");
        write.commit_quietly(Quiet::MailProgress).await.expect("a commit");
        // Its job is lost from sight, as when the mail lane hangs.
        database.execute("UPDATE jobs SET run_at = 9000000000000000 WHERE kind = 'send_code'").await;
        let worker = after(&portal, database, portal.worker(), 9 * 60).await;
        assert_eq!(database.count("mails WHERE code_sealed IS NOT NULL").await, 1);
        let worker = after(&portal, database, worker, 120).await;
        assert_eq!(database.count("mails WHERE code_sealed IS NOT NULL").await, 0);
        worker.stop().await;
    }

    async fn what_is_checked_again_keeps_its_secret_and_what_lost_it_is_not_checked_again(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("waiting");
        let scope = portal.office(&sample.tenant_domain).await;
        let failed = portal.submit(&scope, &sample).await;
        // As the ladder leaves it at its end: failed, with a cause that the same attempt may outlive.
        database.execute("DELETE FROM jobs").await;
        for table in ["connections", "attempts"] {
            database.execute(&format!("UPDATE {table} SET came_from = 'submitted', state = 'failed', phase = NULL")).await;
        }
        database.execute("UPDATE attempts SET decided_at = 1").await;
        let now = portal.app.clock.now();
        let over = Over { out_of_use: now, closed: now };
        let left = portal.app.store.read().await.expect("a transaction").left_over_secrets(over, 9).await.expect("rows");
        assert_eq!(left.len(), 1);
        // Between the list and the deletion somebody has it checked again.
        let (connection, attempt) = portal.standing(&failed).await;
        check_again(&portal.app, &scope, &failed.connection, connection.version).await.expect("a check");
        let mut write = portal.app.store.write().await.expect("a transaction");
        assert!(!write.destroy_secret(&left[0], over).await.expect("an answer"));
        write.commit_quietly(Quiet::Tick).await.expect("a commit");
        assert_eq!(database.count("secrets").await, 1);
        // It fails again, and nobody is faster.
        for table in ["connections", "attempts"] {
            database.execute(&format!("UPDATE {table} SET came_from = 'submitted', state = 'failed', phase = NULL")).await;
        }
        let mut write = portal.app.store.write().await.expect("a transaction");
        assert!(write.destroy_secret(&left[0], over).await.expect("an answer"));
        write.commit_quietly(Quiet::Tick).await.expect("a commit");
        assert_eq!(database.count("secrets").await, 0);
        let (connection, without) = portal.standing(&failed).await;
        assert_eq!((attempt.secret_id.is_some(), without.secret_id), (true, None));
        let refused = check_again(&portal.app, &scope, &failed.connection, connection.version).await;
        let Err(Refused::Conflict(why)) = refused else { panic!("{refused:?}") };
        assert!(why.contains("Start a new attempt"), "{why}");
        assert_eq!(portal.standing(&failed).await.0.state, State::Failed);
    }

    async fn one_kind_that_cannot_be_deleted_keeps_no_other_from_it_and_the_sweep_goes_on(database) {
        let portal = Portal::open(database).await;
        let worker = after(&portal, database, portal.worker(), 60).await;
        worker.stop().await;
        // The table of limits is away, and the sweep's workers were lost more often than any other job would survive.
        database.execute("ALTER TABLE rate_limits RENAME TO rate_limits_away").await;
        database.execute("INSERT INTO form_keys (key, person_id, body_hash, location, created_at) VALUES ('k', 'p', '', '', 1)").await;
        database.execute("INSERT INTO jobs (id, kind, subject, run_at, attempts, crashes, created_at, done_at)
            VALUES ('job_00000000000000000000000001', 'send_mail', 'x', 1, 0, 0, 1, 1)").await;
        database.execute("UPDATE jobs SET crashes = 7, attempts = 900 WHERE kind = 'sweep'").await;
        let worker = after(&portal, database, portal.worker(), 60).await;
        assert_eq!(database.count("jobs WHERE parked_at IS NOT NULL").await, 0);
        let worker = after(&portal, database, worker, 600).await;
        worker.stop().await;
        assert_eq!(database.count("form_keys").await, 0);
        assert_eq!(database.count("jobs WHERE done_at IS NOT NULL").await, 0, "also what comes after it");
    }
}
