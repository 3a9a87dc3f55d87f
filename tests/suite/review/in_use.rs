//! Our own people have a verified connection checked once more: by the front door, with every end, and what nobody may.

use std::collections::BTreeMap;

use moxi_onboard::{
    actions::{
        check_in_use::check_in_use,
        close_connection::{TypedClosing, close_connection},
        roll_back::roll_back,
        staff_press::TypedReason,
    },
    domain::{
        check::{Origin, Verdict},
        connection::State,
        ids::CheckId,
        refused::Refused,
        review::NeedRule,
        staff::StaffRole,
    },
    simulator::{ALWAYS, Fault, Operation, Target},
};

use super::{pages::both, review, rules, staff};
use crate::{
    databases::{Database, on_both},
    rotation::verified,
    running::{Portal, Submission},
    staff_site::{portal_of, portal_session},
    verification::lab::Lab,
    world::{seen::Seen, visitor::Visitor},
};

const OF_OFFICE: &str = "mails WHERE brokerage_id IS NOT NULL";

fn because(reason: &str) -> TypedReason {
    TypedReason { reason: reason.to_owned(), text: "Their agents say that nothing arrives.".to_owned() }
}

/// Nothing of the mailbox opens any more.
fn breaks(lab: &Lab) {
    let body = r#"{"error":{"code":"ErrorAccessDenied","message":"Access is denied."}}"#.to_owned();
    let denied = Fault::Status { code: 403, headers: BTreeMap::new(), body };
    lab.simulator.inject(Target::Operation(Operation::ContactsList), denied, ALWAYS);
}

/// What came of the checks of what is in use.
async fn ended(portal: &Portal, database: &Database, count: i64) {
    let sql = "verdicts JOIN checks ON checks.id = verdicts.check_id WHERE checks.origin = 'in_use'";
    portal.until("the verdict", async || (database.count(sql).await == count).then_some(())).await;
}

async fn is_verified(portal: &Portal, of: &Submission) {
    let (connection, attempt) = portal.standing(of).await;
    assert_eq!((connection.state, connection.phase), (State::Verified, None));
    assert_eq!((connection.in_use, connection.candidate), (Some(of.attempt.clone()), None));
    assert_eq!(attempt.state, State::Verified);
}

