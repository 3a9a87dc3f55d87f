//! Checks by the worker against the simulator: one verdict, the ladder, crashes, and what a person sees of it.

use std::time::Duration;

use moxi_onboard::{
    actions::{run_check::run_check, undone::Undone},
    clock::Randomness,
    domain::{
        check::{LADDER, Origin, Verdict},
        connection::{Phase, State},
        ids::CheckId,
        job::Claimed,
        mail::MailKind,
    },
    simulator::{ALWAYS, Fault, Operation, Target},
    store::Quiet,
};

use crate::{
    databases::{Database, on_both},
    running::{Portal, Submission, worker, worker_with},
    verification::lab::Lab,
};

async fn portal_and_lab(database: &Database) -> (Portal, Lab) {
    let lab = Lab::open().await;
    let portal = Portal::open(database).await.with(lab.verifier());
    (portal, lab)
}

/// Moves the clock when nobody holds a lease: on SQLite the same clock ends leases.
async fn advance(portal: &Portal, database: &Database, by: Duration) {
    portal
        .until("nothing runs", async || {
            (database.count("jobs WHERE lease_token IS NOT NULL").await == 0).then_some(())
        })
        .await;
    portal.app.clock.advance(by);
}

async fn claim(portal: &Portal) -> Claimed {
    let mut write = portal.app.store.write().await.expect("a transaction");
    let token = Randomness::system().bytes();
    let claimed = write.claim_job("run_check", "test", token, Duration::from_secs(30)).await;
    let claimed = claimed.expect("a claim").expect("a job");
    write.commit_quietly(Quiet::Lease).await.expect("a commit");
    claimed
}

fn check_of(claimed: &Claimed) -> CheckId {
    CheckId::parse(claimed.job.subject()).expect("a check")
}

async fn mails(portal: &Portal, kind: MailKind, count: usize) {
    portal
        .until(&format!("{count} mails {kind:?}"), async || {
            let sent = portal.mails.sent().iter().filter(|mail| mail.kind == kind).count();
            assert!(sent <= count, "{sent} mails {kind:?}");
            (sent == count).then_some(())
        })
        .await;
}

