//! "Test before you submit": a check of answers that nobody has submitted. It moves nothing, uses up nothing, and ends in
//! something honest whatever happens to its draft meanwhile.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        draft::Bench,
        save_answers::Goal,
        submit::submit,
        test_answers::{Freshness, Room, Tested, test_answers},
    },
    domain::{
        answers::Answers,
        check::{Origin, Verdict},
        connection::State,
        dry_run::DryRunEnd,
        ids::{CheckId, ConnectionId},
        kind::AccessKind,
        refused::Refused,
        scope::Scope,
    },
    simulator::{ALWAYS, Fault, Operation, Sample, Target},
};

use crate::{
    databases::{Database, on_both},
    flow_pages::Browser,
    office::{self, OTHER_SESSION, SESSION, fresh_key, save, typed},
    running::{Portal, Submission},
    verification::lab::Lab,
};

/// An office whose answers are ready to be tested.
struct Desk {
    lab: Lab,
    portal: Portal,
    sample: Sample,
    scope: Scope,
    connection: ConnectionId,
}

async fn desk(database: &Database, sample: &str) -> Desk {
    let lab = Lab::open().await;
    let portal = Portal::open(database).await.with(lab.verifier());
    let sample = lab.sample(sample).clone();
    let scope = portal.office(&sample.tenant_domain).await;
    let connection = portal.connection(&scope, "Main office").await;
    let desk = Desk { lab, portal, sample, scope, connection };
    desk.fill_in(&desk.sample.client_secret.clone()).await;
    desk
}

fn answers(sample: &Sample) -> Answers {
    let ends = sample.secret_expires_on;
    Answers::proposed(AccessKind::GraphSecret, 1)
        .with("tenant", &sample.tenant_id)
        .with("client_id", &sample.client_id)
        .with("ends_month", ends.month().to_string())
        .with("ends_day", ends.day().to_string())
        .with("ends_year", ends.year().to_string())
        .with("test_mailbox", &sample.test_mailbox)
}

impl Desk {
    async fn fill_in(&self, secret: &str) {
        let typed = typed(answers(&self.sample), secret);
        let saved = save(&self.portal.app, &self.scope, &self.connection, typed, Goal::Review).await;
        assert_eq!(saved.expect("saved").errors, []);
    }

    async fn seen(&self) -> i64 {
        let mut read = self.portal.app.store.read().await.expect("a transaction");
        read.draft(&self.scope.brokerage, &self.connection).await.expect("rows").expect("a draft").version
    }

    async fn press(&self) -> Result<CheckId, Refused> {
        let seen = self.seen().await;
        test_answers(&self.portal.app, &self.scope, SESSION, &self.connection, seen, &fresh_key()).await
    }

    async fn tested(&self, check: &CheckId) -> Tested {
        let app = &self.portal.app;
        let mut read = app.store.read().await.expect("a transaction");
        let found = Tested::of_check(app, &mut read, &self.scope, &self.connection, check).await;
        found.expect("a read").expect("a test")
    }

    /// Waits for the end of a test.
    async fn ends(&self, check: &CheckId) -> Tested {
        self.portal
            .until("the test has a result", async || {
                Some(self.tested(check).await).filter(|tested| tested.check.verdict.is_some())
            })
            .await
    }

    /// Presses, and waits for the end.
    async fn test(&self) -> Tested {
        let check = self.press().await.expect("a test");
        self.ends(&check).await
    }

    async fn bench(&self) -> Bench {
        let app = &self.portal.app;
        let mut read = app.store.read().await.expect("a transaction");
        Bench::read(app, &mut read, &self.scope, SESSION, &self.connection).await.expect("a bench")
    }

    async fn room(&self) -> Room {
        let bench = self.bench().await;
        let settings = bench.settings(&bench.answers).expect("settings");
        let mut read = self.portal.app.store.read().await.expect("a transaction");
        Room::of(&self.portal.app, &mut read, &self.scope, &settings).await.expect("a read")
    }

    async fn submit(&self) -> Submission {
        let seen = self.seen().await;
        let attempt =
            submit(&self.portal.app, &self.scope, SESSION, &self.connection, seen, &fresh_key()).await;
        let attempt = attempt.expect("submitted");
        Submission { scope: self.scope.clone(), connection: self.connection.clone(), attempt }
    }

