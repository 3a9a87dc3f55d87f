//! A new brokerage, from the first visit to a verified connection.

use crate::{databases::on_both, world::World};

on_both! {
    async fn a_new_brokerage_is_verified(database) {
        let world = World::start(database).await;
        let admin = world.admin("healthy");

        let overview = admin.begins().await;
        overview.must_say("Lakeshore Realty");
        let form = admin.creates_connection("Main office").await;
        form.must_say("Main office");
        let review = admin.enters(&form, &admin.credential()).await;
        review.must_say("Check your answers");
        review.must_say(&admin.sample.test_mailbox);

        let status = admin.submits(&review).await;
        assert_eq!(status.status, 200, "{}", status.text());
        let status = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        let steps = status.html().marked("data-outcome");
        assert!(steps.iter().filter(|(outcome, _)| outcome == "passed").count() >= 8, "{steps:#?}");
        assert!(steps.iter().all(|(_, text)| text.contains(" s") || text.contains(" ms")), "each has its time: {steps:#?}");

        let verified = world.mailbox.gets(admin.address(), "Verified: Main office").await;
        assert!(verified.text.contains(&status.url), "the mail leads back: {}", verified.text);
        let items = world.simulator.mailbox_items(&admin.sample.test_mailbox);
        assert!(items.left_behind().is_empty(), "the check left something behind");
        admin.browser.opens("/overview").await.must_say("Verified");
        world.ends_well().await;
    }

    async fn everything_wrong_is_said_at_once_and_nothing_typed_is_lost(database) {
        let world = World::start(database).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let form = admin.creates_connection("Main office").await;
        let good = admin.fills(&form, &admin.credential());
        let wrong = good.clone().with("client_id", "not an id").with("test_mailbox", "nobody");
        let again = admin.browser.presses(&wrong, "Continue").await;
        assert_eq!(again.status, 422);
        assert!(again.title().starts_with("Error: "), "{}", again.title());
        let kept = again.form_with("client_secret");
        assert_eq!(kept.value("client_id"), Some("not an id"));
        assert_eq!(kept.value("test_mailbox"), Some("nobody"));
        assert_eq!(kept.value("client_secret"), Some(""), "a secret is never shown again");
        again.must_say("Already entered at");
        let errors = again.html().links().into_iter().filter(|(url, _)| url == "#client_id" || url == "#test_mailbox");
        assert_eq!(errors.count(), 2, "the summary leads to both fields: {}", again.text());

        let mended = kept.with("client_id", &admin.sample.client_id).with("test_mailbox", &admin.sample.test_mailbox);
        let review = admin.browser.presses(&mended, "Continue").await;
        review.must_say("Check your answers");
        let status = admin.submits(&review).await;
        let status = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.mailbox.gets(admin.address(), "Verified").await;
        world.ends_well().await;
    }

    async fn a_double_press_submits_once(database) {
        let world = World::start(database).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let form = admin.creates_connection("Main office").await;
        let review = admin.enters(&form, &admin.credential()).await;
        let form = review.form_with("seen");
        let presses = futures_util::future::join_all((0..8).map(|_| admin.browser.posts(&form))).await;
        let to: Vec<_> = presses.iter().map(|page| (page.status.as_u16(), page.headers.get("location"))).collect();
        assert!(to.iter().all(|answer| *answer == to[0] && answer.0 == 303), "{to:?}");
        let status = admin.browser.follow(presses[0].clone()).await;
        let status = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&status), "verified");
        assert_eq!(crate::world::rows::count(database, "SELECT COUNT(*) FROM attempts").await, 1);
        assert_eq!(crate::world::rows::count(database, "SELECT COUNT(*) FROM verdicts").await, 1);
        world.mailbox.gets(admin.address(), "Verified").await;
        world.ends_well().await;
    }
}
