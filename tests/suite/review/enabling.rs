//! A connection is enabled once somebody has accepted its brokerage.

use moxi_onboard::domain::{connection::State, staff::StaffRole};

use super::pages::both;
use crate::{databases::on_both, world::Form};

on_both! {
    async fn a_brokerage_is_accepted_before_it_is_enabled(database) {
        let (portal, site, lab) = both(database).await;
        let worker = portal.worker();
        let sample = lab.sample("healthy");
        let scope = portal.office(&sample.tenant_domain).await;
        let of = portal.submit(&scope, &sample).await;
        portal.until("it is verified", async || {
            (portal.standing(&of).await.0.state == State::Verified).then_some(())
        }).await;
        database.execute("UPDATE brokerages SET accepted_at = NULL").await;
        let mara = site.colleague("Mara Lind", &[StaffRole::AccountManager]).await;
        let address = format!("/connections/{}", of.connection);
        let page = mara.opens(&address).await;
        page.must_say("It can be enabled once its brokerage is accepted");
        assert!(!page.says("Save the day"), "{}", page.text());

        // From a page of before.
        let token = page.form_that_says("Take it").value("csrf").expect("a token").to_owned();
        let seen = portal.standing(&of).await.0.version.to_string();
        let fields = [("csrf", token.as_str()), ("seen", &seen), ("enabled_month", "11"), ("enabled_day", "30"), ("enabled_year", "2026")];
        let form = Form {
            action: format!("{address}/enable"),
            fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            ..page.form_that_says("Take it")
        };
        let refused = mara.posts(&form).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        refused.must_say("Accept its brokerage first: nobody has looked at it yet.");
        assert_eq!(database.count("mails WHERE kind = 'enabled'").await, 0);

        let brokerage = mara.opens(&refused.link("Look at the brokerage")).await;
        mara.sends(&brokerage.form_that_says("Accept")).await;
        let page = mara.opens(&address).await;
        let form = page.form_that_says("Save the day");
        let form = form.with("enabled_month", "11").with("enabled_day", "30").with("enabled_year", "2026");
        mara.sends(&form).await.must_say("Saved. Its people are told.");
        worker.stop().await;
    }
}
