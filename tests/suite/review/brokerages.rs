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

    async fn a_brokerage_without_a_connection_is_listed_and_invited_again(database) {
        let (portal, site, _lab) = both(database).await;
        let alone = office(&portal.app, "harbor.example").await;
        let other = office(&portal.app, "lakeshore.example").await;
        portal.connection(&other, "Main office").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = dana.opens("/invite").await.form_with("company");
        let form = form.with("company", "Pine Homes").with("contact", "Tom Berg").with("address", "tom@pine.example");
        dana.sends(&form).await.must_say("Invited.");
        let queue = dana.opens("/").await;
        queue.must_say("Brokerages without a connection (2)");
        let list = dana.opens(&queue.link("Brokerages without a connection")).await;
        assert_eq!(list.heading(), "Brokerages without a connection");
        for words in ["Pine Homes", "Tom Berg", "Invited, open until", "harbor.example", "Started by itself", "1 can sign in"] {
            list.must_say(words);
        }
        assert!(!list.says("lakeshore.example"), "it has a connection");
        assert!(list.html().links().iter().any(|(at, words)| words.starts_with("Invite somebody") && at.contains(alone.brokerage.as_str())));
        dana.sends(&list.form_that_says("Send a new link")).await.must_say("A new link is on its way.");
        assert_eq!(database.count("invitations WHERE ended_by = 'newer'").await, 1);
        let list = dana.opens("/brokerages").await;
        dana.sends(&list.form_that_says("Take it back")).await.must_say("The invitation was taken back.");
        assert_eq!(database.count("invitations WHERE ended_by = 'revoked'").await, 1);
        portal.connection(&alone, "Main office").await;
        let list = dana.opens("/brokerages").await;
        assert!(!list.says("harbor.example") && list.says("Pine Homes"), "{}", list.text());
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let read = ada.opens("/brokerages").await;
        read.must_say("A reviewer, an account manager or an owner invites people");
        assert!(!read.says("Send a new link") && !read.says("Take it back"));
    }

    async fn a_search_finds_brokerages_people_numbers_and_pasted_pages(database) {
        let (portal, site, _lab) = both(database).await;
        let alone = crate::office::office_of(&portal.app, "harbor.example", false, &["Weber"]).await;
        let other = office(&portal.app, "lakeshore.example").await;
        let connection = portal.connection(&other, "Main office").await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = dana.opens("/invite").await.form_with("company");
        let form = form.with("company", "Pine Homes").with("contact", "Tom Berg").with("address", "tom@berg.example");
        dana.sends(&form).await.must_say("Invited.");
        let brokerage = format!("/brokerages/{}", alone.brokerage);
        for typed in ["weber", "WEB", "harbor.ex", "someone@harbor.example", "weber@harbor.example"] {
            let page = dana.opens(&format!("/?q={}", typed.replace(' ', "%20"))).await;
            assert!(page.html().links().iter().any(|(at, _)| *at == brokerage), "{typed}: {}", page.text());
            page.must_say("No connection yet");
            page.must_say("No connection begins with that.");
        }
        for typed in ["pine h", "homes", "tom b", "berg", "berg.ex"] {
            dana.opens(&format!("/?q={}", typed.replace(' ', "%20"))).await.must_say("Pine Homes");
            dana.opens(&format!("/brokerages?q={}", typed.replace(' ', "%20"))).await.must_say("Pine Homes");
        }
        dana.opens("/?q=weberx").await.must_say("Nothing begins with that.");
        dana.opens("/brokerages?q=weberx").await.must_say("No brokerage begins with that.");
        let item = format!("/connections/{connection}");
        let found = dana.opens("/?q=0001").await;
        assert!(found.html().links().iter().any(|(at, _)| *at == item), "{}", found.text());
        let missing = "con_00000000000000000000000000";
        for (typed, leads) in [
            (connection.to_string(), item.as_str()),
            (format!("https%3A%2F%2Fstaff.moxi.example{item}%23attempt-1"), item.as_str()),
            (format!("{item}%2Fchecks%2Fchk_00000000000000000000000000"), item.as_str()),
            (alone.brokerage.to_string(), brokerage.as_str()),
            (format!("http%3A%2F%2Fx.example{brokerage}"), brokerage.as_str()),
        ] {
            assert_eq!(dana.opens(&format!("/?q={typed}")).await.url, leads, "{typed}");
        }
        let none = dana.opens(&format!("/?q={missing}")).await;
        assert!(none.url.starts_with("/?q="), "{}", none.url);
        none.must_say("Nothing begins with that.");
        let hostile = dana.opens("/brokerages?q=%3Cscript%3Ealert(1)").await;
        assert!(!hostile.source.contains("<script>alert"), "{}", hostile.source);
    }

    async fn before_a_second_brokerage_is_made_the_first_one_is_shown(database) {
        let (portal, site, _lab) = both(database).await;
        let there = office(&portal.app, "lakeshore.example").await;
        let link = format!("/brokerages/{}", there.brokerage);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let filled = async |company: &str, address: &str| {
            let form = dana.opens("/invite").await.form_with("company");
            form.with("company", company).with("contact", "Tom Berg").with("address", address)
        };
        for (company, address) in [("LAKESHORE  realty", "tom@berg.example"), ("Berg Homes", "tom@lakeshore.example")] {
            let page = dana.posts(&filled(company, address).await).await;
            assert_eq!(page.status, 200);
            page.must_say("It may be here already");
            assert!(page.html().links().iter().any(|(at, _)| *at == link), "{}", page.text());
            assert_eq!(database.count("invitations").await, 0);
        }
        let page = dana.posts(&filled("Berg Homes", "tom@lakeshore.example").await).await;
        let anyway = page.form_that_says("Make it anyway");
        assert_eq!(anyway.value("company"), Some("Berg Homes"));
        for (field, typed) in [("company", "Lakeshore Realty"), ("company", "Berg Houses")] {
            let changed = dana.posts(&anyway.clone().with(field, typed)).await;
            changed.must_say("It may be here already");
            assert_eq!(database.count("invitations").await, 0, "another name is looked for anew");
        }
        dana.sends(&anyway).await.must_say("Invited.");
        dana.sends(&anyway).await.must_say("Berg Homes");
        assert_eq!(database.count("brokerages").await, 2, "a double press makes one");

        let page = dana.posts(&filled("Third Homes", "ida@lakeshore.example").await).await;
        let taken = dana.posts(&page.form_that_says("Make it anyway")).await;
        assert_eq!(taken.status, 422);
        taken.must_say("This address signs in for another brokerage");
        assert!(taken.html().links().iter().any(|(at, _)| *at == link), "{}", taken.text());

        // On the page of another brokerage it is said, too.
        let pine = office(&portal.app, "pine.example").await;
        let page = dana.opens(&format!("/brokerages/{}", pine.brokerage)).await;
        let form = page.form_with("contact").with("contact", "Iris");
        let person = database.count("people").await;
        let taken = dana.posts(&form.clone().with("address", "tom@lakeshore.example")).await;
        assert_eq!((taken.status.as_u16(), database.count("people").await), (422, person));
        taken.must_say("The address belongs to Berg Homes");
        let empty = dana.posts(&form.with("address", "nobody")).await;
        assert!(empty.status == 422 && !empty.says("The address belongs"), "{}", empty.text());
    }
}
