//! Brokerages on the staff site: what their page tells, how they are found, what is said before a second one is made.

use std::time::Duration;

use moxi_onboard::domain::{connection::State, staff::StaffRole};

use super::{by_hand::failed, pages::both};
use crate::{databases::on_both, office::office, verification::lab::Lab};

on_both! {
    async fn the_page_of_a_brokerage_tells_what_happened_and_who_accepted_it(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let at = format!("/brokerages/{}", scope.brokerage);
        let page = dana.opens(&at).await;
        page.must_say("Not accepted yet");
        let page = dana.sends(&page.form_that_says("Accept Lakeshore Realty")).await;
        page.must_say("Accepted by Dana Reyes,");
        page.must_say("The brokerage was accepted");
        page.must_say("Connection LKS-");
        assert!(!page.says("person.sign_in") && !page.says("sign-in code"), "{}", page.text());
        let note = dana.opens(&format!("/connections/{connection}")).await;
        note.must_say("The brokerage was accepted");
        dana.sends(&note.form_with("text").with("text", "They call on Fridays.")).await;
        dana.opens(&at).await.must_say("They call on Fridays.");
    }

    async fn who_may_not_verify_by_hand_yet_reads_why(database) {
        let (portal, site, lab): (_, _, Lab) = both(database).await;
        let of = failed(&portal, &lab).await;
        let (connection, _) = portal.standing(&of).await;
        assert_eq!(connection.state, State::Failed);
        database.execute("UPDATE brokerages SET accepted_at = NULL").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let page = dana.opens(&format!("/connections/{}", of.connection)).await;
        page.must_say("It cannot be verified by hand now: Accept its brokerage first: nobody has looked at it yet.");
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        assert!(!ada.opens(&page.url).await.says("verified by hand now"), "who decides nothing needs no reason");
    }

    async fn support_sends_a_link_again_while_it_works_and_reads_who_invites(database) {
        let (portal, site, _lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = dana.opens("/invite").await.form_with("company");
        let form = form.with("company", "Lakeshore Realty").with("contact", "Ida Larsen").with("address", "ida@lakeshore.example");
        let at = dana.sends(&form).await.url;
        let kim = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let page = kim.opens(&at).await;
        page.must_say("A reviewer, an account manager or an owner invites people and takes invitations back.");
        assert!(!page.html().forms().iter().any(|form| form.has("contact")), "support invites nobody");
        let again = page.form_that_says("Send a new link");
        kim.sends(&again).await.must_say("A new link is on its way.");
        assert_eq!(database.count("invitations").await, 2);
        assert_eq!(database.count("invitations WHERE ended_by = 'newer'").await, 1);
        let late = kim.opens(&at).await.form_that_says("Send a new link");
        portal.app.clock.advance(Duration::from_secs(14 * 24 * 3600 + 1));
        let kim = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        assert!(!kim.opens(&at).await.says("Send a new link"), "it is over");
        let refused = kim.posts(&late).await;
        assert!(refused.status == 403 || refused.status == 422, "{}", refused.status);
        assert_eq!(database.count("invitations").await, 2);
    }
}
