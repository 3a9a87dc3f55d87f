//! What a connection remembers of its attempts: what changed since the one before, what earlier ones left behind, and
//! which names may be used again.

use std::time::Duration;

use moxi_onboard::{
    actions::{save_answers::Goal, start_attempt::start_attempt, submit::submit},
    domain::{connection::State, mail::MailKind, staff::StaffRole},
};

use crate::{
    databases::on_both,
    office::{self, SESSION, fresh_key, save},
    review::pages::both,
    running::{Portal, Submission},
    staff_site::{portal_of, portal_session},
    world::{World, seen::Seen, visitor::Visitor},
};

/// The browser of an office's person.
pub async fn person(portal: &Portal, of: &Submission, origin: &str) -> Visitor {
    let visitor = Visitor::new(origin, &Seen::default());
    visitor.takes_cookie("__Host-portal", &portal_session(&portal.app, &of.scope).await);
    visitor
}

on_both! {
    async fn a_second_attempt_tells_what_changed_and_what_the_first_one_left(database) {
        let world = World::start(database).await;
        let admin = world.admin("secret-wrong");
        let failed = admin.first_attempt().await;
        assert!(!failed.says("What changed since"), "there was none before");
        // What mends it comes first: the secret alone, under the names that are there.
        let offers = failed.form_that_says("attempt 2");
        assert!(offers.says("Enter the new client secret (attempt 2)"), "{:?}", offers.buttons);
        world.mailbox.gets(admin.address(), "Not connected").await;
        let form = admin.starts_again(&failed).await;
        let status = admin.second_attempt(&form).await;
        assert_eq!(admin.verdict(&status), "verified", "{}", status.text());
        status.must_say("What changed since attempt 1");
        status.must_say("Description of the client secret");
        status.must_say("before: Engage access");
        status.must_say("works now");
        for secret in [&admin.credential().secret.1, &admin.second_credential().secret.1] {
            assert!(!status.source.contains(secret.as_str()), "no secret is part of a difference");
        }

        status.must_say("Left from earlier attempts");
        let ticked = admin.browser.presses(&status.form_that_says("I have removed it"), "I have removed it").await;
        ticked.must_say("Removed");
        let open = admin.browser.presses(&ticked.form_that_says("Not removed after all"), "Not removed").await;
        open.must_say("I have removed it");
        world.mailbox.gets(admin.address(), "Verified: Main office").await;
        world.ends_well().await;
    }

    async fn names_that_are_used_up_can_be_allowed_again(database) {
        let (portal, site, lab) = both(database).await;
        let worker = portal.worker();
        let of = portal.newcomer(&lab.sample("exchange-roles-required")).await;
        portal.settles(&of, State::Failed, None).await;
        let served = portal_of(&portal.app).await;
        let iris = person(&portal, &of, &served.origin).await;
        let address = format!("/connections/{}", of.connection);
        iris.opens(&address).await.must_say("Start attempt 2 with new names");

        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let page = ada.opens(&address).await;
        page.must_say("Its names are used up");
        assert!(!page.says("Allow them again"), "an auditor reads");
        let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
        let form = dana.opens(&address).await.form_with("why");
        let empty = dana.posts(&form).await;
        assert_eq!(empty.status, 422);
        empty.must_say("Enter why these names may be used again");
        let page = dana.sends(&empty.form_with("why").with("why", "The role <b>was</b> put on the wrong app")).await;
        page.must_say("The next attempt may use these names again.");
        page.must_say("Dana Reyes allowed it");
        page.must_say("The role <b>was</b> put on the wrong app");
        page.must_say("Names of attempt 1 allowed again");
        assert_eq!(dana.posts(&form.with("why", "Once more")).await.status, 409, "it is allowed already");

        let page = iris.opens(&address).await;
        assert!(!page.says("with new names") && !page.says("wrong app") && !page.says("Dana"), "{}", page.text());
        let answers = iris.sends(&page.form_that_says("Start attempt 2")).await;
        assert_eq!(answers.form_with("app_name").value("app_name"), Some("MoxiEngage"), "the names are kept");
        worker.stop().await;
    }

    async fn a_fresh_start_refuses_every_name_that_failed(database) {
        let (portal, _site, lab) = both(database).await;
        let worker = portal.worker();
        // First for a cause that keeps the names, then for one that uses them up.
        let sample = lab.sample("exchange-roles-required");
        let wrong = lab.sample("secret-wrong");
        let of = portal.newcomer(&wrong).await;
        portal.settles(&of, State::Failed, None).await;
        start_attempt(&portal.app, &of.scope, SESSION, &of.connection).await.expect("started");
        let mut answers = office::good_answers(&sample.tenant_domain)
            .with("tenant", &sample.tenant_id)
            .with("client_id", &sample.client_id)
            .with("app_name", "Second name")
            .with("secret_name", "Second secret")
            .with("test_mailbox", &sample.test_mailbox);
        let typed = office::typed(answers.clone(), &sample.client_secret);
        let saved = save(&portal.app, &of.scope, &of.connection, typed, Goal::Review).await;
        let saved = saved.expect("saved");
        assert_eq!(saved.errors, []);
        let version = {
            let mut read = portal.app.store.read().await.expect("a transaction");
            read.draft(&of.scope.brokerage, &of.connection).await.expect("rows").expect("a draft").version
        };
        let attempt = submit(&portal.app, &of.scope, SESSION, &of.connection, version, &fresh_key()).await.expect("submitted");
        let second = Submission { attempt, ..of.clone() };
        portal.settles(&second, State::Failed, None).await;
        start_attempt(&portal.app, &of.scope, SESSION, &of.connection).await.expect("started");
        for (name, number) in [("MoxiEngage", 1), ("Second name", 2)] {
            answers = answers.with("app_name", name).with("client_id", "9c1b9a52-7a0e-4c43-9a5a-3a7e0f6c2d12");
            let typed = office::typed(answers.clone(), &sample.client_secret);
            let saved = save(&portal.app, &of.scope, &of.connection, typed, Goal::Review).await;
            let errors = saved.expect("saved").errors;
            let error = errors.iter().find(|error| error.field == "app_name");
            let sentence = error.map_or("", |error| error.sentence.as_str());
            assert!(sentence.contains(&format!("was used in attempt {number}")), "{name}: {errors:?}");
        }

        let served = portal_of(&portal.app).await;
        let iris = person(&portal, &of, &served.origin).await;
        let guide = iris.opens(&format!("/connections/{}/guide", of.connection)).await;
        guide.must_say("Left from earlier attempts");
        guide.must_say(&format!("MoxiEngage ({})", wrong.client_id));
        guide.must_say("Remove-MgApplication");
        let ticked = iris.presses(&guide.form_that_says("I have removed it"), "I have removed it").await;
        ticked.must_say("Not removed after all");
        let status = iris.opens(&format!("/connections/{}", of.connection)).await;
        status.must_say("What changed since attempt 1");
        status.must_say("before: MoxiEngage");
        worker.stop().await;
    }

    async fn from_the_second_failure_on_there_is_a_letter_for_the_mail_provider(database) {
        let (portal, _site, lab) = both(database).await;
        let worker = portal.worker();
        let sample = lab.sample("mailbox-without-licence");
        let of = portal.newcomer(&sample).await;
        portal.settles(&of, State::Failed, None).await;
        let served = portal_of(&portal.app).await;
        let iris = person(&portal, &of, &served.origin).await;
        let address = format!("/connections/{}", of.connection);
        let once = iris.opens(&address).await;
        assert!(!once.says("A letter for your mail provider"), "the office itself can mend it");
        assert_eq!(iris.opens_once(&format!("{address}/letter")).await.status, 404);

        portal.until("a second check is asked for", async || {
            if portal.checks(&of).await.len() == 2 {
                return Some(());
            }
            let page = iris.opens(&address).await;
            iris.presses(&page.form_that_says("Check again"), "Check again").await;
            None
        }).await;
        portal.until("it failed once more", async || {
            // Whoever waits for room at the account looks again a little later.
            portal.app.clock.advance(Duration::from_millis(200));
            let checks = portal.checks(&of).await;
            (checks.len() == 2 && checks.iter().all(|check| check.verdict.is_some())).then_some(())
        }).await;
        let twice = iris.opens(&address).await;
        let letter = iris.opens(&twice.link("A letter for your mail provider")).await;
        for words in ["We are Lakeshore Realty", "What was found: ", "What we need from you:", &sample.test_mailbox, "LKS-0001-1"] {
            letter.must_say(words);
        }
        assert!(!letter.source.contains(&sample.client_secret));
        let form = letter.form_with("to");
        let wrong = iris.posts(&form.clone().with("to", "helpdesk")).await;
        assert_eq!(wrong.status, 422);
        wrong.must_say("There is a problem");
        let form = wrong.form_with("to").with("to", "helpdesk@host.example");
        for _ in 0..2 {
            iris.sends(&form).await.must_say("The letter is on its way.");
        }
        let letters = || -> Vec<_> {
            let sent = portal.mails.sent().into_iter();
            sent.filter(|mail| mail.kind == MailKind::ProviderLetter).collect()
        };
        portal.until("the letter has left", async || (!letters().is_empty()).then_some(())).await;
        let sent = letters();
        assert_eq!((sent.len(), sent[0].to.as_str()), (1, "helpdesk@host.example"));
        let message = String::from_utf8_lossy(&sent[0].message).into_owned();
        assert!(message.contains("Reply-To: Iris <"), "{message}");
        assert!(!message.contains(&sample.client_secret) && !message.contains(&sample.tenant_id), "{message}");
        assert!(!message.contains("http://"), "it leads nowhere: {message}");
        assert_eq!(database.count("mails WHERE kind = 'provider_letter'").await, 1, "a double press sends once");

        let other = office::office(&portal.app, "pine.example").await;
        let pine = Visitor::new(&served.origin, &Seen::default());
        pine.takes_cookie("__Host-portal", &portal_session(&portal.app, &other).await);
        assert_eq!(pine.opens_once(&format!("{address}/letter")).await.status, 404);
        worker.stop().await;
    }
}
