//! The years after the first visit: a secret is renewed, a wrong one changes nothing, one press goes back, and an office
//! closes its connection and thinks better of it. Without scripts.

use crate::{
    databases::on_both,
    office::SECRET,
    world::{Admin, NeedleKind, Page, Typed, World},
};

/// Enters a new client secret on the page where the renewal leads, submits it, and sees the end.
async fn renews(admin: &Admin, form: &Page, secret: &str) -> Page {
    admin.typed(NeedleKind::Secret, "a renewed client secret", secret);
    let ends = admin.sample.secret_expires_on;
    let typed = form.form_with("client_secret").with("client_secret", secret);
    let typed = typed
        .with("ends_month", &ends.month().to_string())
        .with("ends_day", &ends.day().to_string())
        .with("ends_year", &ends.year().to_string());
    let review = admin.browser.presses(&typed, "Continue").await;
    review.must_say("Check your answers");
    admin.submits(&review).await
}

/// Opens a page anew until it says these words.
async fn until_it_says(admin: &Admin, url: &str, words: &str) -> Page {
    for _ in 0..600 {
        let page = admin.browser.opens(url).await;
        if page.says(words) {
            return page;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("{url} never says {words:?}: {}", admin.browser.opens(url).await.text());
}

/// A sample's secret is renewed: tested first, then submitted from the page of the test, and nothing moves before.
/// What a key is renewed by: the key in use is not, and neither is one of another account.
async fn second_key(world: &World<'_>, admin: &Admin, form: &Page, second: Typed) -> (&'static str, String) {
    let (field, in_use) = admin.credential().secret;
    let other = world.admin("google-key-no-delegation").credential();
    admin.will_type(&other);
    for (key, said) in [
        (in_use, "This is the key that is in use already"),
        (other.secret.1, "This key is of another service account"),
    ] {
        let refused = admin.browser.presses(&form.form_with(field).with(field, &key), "Continue").await;
        assert_eq!(refused.status, 422);
        refused.must_say(said);
    }
    admin.will_type(&second);
    second.secret
}

async fn is_renewed(world: &World<'_>, name: &str) {
    let admin = world.admin(name);
    let status = admin.first_attempt().await;
    assert_eq!(admin.verdict(&status), "verified", "{name}: {}", status.text());
    world.mailbox.gets(admin.address(), "Verified: Main office").await;
    let renew = admin.browser.opens(&status.link("Renew the")).await;
    let form = admin.browser.sends(&renew.form_that_says("Begin")).await;
    let (field, secret) = match Typed::second(&admin.sample) {
        Some(second) => second_key(world, &admin, &form, second).await,
        None => admin.credential().secret,
    };
    let mut typed = form.form_with(field).with(field, &secret);
    assert!(!typed.has("test_mailbox"), "{name}: only the secret is asked");
    if typed.has("ends_year") {
        let ends = admin.sample.secret_expires_on;
        typed = typed.with("ends_month", &ends.month().to_string());
        typed = typed.with("ends_day", &ends.day().to_string());
        typed = typed.with("ends_year", &ends.year().to_string());
    }
    let review = admin.browser.presses(&typed, "Continue").await;
    review.must_say("Check your answers");
    let passed = admin.tests(&review, "Test these details").await;
    passed.must_say("Test passed");
    // Only the worker can tell: it says so before anything changes places.
    let another = Typed::second(&admin.sample).is_some();
    assert_eq!(passed.says("This is the same secret as before"), !another, "{name}: {}", passed.text());
    let in_use = admin.browser.opens(&status.url).await;
    assert_eq!(admin.verdict(&in_use), "verified", "{name}: a test moves nothing");
    in_use.must_say("You have begun to renew");
    let submit = passed.form_that_says("Submit these details");
    admin.browser.presses(&submit, "Submit these details").await;
    let mail = world.mailbox.gets(admin.address(), "Renewed: Main office").await;
    assert_eq!(
        mail.words().contains("Do not delete it in your mail system"),
        !another,
        "{name}: {}",
        mail.text
    );
    let done = until_it_says(&admin, &renew.url, "Go back to the one before").await;
    assert_eq!(done.says("do not delete it in your mail system"), !another, "{name}: {}", done.text());
}

on_both! {
    async fn a_secret_is_renewed_by_its_page_alone_and_a_wrong_one_changes_nothing(database) {
        let world = World::start(database).await;
        let admin = world.admin("healthy");
        let status = admin.first_attempt().await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        status.must_say("We remind everybody of your office");
        let calendar = admin.browser.opens(&status.link("Put the last day into your calendar")).await;
        assert!(calendar.text().contains("BEGIN:VEVENT"), "{}", calendar.text());

        let renew = admin.browser.opens(&status.link("Renew the client secret")).await;
        renew.must_say("stays in use, untouched");
        let form = admin.browser.sends(&renew.form_that_says("Begin")).await;
        assert!(!form.html().forms().iter().any(|form| form.has("tenant")), "only the secret is asked");
        renews(&admin, &form, SECRET).await;
        world.mailbox.gets(admin.address(), "Not renewed").await;
        let failed = until_it_says(&admin, &renew.url, "Nothing changes for your agents").await;
        let in_use = admin.browser.opens(&status.url).await;
        in_use.must_say("did not pass its test");
        assert_eq!(admin.verdict(&in_use), "verified");

        let form = admin.browser.sends(&failed.form_that_says("Enter the new client secret")).await;
        let good = admin.sample.client_secret.clone();
        renews(&admin, &form, &good).await;
        world.mailbox.gets(admin.address(), "Renewed: Main office").await;
        let done = until_it_says(&admin, &renew.url, "Go back to the one before").await;
        let back = admin.browser.sends(&done.form_that_says("Use the one before again")).await;
        back.must_say("The one before is in use again");
        back.must_say("Verified, then you went back");
        world.mailbox.gets(admin.address(), "Renewed: Main office").await;
        world.ends_well().await;
    }

    async fn a_password_is_tested_and_renewed_beside_the_one_in_use(database) {
        let world = World::start(database).await;
        for name in ["exchange-healthy", "password-healthy"] {
            is_renewed(&world, name).await;
        }
        world.ends_well().await;
    }

    async fn a_secret_for_ews_and_a_key_file_are_tested_and_renewed_beside_those_in_use(database) {
        let world = World::start(database).await;
        for name in ["ews-healthy", "google-key-healthy"] {
            is_renewed(&world, name).await;
        }
        world.ends_well().await;
    }

    async fn a_renewal_that_fails_twice_offers_the_letter_and_reaches_our_people(database) {
        let world = World::start(database).await;
        let admin = world.admin("healthy");
        let status = admin.first_attempt().await;
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        let renew = admin.browser.opens(&status.link("Renew the client secret")).await;
        let form = admin.browser.sends(&renew.form_that_says("Begin")).await;
        renews(&admin, &form, SECRET).await;
        world.mailbox.gets(admin.address(), "Not renewed").await;
        let once = until_it_says(&admin, &renew.url, "Nothing changes for your agents").await;
        assert!(!once.says("A letter for your mail provider"), "{}", once.text());
        assert_eq!(database.count("needs WHERE rule = 'failed_twice'").await, 0);

        let form = admin.browser.sends(&once.form_that_says("Enter the new client secret")).await;
        renews(&admin, &form, SECRET).await;
        world.mailbox.gets(admin.address(), "Not renewed").await;
        let twice = until_it_says(&admin, &renew.url, "A letter for your mail provider").await;
        assert_eq!(database.count("needs WHERE rule = 'failed_twice'").await, 1);
        let letter = admin.browser.opens(&twice.link("A letter for your mail provider")).await;
        let back = letter.link("Back to the connection");
        assert!(renew.url.ends_with(&back), "{back}");
        let in_use = admin.browser.opens(&status.url).await;
        assert_eq!(admin.verdict(&in_use), "verified");
        assert!(!in_use.says("A letter for your mail provider"), "what is in use works");

        let form = admin.browser.sends(&twice.form_that_says("Enter the new client secret")).await;
        let good = admin.sample.client_secret.clone();
        renews(&admin, &form, &good).await;
        world.mailbox.gets(admin.address(), "Renewed: Main office").await;
        until_it_says(&admin, &renew.url, "Go back to the one before").await;
        assert_eq!(database.count("needs WHERE rule = 'failed_twice'").await, 0, "it is mended");
        world.ends_well().await;
    }

    async fn an_office_closes_its_connection_and_thinks_better_of_it(database) {
        let world = World::start(database).await;
        let admin = world.admin("healthy");
        let status = admin.first_attempt().await;
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        let close = admin.browser.opens(&status.link("Close this connection")).await;
        close.must_say("Opened again, it is not verified any more: it begins as a draft");
        let refused = admin.browser.presses(&close.form_with("reason"), "Close it").await;
        assert_eq!(refused.status, 422);
        let form = refused.form_with("reason").with("reason", "changed_mind").with("words", "We move house.");
        let closed = admin.browser.presses(&form, "Close it").await;
        closed.must_say("This connection is closed");
        closed.must_say("We move house.");
        closed.must_say("It then begins as a draft");
        world.mailbox.gets(admin.address(), "Closed: Main office").await;
        let form = admin.browser.sends(&closed.form_that_says("Open it again")).await;
        form.must_say("It is open again, as a draft. What is not secret is filled in: look it over and submit it.");
        let mail = world.mailbox.gets(admin.address(), "Open again: Main office").await;
        assert!(mail.words().contains(&format!("{} of your office opened", admin.sample.brokerage.person)), "{}", mail.text);
        let kept = form.form_with("client_secret");
        assert_eq!(kept.value("client_id"), Some(admin.sample.client_id.as_str()), "what is not secret is kept");
        let typed = admin.credential();
        let review = admin.enters(&form, &typed).await;
        admin.submits(&review).await;
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        world.ends_well().await;
    }

    async fn an_office_that_never_began_says_why_and_can_come_back(database) {
        let world = World::start(database).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let page = admin.browser.opens("/leave").await;
        let form = page.form_with("reason").with("reason", "no_rights");
        let closed = admin.browser.presses(&form, "Tell us").await;
        closed.must_say("Your office does not go on for now");
        closed.must_say("Nobody here has the rights");
        let mail = world.mailbox.gets(admin.address(), "Noted: your office does not go on").await;
        assert!(mail.text.contains("no mail system chosen") && mail.text.contains("Begin at any time"), "{}", mail.text);
        for wrong in ["open it again", "closed it", "(attempt "] {
            assert!(!mail.text.contains(wrong) && !mail.subject.contains(wrong), "{wrong}: {}", mail.text);
        }
        let overview = admin.browser.opens("/overview").await;
        assert!(!overview.text().contains("open it again"), "{}", overview.text());
        for words in [closed.text(), mail.text] {
            assert!(!words.contains("Exchange") && !words.contains("Microsoft"), "nobody chose a kind: {words}");
        }
        assert_eq!(crate::world::rows::count(database, "SELECT COUNT(*) FROM needs WHERE rule = 'closed'").await, 1);
        let new = admin.browser.opens(&closed.link("Connect a mail system")).await;
        assert_eq!((new.status.as_u16(), new.heading().as_str()), (200, "New connection"));
        // It took none of the places that an office has for its connections.
        for name in ["One", "Two", "Three"] {
            let form = admin.browser.opens("/connections/new").await.form_with("external_id");
            let made = admin.browser.sends(&form.with("name", name).with("kind", "graph_secret")).await;
            assert_eq!(made.status, 200, "{}", made.text());
        }
        world.ends_well().await;
    }
}
