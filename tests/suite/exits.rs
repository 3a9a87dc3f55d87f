//! An office takes back what it submitted, closes a connection with a reason, and takes it up again; whoever is faster,
//! a worker or a person, nothing is left half done.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        close_connection::{TypedClosing, close_connection},
        draft::Bench,
        enable::{EnabledDay, TypedDay, enable},
        read_closing::read_closing,
        reopen::{reopen, staff_reopen},
        save_answers::Goal,
        start_rotation::start_rotation,
        submit::submit,
        withdraw::withdraw,
    },
    domain::{
        attempt::AttemptEnd,
        connection::{CloseReason, State},
        ids::{AttemptId, StaffId},
        mail::MailKind,
        refused::Refused,
        review::NeedRule,
        staff::{StaffRole, StaffScope},
    },
    simulator::Sample,
};

use crate::{
    databases::on_both,
    office::{SECRET, SESSION, fresh_key, save, typed},
    rotation::{Verified, verified},
    running::{Portal, Submission},
    verification::lab::Lab,
};

fn because(reason: CloseReason, words: &str) -> TypedClosing {
    TypedClosing { reason: reason.as_str().to_owned(), words: words.to_owned() }
}

async fn bench(portal: &Portal, of: &Submission) -> Bench {
    let mut read = portal.app.store.read().await.expect("a transaction");
    Bench::read(&portal.app, &mut read, &of.scope, SESSION, &of.connection).await.expect("a bench")
}

/// Enters the secret once more beside what is filled in, and submits it.
async fn hands_in(portal: &Portal, of: &Submission, sample: &Sample) -> AttemptId {
    let ends = sample.secret_expires_on;
    let answers = bench(portal, of).await.answers;
    let answers = answers
        .with("ends_month", ends.month().to_string())
        .with("ends_day", ends.day().to_string())
        .with("ends_year", ends.year().to_string());
    let typed = typed(answers, &sample.client_secret);
    let saved = save(&portal.app, &of.scope, &of.connection, typed, Goal::Review).await;
    assert_eq!(saved.expect("saved").errors, []);
    let version = bench(portal, of).await.draft.expect("a draft").version;
    submit(&portal.app, &of.scope, SESSION, &of.connection, version, &fresh_key()).await.expect("submitted")
}

async fn needs(portal: &Portal, of: &Submission) -> Vec<NeedRule> {
    let mut read = portal.app.store.read().await.expect("a transaction");
    read.needing(&of.connection).await.expect("rows").expect("one").written
}

fn dana(role: StaffRole) -> StaffScope {
    StaffScope { staff: StaffId::from_random([9; 16]), name: "Dana Reyes".to_owned(), roles: vec![role] }
}

async fn close(it: &Verified, reason: CloseReason) {
    let seen = it.connection().await.version;
    let typed = because(reason, "We move house.");
    close_connection(&it.portal.app, &it.of.scope, &it.of.connection, seen, &typed).await.expect("closed");
}

