//! Pages of our people that are told of news: the queue, a connection, a request to see a secret.

use std::time::Duration;

use moxi_onboard::{
    actions::{answer_access::approve_access, second_access::end_access},
    domain::staff::StaffRole,
};
use reqwest::Method;

use super::{by_hand::failed, pages::both};
use crate::{
    access::Stage,
    databases::on_both,
    office::office,
    running::until,
    staff_site::StaffSite,
    world::{Page, free_port, visitor::Visitor},
};

/// Where a page hears of news, and whether it shows them by itself.
fn news_of(page: &Page) -> Option<String> {
    page.html().marked("data-news").pop().map(|(at, _)| at)
}

async fn listens(who: &Visitor, to: &str) -> reqwest::Response {
    let answer = who.request(Method::GET, to).send().await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), answer.headers()["content-type"].as_bytes()),
        (200, b"text/event-stream".as_slice())
    );
    answer
}

/// How often it is told, to its end: it ends by itself once it has told.
async fn hears(answer: reqwest::Response) -> usize {
    let whole = tokio::time::timeout(Duration::from_secs(60), answer.text()).await.expect("it ends");
    whole.expect("text").matches("event: changed").count()
}

on_both! {
    async fn a_page_of_the_queue_is_told_once_that_it_has_changed(database) {
        let (portal, site, _lab) = both(database).await;
        let (dana, lee) = (site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await, site.colleague("Lee Park", &[StaffRole::Support]).await);
        let scope = office(&portal.app, "lakeshore.example").await;
        let connection = portal.connection(&scope, "Main office").await;
        let item = format!("/connections/{connection}");
        let later = || portal.app.clock.advance(Duration::from_secs(1));
        later();
        let page = dana.opens("/").await;
        let news = page.html().marked("data-news").remove(0).0;
        let waiting = listens(&dana, &news).await;
        later();
        lee.sends(&lee.opens(&item).await.form_that_says("Take it")).await;
        assert_eq!(hears(waiting).await, 1);
        assert_eq!(hears(listens(&dana, &news).await).await, 1, "who lost the line is told at once");
        assert_eq!(page.link("Show it"), "/?view=needs");

        later();
        let searched = dana.opens("/?q=main").await;
        assert_eq!(searched.link("Show it"), "/?q=main");
        let news = dana.opens("/").await.html().marked("data-news").remove(0).0;
        let waiting = listens(&dana, &news).await;
        // Nothing new for this page; and whoever is signed out is told nothing.
        database.execute("DELETE FROM staff_sessions").await;
        later();
        let scope = office(&portal.app, "harbor.example").await;
        portal.connection(&scope, "Other office").await;
        assert_eq!(hears(waiting).await, 0);
        assert_eq!(dana.opens_once(&news).await.status, 303);
    }

    async fn a_page_about_a_connection_is_told_what_happened_to_it_alone(database) {
        let (portal, site, lab) = both(database).await;
        let of = failed(&portal, &lab).await;
        let item = format!("/connections/{}", of.connection);
        let (dana, lee) = (site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await, site.colleague("Lee Park", &[StaffRole::Support]).await);
        let scope = office(&portal.app, "harbor.example").await;
        let other = format!("/connections/{}", portal.connection(&scope, "Other office").await);
        let notes = async |item: &str| {
            let form = lee.opens(item).await.form_with("text");
            lee.sends(&form.with("text", "They call back on Monday.")).await.must_say("They call back on Monday.");
        };
        let page = dana.opens(&item).await;
        assert_eq!(page.link("Show it"), item);
        assert!(!page.source.contains("data-anew"), "nothing moves under her hand");
        let news = news_of(&page).expect("it is live");
        assert_eq!(news_of(&dana.opens(&item).await).as_ref(), Some(&news), "to look at it is no news");

        // What happens elsewhere is none; whoever is one of our people no more hears nothing.
        let waiting = listens(&lee, &news).await;
        notes(&other).await;
        let of_lee = "DELETE FROM staff_roles WHERE staff_id = (SELECT id FROM staff WHERE name = 'Lee Park')";
        database.execute(of_lee).await;
        let dana_waits = listens(&dana, &news).await;
        let note = dana.opens(&item).await.form_with("text").with("text", "Called them.");
        dana.sends(&note).await;
        assert_eq!((hears(waiting).await, hears(dana_waits).await), (0, 1));
        assert_eq!(hears(listens(&dana, &news).await).await, 1, "who lost the line is told at once");

        assert_eq!(lee.opens_once(&news).await.status, 303);
        for nowhere in ["/connections/con_00000000000000000000000000/news", "/connections/x/news"] {
            assert_eq!(dana.opens_once(nowhere).await.status, 404, "{nowhere}");
        }
        assert_eq!(dana.opens_once(&format!("{item}/news?since=x")).await.status, 400);
    }

    async fn whoever_waits_for_an_answer_is_told_that_none_came_in_time(database) {
        let stage = Stage::with(database, &format!("[staff]\nlisten = \"{}\"\n", free_port())).await;
        let site = StaffSite::of(stage.app.clone()).await;
        let kim = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let asked = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        end_access(&stage.app, &stage.kim, &asked).await.expect("taken back");
        let asked = stage.asks(&stage.kim, "grant", 15).await.expect("asked once more");
        let noted = "audit WHERE verb = 'access.run_out'";
        let round = async |minutes: u64| {
            stage.passes(minutes);
            let now = stage.now().as_micros();
            let worker = stage.worker();
            let done = format!("jobs WHERE kind = 'sweep' AND lease_token IS NULL AND run_at > {now}");
            let mut is_done = async || (database.count(&done).await == 1).then_some(());
            until(&stage.app, "a round was done", &mut is_done).await;
            worker.stop().await;
            database.count(noted).await
        };
        assert_eq!(round(12 * 60 - 1).await, 0, "a minute is left");
        let kim_again = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        drop(kim);
        let (at, item) = (format!("/access/{asked}"), format!("/connections/{}", stage.connection));
        let (page, of_connection) = (kim_again.opens(&at).await, kim_again.opens(&item).await);
        assert!(page.source.contains(" data-anew"), "whoever waits need not press");
        let waiting = listens(&kim_again, &news_of(&page).expect("it is live")).await;
        let reading = listens(&kim_again, &news_of(&of_connection).expect("it is live")).await;
        assert_eq!(round(1).await, 1, "that one alone");
        assert_eq!((hears(waiting).await, hears(reading).await), (1, 1));
        kim_again.opens(&item).await.must_say("Nobody answered the request to see the secret in time");
        assert_eq!(round(2).await, 1, "noted once");
    }

    async fn who_asked_to_see_a_secret_is_told_of_the_answer(database) {
        let stage = Stage::with(database, &format!("[staff]\nlisten = \"{}\"\n", free_port())).await;
        let site = StaffSite::of(stage.app.clone()).await;
        let kim = site.colleague("Kim Oduya", &[StaffRole::Support]).await;
        let asked = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        let at = format!("/access/{asked}");
        let page = kim.opens(&at).await;
        assert!(page.source.contains(" data-anew"), "whoever waits need not press");
        assert_eq!(page.link("Show it"), at);
        let waiting = listens(&kim, &news_of(&page).expect("it is live")).await;
        approve_access(&stage.app, &stage.iris, stage.now(), &asked).await.expect("approved");
        assert_eq!(hears(waiting).await, 1);
        let open = kim.opens(&at).await;
        assert!(!open.source.contains(" data-anew"), "there is something to press now");
        let waiting = listens(&kim, &news_of(&open).expect("it is live")).await;
        moxi_onboard::actions::answer_access::stop_access(&stage.app, &stage.iris, &asked).await.expect("stopped");
        assert_eq!(hears(waiting).await, 1);
        assert_eq!(news_of(&kim.opens(&at).await), None, "nothing comes any more");
    }
}