on_both! {
    async fn a_good_credential_is_verified_and_everybody_is_told(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Verified, None).await;
        mails(&portal, MailKind::Verified, 1).await;
        worker.stop().await;
        let (connection, attempt) = portal.standing(&submission).await;
        assert_eq!((connection.in_use, connection.candidate), (Some(submission.attempt.clone()), None));
        assert_eq!((attempt.state, attempt.cause), (State::Verified, None));
        let checks = portal.checks(&submission).await;
        assert_eq!(checks.iter().map(|check| (check.run, check.verdict)).collect::<Vec<_>>(), [(1, Some(Verdict::Passed))]);
        let steps = portal.app.store.read().await.expect("a transaction").steps_above(&checks[0].id, 1, 0).await.expect("steps");
        assert_eq!(steps.iter().map(|step| step.seq).collect::<Vec<_>>(), (1..=13).collect::<Vec<_>>());
        assert_eq!(lab.simulator.token_requests(&sample.tenant_id), 1);
        assert_eq!(database.count("sign_in_tries WHERE accepted = TRUE").await, 1);
    }

    async fn a_wrong_secret_fails_after_one_try(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("secret-wrong");
        let submission = portal.newcomer(&sample).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Failed, None).await;
        mails(&portal, MailKind::Failed, 1).await;
        worker.stop().await;
        let (_, attempt) = portal.standing(&submission).await;
        assert_eq!(attempt.cause.as_ref().map(|cause| cause.as_str()), sample.expected_cause.as_deref());
        assert_eq!(lab.simulator.token_requests(&sample.tenant_id), 1);
        assert_eq!(portal.checks(&submission).await.len(), 1, "nobody looks again by himself");
    }

    async fn the_ladder_is_climbed_by_the_clock_and_told_once(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("waiting");
        let submission = portal.newcomer(&sample).await;
        let worker = portal.worker();
        for (rung, pause) in LADDER.iter().enumerate() {
            let due = portal.until("the next look is planned", async || {
                let next = portal.checks(&submission).await.into_iter().find(|check| check.verdict.is_none())?;
                (next.rung == i64::try_from(rung + 1).expect("small")).then_some(next.due_at)
            }).await;
            portal.settles(&submission, State::Submitted, Some(Phase::WaitingForProvider)).await;
            mails(&portal, MailKind::Waiting, 1).await;
            assert_eq!(due.since(portal.app.clock.now()).unsigned_abs(), *pause);
            advance(&portal, database, *pause).await;
        }
        portal.settles(&submission, State::Failed, None).await;
        mails(&portal, MailKind::Waiting, 1).await;
        mails(&portal, MailKind::Failed, 1).await;
        worker.stop().await;
        let checks = portal.checks(&submission).await;
        assert_eq!(checks.len(), LADDER.len() + 1);
        assert!(checks[1..].iter().all(|check| check.origin == Origin::Schedule));
        assert!(checks.iter().all(|check| check.verdict.is_some()));
    }

    async fn what_heals_while_we_wait_is_verified(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("waiting");
        let submission = portal.newcomer(&sample).await;
        let worker = portal.worker();
        portal.settles(&submission, State::Submitted, Some(Phase::WaitingForProvider)).await;
        mails(&portal, MailKind::Waiting, 1).await;
        lab.simulator.heal(&sample.name);
        advance(&portal, database, LADDER[0]).await;
        portal.settles(&submission, State::Verified, None).await;
        mails(&portal, MailKind::Waiting, 1).await;
        mails(&portal, MailKind::Verified, 1).await;
        worker.stop().await;
    }

    async fn a_busy_service_is_asked_five_times_and_then_staff_look(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("sign-in-service-down");
        let submission = portal.newcomer(&sample).await;
        let worker = portal.worker();
        for retries in 1..=4 {
            let due = portal.until("the next try is planned", async || {
                let next = portal.checks(&submission).await.into_iter().find(|check| check.verdict.is_none())?;
                (next.retries == retries).then_some(next.due_at)
            }).await;
            let pause = due.since(portal.app.clock.now());
            assert!(pause.is_positive() && pause.as_mins() <= 10, "{pause:?}");
            advance(&portal, database, pause.unsigned_abs()).await;
        }
        portal.settles(&submission, State::Submitted, Some(Phase::NeedsStaff)).await;
        mails(&portal, MailKind::NeedsStaff, 1).await;
        worker.stop().await;
        assert_eq!(portal.checks(&submission).await.len(), 5);
    }

    async fn a_worker_that_lost_its_lease_writes_nothing(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let zombie = claim(&portal).await;
        // The zombie is in the middle of its check when its lease ends and another worker decides.
        let token = Target::Tenant(sample.name.clone(), Operation::Token);
        lab.simulator.inject(token, Fault::Late(300), 1);
        let (app, check) = (portal.app.clone(), check_of(&zombie));
        let slow = tokio::spawn(async move { run_check(&app, &zombie, &check).await });
        portal.settles(&submission, State::Submitted, Some(Phase::Checking)).await;
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let other = worker(portal.beside(database).await);
        portal.settles(&submission, State::Verified, None).await;
        mails(&portal, MailKind::Verified, 1).await;
        let ended = slow.await.expect("no panic");
        assert!(ended.is_err() || database.count("verdicts").await == 1);
        other.stop().await;
        assert_eq!(database.count("verdicts").await, 1);
        assert_eq!(database.count("audit WHERE verb = 'check.decide'").await, 1);
        assert_eq!(portal.mails.sent().iter().filter(|mail| mail.kind == MailKind::Verified).count(), 1);
    }

    async fn a_killed_worker_leaves_a_check_that_another_takes_up(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let token = Target::Tenant(sample.name.clone(), Operation::Token);
        lab.simulator.inject(token, Fault::Hang, ALWAYS);
        let doomed = portal.worker();
        lab.simulator.wait_for(|seen| seen.operation == Operation::Token).await;
        doomed.kill().await;
        lab.simulator.clear_faults();
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = portal.worker();
        portal.settles(&submission, State::Verified, None).await;
        mails(&portal, MailKind::Verified, 1).await;
        worker.stop().await;
        let checks = portal.checks(&submission).await;
        assert_eq!(checks.iter().map(|check| (check.run, check.verdict)).collect::<Vec<_>>(), [(2, Some(Verdict::Passed))]);
    }

    async fn a_worker_that_is_told_to_stop_gives_a_long_check_back_at_once(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let token = Target::Tenant(sample.name.clone(), Operation::Token);
        lab.simulator.inject(token, Fault::Hang, ALWAYS);
        let leaving = worker_with(portal.app.clone(), |settings| settings.grace = Duration::from_millis(50));
        lab.simulator.wait_for(|seen| seen.operation == Operation::Token).await;
        leaving.stop().await;
        assert_eq!(database.count("jobs WHERE lease_token IS NOT NULL").await, 0);
        assert_eq!(database.count("jobs WHERE crashes > 0").await, 0, "leaving in order is no crash");
        lab.simulator.clear_faults();
        let worker = portal.worker();
        portal.settles(&submission, State::Verified, None).await;
        worker.stop().await;
        assert_eq!(database.count("sign_in_tries").await, 2, "one try was cut off, one more was made");
    }

    async fn a_try_that_cannot_be_counted_is_no_verdict(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        let claimed = claim(&portal).await;
        database.execute("ALTER TABLE sign_in_tries RENAME COLUMN account_key TO away").await;
        // The run begins all the same: only counting the account's tries fails.
        let ended = run_check(&portal.app, &claimed, &check_of(&claimed)).await;
        database.execute("ALTER TABLE sign_in_tries RENAME COLUMN away TO account_key").await;
        assert!(matches!(ended, Err(Undone::Ours(_))), "{ended:?}");
        assert_eq!(database.count("verdicts").await, 0);
        assert_eq!(lab.simulator.token_requests(&sample.tenant_id), 0, "nothing left");
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = portal.worker();
        portal.settles(&submission, State::Verified, None).await;
        worker.stop().await;
    }

    async fn after_three_refused_tries_the_next_waits_until_one_is_an_hour_old(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let refusal = Fault::Status {
            code: 401,
            headers: Default::default(),
            body: r#"{"error":"invalid_client","error_codes":[7000215],"error_description":"AADSTS7000215: No."}"#.to_owned(),
        };
        lab.simulator.inject(Target::Operation(Operation::Token), refusal, 3);
        let worker = portal.worker();
        for name in ["One", "Two", "Three"] {
            let connection = portal.connection(&scope, name).await;
            let attempt = portal.submit_to(&scope, &connection, &sample, 1).await;
            let refused = Submission { scope: scope.clone(), connection, attempt };
            portal.settles(&refused, State::Failed, None).await;
        }
        let submission = portal.submit(&scope, &sample).await;
        portal.settles(&submission, State::Submitted, Some(Phase::WaitingForProvider)).await;
        assert_eq!(lab.simulator.token_requests(&sample.tenant_id), 3, "the fourth try was not made");
        let next = portal.checks(&submission).await.into_iter().find(|check| check.verdict.is_none()).expect("a look");
        assert_eq!(next.origin, Origin::Submission, "it is the look that the submission asked for");
        let pause = next.due_at.since(portal.app.clock.now()).unsigned_abs();
        assert!(pause <= Duration::from_secs(3600) && pause > Duration::from_secs(3500), "{pause:?}");
        advance(&portal, database, pause).await;
        portal.settles(&submission, State::Verified, None).await;
        worker.stop().await;
        assert_eq!(lab.simulator.token_requests(&sample.tenant_id), 4);
        assert!(portal.mails.sent().iter().all(|mail| mail.kind != MailKind::NeedsStaff));
    }

    async fn three_lost_workers_give_the_check_to_staff(database) {
        let (portal, lab) = portal_and_lab(database).await;
        let sample = lab.sample("healthy");
        let submission = portal.newcomer(&sample).await;
        for _ in 0..3 {
            claim(&portal).await;
            database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        }
        let worker = portal.worker();
        portal.settles(&submission, State::Submitted, Some(Phase::NeedsStaff)).await;
        mails(&portal, MailKind::NeedsStaff, 1).await;
        worker.stop().await;
        assert_eq!(database.count("jobs WHERE parked_at IS NOT NULL").await, 1);
        assert_eq!(lab.simulator.token_requests(&sample.tenant_id), 0);
    }
}
