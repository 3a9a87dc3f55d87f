//! Google Workspace from the first form to verified, with our own service account and with a key of the office's own; and
//! from a failed attempt to a verified one by each way there is.

use axum::http::{Method, header};

use crate::{
    databases::on_both,
    world::{Admin, Page, World, rows},
};

/// The first attempt of a sample, up to its end or to where it waits.
async fn first_attempt(admin: &Admin) -> Page {
    admin.begins().await;
    let form = admin.creates_connection("Main office").await;
    let review = admin.enters(&form, &admin.credential()).await;
    review.must_say("Check your answers");
    let status = admin.submits(&review).await;
    admin.sees_the_end(&status).await
}

async fn is_verified(world: &World<'_>, admin: &Admin, status: &Page) {
    assert_eq!(admin.verdict(status), "verified", "{}: {}", admin.sample.name, status.text());
    let mail = world.mailbox.gets(admin.address(), "Verified: Main office").await;
    assert!(mail.text.contains(&status.url), "{}: the mail leads back: {}", admin.sample.name, mail.text);
    let items = world.simulator.mailbox_items(&admin.sample.test_mailbox);
    assert!(items.left_behind().is_empty(), "{}: nothing is left in the mailbox", admin.sample.name);
}

async fn has_failed(world: &World<'_>, admin: &Admin) -> Page {
    let failed = first_attempt(admin).await;
    assert_eq!(admin.verdict(&failed), "failed", "{}: {}", admin.sample.name, failed.text());
    let cause = admin.sample.expected_cause.clone().expect("a cause");
    let cause = moxi_onboard::domain::causes::find(&cause).expect("a known cause");
    failed.must_say(cause.title);
    let mail = world.mailbox.gets(admin.address(), "Not connected").await;
    assert!(mail.words().contains(cause.title), "{}: {}", admin.sample.name, mail.text);
    failed
}

