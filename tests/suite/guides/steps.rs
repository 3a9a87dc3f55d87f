//! The steps of a guide as an office works through them: marks, what a check saw, and a step that goes to a colleague.

use super::{guide_of, has_no_dead_anchor, plan, read, world};
use crate::{
    databases::on_both,
    world::{Admin, NeedleKind, Page, World, comes_in, rows},
};

/// The guide of the admin's first connection.
async fn guide_page(admin: &Admin) -> Page {
    let overview = admin.browser.opens("/overview").await;
    read(admin.browser.opens(&overview.link("Open the guide")).await)
}

fn marked(page: &Page) -> usize {
    page.text().matches("Marked as done").count()
}

/// Presses a button of a step and gives the guide that it leads to.
async fn presses(admin: &Admin, page: &Page, words: &str) -> Page {
    read(admin.browser.presses(&page.form_that_says(words), words).await)
}

/// Somebody whom our own people invited to the admin's brokerage, signed in.
async fn colleague(world: &World<'_>, admin: &Admin, name: &str) -> Admin {
    let address = format!("{name}@{}", admin.address().split_once('@').expect("an address").1);
    let (dana, _) = comes_in(&world.staff_site, "Dana Reyes", &world.seen).await;
    let all = dana.opens("/?view=all").await;
    let item = dana.opens(&all.link(&admin.sample.brokerage.company)).await;
    let brokerage = dana.opens(&item.link(&admin.sample.brokerage.company)).await;
    let form = brokerage.form_with("address").with("contact", name).with("address", &address);
    assert_eq!(dana.sends(&form).await.status, 200);
    let mut sample = admin.sample.clone();
    sample.brokerage.admin_email = address;
    let colleague = Admin::new(world.anonymous(), sample, world.mailbox.clone(), world.seen.clone());
    colleague.mail("Invitation").await;
    colleague
}