    /// Nothing moved and nobody was written to.
    async fn is_untouched(&self, database: &Database) {
        let bench = self.bench().await;
        assert_eq!((bench.connection.state, bench.number), (State::Draft, 1));
        assert_eq!((bench.connection.candidate, bench.connection.in_use), (None, None));
        assert_eq!(database.count("attempts").await, 0);
        assert_eq!(database.count("mails").await, 0);
        assert_eq!(database.count("needs").await, 0);
    }
}

fn cause(tested: &Tested) -> Option<&str> {
    tested.check.cause.as_ref().map(|cause| cause.as_str())
}

fn refusal(code: u32) -> Fault {
    Fault::Status {
        code: 401,
        headers: Default::default(),
        body: format!(
            r#"{{"error":"invalid_client","error_codes":[{code}],"error_description":"AADSTS{code}: No."}}"#
        ),
    }
}

on_both! {
    async fn a_test_that_passed_is_submitted_without_retyping(database) {
        let desk = desk(database, "healthy").await;
        let worker = desk.portal.worker();
        let tested = desk.test().await;
        assert_eq!((tested.check.verdict, tested.check.origin), (Some(Verdict::Passed), Origin::DryRun));
        assert_eq!(tested.check.attempt_id, None);
        assert_eq!(tested.freshness(&desk.bench().await), Freshness::Same);
        desk.is_untouched(database).await;
        assert!(desk.lab.simulator.mailbox_items(&desk.sample.test_mailbox).left_behind().is_empty());
        let steps = database.count(&format!("check_steps WHERE check_id = '{}'", tested.check.id)).await;
        assert_eq!(steps, 13, "the same steps as a submission's");

        let of = desk.submit().await;
        desk.portal.settles(&of, State::Verified, None).await;
        worker.stop().await;
        let (_, attempt) = desk.portal.standing(&of).await;
        assert_eq!(attempt.number, 1);
        assert_eq!(desk.lab.simulator.token_requests(&desk.sample.tenant_id), 2, "the submission has a check of its own");
        assert_eq!(tested.freshness(&desk.bench().await), Freshness::Gone);
    }

    async fn a_secret_that_is_refused_goes_and_another_is_tested(database) {
        let desk = desk(database, "healthy").await;
        desk.lab.simulator.inject(Target::Operation(Operation::Token), refusal(7_000_215), 1);
        let worker = desk.portal.worker();
        let tested = desk.test().await;
        assert_eq!((tested.check.verdict, cause(&tested)), (Some(Verdict::Failed), Some("client_secret_invalid")));
        desk.is_untouched(database).await;
        assert_eq!(database.count("secrets").await, 0, "it is of no use any more");
        let bench = desk.bench().await;
        let missing: Vec<(&str, String)> =
            bench.missing().into_iter().map(|error| (error.field, error.sentence)).collect();
        assert_eq!(missing, [("client_secret", "Enter the client secret".to_owned())], "everything else is there");
        assert_eq!(tested.freshness(&bench), Freshness::Same);
        assert!(matches!(desk.press().await, Err(Refused::Fields(_))), "there is nothing to test");

        desk.fill_in(&desk.sample.client_secret).await;
        assert_eq!(tested.freshness(&desk.bench().await), Freshness::Changed);
        assert_eq!(desk.test().await.check.verdict, Some(Verdict::Passed));
        worker.stop().await;
        assert_eq!(desk.lab.simulator.token_requests(&desk.sample.tenant_id), 2, "one try a press");
    }

    async fn what_is_mended_elsewhere_keeps_the_secret(database) {
        let desk = desk(database, "no-permissions").await;
        let worker = desk.portal.worker();
        for _ in 0..2 {
            let tested = desk.test().await;
            assert_eq!((tested.check.verdict, cause(&tested)), (Some(Verdict::Failed), desk.sample.expected_cause.as_deref()));
        }
        worker.stop().await;
        assert_eq!(desk.bench().await.missing(), []);
        desk.is_untouched(database).await;
    }

    async fn what_the_provider_still_applies_is_not_looked_at_again_by_ourselves(database) {
        let desk = desk(database, "waiting").await;
        let worker = desk.portal.worker();
        let tested = desk.test().await;
        assert_eq!(tested.check.verdict, Some(Verdict::WaitingForProvider));
        worker.stop().await;
        assert_eq!(database.count("checks").await, 1);
        assert_eq!(database.count("jobs WHERE kind = 'run_check' AND done_at IS NULL").await, 0);
        desk.is_untouched(database).await;
    }

    async fn two_presses_are_one_test(database) {
        let desk = desk(database, "healthy").await;
        let (seen, key, app) = (desk.seen().await, fresh_key(), &desk.portal.app);
        let press = async |key| test_answers(app, &desk.scope, SESSION, &desk.connection, seen, key).await.expect("a test");
        let other = fresh_key();
        let (one, two, tab) = tokio::join!(press(&key), press(&key), press(&other));
        assert_eq!((&one, &one), (&two, &tab), "a double press and another tab");
        assert_eq!(database.count("dry_runs").await, 1);
        let worker = desk.portal.worker();
        desk.ends(&one).await;
        assert_eq!(press(&key).await, one, "the same form again, after the end");
        worker.stop().await;
        assert_eq!(desk.lab.simulator.token_requests(&desk.sample.tenant_id), 1);
    }

    async fn five_in_a_quarter_of_an_hour_and_faults_of_ours_do_not_count(database) {
        let desk = desk(database, "no-permissions").await;
        let worker = desk.portal.worker();
        for _ in 0..4 {
            desk.test().await;
        }
        worker.stop().await;
        let check = desk.press().await.expect("the fifth");
        // Three workers are lost with it: it is given up, and that was us.
        for _ in 0..3 {
            let mut write = desk.portal.app.store.write().await.expect("a transaction");
            let claimed = write.claim_job("run_check", "test", [7; 16], Duration::from_secs(30)).await;
            assert!(claimed.expect("a claim").is_some());
            write.commit_quietly(moxi_onboard::store::Quiet::Lease).await.expect("a commit");
            database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        }
        let worker = desk.portal.worker();
        let ours = desk.ends(&check).await;
        assert_eq!((ours.check.verdict, cause(&ours)), (Some(Verdict::CouldNotTell), None));
        assert_eq!(desk.room().await.tests_until, None, "it did not count");
        desk.test().await;
        let until = desk.room().await.tests_until.expect("that was the fifth");
        assert!(matches!(desk.press().await, Err(Refused::TooMany(at)) if at == until));
        database.execute("UPDATE rate_limits SET ends_at = 1").await;
        assert_eq!(desk.test().await.check.verdict, Some(Verdict::Failed));
        worker.stop().await;
        desk.is_untouched(database).await;
    }

    async fn refused_sign_ins_of_tests_count_for_the_account(database) {
        let desk = desk(database, "healthy").await;
        desk.lab.simulator.inject(Target::Operation(Operation::Token), refusal(7_000_215), 3);
        let worker = desk.portal.worker();
        for refused in 1..=3 {
            desk.fill_in(&desk.sample.client_secret).await;
            assert_eq!(desk.test().await.check.verdict, Some(Verdict::Failed));
            desk.fill_in(&desk.sample.client_secret).await;
            let room = desk.room().await;
            assert_eq!((room.refused, room.paused_until.is_some()), (refused, refused == 3));
        }
        assert!(matches!(desk.press().await, Err(Refused::TooMany(_))));
        let of = desk.submit().await;
        desk.portal.until("the submission's check waits for the hour", async || {
            let checks = desk.portal.checks(&of).await;
            checks.iter().any(|check| check.verdict.is_none() && check.retries == 1).then_some(())
        }).await;
        worker.stop().await;
        assert_eq!(desk.lab.simulator.token_requests(&desk.sample.tenant_id), 3, "the fourth was not made");
    }

    async fn a_test_whose_draft_ended_before_its_turn_says_why(database) {
        let desk = desk(database, "healthy").await;
        let check = desk.press().await.expect("a test");
        desk.portal.app.clock.advance(Duration::from_secs(61 * 60));
        let worker = desk.portal.worker();
        assert_eq!(desk.ends(&check).await.dry_run.ended_by, Some(DryRunEnd::Expired));
        worker.stop().await;

        desk.fill_in(&desk.sample.client_secret).await;
        let check = desk.press().await.expect("a test");
        desk.fill_in(&desk.sample.client_secret).await;
        let worker = desk.portal.worker();
        assert_eq!(desk.ends(&check).await.dry_run.ended_by, Some(DryRunEnd::Changed));
        worker.stop().await;

        let check = desk.press().await.expect("a test");
        let of = desk.submit().await;
        let worker = desk.portal.worker();
        // Where the two met at the account, one of them waits two seconds for its turn.
        desk.portal.until("both had their turn", async || {
            if database.count("jobs WHERE kind = 'run_check' AND done_at IS NULL").await == 0 {
                return Some(());
            }
            if database.count("jobs WHERE lease_token IS NOT NULL").await == 0 {
                desk.portal.app.clock.advance(Duration::from_secs(3));
            }
            None
        }).await;
        assert_eq!(desk.ends(&check).await.dry_run.ended_by, Some(DryRunEnd::Submitted));
        desk.portal.settles(&of, State::Verified, None).await;
        worker.stop().await;
        assert_eq!(desk.lab.simulator.token_requests(&desk.sample.tenant_id), 1, "none of the three signed in");
        assert_eq!(database.count("rate_limits WHERE uses = 0").await, 1, "none of the three counts");
    }

    async fn a_running_test_outlives_its_draft(database) {
        let desk = desk(database, "healthy").await;
        let token = Target::Tenant(desk.sample.name.clone(), Operation::Token);
        desk.lab.simulator.inject(token, Fault::Late(400), 1);
        let check = desk.press().await.expect("a test");
        let worker = desk.portal.worker();
        desk.lab.simulator.wait_for(|seen| seen.operation == Operation::Token).await;
        database.execute("UPDATE drafts SET secret_id = NULL, version = version + 1").await;
        database.execute("DELETE FROM secrets").await;
        let tested = desk.ends(&check).await;
        worker.stop().await;
        assert_eq!((tested.check.verdict, tested.dry_run.ended_by), (Some(Verdict::Passed), None));
        assert!(desk.lab.simulator.mailbox_items(&desk.sample.test_mailbox).left_behind().is_empty());
        assert!(!desk.bench().await.missing().is_empty(), "it has to be entered once more");
    }

    async fn a_killed_worker_leaves_a_test_that_another_takes_up(database) {
        let desk = desk(database, "healthy").await;
        let token = Target::Tenant(desk.sample.name.clone(), Operation::Token);
        desk.lab.simulator.inject(token, Fault::Hang, ALWAYS);
        let check = desk.press().await.expect("a test");
        let doomed = desk.portal.worker();
        desk.lab.simulator.wait_for(|seen| seen.operation == Operation::Token).await;
        doomed.kill().await;
        desk.lab.simulator.clear_faults();
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = desk.portal.worker();
        let tested = desk.ends(&check).await;
        worker.stop().await;
        assert_eq!((tested.check.run, tested.check.verdict), (2, Some(Verdict::Passed)));
    }

    async fn what_a_test_left_is_removed_with_the_credential_that_came_later(database) {
        let desk = desk(database, "healthy").await;
        let denied = Fault::Status {
            code: 403,
            headers: Default::default(),
            body: r#"{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}"#.to_owned(),
        };
        desk.lab.simulator.inject(Target::Operation(Operation::ContactDelete), denied, ALWAYS);
        let worker = desk.portal.worker();
        let tested = desk.test().await;
        assert_eq!(tested.check.verdict, Some(Verdict::PassedWithWarnings));
        assert_eq!(database.count("test_items").await, 1);
        worker.stop().await;
        // The draft ended, and its secret with it.
        desk.portal.app.clock.advance(Duration::from_secs(61 * 60));
        database.execute("UPDATE drafts SET secret_id = NULL, version = version + 1").await;
        database.execute("DELETE FROM secrets").await;
        let worker = desk.portal.worker();
        desk.portal.until("nobody can remove it", async || {
            (database.count("test_items WHERE given_up_at IS NOT NULL").await == 1).then_some(())
        }).await;
        desk.lab.simulator.clear_faults();
        desk.fill_in(&desk.sample.client_secret).await;
        let of = desk.submit().await;
        desk.portal.settles(&of, State::Verified, None).await;
        desk.portal.until("it is gone", async || (database.count("test_items").await == 0).then_some(())).await;
        worker.stop().await;
        assert!(desk.lab.simulator.mailbox_items(&desk.sample.test_mailbox).left_behind().is_empty());
    }

    async fn a_test_needs_the_session_that_entered_the_secret_and_the_office_whose_it_is(database) {
        let desk = desk(database, "healthy").await;
        let (app, seen) = (&desk.portal.app, desk.seen().await);
        let elsewhere = test_answers(app, &desk.scope, OTHER_SESSION, &desk.connection, seen, &fresh_key()).await;
        assert!(matches!(elsewhere, Err(Refused::Fields(_))), "{elsewhere:?}");
        let stale = test_answers(app, &desk.scope, SESSION, &desk.connection, seen - 1, &fresh_key()).await;
        assert!(matches!(stale, Err(Refused::Conflict(_))), "{stale:?}");
        let stranger = office::office_of(app, "pine.example", true, &["Kim"]).await;
        let foreign = test_answers(app, &stranger, SESSION, &desk.connection, seen, &fresh_key()).await;
        assert!(matches!(foreign, Err(Refused::NotFound)), "{foreign:?}");
        let check = desk.press().await.expect("a test");
        let mut read = app.store.read().await.expect("a transaction");
        assert!(Tested::of_check(app, &mut read, &stranger, &desk.connection, &check).await.expect("a read").is_none());
        drop(read);
        let mut kim = Browser::of(app, &stranger).await;
        for path in ["", "/live"] {
            let path = format!("/connections/{}/tests/{check}{path}", desk.connection);
            assert_eq!(kim.look(&path).await.status, 404, "{path}");
        }
    }

    async fn a_brokerage_that_nobody_accepted_tests_its_own_tenant_alone(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy").clone();
        let scope = office::office(&portal.app, "elsewhere.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let sample = Sample { test_mailbox: "pat@elsewhere.example".to_owned(), ..sample };
        let desk = Desk { lab, portal, sample, scope, connection };
        desk.fill_in(&desk.sample.client_secret).await;
        let worker = desk.portal.worker();
        let tested = desk.test().await;
        worker.stop().await;
        assert_eq!((tested.check.verdict, cause(&tested)), (Some(Verdict::Failed), Some("tenant_of_others")));
        assert_eq!(desk.lab.simulator.token_requests(&desk.sample.tenant_id), 0, "no secret left");
    }

    async fn from_the_answers_to_a_test_that_fails_and_one_that_passes(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy").clone();
        let scope = portal.office(&sample.tenant_domain).await;
        let mut ida = Browser::of(&portal.app, &scope).await;
        let connection = ida.connects("Main office", "graph_secret").await;
        let review = fill_in(&mut ida, &connection, &sample, &[]).await;
        let shown = ida.look(&review).await;
        assert!(shown.body.contains("Test these details") && shown.body.contains("no attempt is used up"), "{}", shown.body);

        lab.simulator.inject(Target::Operation(Operation::Token), refusal(7_000_215), 1);
        let test = press(&mut ida, &connection).await;
        let again = press(&mut ida, &connection).await;
        assert_eq!(test, again, "a double press");
        let waits = ida.look(&test).await;
        assert!(waits.body.contains("Your details wait for their test") && waits.body.contains("data-events"), "{}", waits.body);
        assert!(ida.look(&review).await.body.contains("A test is under way"));
        let worker = portal.worker();
        // Sent while it runs, whole once it is over.
        let list = ida.look(&format!("{test}/live")).await;
        assert!(list.body.contains("The check has ended") && list.body.contains("data-outcome=\"failed\""), "{}", list.body);
        let failed = ida.look(&test).await;
        let words = moxi_onboard::domain::causes::find("client_secret_invalid").expect("a cause");
        assert!(failed.body.contains(words.title) && failed.body.contains("How to mend it"), "{}", failed.body);
        assert!(failed.body.contains("The client secret was refused, so we deleted it"), "{}", failed.body);
        assert!(failed.body.contains("answers?missing=1#client_secret") && !failed.body.contains("Submit these details"));
        assert!(!failed.body.contains("Test again"), "there is nothing to test");
        let led = ida.look(&review).await;
        assert_eq!(led.location, format!("{connection}/answers?missing=1#client_secret"));
        assert_eq!((database.count("attempts").await, database.count("mails").await), (0, 0));

        fill_in(&mut ida, &connection, &sample, &[]).await;
        let older = ida.look(&test).await;
        assert!(older.body.contains("The answers were changed since") && older.body.contains("Test again"), "{}", older.body);
        assert!(ida.look(&review).await.body.contains("Failed "), "the last test and its age, which grows on a busy machine");
        // Of two at the same instant neither is the later one.
        portal.app.clock.advance(Duration::from_secs(1));
        let test = press(&mut ida, &connection).await;
        ida.look(&format!("{test}/live")).await;
        let passed = ida.look(&test).await;
        assert!(passed.body.contains("Your details work") && passed.body.contains("Submit these details"), "{}", passed.body);
        assert!(ida.look(&review).await.body.contains("Passed "));
        assert_eq!(ida.look(&format!("{connection}/tests")).await.location, test, "the latest one");
        assert_eq!(ida.look(&connection).await.location, format!("{connection}/answers"), "nothing was submitted");

        ida.look(&test).await;
        let sent = ida.submit(&connection).await;
        assert_eq!((sent.status, sent.location.as_str()), (303, connection.as_str()), "{}", sent.body);
        ida.look(&format!("{connection}/live")).await;
        assert!(ida.look(&connection).await.body.contains("Verified: Main office is connected"));
        worker.stop().await;
        let over = ida.look(&test).await;
        assert!(over.body.contains("These answers are not open any more") && !over.body.contains("Submit these"), "{}", over.body);
        assert_eq!(database.count("attempts WHERE number = 1").await, 1);
    }

    async fn a_test_of_older_answers_is_not_submitted_from_its_page(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let sample = lab.sample("healthy").clone();
        let scope = portal.office(&sample.tenant_domain).await;
        let mut ida = Browser::of(&portal.app, &scope).await;
        let connection = ida.connects("Main office", "graph_secret").await;
        let review = fill_in(&mut ida, &connection, &sample, &[]).await;
        ida.look(&review).await;
        let test = press(&mut ida, &connection).await;
        let worker = portal.worker();
        ida.look(&format!("{test}/live")).await;
        worker.stop().await;
        ida.look(&test).await;
        let mut tab = ida.clone();
        fill_in(&mut tab, &connection, &sample, &[("secret_name", "Another name"), ("client_secret", "")]).await;
        let stale = ida.submit(&connection).await;
        assert_eq!(stale.status, 409, "the page that was open shows the answers again");
        let changed = ida.look(&test).await;
        assert!(changed.body.contains("The answers were changed since") && !changed.body.contains("Submit these"), "{}", changed.body);
        assert!(ida.look(&review).await.body.contains("Passed just now. The answers were changed since"));
    }
}

/// Fills in what the sample's person types, but for these; returns where the answers are checked.
async fn fill_in(ida: &mut Browser, connection: &str, sample: &Sample, but: &[(&str, &str)]) -> String {
    let ends = sample.secret_expires_on;
    let (month, day, year) = (ends.month().to_string(), ends.day().to_string(), ends.year().to_string());
    let mut fields = vec![
        ("tenant", sample.tenant_id.as_str()),
        ("client_id", &sample.client_id),
        ("client_secret", &sample.client_secret),
        ("ends_month", &month),
        ("ends_day", &day),
        ("ends_year", &year),
        ("test_mailbox", &sample.test_mailbox),
    ];
    fields.retain(|(name, _)| but.iter().all(|(other, _)| other != name));
    fields.extend(but);
    let sent = ida.fill_in(connection, &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    sent.location
}

/// Presses "Test these details" on the page that was looked at last; returns the test's page.
async fn press(ida: &mut Browser, connection: &str) -> String {
    let seen = ida.seen.clone();
    let sent = ida.send(&format!("{connection}/tests"), &[("seen", &seen)]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(sent.location.starts_with(&format!("{connection}/tests/")), "{}", sent.location);
    sent.location
}