/// The form sent as a browser sends it that has chosen a file.
async fn with_a_file(admin: &Admin, form: &crate::world::Form, name: &str, content: &[u8]) -> Page {
    let mut body = Vec::new();
    for (field, text) in form.fields.iter().filter(|(field, _)| field != "key_file") {
        let part = format!("--XyZ7\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--XyZ7\r\nContent-Disposition: form-data; name=\"goal\"\r\n\r\nreview\r\n--XyZ7\r\nContent-Disposition: form-data; name=\"key_file\"; filename=\"{name}\"\r\nContent-Type: application/json\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--XyZ7--\r\n");
    let request = admin
        .browser
        .request(Method::POST, &form.action)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=XyZ7")
        .body(body);
    let page = admin.browser.answers(request, &Method::POST, &form.action).await;
    admin.browser.follow(page).await
}

on_both! {
    async fn both_ways_into_google_go_from_the_form_to_verified(database) {
        let world = World::start(database).await;
        let admin = world.admin("google-healthy");
        let status = first_attempt(&admin).await;
        is_verified(&world, &admin, &status).await;
        status.must_say("Show Google who the service account is");
        let none = "SELECT COUNT(*) FROM secrets";
        assert_eq!(rows::count(database, none).await, 0, "nothing secret was handed over");
        assert_eq!(rows::count(database, "SELECT COUNT(*) FROM attempts WHERE secret_id IS NULL").await, 1);

        let admin = world.admin("google-key-healthy");
        let status = first_attempt(&admin).await;
        is_verified(&world, &admin, &status).await;
        assert_eq!(rows::count(database, "SELECT COUNT(*) FROM secrets WHERE field = 'service_account_key' AND likeness_key IS NOT NULL").await, 1);
        assert!(world.simulator.sent_messages().is_empty());
        world.ends_well().await;
    }

    async fn a_delegation_that_was_mended_is_looked_at_again_and_verified(database) {
        let world = World::start(database).await;
        let admin = world.admin("google-no-delegation");
        let failed = has_failed(&world, &admin).await;
        let number = admin.sample.google.as_ref().expect("a workspace").client_id.clone();
        failed.must_say(&number);
        failed.must_say("https://www.googleapis.com/auth/contacts,https://www.googleapis.com/auth/calendar");
        assert!(failed.source.contains("clientIdToAdd="), "{}", failed.source);

        let waits = admin.browser.presses(&failed.form_that_says("Check again"), "Check again").await;
        world.mailbox.gets(admin.address(), "Waiting: Main office").await;
        assert!(world.simulator.heal("google-no-delegation"));
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        let status = admin.sees_the_end(&waits).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        assert_eq!(rows::count(database, "SELECT COUNT(*) FROM attempts").await, 1);
        world.ends_well().await;
    }

    async fn the_second_attempt_has_another_mailbox_or_another_key(database) {
        let world = World::start(database).await;
        for name in ["google-user-unknown", "google-key-revoked", "google-key-account-deleted"] {
            let admin = world.admin(name);
            let failed = has_failed(&world, &admin).await;
            let form = admin.browser.sends(&failed.form_that_says("attempt 2")).await;
            form.must_say("attempt 2");
            if name.starts_with("google-key") {
                let again = admin.enters(&form, &admin.credential()).await;
                assert_eq!(again.status, 422, "{name}: the used-up key is refused: {}", again.text());
                again.must_say("attempt 1");
            }
            let review = admin.enters(&form_again(&admin, &form).await, &admin.second_credential()).await;
            review.must_say("Check your answers");
            let status = admin.submits(&review).await;
            let status = admin.sees_the_end(&status).await;
            assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
            world.mailbox.gets(admin.address(), "Verified: Main office").await;
        }
        world.ends_well().await;
    }

    async fn a_key_file_is_chosen_and_what_is_none_is_named(database) {
        let world = World::start(database).await;
        let admin = world.admin("google-key-healthy");
        admin.begins().await;
        let page = admin.creates_connection("Main office").await;
        page.must_say("Choose the file");
        let typed = admin.credential();
        admin.will_type(&typed);
        let key = typed.secret.1.clone();
        let form = page.form_with("test_mailbox").with("test_mailbox", &admin.sample.test_mailbox);

        let wrong = with_a_file(&admin, &form, "key.p12", b"0\x82\x0a\x10\0\x01\xff").await;
        assert_eq!(wrong.status, 422, "{}", wrong.text());
        wrong.must_say("P12 file");
        let client = world.sample("google-key-of-oauth-client").google.and_then(|google| google.key_json).expect("a file");
        let wrong = with_a_file(&admin, &wrong.form_with("test_mailbox"), "client.json", client.as_bytes()).await;
        wrong.must_say("file of an OAuth client");
        let kept = wrong.form_with("test_mailbox");
        assert_eq!(kept.value("test_mailbox"), Some(admin.sample.test_mailbox.as_str()), "what is not secret is kept");
        let twice = with_a_file(&admin, &kept.clone().with("service_account_key", &key), "key.json", key.as_bytes()).await;
        twice.must_say("not both");
        assert!(!twice.source.contains("PRIVATE KEY"), "nothing of it is shown again");

        let review = with_a_file(&admin, &twice.form_with("test_mailbox"), "lakeshore-1a2b.json", key.as_bytes()).await;
        review.must_say("Check your answers");
        review.must_say(&admin.sample.google.as_ref().expect("a workspace").client_id);
        let form = admin.browser.opens(&page.url).await;
        form.must_say("Already entered at");
        assert!(form.source.contains("clientIdToAdd="), "the link is there once the number is known");
        let status = admin.submits(&review).await;
        let status = admin.sees_the_end(&status).await;
        is_verified(&world, &admin, &status).await;
        world.ends_well().await;
    }
}

/// The answers' page as it stands now.
async fn form_again(admin: &Admin, form: &Page) -> Page {
    admin.browser.opens(&form.url).await
}
