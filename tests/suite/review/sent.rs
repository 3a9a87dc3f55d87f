//! A check that may have sent something: nothing is tried again before one of our people has looked.

use moxi_onboard::{
    actions::{
        check_again::check_again,
        look_for_sent::{TypedLook, look_for_sent},
        staff_check_again::staff_check_again,
        staff_press::TypedReason,
    },
    domain::{
        connection::{Phase, State},
        refused::Refused,
        review::NeedRule,
        staff::{StaffRole, StaffScope},
    },
};

use super::{pages::both, review, rules};
use crate::{
    access::colleague,
    databases::on_both,
    staff_site::{portal_of, portal_session},
    world::{seen::Seen, visitor::Visitor},
};

on_both! {
    async fn nobody_tries_again_before_somebody_has_looked(database) {
        let (portal, site, lab) = both(database).await;
        let app = &portal.app;
        let worker = portal.worker();
        let sample = lab.sample("probe-alarm");
        let of = portal.newcomer(&sample).await;
        portal.settles(&of, State::Submitted, Some(Phase::NeedsStaff)).await;
        let scope = colleague(app, "Noor Haddad", StaffRole::Reviewer).await;
        let stands = async || rules(&review(app, &scope, &of).await);
        assert!(stands().await.contains(&NeedRule::MayHaveSent));
        assert!(!stands().await.contains(&NeedRule::CouldNotTell), "this says more");
        let version = async || portal.standing(&of).await.0.version;

        // By no way: not ours, not that of the office, and none is offered.
        let typed = TypedReason { reason: "our_side".to_owned(), text: "We look once more.".to_owned() };
        let refused = staff_check_again(app, &scope, &of.connection, version().await, &typed).await;
        assert!(matches!(refused, Err(Refused::Conflict(why)) if why.contains("may have sent something")), "{refused:?}");
        let refused = check_again(app, &of.scope, &of.connection, version().await).await;
        assert!(matches!(refused, Err(Refused::Conflict(why)) if why.contains("Our people look at it")), "{refused:?}");
        assert_eq!(database.count("checks").await, 1);
        let served = portal_of(app).await;
        let ida = Visitor::new(&served.origin, &Seen::default());
        ida.takes_cookie("__Host-portal", &portal_session(app, &of.scope).await);
        let theirs = ida.opens(&format!("/connections/{}", of.connection)).await;
        assert!(!theirs.html().forms().iter().any(|form| form.says("Check again")), "{}", theirs.text());

        let ines = site.colleague("Ines Falk", &[StaffRole::Auditor]).await;
        let here = format!("/connections/{}", of.connection);
        let page = ines.opens(&here).await;
        page.must_say("A check may have sent something. Look before anything is tried again.");
        assert!(!page.html().forms().iter().any(|form| form.has("found")), "an auditor changes nothing");
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let queue = dana.opens("/").await;
        queue.must_say("A check may have sent something: look before anything is tried again");
        assert!(!queue.says("years"), "it is due within the hour, not long ago: {}", queue.text());
        let page = dana.opens(&here).await;
        for words in [
            "looks whether a check sent something", "a message without subject, text and recipients", &sample.test_mailbox,
            "Sent Items", "Message trace", "It cannot be checked again now. A check may have sent something.",
        ] {
            page.must_say(words);
        }
        let form = page.form_with("found");
        let empty = dana.posts(&form).await;
        assert_eq!(empty.status, 422);
        empty.must_say("Choose what you found");
        let form = form.with("found", "nothing").with("found_words", "Ida looked in <b>Sent Items</b>: nothing.");
        let page = dana.sends(&form).await;
        for words in ["Noted. It can be checked again now.", "Nothing was sent", "Looked: nothing was sent", "Ida looked in <b>Sent Items</b>: nothing."] {
            page.must_say(words);
        }
        assert_eq!(dana.posts(&form).await.status, 409, "once");
        assert!(page.html().forms().iter().any(|form| form.says("Check again")));
        assert_eq!(database.count("audit WHERE verb = 'check.look_for_sent' AND detail LIKE '%nothing%'").await, 1);
        assert_eq!(stands().await.iter().filter(|rule| **rule == NeedRule::CouldNotTell).count(), 1);

        // The next check does the same, and is looked after by itself.
        staff_check_again(app, &scope, &of.connection, version().await, &typed).await.expect("checked");
        portal.until("again", async || stands().await.contains(&NeedRule::MayHaveSent).then_some(())).await;
        let auditor = StaffScope { roles: vec![StaffRole::Auditor], ..scope.clone() };
        let look = TypedLook { found: "something".to_owned(), words: "It stands in Sent Items.".to_owned() };
        assert!(matches!(look_for_sent(app, &auditor, &of.connection, &look).await, Err(Refused::Forbidden(_))));
        let page = dana.sends(&dana.opens(&here).await.form_with("found").with("found", "something").with("found_words", "It stands there.")).await;
        page.must_say("talk with the office before the next one");
        worker.stop().await;
    }
}
