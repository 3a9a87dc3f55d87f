//! The three kinds from the first form to verified, and from a failed attempt to a verified one: by a second attempt,
//! by a repair and "check again", and by waiting.

use crate::{databases::on_both, world::World};

on_both! {
    async fn each_kind_is_tested_and_then_submitted_from_the_page_of_the_test(database) {
        let world = World::start(database).await;
        for name in ["exchange-healthy", "ews-healthy", "password-healthy", "google-healthy", "google-key-healthy"] {
            let admin = world.admin(name);
            admin.begins().await;
            let form = admin.creates_connection("Main office").await;
            let review = admin.enters(&form, &admin.credential()).await;
            let passed = admin.tests(&review, "Test these details").await;
            passed.must_say("Test passed");
            let form = passed.form_that_says("Submit these details");
            let status = admin.browser.presses(&form, "Submit these details").await;
            let status = admin.sees_the_end(&status).await;
            assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
            world.mailbox.gets(admin.address(), "Verified: Main office").await;
            let items = world.simulator.mailbox_items(&admin.sample.test_mailbox);
            assert!(items.left_behind().is_empty(), "{name}: nothing is left in the mailbox");
        }
        world.ends_well().await;
    }

    async fn each_kind_goes_from_the_form_to_verified(database) {
        let world = World::start(database).await;
        for name in ["exchange-healthy", "exchange-autodiscover", "ews-healthy", "password-healthy", "password-healthy-token"] {
            let admin = world.admin(name);
            let status = admin.first_attempt().await;
            assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
            let mail = world.mailbox.gets(admin.address(), "Verified: Main office").await;
            assert!(mail.text.contains(&status.url), "{name}: the mail leads back: {}", mail.text);
            let items = world.simulator.mailbox_items(&admin.sample.test_mailbox);
            assert!(items.left_behind().is_empty(), "{name}: nothing is left in the mailbox");
        }
        world.ends_well().await;
    }

    async fn each_kind_fails_and_its_second_attempt_is_verified(database) {
        let world = World::start(database).await;
        for name in ["exchange-no-role", "ews-no-permission", "password-wrong"] {
            let admin = world.admin(name);
            let failed = admin.first_attempt().await;
            assert_eq!(admin.verdict(&failed), "failed", "{name}: {}", failed.text());
            let cause = admin.sample.expected_cause.clone().expect("a cause");
            let cause = moxi_onboard::domain::causes::find(&cause).expect("a known cause");
            failed.must_say(cause.title);
            let mail = world.mailbox.gets(admin.address(), "Not connected").await;
            assert!(mail.words().contains(cause.title), "{name}: {}", mail.text);
            let form = admin.starts_again(&failed).await;
            let status = admin.second_attempt(&form).await;
            assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
            world.mailbox.gets(admin.address(), "Verified: Main office").await;
        }
        world.ends_well().await;
    }

    async fn a_repaired_server_is_checked_again_with_the_same_answers(database) {
        let world = World::start(database).await;
        let sick = ["exchange-ntlm-only", "password-basic-blocked", "password-conditional-access"];
        for name in sick {
            let admin = world.admin(name);
            let failed = admin.first_attempt().await;
            assert_eq!(admin.verdict(&failed), "failed", "{name}: {}", failed.text());
            world.mailbox.gets(admin.address(), "Not connected").await;
            assert!(world.simulator.heal(name));
            let status = admin.checks_again(&failed).await;
            assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
            world.mailbox.gets(admin.address(), "Verified: Main office").await;
        }
        let attempts = crate::world::rows::count(database, "SELECT COUNT(*) FROM attempts").await;
        assert_eq!(usize::try_from(attempts), Ok(sick.len()));
        world.ends_well().await;
    }
}
