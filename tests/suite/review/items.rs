//! Taking, giving back, notes, accepting, checking again.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        accept_brokerage::accept_brokerage,
        give_up::give_up,
        hand_back::hand_back,
        leave_note::{About, TypedNote, leave_note},
        run_check::run_check,
        staff_check_again::staff_check_again,
        staff_press::TypedReason,
        take_item::{take_free_item, take_item},
    },
    domain::{
        check::Origin,
        check_reason::CheckReason,
        connection::{Phase, State},
        ids::{AttemptId, BrokerageId, CheckId, ConnectionId},
        job::Claimed,
        mail::MailKind,
        refused::Refused,
        review::NeedRule,
        staff::StaffRole,
    },
    simulator::Sample,
    store::{Quiet, all_brokerages::QueueView},
};

use super::{queue, review, rules, staff};
use crate::{
    databases::on_both,
    office::{fresh_key, key_with, office},
    running::{Portal, Submission},
    verification::lab::Lab,
};

fn note(text: &str, kind: &str) -> TypedNote {
    TypedNote { text: text.to_owned(), kind: kind.to_owned() }
}

fn because(reason: &str) -> TypedReason {
    TypedReason { reason: reason.to_owned(), text: "Ida called: the secret is new.".to_owned() }
}

async fn failed(portal: &Portal, sample: &Sample) -> Submission {
    let scope = portal.office(&sample.tenant_domain).await;
    let submission = portal.submit(&scope, sample).await;
    stands(portal, &submission, State::Failed, None).await;
    submission
}

async fn stands(portal: &Portal, of: &Submission, state: State, phase: Option<Phase>) {
    portal
        .until(&format!("the connection is {state:?}"), async || {
            let (connection, _) = portal.standing(of).await;
            ((connection.state, connection.phase) == (state, phase)).then_some(())
        })
        .await;
}

async fn claim(portal: &Portal) -> Claimed {
    let mut write = portal.app.store.write().await.expect("a transaction");
    let claimed = write.claim_job("run_check", "test", [7; 16], Duration::from_secs(30)).await;
    let claimed = claimed.expect("a claim").expect("a job");
    write.commit_quietly(Quiet::Lease).await.expect("a commit");
    claimed
}

