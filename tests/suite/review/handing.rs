//! Handing a connection over, putting it off, and the words for whoever was slower.

use std::time::Duration;

use moxi_onboard::{actions::choose_mail::choose_mail, domain::staff::StaffRole};

use super::pages::both;
use crate::{access::colleague, databases::on_both, office::office};

on_both! {
    async fn whoever_is_handed_a_connection_is_written_to_and_named(database) {
        let (portal, site, _lab) = both(database).await;
        let app = &portal.app;
        let scope = office(app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let address = format!("/connections/{connection}");
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let olga = site.colleague("Olga Weiss", &[StaffRole::Owner]).await;
        let kim = colleague(app, "Kim Oduya", StaffRole::Support).await;
        let stale = olga.opens(&address).await.form_that_says("Take it");
        dana.sends(&dana.opens(&address).await.form_that_says("Take it")).await;
        app.clock.advance(Duration::from_secs(60));
        let form = dana.opens(&address).await.form_with("colleague").with("colleague", kim.staff.as_str());
        let page = dana.sends(&form).await;
        page.must_say("Handed over to Kim Oduya");
        let late = olga.posts(&stale).await;
        assert_eq!(late.status, 409);
        late.must_say("It was handed to Kim Oduya by Dana Reyes");
        let told = async || database.count("mails WHERE kind = 'handed_over'").await;
        assert_eq!(told().await, 1);
        let mails = dana.opens("/mails?kind=handed_over").await;
        mails.must_say("kim@moxiworks.example");
        let mail = dana.opens(&mails.link("Handed to you: ")).await;
        mail.must_say("Dana Reyes handed Lakeshore Realty, Main office");

        // Nobody is written to who wants no mail.
        choose_mail(app, &kim, "nothing").await.expect("chosen");
        app.clock.advance(Duration::from_secs(60));
        dana.sends(&dana.opens(&address).await.form_that_says("Take it over")).await;
        let taken = olga.opens(&address).await;
        assert!(!taken.says("was handed"), "{}", taken.text());
        let form = dana.opens(&address).await.form_with("colleague").with("colleague", kim.staff.as_str());
        dana.sends(&form).await;
        assert_eq!(told().await, 1);

        let page = dana.opens(&address).await;
        page.must_say("It needs a human now:");
        let page = dana.sends(&page.form_with("length").with("length", "hour")).await;
        page.must_say("It is put off. It needs a human for this:");
        assert!(!page.says("It needs a human now"), "{}", page.text());
    }

    async fn whoever_accepts_a_second_time_reads_that_it_was_before(database) {
        let (portal, site, _lab) = both(database).await;
        let scope = office(&portal.app, "lakeshore.example").await;
        let address = format!("/brokerages/{}", scope.brokerage);
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let mara = site.colleague("Mara Lind", &[StaffRole::AccountManager]).await;
        let stale = mara.opens(&address).await.form_that_says("Accept");
        dana.sends(&dana.opens(&address).await.form_that_says("Accept")).await.must_say("Its people are told by e-mail.");
        let late = mara.sends(&stale).await;
        late.must_say("It was accepted before. Nothing was changed, and nobody is told again.");
        assert_eq!(database.count("mails WHERE kind = 'accepted'").await, 1);
    }

    async fn a_form_that_was_sent_before_keeps_what_was_typed(database) {
        let (_portal, site, _lab) = both(database).await;
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = dana.opens("/invite").await.form_with("company");
        let first = form.clone().with("company", "Elm Realty").with("contact", "Ida Berg").with("address", "ida@elm.example");
        dana.sends(&first).await.must_say("Invited.");
        let other = form.with("company", "Oak Homes").with("contact", "Tom Oak").with("address", "tom@oak.example");
        let refused = dana.posts(&other).await;
        assert_eq!(refused.status, 422);
        refused.must_say("This form was sent before with other content");
        assert_eq!(refused.form_with("company").value("company"), Some("Oak Homes"));
    }
}