on_both! {
    async fn a_submission_that_waits_is_withdrawn_and_its_secret_is_gone(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let of = portal.newcomer(&lab.sample("healthy")).await;
        withdraw(&portal.app, &of.scope, &of.connection, Some(&of.attempt)).await.expect("withdrawn");
        let again = withdraw(&portal.app, &of.scope, &of.connection, Some(&of.attempt)).await;
        assert!(matches!(again, Err(Refused::Conflict(_))), "{again:?}");
        let (connection, attempt) = portal.standing(&of).await;
        assert_eq!((connection.state, connection.candidate), (State::Draft, None));
        assert_eq!((attempt.state, attempt.secret_id), (State::Closed, None));
        assert_eq!(attempt.ended.map(|(end, _)| end), Some(AttemptEnd::Withdrawn));
        assert_eq!(database.count("secrets").await, 0);
        let bench = bench(&portal, &of).await;
        assert_eq!((bench.number, bench.answers.text("client_id")), (2, lab.sample("healthy").client_id.as_str()));
        // The worker finds a check that nobody wants any more.
        let worker = portal.worker();
        let open = "jobs WHERE kind = 'run_check' AND done_at IS NULL";
        portal.until(open, async || (database.count(open).await == 0).then_some(())).await;
        worker.stop().await;
        assert_eq!(database.count("verdicts").await, 0);
        let second = hands_in(&portal, &of, &lab.sample("healthy")).await;
        assert_eq!(portal.standing(&of).await.0.candidate, Some(second));
    }

    async fn of_a_verdict_and_a_withdrawal_that_race_the_first_one_stands(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let of = portal.newcomer(&lab.sample("healthy")).await;
        let worker = portal.worker();
        let withdrawn = withdraw(&portal.app, &of.scope, &of.connection, Some(&of.attempt)).await;
        let open = "jobs WHERE kind = 'run_check' AND done_at IS NULL";
        portal.until(open, async || (database.count(open).await == 0).then_some(())).await;
        worker.stop().await;
        let (connection, attempt) = portal.standing(&of).await;
        match withdrawn {
            Ok(()) => {
                assert_eq!((connection.state, attempt.state), (State::Draft, State::Closed));
                assert_eq!((connection.in_use, connection.candidate), (None, None));
            }
            Err(Refused::Conflict(_)) => assert_eq!((connection.state, attempt.state), (State::Verified, State::Verified)),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn a_secret_that_a_check_works_with_goes_when_the_check_has_ended(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let of = portal.newcomer(&lab.sample("healthy")).await;
        // As if a worker had the job in its hands.
        database.execute("UPDATE jobs SET leased_by = 'w', lease_token = 'x', lease_until = 9000000000000000 WHERE kind = 'run_check'").await;
        withdraw(&portal.app, &of.scope, &of.connection, Some(&of.attempt)).await.expect("withdrawn");
        assert_eq!(database.count("secrets").await, 1);
        database.execute("UPDATE jobs SET done_at = 1, leased_by = NULL, lease_token = NULL, lease_until = NULL WHERE kind = 'run_check'").await;
        moxi_onboard::actions::sweep::ensure_scheduled(&portal.app).await.expect("a round");
        let worker = portal.worker();
        portal.until("the secret is gone", async || (database.count("secrets").await == 0).then_some(())).await;
        worker.stop().await;
    }

    async fn a_renewal_is_dropped_before_and_after_it_was_submitted(database) {
        let mut it = verified(database).await;
        let (app, scope, id) = (it.portal.app.clone(), it.of.scope.clone(), it.of.connection.clone());
        start_rotation(&app, &scope, &id).await.expect("begun");
        withdraw(&app, &scope, &id, None).await.expect("dropped");
        assert_eq!(database.count("drafts").await, 0);
        let second = it.renew(SECRET).await;
        it.until(&second, State::Failed).await;
        withdraw(&app, &scope, &id, Some(&second)).await.expect("dropped");
        let connection = it.connection().await;
        assert_eq!((connection.state, connection.candidate), (State::Verified, None));
        assert_eq!(connection.in_use, Some(it.of.attempt.clone()));
        assert_eq!(it.attempt(&second).await.secret_id, None);
        assert!(it.attempt(&it.of.attempt).await.secret_id.is_some());
        it.stops().await;
    }

    async fn a_closed_connection_reminds_nobody_is_told_to_all_and_keeps_its_secret_for_a_week(database) {
        let mut it = verified(database).await;
        close(&it, CloseReason::FreeGmail).await;
        let connection = it.connection().await;
        assert_eq!((connection.state, &connection.in_use), (State::Closed, &None));
        assert_eq!(connection.closing.map(|closing| closing.reason), Some(CloseReason::FreeGmail));
        assert_eq!(needs(&it.portal, &it.of).await, [NeedRule::Closed]);
        let mail = &it.until_mailed(MailKind::Closed, 1).await[0];
        assert!(mail.contains("Subject: Closed: healthy"), "{mail}");
        assert_eq!(database.count("secrets").await, 1);
        it.stops().await;
        it.portal.app.clock.advance(Duration::from_secs(7 * 86_400 + 60));
        it.worker = Some(it.portal.worker());
        it.portal.until("the secret is gone", async || (database.count("secrets").await == 0).then_some(())).await;
        let refused = reopen(&it.portal.app, &it.of.scope, &it.of.connection).await;
        assert!(matches!(refused, Err(Refused::Conflict(why)) if why.contains("7 days")), "{refused:?}");
        let read = read_closing(&it.portal.app, &dana(StaffRole::Auditor), &it.of.connection).await;
        assert!(matches!(read, Err(Refused::Forbidden(_))), "{read:?}");
        it.stops().await;
    }

    async fn a_closed_connection_is_taken_up_again_as_a_draft_with_everything_but_the_secret(database) {
        let mut it = verified(database).await;
        close(&it, CloseReason::ChangedMind).await;
        reopen(&it.portal.app, &it.of.scope, &it.of.connection).await.expect("open");
        let again = reopen(&it.portal.app, &it.of.scope, &it.of.connection).await;
        assert!(matches!(again, Err(Refused::Conflict(_))), "{again:?}");
        let connection = it.connection().await;
        assert_eq!((connection.state, connection.closing), (State::Draft, None));
        assert!(needs(&it.portal, &it.of).await.is_empty());
        let bench = it.bench().await;
        assert_eq!((bench.number, bench.answers.text("client_id")), (2, it.sample.client_id.as_str()));
        let second = hands_in(&it.portal, &it.of, &it.sample).await;
        it.until(&second, State::Verified).await;
        close(&it, CloseReason::NoRights).await;
        let auditor = staff_reopen(&it.portal.app, &dana(StaffRole::Auditor), &it.of.connection).await;
        assert!(matches!(auditor, Err(Refused::Forbidden(_))), "{auditor:?}");
        it.stops().await;
    }

    async fn a_connection_that_is_checked_can_be_closed_and_the_verdict_moves_nothing(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let of = portal.newcomer(&lab.sample("healthy")).await;
        let typed = because(CloseReason::HostedElsewhere, "");
        let seen = portal.standing(&of).await.0.version;
        close_connection(&portal.app, &of.scope, &of.connection, seen, &typed).await.expect("closed");
        let twice = close_connection(&portal.app, &of.scope, &of.connection, seen, &typed).await;
        assert!(matches!(twice, Err(Refused::Conflict(_))), "{twice:?}");
        let wrong = close_connection(&portal.app, &of.scope, &of.connection, seen, &TypedClosing::default()).await;
        assert!(matches!(wrong, Err(Refused::Fields(errors)) if errors[0].field == "reason"));
        let worker = portal.worker();
        let open = "jobs WHERE kind = 'run_check' AND done_at IS NULL";
        portal.until(open, async || (database.count(open).await == 0).then_some(())).await;
        worker.stop().await;
        let (connection, attempt) = portal.standing(&of).await;
        assert_eq!((connection.state, attempt.state), (State::Closed, State::Closed));
        assert_eq!(database.count("mails WHERE kind = 'verified'").await, 0);
    }

    async fn the_day_on_which_it_is_enabled_is_told_and_stands_until_it_is_taken_back(database) {
        let mut it = verified(database).await;
        let (app, id) = (it.portal.app.clone(), it.of.connection.clone());
        let day = |month: &str, day: &str, year: &str| TypedDay { month: month.to_owned(), day: day.to_owned(), year: year.to_owned() };
        let refused = enable(&app, &dana(StaffRole::Support), &id, 1, &day("11", "30", "2026")).await;
        assert!(matches!(refused, Err(Refused::Forbidden(_))), "{refused:?}");
        let manager = dana(StaffRole::AccountManager);
        let seen = it.connection().await.version;
        let wrong = enable(&app, &manager, &id, seen, &day("13", "1", "2026")).await;
        assert!(matches!(wrong, Err(Refused::Fields(errors)) if errors[0].field == "enabled_month"));
        database.execute("UPDATE brokerages SET accepted_at = NULL").await;
        let unknown = enable(&app, &manager, &id, seen, &day("November", "30", "2026")).await;
        assert!(matches!(unknown, Err(Refused::Conflict(why)) if why.contains("Accept its brokerage first")), "{unknown:?}");
        assert_eq!(database.count("mails WHERE kind = 'enabled'").await, 0);
        database.execute("UPDATE brokerages SET accepted_at = 1").await;
        enable(&app, &manager, &id, seen, &day("November", "30", "2026")).await.expect("set");
        let same = enable(&app, &manager, &id, it.connection().await.version, &day("11", "30", "2026")).await;
        assert_eq!(same, Ok(EnabledDay::AsBefore));
        assert_eq!(it.connection().await.enabled_on.map(|day| day.to_string()).as_deref(), Some("2026-11-30"));
        let mail = &it.until_mailed(MailKind::Enabled, 1).await[0];
        assert!(mail.contains("30 November 2026"), "{mail}");
        enable(&app, &manager, &id, it.connection().await.version, &day("", "", "")).await.map(|day| assert_eq!(day, EnabledDay::TakenBack)).expect("taken back");
        assert_eq!(it.connection().await.enabled_on, None);
        it.stops().await;
    }
}
