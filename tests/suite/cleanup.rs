//! What a check could not remove is removed later, or our own people see it.

use std::time::Duration;

use moxi_onboard::{
    actions::staff_clear_again::staff_clear_again,
    domain::{connection::State, review::NeedRule, staff::StaffRole},
    simulator::{ALWAYS, Fault, Operation, Target},
};

use crate::{
    databases::{Database, on_both},
    review::{review, rules, staff},
    running::{Portal, Submission},
    verification::lab::Lab,
};

async fn verified(portal: &Portal, of: &Submission) {
    portal
        .until("the connection is verified", async || {
            (portal.standing(of).await.0.state == State::Verified).then_some(())
        })
        .await;
}

async fn counted(portal: &Portal, database: &Database, what: &str, count: i64) {
    portal.until(what, async || (database.count(what).await == count).then_some(())).await;
}

/// Moves the clock when nobody holds a lease: on SQLite the same clock ends leases.
async fn advance(portal: &Portal, database: &Database, by: Duration) {
    counted(portal, database, "jobs WHERE lease_token IS NOT NULL", 0).await;
    portal.app.clock.advance(by);
}

fn refusal() -> Fault {
    Fault::Status {
        code: 403,
        headers: Default::default(),
        body: r#"{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}"#.to_owned(),
    }
}

const OPEN: &str = "jobs WHERE kind = 'clear_mailbox' AND done_at IS NULL AND parked_at IS NULL";

on_both! {
    async fn a_check_that_cleans_up_itself_writes_no_job(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let worker = portal.worker();
        verified(&portal, &of).await;
        worker.stop().await;
        assert_eq!(database.count("test_items").await, 0);
        assert_eq!(database.count("jobs WHERE kind = 'clear_mailbox'").await, 0);
    }

    async fn what_was_refused_is_tried_again_until_it_is_gone(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        lab.simulator.inject(Target::Operation(Operation::ContactDelete), Fault::Throttled("240".to_owned()), ALWAYS);
        let of = portal.submit(&scope, &sample).await;
        let worker = portal.worker();
        verified(&portal, &of).await;
        counted(&portal, database, &format!("{OPEN} AND attempts = 1 AND lease_token IS NULL"), 1).await;
        assert_eq!(database.count("test_items WHERE thing = 'contact'").await, 1);
        assert_eq!(database.count("test_items").await, 1, "the calendar entry is gone");
        // The first pause would be a minute; the server asked for four.
        let due = "jobs WHERE kind = 'clear_mailbox' AND run_at >= ";
        let in_four = portal.app.clock.now().as_micros() + 239_000_000;
        assert_eq!(database.count(&format!("{due}{in_four}")).await, 1);
        advance(&portal, database, Duration::from_secs(241)).await;
        counted(&portal, database, &format!("{OPEN} AND attempts = 2 AND lease_token IS NULL"), 1).await;
        lab.simulator.clear_faults();
        advance(&portal, database, Duration::from_secs(301)).await;
        counted(&portal, database, "test_items", 0).await;
        counted(&portal, database, OPEN, 0).await;
        worker.stop().await;
        assert!(lab.simulator.mailbox_items(&sample.test_mailbox).left_behind().is_empty());
        assert_eq!(database.count("audit WHERE verb = 'mailbox.clear'").await, 1);
        assert_eq!(database.count("needs").await, 0);
    }

    async fn what_stays_is_given_to_our_own_people_and_tried_once_more_when_they_say(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        lab.simulator.inject(Target::Operation(Operation::EventDelete), refusal(), ALWAYS);
        let of = portal.submit(&scope, &sample).await;
        let worker = portal.worker();
        verified(&portal, &of).await;
        for tries in 1..=7 {
            counted(&portal, database, &format!("{OPEN} AND attempts = {tries} AND lease_token IS NULL"), 1).await;
            advance(&portal, database, Duration::from_secs(24 * 3600)).await;
        }
        counted(&portal, database, "test_items WHERE given_up_at IS NOT NULL", 1).await;
        let dana = staff(database, 7, "Dana", StaffRole::Reviewer).await;
        assert_eq!(rules(&review(&portal.app, &dana, &of).await), [NeedRule::LeftBehind]);
        assert_eq!(database.count(OPEN).await, 0);
        let tried = lab.simulator.token_requests(&sample.tenant_id);
        advance(&portal, database, Duration::from_secs(48 * 3600)).await;
        counted(&portal, database, "jobs WHERE lease_token IS NOT NULL", 0).await;
        assert_eq!(lab.simulator.token_requests(&sample.tenant_id), tried, "nobody tries by himself any more");

        lab.simulator.clear_faults();
        staff_clear_again(&portal.app, &dana, &of.connection).await.expect("tried");
        counted(&portal, database, "test_items", 0).await;
        worker.stop().await;
        assert_eq!(rules(&review(&portal.app, &dana, &of).await), []);
        assert!(lab.simulator.mailbox_items(&sample.test_mailbox).left_behind().is_empty());
    }

    async fn a_password_that_is_refused_meanwhile_is_not_tried_again(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        lab.simulator.inject(Target::Operation(Operation::ContactDelete), refusal(), ALWAYS);
        let of = portal.submit(&scope, &sample).await;
        let worker = portal.worker();
        verified(&portal, &of).await;
        counted(&portal, database, &format!("{OPEN} AND attempts = 1 AND lease_token IS NULL"), 1).await;
        let body = r#"{"error":"invalid_client","error_codes":[7000222],"error_description":"AADSTS7000222: Ended."}"#;
        let ended = Fault::Status { code: 401, headers: Default::default(), body: body.to_owned() };
        lab.simulator.inject(Target::Operation(Operation::Token), ended, ALWAYS);
        let tried = lab.simulator.token_requests(&sample.tenant_id);
        advance(&portal, database, Duration::from_secs(61)).await;
        counted(&portal, database, "test_items WHERE given_up_at IS NOT NULL", 1).await;
        worker.stop().await;
        assert_eq!(lab.simulator.token_requests(&sample.tenant_id), tried + 1);
        assert_eq!(database.count("sign_in_tries WHERE run < 0 AND accepted = FALSE").await, 1);
    }

    async fn what_a_killed_worker_wrote_is_removed_by_the_next_one(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        lab.simulator.inject(Target::Operation(Operation::ContactDelete), Fault::Hang, ALWAYS);
        let doomed = portal.worker();
        let contact = || {
            let items = lab.simulator.mailbox_items(&sample.test_mailbox);
            items.contacts.iter().any(|contact| !contact.seeded).then_some(())
        };
        portal.until("the contact is written", async || contact()).await;
        doomed.kill().await;
        lab.simulator.clear_faults();
        assert_eq!(contact(), Some(()), "nobody removed it");
        assert_eq!(database.count("test_items WHERE thing = 'contact'").await, 1);
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = portal.worker();
        verified(&portal, &of).await;
        let empty = || lab.simulator.mailbox_items(&sample.test_mailbox).left_behind().is_empty();
        portal.until("the mailbox is as it was", async || empty().then_some(())).await;
        // What was cut off while it was written might arrive late, so its note stays for five minutes.
        advance(&portal, database, Duration::from_secs(301)).await;
        counted(&portal, database, "test_items", 0).await;
        worker.stop().await;
        assert!(empty());
    }
}
