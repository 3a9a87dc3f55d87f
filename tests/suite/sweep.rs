//! What its time is over for goes on time, and nothing goes sooner.

use std::time::Duration;

use moxi_onboard::{
    actions::outbox,
    domain::{address::MailAddress, ids::SignInId},
    store::Quiet,
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
            let open = database.count("jobs WHERE kind <> 'sweep' AND done_at IS NULL").await;
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
        database.execute("UPDATE jobs SET run_at = 9000000000000000 WHERE kind = 'send_mail'").await;
        let worker = after(&portal, database, portal.worker(), 9 * 60).await;
        assert_eq!(database.count("mails WHERE code_sealed IS NOT NULL").await, 1);
        let worker = after(&portal, database, worker, 120).await;
        assert_eq!(database.count("mails WHERE code_sealed IS NOT NULL").await, 0);
        worker.stop().await;
    }
}