on_both! {
    async fn a_mark_is_the_offices_own_and_two_tabs_do_no_harm(database) {
        let world = world(database, plan()).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let guide = guide_of(&admin, "graph_secret").await;
        guide.must_say("0 of 6 done.");
        let other_tab = guide.clone();

        let once = presses(&admin, &guide, "Mark as done : Register the app").await;
        once.must_say("1 of 6 done.");
        assert_eq!(marked(&once), 1);
        let twice = presses(&admin, &other_tab, "Mark as done : Register the app").await;
        twice.must_say("1 of 6 done.");
        let second = presses(&admin, &other_tab, "Mark as done : Limit the app to your agents").await;
        assert_eq!(marked(&second), 2);
        second.must_say("1 of 6 done.");
        admin.browser.opens("/overview").await.must_say("1 of 6 steps done");

        let back = presses(&admin, &second, "Not done after all : Register the app").await;
        back.must_say("0 of 6 done.");
        let again = presses(&admin, &once, "Not done after all : Register the app").await;
        assert_eq!(marked(&again), 1);

        for (attempt, step) in [("1", "no-such-step"), ("7", "register"), ("x", "register"), ("1", "")] {
            let mut form = again.form_that_says("Mark as done").with("attempt", attempt);
            form.fields.push(("done".to_owned(), step.to_owned()));
            let refused = admin.browser.sends(&form).await;
            refused.must_say("The guide was changed since this page was shown.");
        }
        assert_eq!(rows::count(database, "SELECT COUNT(*) FROM guide_ticks").await, 1);

        let stranger = world.admin("secret-wrong");
        stranger.begins().await;
        let own = guide_of(&stranger, "graph_secret").await;
        let mut theirs = own.form_that_says("Mark as done");
        theirs.action = again.form_that_says("Mark as done").action;
        assert_eq!(stranger.browser.presses(&theirs, "Mark as done").await.status, 404, "it is not theirs");
        assert_eq!(stranger.browser.opens(&again.url).await.status, 404);
        assert_eq!(rows::count(database, "SELECT COUNT(*) FROM guide_ticks").await, 1);
        world.ends_well().await;
    }

    async fn a_check_shows_what_is_done_and_where_to_look(database) {
        let world = world(database, plan()).await;
        let admin = world.admin("healthy");
        let verified = admin.first_attempt().await;
        assert_eq!(admin.verdict(&verified), "verified", "{}", verified.text());
        let guide = read(admin.browser.opens(&format!("{}/guide", verified.url)).await);
        guide.must_say("6 of 6 done.");
        assert_eq!(guide.text().matches("Seen by the check").count(), 6);
        world.mailbox.gets(admin.address(), "Verified").await;

        let admin = world.admin("app-unknown");
        let failed = admin.first_attempt().await;
        let guide = read(admin.browser.opens(&format!("{}/guide", failed.url)).await);
        guide.must_say("0 of 6 done.");
        let ids = guide.source.split("<li id=\"ids\"").nth(1).and_then(|rest| rest.split("</li>").next()).expect("a step");
        assert!(ids.contains("The last check leads here:"), "{ids}");
        assert_eq!(guide.text().matches("The last check leads here:").count(), 1);
        let marked_all_the_same = presses(&admin, &guide, "Mark as done : Copy the two IDs").await;
        marked_all_the_same.must_say("0 of 6 done.");

        admin.browser.sends(&failed.form_that_says("attempt 2")).await;
        let second = guide_page(&admin).await;
        second.must_say("This is attempt 2.");
        assert_eq!(marked(&second), 0, "a new attempt begins with nothing done");
        second.must_say("The last check leads here:");
        has_no_dead_anchor(&second);
        world.mailbox.gets(admin.address(), "Not connected").await;
        world.ends_well().await;
    }

    async fn a_step_goes_to_a_colleague_who_signs_in_to_see_it(database) {
        let world = world(database, plan()).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let guide = guide_of(&admin, "graph_secret").await;
        let alone = admin.browser.opens(&guide.link("Send to a colleague : Grant admin consent")).await;
        alone.must_say("Nobody else of your office can sign in here yet.");
        assert!(alone.html().forms().iter().all(|form| !form.action.ends_with("/send")), "nobody to choose");

        let sam = colleague(&world, &admin, "sam").await;
        sam.signs_in().await;
        let form = admin.browser.opens(&alone.url).await;
        form.must_say("Grant admin consent");
        assert!(!form.says(admin.address()), "not to oneself");
        let refused = admin.browser.sends(&form.form_with("to")).await;
        assert_eq!(refused.status, 422);
        refused.must_say("Choose who is to get the step");
        let mut strange = form.form_with("to");
        strange.fields.push(("to".to_owned(), "per_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned()));
        assert_eq!(admin.browser.sends(&strange).await.status, 422, "nobody of theirs");

        let people = form.html().forms();
        let choose = people.iter().find(|form| form.has("to")).expect("a form");
        let id = rows::texts(database, "SELECT id FROM people WHERE name = 'sam'").await.remove(0).remove(0);
        let chosen = choose.clone().with("to", &id);
        let sent = admin.browser.sends(&chosen).await;
        sent.must_say("We have sent the step to sam.");
        let again = admin.browser.sends(&chosen).await;
        again.must_say("We have sent the step to sam.");
        let mails = "SELECT COUNT(*) FROM mails WHERE kind = 'guide_step'";
        assert_eq!(rows::count(database, mails).await, 1, "the same form sends once");

        let letter = sam.mail("A step for you: Grant admin consent (attempt 1)").await;
        assert!(letter.text.contains("asks you to do one step") && letter.text.contains("sign in with this address"));
        let link = letter.text.split_whitespace().find(|word| word.contains("/guide/steps/")).expect("a link");
        let path = link.strip_prefix(&world.portal).expect("to the portal").to_owned();
        let stranger = world.anonymous();
        let door = stranger.opens(&path).await;
        assert_ne!(door.heading(), guide.heading(), "the link opens nothing by itself");
        assert!(door.url.starts_with("/sign-in?next=/connections/"), "{}", door.url);
        let led = sam.browser.opens_once(&path).await;
        let to = led.headers["location"].to_str().expect("plain");
        assert!(to.ends_with("/guide#consent"), "{to}");
        let theirs = read(sam.browser.opens(&path).await);
        assert_eq!(theirs.heading(), guide.heading());
        let done = presses(&sam, &theirs, "Mark as done : Grant admin consent").await;
        done.must_say("1 of 6 done.");
        guide_page(&admin).await.must_say("1 of 6 done.");

        let foreign = world.admin("secret-wrong");
        foreign.begins().await;
        assert_eq!(foreign.browser.opens(&alone.url).await.status, 404);
        assert_eq!(foreign.browser.opens(&path).await.status, 404, "not theirs");

        for _ in 0..9 {
            let fresh = admin.browser.opens(&alone.url).await.form_with("to").with("to", &id);
            admin.browser.sends(&fresh).await.must_say("We have sent the step to sam.");
            sam.mail("A step for you").await;
        }
        let fresh = admin.browser.opens(&alone.url).await.form_with("to").with("to", &id);
        assert_eq!(admin.browser.sends(&fresh).await.status, 429, "ten a day to one person");
        assert_eq!(rows::count(database, mails).await, 10);
        admin.typed(NeedleKind::Setting, "a colleague's address", sam.address());
        world.ends_well().await;
    }
}
