//! The page of figures: what it counts is what the lists hold that it leads to.

use moxi_onboard::domain::{connection::State, review::NeedRule, staff::StaffRole};

use super::pages::{both, comes_to};
use crate::databases::on_both;

on_both! {
    async fn each_number_is_that_of_the_list_behind_it(database) {
        let (portal, site, lab) = both(database).await;
        let ines = site.colleague("Ines Falk", &[StaffRole::Auditor]).await;
        let empty = ines.opens("/figures").await;
        for words in ["No connection was made in the last 30 days.", "There is no connection yet.", "Nothing needs anybody."] {
            empty.must_say(words);
        }

        let worker = portal.worker();
        for (name, comes) in [("healthy", State::Verified), ("secret-wrong", State::Failed), ("roles-arrive-later", State::Failed)] {
            let sample = lab.sample(name);
            let scope = portal.office(&sample.tenant_domain).await;
            let of = portal.submit(&scope, &sample).await;
            comes_to(&portal, &of, comes).await;
        }
        worker.stop().await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let failed = dana.opens(&dana.opens("/?view=failed").await.link("Lakeshore")).await;
        dana.sends(&failed.form_with("text").with("text", "Who has the new secret?").with("kind", "question")).await;

        let page = ines.opens("/figures?days=90").await;
        page.must_say("Connection made 3 –");
        page.must_say("Submitted 3 3 of 3, 100 %");
        page.must_say("Verified 1 1 of 3, 33 %");
        page.must_say("Enabled in MoxiEngage 0 0 of 1, 0 %");
        // What the links say to those who hear them, and what they lead to.
        let kind = moxi_onboard::domain::kind::AccessKind::GraphSecret.title();
        for (link, listed) in [(format!("1 : {kind}, Verified"), 1), (format!("2 : {kind}, Failed"), 2)] {
            let list = ines.opens(&page.link(&link)).await;
            assert_eq!(list.html().all("tbody").concat().matches("Lakeshore").count(), listed, "{}", list.text());
        }
        assert_eq!(page.link("1 connections at: The client secret"), "/?cause=client_secret_invalid");
        let asked = ines.opens(&page.link(&format!("1 connections: {}", NeedRule::Question.title()))).await;
        assert_eq!(asked.html().all("tbody").concat().matches("Lakeshore").count(), 1, "{}", asked.text());
    }

    async fn no_other_length_of_time_is_counted(database) {
        let (_portal, site, _lab) = both(database).await;
        let ines = site.colleague("Ines Falk", &[StaffRole::Auditor]).await;
        for typed in ["0", "-1", "31", "999999999999999999999", "x"] {
            assert_eq!(ines.opens(&format!("/figures?days={typed}")).await.status, 404, "{typed}");
        }
    }
}
