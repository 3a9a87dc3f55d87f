//! What no check can see: the administrator meets it on other pages, and the step of the guide leads to what it means.

use std::collections::BTreeSet;

use moxi_onboard::domain::{cause::Cause, causes};

use super::{guide_of, plan, world};
use crate::{
    databases::on_both,
    world::{Admin, Page, rows},
};

/// The page that a step of the guide leads to by what is seen.
async fn told(admin: &Admin, guide: &Page, cause: &Cause) -> Page {
    let sign = cause.told.expect("told by people");
    admin.browser.opens(&guide.link(sign)).await
}

on_both! {
    async fn every_cause_that_people_tell_is_reached_from_its_steps(database) {
        let world = world(database, plan()).await;
        let told_by_people = || causes::all().filter(|cause| cause.told.is_some());
        let kinds: BTreeSet<&str> = told_by_people().flat_map(Cause::told_at).map(|(kind, _)| kind).collect();
        let mut seen = BTreeSet::new();
        // An office may begin a few connections by itself: an office for each kind.
        let offices = ["healthy", "secret-wrong", "app-unknown", "exchange-healthy", "google-healthy"];
        assert_eq!(kinds.len(), offices.len());
        for (kind, office) in kinds.into_iter().zip(offices) {
            let admin = world.admin(office);
            admin.begins().await;
            let guide = guide_of(&admin, kind).await;
            let paper = admin.browser.opens(&guide.link("The whole guide to print")).await;
            for cause in told_by_people() {
                let Some((_, step)) = cause.told_at().find(|(of, _)| *of == kind) else { continue };
                let page = told(&admin, &guide, cause).await;
                assert_eq!((page.status.as_u16(), page.heading()), (200, cause.title.to_owned()), "{kind}");
                page.must_say(cause.told.expect("told"));
                page.must_say(&format!("Who can mend it: {}", cause.who.words()));
                assert!(!page.text().contains('{'), "a name is missing: {}", page.text());
                assert!(page.link("Back to the step").ends_with(&format!("#{step}")), "{kind} {}", cause.id);
                let of_step = guide.source.split(&format!("<li id=\"{step}\"")).nth(1).expect("the step");
                let of_step = of_step.split("<div class=\"row small no-print\">").next().expect("its end");
                assert!(of_step.contains(&format!("/guide/told/{}", cause.id)), "{kind} {step}: {of_step}");
                paper.must_say(cause.told.expect("told"));
                seen.insert(cause.id);
            }
        }
        assert_eq!(seen, told_by_people().map(|cause| cause.id).collect());
        world.ends_well().await;
    }

    async fn what_people_tell_goes_along_with_their_question(database) {
        let world = world(database, plan()).await;
        let admin = world.admin("healthy");
        admin.begins().await;
        let guide = guide_of(&admin, "graph_secret").await;
        let cause = causes::find("secret_policy_blocks").expect("a cause");
        let page = told(&admin, &guide, cause).await;
        page.must_say("for an exception for MoxiEngage");
        let form = page.form_with("question").with("question", "Who sets this policy with us?");
        admin.browser.sends(&form).await.must_say("We have your question.");
        let asked = "SELECT COUNT(*) FROM questions WHERE cause = 'secret_policy_blocks'";
        assert_eq!(rows::count(database, asked).await, 1);
        world.mailbox.gets("support@moxiengage.example", "Question").await;

        for none in ["client_secret_invalid", "google_key_creation_blocked", "no_such_cause"] {
            let address = page.url.replace("secret_policy_blocks", none);
            assert_eq!(admin.browser.opens(&address).await.status, 404, "this guide asks nothing about {none}");
        }
        let stranger = world.admin("secret-wrong");
        stranger.begins().await;
        assert_eq!(stranger.browser.opens(&page.url).await.status, 404, "it is not theirs");
        world.ends_well().await;
    }
}