on_both! {
    async fn an_item_is_taken_by_one_at_a_time_and_no_form_of_the_brokerage_notices(database) {
        let portal = Portal::open(database).await;
        let (dana, lee) = (staff(database, 1, "Dana", StaffRole::Reviewer).await, staff(database, 2, "Lee", StaffRole::Support).await);
        let auditor = staff(database, 3, "Ada", StaffRole::Auditor).await;
        let lab = Lab::open().await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let before = portal.standing(&of).await.0.version;

        let seen = review(&portal.app, &dana, &of).await.version;
        take_item(&portal.app, &dana, &of.connection, seen).await.expect("taken");
        take_item(&portal.app, &dana, &of.connection, seen).await.expect("the second press changes nothing");
        let stale = take_item(&portal.app, &lee, &of.connection, seen).await;
        assert!(matches!(stale, Err(Refused::Conflict(why)) if why.contains("colleague took")), "{stale:?}");
        assert!(matches!(hand_back(&portal.app, &lee, &of.connection, seen + 1).await, Err(Refused::Conflict(_))));
        assert!(matches!(take_item(&portal.app, &auditor, &of.connection, seen + 1).await, Err(Refused::Forbidden(_))));
        assert_eq!(review(&portal.app, &lee, &of).await.taken.expect("somebody").name, "Dana");

        let listed = take_free_item(&portal.app, &lee, &of.connection, seen + 1).await;
        assert!(matches!(listed, Err(Refused::Conflict(why)) if why.contains("A colleague has this")), "not by a list: {listed:?}");
        take_item(&portal.app, &lee, &of.connection, seen + 1).await.expect("taken over, knowing from whom");
        hand_back(&portal.app, &lee, &of.connection, seen + 2).await.expect("given back");
        hand_back(&portal.app, &lee, &of.connection, seen + 2).await.expect("nobody has it, and nobody has it");
        assert_eq!(review(&portal.app, &lee, &of).await.taken, None);
        assert_eq!(portal.standing(&of).await.0.version, before, "the brokerage's forms stay good");
        assert_eq!(database.count("audit WHERE verb LIKE 'item.%' AND actor = 'staff'").await, 3);

        let nothing = ConnectionId::from_random([9; 16]);
        assert_eq!(take_item(&portal.app, &dana, &nothing, 1).await, Err(Refused::NotFound));
    }

    async fn a_note_is_kept_once_sealed_and_a_question_waits_for_its_answer(database) {
        let portal = Portal::open(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let lab = Lab::open().await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let app = &portal.app;
        let key = key_with("notekey0000000000001", "a");
        let first = leave_note(app, &dana, About::Connection(&of.connection), &note("<b>called</b> Ida", ""), &key).await.expect("left");
        let again = leave_note(app, &dana, About::Connection(&of.connection), &note("<b>called</b> Ida", ""), &key).await.expect("the same");
        assert_eq!(first, again);
        let other = key_with("notekey0000000000001", "b");
        assert!(matches!(leave_note(app, &dana, About::Connection(&of.connection), &note("other", ""), &other).await, Err(Refused::Fields(_))));
        assert_eq!(database.count("notes").await, 1);
        assert_eq!(rules(&review(app, &dana, &of).await), []);

        leave_note(app, &dana, About::Connection(&of.connection), &note("Who knows their tenant?", "question"), &fresh_key()).await.expect("asked");
        assert_eq!(rules(&review(app, &dana, &of).await), [NeedRule::Question]);
        assert_eq!(queue(app, &dana, &QueueView::Needing).await.items.len(), 1);
        leave_note(app, &dana, About::Connection(&of.connection), &note("Lee does.", "answer"), &fresh_key()).await.expect("answered");
        assert_eq!(rules(&review(app, &dana, &of).await), []);
        assert!(queue(app, &dana, &QueueView::Needing).await.items.is_empty());

        for wrong in [note("", ""), note("x", "check_again"), note("\u{202e}", "")] {
            let refused = leave_note(app, &dana, About::Connection(&of.connection), &wrong, &fresh_key()).await;
            assert!(matches!(refused, Err(Refused::Fields(_))), "{refused:?}");
        }
        let auditor = staff(database, 3, "Ada", StaffRole::Auditor).await;
        let refused = leave_note(app, &auditor, About::Connection(&of.connection), &note("x", ""), &fresh_key()).await;
        assert!(matches!(refused, Err(Refused::Forbidden(_))));
        let rows = crate::world::rows::everything(database).await;
        let needle = b"called</b> Ida";
        let found = rows.iter().any(|(_, bytes)| bytes.windows(needle.len()).any(|window| window == needle));
        assert!(!found, "a note stands in clear");
    }

    async fn accepting_opens_what_was_closed_and_is_told_once(database) {
        let portal = Portal::open(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let app = &portal.app;
        let scope = office(app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let of = Submission { scope: scope.clone(), connection, attempt: AttemptId::from_random([1; 16]) };
        assert_eq!(rules(&review(app, &dana, &of).await), [NeedRule::Acceptance]);
        let brokerage = async || {
            app.store.read().await.expect("a transaction").brokerage(&scope.brokerage).await.expect("rows").expect("one")
        };
        let seen = brokerage().await.version;
        let support = staff(database, 2, "Lee", StaffRole::Support).await;
        assert!(matches!(accept_brokerage(app, &support, &scope.brokerage, seen).await, Err(Refused::Forbidden(_))));
        assert!(matches!(accept_brokerage(app, &dana, &scope.brokerage, seen + 7).await, Err(Refused::Conflict(_))));
        assert_eq!(accept_brokerage(app, &dana, &BrokerageId::from_random([9; 16]), 1).await, Err(Refused::NotFound));
        accept_brokerage(app, &dana, &scope.brokerage, seen).await.expect("accepted");
        accept_brokerage(app, &dana, &scope.brokerage, seen).await.expect("the second press changes nothing");
        assert!(brokerage().await.accepted_at.is_some());
        assert_eq!(rules(&review(app, &dana, &of).await), []);
        let worker = portal.worker();
        portal.until("the mail came", async || {
            (portal.mails.sent().iter().filter(|mail| mail.kind == MailKind::Accepted).count() == 1).then_some(())
        }).await;
        worker.stop().await;
        assert_eq!(database.count("audit WHERE verb = 'brokerage.accept'").await, 1);
    }

    async fn a_failed_attempt_is_checked_again_with_a_reason_and_becomes_verified(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let worker = portal.worker();
        let sample = lab.sample("roles-arrive-later");
        let of = failed(&portal, &sample).await;
        let app = &portal.app;
        assert_eq!(rules(&review(app, &dana, &of).await), []);
        let seen = portal.standing(&of).await.0.version;
        for wrong in [TypedReason::default(), TypedReason { reason: "boredom".to_owned(), text: "x".to_owned() }] {
            let refused = staff_check_again(app, &dana, &of.connection, seen, &wrong).await;
            assert!(matches!(refused, Err(Refused::Fields(_))), "{refused:?}");
        }
        let stale = staff_check_again(app, &dana, &of.connection, seen - 1, &because("look")).await;
        assert!(matches!(stale, Err(Refused::Conflict(_))), "{stale:?}");
        staff_check_again(app, &dana, &of.connection, seen, &because("look")).await.expect("pressed");
        portal.until("the second verdict", async || {
            let checks = portal.checks(&of).await;
            (checks.len() == 2 && checks.iter().all(|check| check.verdict.is_some())).then_some(())
        }).await;
        stands(&portal, &of, State::Failed, None).await;
        assert_eq!(rules(&review(app, &dana, &of).await), [], "a look is no second failure of the office");
        let told = || portal.mails.sent().iter().filter(|mail| mail.kind == MailKind::Failed).count();
        assert_eq!(told(), 1, "and tells the office nothing new");
        let checks = portal.checks(&of).await;
        let pressed = checks.iter().find(|check| check.origin == Origin::Staff).expect("our own");
        assert_eq!(pressed.reason, Some(CheckReason::Look));

        assert!(lab.simulator.heal(&sample.name));
        let seen = portal.standing(&of).await.0.version;
        staff_check_again(app, &dana, &of.connection, seen, &because("mended")).await.expect("pressed");
        stands(&portal, &of, State::Verified, None).await;
        assert_eq!(rules(&review(app, &dana, &of).await), []);
        let seen = portal.standing(&of).await.0.version;
        let nothing = staff_check_again(app, &dana, &of.connection, seen, &because("look")).await;
        assert!(matches!(nothing, Err(Refused::Conflict(_))), "{nothing:?}");
        worker.stop().await;
        assert_eq!(database.count("notes WHERE kind = 'check_again' AND check_id IS NOT NULL").await, 2);
        assert_eq!(database.count("audit WHERE verb = 'check.again' AND actor = 'staff'").await, 2);
        let auditor = staff(database, 3, "Ada", StaffRole::Auditor).await;
        let refused = staff_check_again(app, &auditor, &of.connection, seen, &because("look")).await;
        assert!(matches!(refused, Err(Refused::Forbidden(_))));
    }

    async fn a_refused_sign_in_is_not_looked_at_and_an_account_has_its_rest(database) {
        let lab = Lab::open().await;
        let portal = Portal::open(database).await.with(lab.verifier());
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let worker = portal.worker();
        let of = failed(&portal, &lab.sample("secret-wrong")).await;
        let app = &portal.app;
        let seen = portal.standing(&of).await.0.version;
        let look = staff_check_again(app, &dana, &of.connection, seen, &because("look")).await;
        assert!(matches!(&look, Err(Refused::Fields(errors)) if errors[0].field == "reason"), "{look:?}");
        for number in 2..=3 {
            let seen = portal.standing(&of).await.0.version;
            staff_check_again(app, &dana, &of.connection, seen, &because("our_side")).await.expect("pressed");
            portal.until("the next verdict", async || {
                let checks = portal.checks(&of).await;
                (checks.len() == number && checks.iter().all(|check| check.verdict.is_some())).then_some(())
            }).await;
            stands(&portal, &of, State::Failed, None).await;
        }
        let seen = portal.standing(&of).await.0.version;
        let rest = staff_check_again(app, &dana, &of.connection, seen, &because("our_side")).await;
        assert!(matches!(rest, Err(Refused::TooMany(_))), "{rest:?}");
        stands(&portal, &of, State::Failed, None).await;
        assert_eq!(portal.checks(&of).await.len(), 3, "nothing was begun");
        worker.stop().await;
    }

    async fn a_check_that_was_given_up_says_so_and_may_be_repeated(database) {
        let portal = Portal::open(database).await;
        let dana = staff(database, 1, "Dana", StaffRole::Reviewer).await;
        let lab = Lab::open().await;
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        let app = &portal.app;
        let seen = portal.standing(&of).await.0.version;
        let running = staff_check_again(app, &dana, &of.connection, seen, &because("our_side")).await;
        assert!(matches!(running, Err(Refused::Conflict(why)) if why.contains("under way")), "{running:?}");

        let claimed = claim(&portal).await;
        // Without an engine the job cannot be carried out.
        let check = CheckId::parse(claimed.job.subject()).expect("a check");
        assert!(run_check(app, &claimed, &check).await.is_err());
        give_up(app, &claimed, "no engine").await.expect("given up");
        stands(&portal, &of, State::Submitted, Some(Phase::NeedsStaff)).await;
        assert_eq!(rules(&review(app, &dana, &of).await), [NeedRule::ParkedJob]);
        let seen = portal.standing(&of).await.0.version;
        staff_check_again(app, &dana, &of.connection, seen, &because("our_side")).await.expect("pressed");
        assert_eq!(rules(&review(app, &dana, &of).await), []);
    }
}
