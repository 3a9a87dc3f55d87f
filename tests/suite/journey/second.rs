//! What comes after a first visit: a second attempt, a check again, waiting, and coming back.

use crate::{databases::on_both, world::World};

on_both! {
    async fn the_second_attempt_has_new_names_and_is_verified(database) {
        let world = World::start(database).await;
        let admin = world.admin("secret-wrong");
        let failed = admin.first_attempt().await;
        assert_eq!(admin.verdict(&failed), "failed", "{}", failed.text());
        let cause = moxi_onboard::domain::causes::find("client_secret_invalid").expect("the cause");
        failed.must_say(cause.title);
        failed.must_say(cause.mend[1].text);
        let mail = world.mailbox.gets(admin.address(), "Not connected").await;
        assert!(mail.words().contains(cause.title), "{}", mail.text);

        let form = admin.starts_again(&failed).await;
        let proposed = form.form_with("app_name");
        assert_eq!(proposed.value("secret_name").map(|name| name.ends_with('2')), Some(true), "{:?}", proposed.fields);
        assert_eq!(proposed.value("test_mailbox"), Some(admin.sample.test_mailbox.as_str()), "what is not secret is kept");
        assert_eq!(proposed.value("client_secret"), Some(""));

        let status = admin.second_attempt(&form).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        world.ends_well().await;
    }

    async fn a_mistyped_tenant_is_corrected_and_verified(database) {
        let world = World::start(database).await;
        let admin = world.admin("tenant-unknown");
        let failed = admin.first_attempt().await;
        assert_eq!(admin.verdict(&failed), "failed", "{}", failed.text());
        failed.must_say("Microsoft knows no tenant with this ID");
        world.mailbox.gets(admin.address(), "Not connected: Microsoft knows no tenant with this ID (attempt 1)").await;
        let form = admin.starts_again(&failed).await;
        let status = admin.second_attempt(&form).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        world.ends_well().await;
    }

    async fn a_repaired_office_is_checked_again_with_the_same_answers(database) {
        let world = World::start(database).await;
        let admin = world.admin("roles-arrive-later");
        let failed = admin.first_attempt().await;
        assert_eq!(admin.verdict(&failed), "failed", "{}", failed.text());
        world.mailbox.gets(admin.address(), "Not connected").await;
        assert!(world.simulator.heal("roles-arrive-later"));

        let status = admin.checks_again(&failed).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        assert_eq!(crate::world::rows::count(database, "SELECT COUNT(*) FROM attempts").await, 1);
        world.ends_well().await;
    }

    async fn what_the_provider_delays_is_waited_for(database) {
        let world = World::start(database).await;
        let admin = world.admin("waiting");
        let status = admin.submits_the_first_attempt().await;
        world.mailbox.gets(admin.address(), "Waiting: Main office").await;
        let waits = admin.browser.opens(&status.url).await;
        assert_eq!(admin.verdict(&waits), "waiting", "{}", waits.text());
        waits.must_say("We look again by ourselves");
        assert!(world.simulator.heal("waiting"));
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        let status = admin.sees_the_end(&waits).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.ends_well().await;
    }

    async fn a_known_address_comes_back_and_types_only_the_secret_again(database) {
        let world = World::start(database).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let form = admin.creates_connection("Main office").await;
        let page = form.url.clone();
        let review = admin.enters(&form, &admin.credential()).await;
        review.must_say("Check your answers");

        admin.browser.forgets_everything();
        world.half_a_minute_passes().await;
        let overview = admin.signs_in().await;
        overview.must_say("Main office");
        let form = admin.browser.opens(&page).await;
        let kept = form.form_with("client_secret");
        for (field, typed) in [("tenant", &admin.sample.tenant_id), ("client_id", &admin.sample.client_id), ("test_mailbox", &admin.sample.test_mailbox)] {
            assert_eq!(kept.value(field), Some(typed.as_str()), "{field} is kept");
        }
        assert!(!form.says("Already entered"), "the secret belongs to the session that typed it");
        let asked = admin.browser.presses(&kept, "Continue").await;
        assert_eq!(asked.status, 422);

        // Signed out in another tab while the form was open: it is shown once more, and once only.
        let typed = admin.credential().filled_into(asked.form_with("client_secret"));
        admin.browser.sends(&asked.form_that_says("Sign out")).await;
        let kept = admin.browser.presses(&typed, "Continue").await;
        kept.must_say("You were signed out while this page was open");
        let held = kept.form_that_says("Send again");
        assert_eq!(admin.browser.sends(&held).await.status, 403, "not before the next sign-in");
        world.half_a_minute_passes().await;
        admin.signs_in().await;
        let told = admin.browser.sends(&held).await;
        assert_eq!(told.status, 422, "{}", told.text());
        told.must_say("Enter the client secret");
        assert_eq!(told.form_with("client_secret").value("client_id"), Some(admin.sample.client_id.as_str()));
        let form = told;
        let review = admin.enters(&form, &admin.credential()).await;
        let status = admin.submits(&review).await;
        let status = admin.sees_the_end(&status).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.mailbox.gets(admin.address(), "Verified").await;
        world.ends_well().await;
    }
}
