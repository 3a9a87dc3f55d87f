//! What our own people decide by hand: who may, who says the second yes, what the office reads, what the rows refuse.

use moxi_onboard::{
    actions::{
        decide_by_hand::{TypedDecision, decide_by_hand, drop_decision, verify_by_hand},
        give_up::give_up,
    },
    app::App,
    domain::{
        connection::{Phase, State},
        ids::DecisionId,
        mail::MailKind,
        refused::Refused,
        review::NeedRule,
        staff::StaffRole,
    },
    store::Quiet,
};

use super::{pages::both, review, rules, staff};
use crate::{
    databases::on_both,
    office::{fresh_key, key_with},
    running::{Portal, Submission},
    staff_site::{portal_of, portal_session},
    verification::lab::Lab,
    world::{seen::Seen, visitor::Visitor},
};

const WHY: &str = "I signed in with them on the telephone: <b>every mailbox opens</b>.";

fn typed(verdict: &str, cause: &str, reason: &str) -> TypedDecision {
    TypedDecision { verdict: verdict.to_owned(), cause: cause.to_owned(), reason: reason.to_owned() }
}

/// A submission whose check failed.
pub async fn failed(portal: &Portal, lab: &Lab) -> Submission {
    let worker = portal.worker();
    let of = portal.newcomer(&lab.sample("secret-wrong")).await;
    portal.settles(&of, State::Failed, None).await;
    worker.stop().await;
    of
}

/// A submission whose job was given up before it was tried.
async fn parked(portal: &Portal, lab: &Lab) -> Submission {
    let of = portal.newcomer(&lab.sample("healthy")).await;
    let mut write = portal.app.store.write().await.expect("a transaction");
    let claimed = write.claim_job("run_check", "test", [7; 16], std::time::Duration::from_secs(30)).await;
    let claimed = claimed.expect("a claim").expect("a job");
    write.commit_quietly(Quiet::Lease).await.expect("a commit");
    give_up(&portal.app, &claimed, "worn out").await.expect("given up");
    of
}

async fn wish(app: &App, of: &Submission) -> DecisionId {
    let mut read = app.store.read().await.expect("a transaction");
    let all = read.decisions_of(&of.scope.brokerage, &of.connection).await.expect("rows");
    all.into_iter().next_back().expect("a wish").decision.id
}