on_both! {
    async fn what_is_in_use_fails_stands_in_the_queue_and_passes_again(database) {
        let (portal, site, lab) = both(database).await;
        let worker = portal.worker();
        let sample = lab.sample("healthy");
        let of = portal.newcomer(&sample).await;
        portal.settles(&of, State::Verified, None).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let ines = site.colleague("Ines Falk", &[StaffRole::Auditor]).await;
        let here = format!("/connections/{}", of.connection);
        portal.until("its mails left", async || (database.count("mails WHERE state IN ('pending', 'sending')").await == 0).then_some(())).await;
        let (mails, decided) = (database.count(OF_OFFICE).await, portal.standing(&of).await.1.check_id);

        breaks(&lab);
        let page = dana.opens(&here).await;
        let form = page.form_that_says("Check it");
        let empty = dana.posts(&form.clone().with("reason", "look").with("words", " ")).await;
        assert_eq!(empty.status, 422);
        let form = form.with("reason", "look").with("words", "Their agents say that nothing arrives.");
        dana.sends(&form).await.must_say("What is in use is being checked.");
        ended(&portal, database, 1).await;
        is_verified(&portal, &of).await;
        let queue = dana.opens("/").await;
        queue.must_say("The credential in use failed a check");
        let page = dana.opens(&queue.link("healthy")).await;
        for words in [
            "The credential in use failed a check", "Verified", "Checked in use by Dana Reyes: to see how it stands",
            "What is in use checked again: to see how it stands", "Their agents say that nothing arrives.", "Check of what is in use: failed",
            "finds out with the office why the credential in use does not work",
        ] {
            page.must_say(words);
        }
        assert!(!page.source.contains(&sample.client_secret), "the secret stands on the page");
        let failed = portal.standing(&of).await.1.failed_in_use.expect("the check that failed");
        let detail = ines.opens(&format!("{here}/checks/{failed}")).await;
        detail.must_say("Checked in use by Dana Reyes");
        assert!(!detail.says("Check it again"), "an auditor changes nothing");
        dana.opens(&page.link("Write to the office")).await.must_say("We looked at healthy, attempt 1.");
        assert!(portal.checks(&of).await.iter().all(|check| check.origin == Origin::Submission), "none of the office's");
        assert_eq!(portal.standing(&of).await.1.check_id, decided, "the attempt stands with the check that decided it");
        let served = portal_of(&portal.app).await;
        let ida = Visitor::new(&served.origin, &Seen::default());
        ida.takes_cookie("__Host-portal", &portal_session(&portal.app, &of.scope).await);
        let theirs = ida.opens(&here).await;
        theirs.must_say("Verified: healthy is connected");
        assert!(!theirs.says("Our people had this checked again") && !theirs.says("failed"), "{}", theirs.text());

        lab.simulator.clear_faults();
        let form = page.form_that_says("Check it").with("reason", "mended").with("words", "Ida gave it back");
        dana.sends(&form).await;
        ended(&portal, database, 2).await;
        worker.stop().await;
        is_verified(&portal, &of).await;
        dana.opens("/").await.must_say("Nothing needs you.");
        dana.opens(&here).await.must_say("Check of what is in use: passed");
        assert_eq!(database.count(OF_OFFICE).await, mails, "nobody of the office was written to");
        assert_eq!(database.count("audit WHERE verb = 'check.again' AND actor = 'staff'").await, 2);
        assert_eq!(database.count("needs").await + database.count("connections WHERE queue_due IS NOT NULL OR queue_since IS NOT NULL").await, 0);
    }

    async fn who_was_slower_who_may_not_and_what_is_under_way_is_told(database) {
        let (portal, site, lab) = both(database).await;
        let worker = portal.worker();
        let of = portal.newcomer(&lab.sample("healthy")).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let lee = site.colleague("Lee Park", &[StaffRole::Support]).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        portal.settles(&of, State::Verified, None).await;
        worker.stop().await;
        let here = format!("/connections/{}", of.connection);
        let filled = async |who: &Visitor| {
            who.opens(&here).await.form_that_says("Check it").with("reason", "look").with("words", "It is said to be broken")
        };
        let (first, second) = (filled(&dana).await, filled(&lee).await);
        let theirs = ada.opens(&here).await;
        assert!(!theirs.html().forms().iter().any(|form| form.says("Check it")));
        let token = theirs.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
        assert_eq!(ada.posts(&first.clone().with("csrf", &token)).await.status, 403);
        let stale = dana.posts(&first.clone().with("seen", "1")).await;
        assert_eq!(stale.status, 409);
        let (one, other) = tokio::join!(dana.posts(&first), lee.posts(&second));
        let refused = [&one, &other].into_iter().filter(|page| page.status == 409).count();
        assert_eq!((refused, database.count("checks WHERE origin = 'in_use'").await), (1, 1), "one of two presses counts");
        let page = dana.opens(&here).await;
        page.must_say("A check of this connection is under way");
        page.must_say("has to do anything: a check runs.");
        let seen = portal.standing(&of).await.0.version.to_string();
        let again = dana.posts(&first.with("seen", &seen)).await;
        assert_eq!(again.status, 409);
        again.must_say("A check of this connection is under way. Wait for its result.");
        assert_eq!(database.count("checks WHERE origin = 'in_use'").await, 1);
    }

    async fn a_killed_worker_leaves_it_to_another_and_there_is_one_verdict(database) {
        let mut it = verified(database).await;
        it.stops().await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let seen = it.connection().await.version;
        let token = Target::Tenant(it.sample.name.clone(), Operation::Token);
        it.lab.simulator.inject(token, Fault::Hang, ALWAYS);
        let check = check_in_use(&it.portal.app, &dana, &it.of.connection, seen, &because("look")).await.expect("pressed");
        let doomed = it.portal.worker();
        it.portal.until("the sign-in is on its way", async || {
            (database.count("sign_in_tries WHERE accepted IS NULL").await == 1).then_some(())
        }).await;
        doomed.kill().await;
        it.lab.simulator.clear_faults();
        database.execute("UPDATE jobs SET lease_until = 1 WHERE lease_until IS NOT NULL").await;
        let worker = it.portal.worker();
        ended(&it.portal, database, 1).await;
        worker.stop().await;
        assert_eq!(run_and_verdict(&it.portal, &check).await, (2, Some(Verdict::Passed)));
        assert_eq!(database.count("audit WHERE verb = 'check.decide'").await, 2);
        is_verified(&it.portal, &it.of).await;
    }

    async fn what_is_replaced_needs_nobody_and_counts_again_when_it_comes_back(database) {
        let mut it = verified(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let (app, id) = (it.portal.app.clone(), it.of.connection.clone());
        breaks(&it.lab);
        let seen = it.connection().await.version;
        check_in_use(&app, &dana, &id, seen, &because("look")).await.expect("pressed");
        ended(&it.portal, database, 1).await;
        assert_eq!(rules(&review(&app, &dana, &it.of).await), [NeedRule::InUseFailed]);
        it.lab.simulator.clear_faults();

        // A check that waits while a renewed secret takes the place finds nothing to do.
        it.stops().await;
        let seen = it.connection().await.version;
        let late = check_in_use(&app, &dana, &id, seen, &because("our_side")).await.expect("pressed");
        database.execute(&format!("UPDATE jobs SET run_at = run_at + 3600000000 WHERE subject = '{late}'")).await;
        let second = it.renew(&it.sample.client_secret).await;
        let seen = it.connection().await.version;
        let refused = check_in_use(&app, &dana, &id, seen, &because("look")).await;
        assert!(matches!(refused, Err(Refused::Conflict(why)) if why.contains("renewed secret stands beside")), "{refused:?}");
        it.worker = Some(it.portal.worker());
        it.until(&second, State::Verified).await;
        assert_eq!(rules(&review(&app, &dana, &it.of).await), [], "what failed is not in use any more");
        database.execute(&format!("UPDATE jobs SET run_at = 1 WHERE subject = '{late}'")).await;
        ended(&it.portal, database, 2).await;
        assert_eq!(run_and_verdict(&it.portal, &late).await, (0, Some(Verdict::CouldNotTell)));
        assert_eq!(database.count("audit WHERE verb = 'check.drop'").await, 1);
        it.stops().await;

        let seen = it.connection().await.version;
        roll_back(&app, &it.of.scope, &id, seen).await.expect("back");
        assert_eq!(rules(&review(&app, &dana, &it.of).await), [NeedRule::InUseFailed], "it is in use again, and failed");
        let seen = it.connection().await.version;
        let closing = TypedClosing { reason: "changed_mind".to_owned(), words: String::new() };
        close_connection(&app, &it.of.scope, &id, seen, &closing).await.expect("closed");
        assert_eq!(rules(&review(&app, &dana, &it.of).await), [NeedRule::Closed]);
        let closed = check_in_use(&app, &dana, &id, it.connection().await.version, &because("look")).await;
        assert!(matches!(closed, Err(Refused::Conflict(why)) if why.contains("is closed")), "{closed:?}");
    }
}

async fn run_and_verdict(portal: &Portal, check: &CheckId) -> (i64, Option<Verdict>) {
    let mut read = portal.app.store.read().await.expect("a transaction");
    let check = read.check_of_job(check).await.expect("rows").expect("one");
    (check.run, check.verdict)
}