on_both! {
    async fn while_a_second_person_is_wanted_nothing_else_comes_first(database) {
        let (portal, site, lab) = both(database).await;
        let of = parked(&portal, &lab).await;
        let item = format!("/connections/{}", of.connection);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let ravi = site.colleague("Ravi Anand", &[StaffRole::Operations]).await;
        let before = ravi.opens(&item).await;
        before.must_say("One of us has it checked again: a job of it was given up.");
        let form = dana.opens(&item).await.form_with("hand_reason");
        dana.sends(&form.with("hand", "verified").with("hand_reason", WHY)).await;
        let after = ravi.opens(&item).await;
        after.must_say("A second one of us says yes or no: shall it be verified by hand?");
        assert!(after.link("Read the reason").ends_with("#wish"));
        assert!(!after.says("One of us has it checked again"), "that would end the wish");
        after.must_say("Dana Reyes wants this verified by hand. A check ends that wish");
        dana.opens(&item).await.must_say("You want this verified by hand. A check ends that wish");
    }

    async fn verified_by_hand_needs_a_second_person_and_is_marked_for_ever(database) {
        let (portal, site, lab) = both(database).await;
        let of = failed(&portal, &lab).await;
        let item = format!("/connections/{}", of.connection);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let ravi = site.colleague("Ravi Anand", &[StaffRole::Operations]).await;
        let (kim, ines) = (
            site.colleague("Kim Oduya", &[StaffRole::Support]).await,
            site.colleague("Ines Falk", &[StaffRole::Auditor]).await,
        );
        let page = dana.opens(&item).await;
        page.must_say("It cannot be failed by hand now: It has failed already.");
        let form = page.form_with("hand_reason");
        let empty = dana.posts(&form).await;
        assert_eq!(empty.status, 422);
        for words in ["Choose what you decide", "Enter the reason in your own words"] {
            empty.must_say(words);
        }
        let secret = dana.posts(&form.clone().with("hand", "verified").with("hand_reason", "Xq18Q~Needle.In_The-Haystack0123456789abc")).await;
        assert_eq!(secret.status, 422);
        secret.must_say("This looked like a client secret");

        let wanted = form.with("hand", "verified").with("hand_reason", WHY);
        let asked = dana.sends(&wanted).await;
        asked.must_say("A second person is asked");
        asked.must_say(WHY);
        assert!(!asked.source.contains("<b>every"), "{}", asked.source);
        assert!(!asked.says("Yes, verify it by hand"), "nobody says yes to their own wish");
        dana.sends(&wanted).await.must_say("A second person is asked");
        assert_eq!(database.count("hand_decisions").await, 1, "the same form again asks nothing more");
        let other = dana.posts(&wanted.clone().with("hand_reason", "Something else")).await;
        assert_eq!(other.status, 422);
        other.must_say("This form was sent before with other content");
        portal.settles(&of, State::Failed, None).await;
        ravi.opens("/").await.must_say("Verified by hand? A second person has to say yes");

        let yes = ravi.opens(&item).await.form_that_says("Yes, verify it by hand");
        for other in [&kim, &ines, &dana] {
            let page = other.opens(&item).await;
            assert!(!page.html().forms().iter().any(|form| form.says("Yes, verify it by hand")));
            let token = page.form_that_says("Sign out").value("csrf").expect("a token").to_owned();
            let page = other.posts(&yes.clone().with("csrf", &token)).await;
            assert_eq!(page.status, 403, "{}", page.text());
        }
        let worker = portal.worker();
        ravi.sends(&yes).await.must_say("It is verified by hand.");
        portal.settles(&of, State::Verified, None).await;
        let late = ravi.posts(&yes).await;
        assert_eq!(late.status, 409, "{}", late.text());
        let mail = portal.until("the mail", async || {
            portal.mails.sent().into_iter().find(|mail| mail.kind == MailKind::Verified)
        }).await;
        let text = String::from_utf8_lossy(&mail.message).into_owned();
        assert!(text.contains("by hand") && !text.contains("telephone") && !text.contains("Dana"), "{text}");
        worker.stop().await;

        let page = ines.opens(&item).await;
        for words in ["Verified by hand: Dana Reyes asked for it, Ravi Anand said yes", "No check ran: our own people decided."] {
            page.must_say(words);
        }
        let served = portal_of(&portal.app).await;
        let iris = Visitor::new(&served.origin, &Seen::default());
        iris.takes_cookie("__Host-portal", &portal_session(&portal.app, &of.scope).await);
        let theirs = iris.opens(&item).await;
        theirs.must_say("Verified by hand");
        theirs.must_say("Two of our people verified it by hand.");
        // The badge stands in every list as well.
        let overview = iris.opens("/overview").await;
        overview.must_say("Two of our people looked at what the check found and verified it by hand.");
        assert!(!overview.says("It does everything that is needed") && !overview.says("See what was tested"), "{}", overview.text());
        dana.opens("/?view=all").await.must_say("Verified Verified by hand");
        dana.opens(&format!("/brokerages/{}", of.scope.brokerage)).await.must_say("Verified Verified by hand");
        assert!(!theirs.says("telephone") && !theirs.says("Ravi"), "{}", theirs.text());
        assert_eq!(database.count("audit WHERE verb = 'hand.ask'").await, 1);
        assert_eq!(database.count("audit WHERE verb = 'check.decide_by_hand'").await, 1);
        // The rows hold the rule, too.
        assert!(!database.allows("UPDATE hand_decisions SET second_by = asked_by").await);
        assert!(!database.allows("UPDATE hand_decisions SET second_by = NULL").await);
    }

    async fn a_wish_is_declined_taken_back_or_left_behind(database) {
        let (portal, _site, lab) = both(database).await;
        let app = &portal.app;
        let of = failed(&portal, &lab).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let ravi = staff(database, 2, "Ravi", StaffRole::Operations).await;
        let tom = staff(database, 3, "Tom", StaffRole::AccountManager).await;
        let asks = async || {
            let seen = portal.standing(&of).await.0.version;
            app.clock.advance(std::time::Duration::from_secs(1));
            decide_by_hand(app, &dana, &of.connection, seen, &typed("verified", "", "It works"), &fresh_key()).await
        };
        let refused = decide_by_hand(app, &tom, &of.connection, 1, &typed("verified", "", "x"), &fresh_key()).await;
        assert!(matches!(refused, Err(Refused::Forbidden(_))), "{refused:?}");
        let stale = decide_by_hand(app, &dana, &of.connection, 0, &typed("verified", "", "x"), &fresh_key()).await;
        assert!(matches!(stale, Err(Refused::Conflict(_))), "{stale:?}");
        let again = decide_by_hand(app, &dana, &of.connection, 1, &typed("failed", "client_secret_invalid", "x"), &fresh_key()).await;
        assert!(matches!(again, Err(Refused::Conflict("It has failed already."))), "{again:?}");

        asks().await.expect("asked");
        assert_eq!(rules(&review(app, &dana, &of).await), [NeedRule::SecondPerson]);
        assert!(matches!(asks().await, Err(Refused::Conflict(_))), "one at a time");
        let first = wish(app, &of).await;
        let own = verify_by_hand(app, &dana, &of.connection, &first).await;
        assert!(matches!(own, Err(Refused::Forbidden(_))), "{own:?}");
        drop_decision(app, &ravi, &of.connection, &first).await.expect("declined");
        assert_eq!(rules(&review(app, &dana, &of).await), []);
        assert!(matches!(verify_by_hand(app, &ravi, &of.connection, &first).await, Err(Refused::Conflict(_))));
        asks().await.expect("asked once more");
        drop_decision(app, &dana, &of.connection, &wish(app, &of).await).await.expect("taken back");
        assert_eq!(database.count("hand_decisions WHERE ended_by = 'declined' OR ended_by = 'withdrawn'").await, 2);

        asks().await.expect("asked a third time");
        let third = wish(app, &of).await;
        let seen = portal.standing(&of).await.0.version;
        let reason = moxi_onboard::actions::staff_press::TypedReason { reason: "our_side".to_owned(), text: "x".to_owned() };
        let worker = portal.worker();
        moxi_onboard::actions::staff_check_again::staff_check_again(app, &dana, &of.connection, seen, &reason).await.expect("pressed");
        portal.until("the second verdict", async || {
            let checks = portal.checks(&of).await;
            (checks.len() == 2 && checks.iter().all(|check| check.verdict.is_some())).then_some(())
        }).await;
        worker.stop().await;
        assert!(matches!(verify_by_hand(app, &ravi, &of.connection, &third).await, Err(Refused::Conflict(_))), "a later check overtook it");
        asks().await.expect("what was left behind is in nobody's way");
        assert_eq!(database.count("hand_decisions WHERE ended_by = 'overtaken'").await, 1);
    }

    async fn failed_by_hand_counts_at_once_and_tells_the_office_its_cause(database) {
        let (portal, _site, lab) = both(database).await;
        let app = &portal.app;
        let of = parked(&portal, &lab).await;
        let dana = staff(database, 1, "Dana", StaffRole::Owner).await;
        let seen = portal.standing(&of).await.0.version;
        for wrong in [typed("failed", "", "x"), typed("failed", "no_such_cause", "x"), typed("passed", "", "x"), typed("failed", "ews_off", " ")] {
            let refused = decide_by_hand(app, &dana, &of.connection, seen, &wrong, &fresh_key()).await;
            assert!(matches!(refused, Err(Refused::Fields(_))), "{refused:?}");
        }
        let key = key_with("handkey0000000000001", "a");
        let wanted = typed("failed", "client_secret_expired", "They told me that it is the old one.");
        decide_by_hand(app, &dana, &of.connection, seen, &wanted, &key).await.expect("decided");
        decide_by_hand(app, &dana, &of.connection, seen, &wanted, &key).await.expect("the same again");
        portal.settles(&of, State::Failed, None).await;
        let (_, attempt) = portal.standing(&of).await;
        assert_eq!((attempt.state, attempt.phase), (State::Failed, None::<Phase>));
        assert_eq!(attempt.cause.map(|cause| cause.to_string()), Some("client_secret_expired".to_owned()));
        assert_eq!(rules(&review(app, &dana, &of).await), []);
        let worker = portal.worker();
        let mail = portal.until("the mail", async || {
            portal.mails.sent().into_iter().find(|mail| mail.kind == MailKind::Failed)
        }).await;
        let text = String::from_utf8_lossy(&mail.message).into_owned();
        assert!(text.contains("by hand") && !text.contains("the old one"), "{text}");
        worker.stop().await;
        assert_eq!(database.count("hand_decisions WHERE check_id IS NOT NULL AND second_by IS NULL").await, 1);
    }
}
