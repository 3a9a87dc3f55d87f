//! The office's page of a request to look at a secret is told that the request stands elsewhere than the page shows.

use std::time::Duration;

use moxi_onboard::actions::{
    answer_access::{approve_access, decline_access, stop_access},
    second_access::end_access,
};
use tokio::task::JoinHandle;

use crate::{access::Stage, databases::on_both, flow_pages::Browser, office::office};

/// Where a page hears of news.
fn news_of(body: &str) -> Option<String> {
    let from = body.split_once(" data-news=\"")?.1;
    Some(from.split_once('"')?.0.replace("&#38;", "&"))
}

/// A second window of the same browser that hears, to the end.
fn listens(browser: &Browser, to: &str) -> JoinHandle<String> {
    let (mut window, to) = (browser.clone(), to.to_owned());
    tokio::spawn(async move {
        let answer = window.look(&to).await;
        assert_eq!(answer.status, 200);
        answer.body
    })
}

/// How often it is told, to its end: it ends by itself once it has told.
async fn hears(waiting: JoinHandle<String>) -> usize {
    let whole = tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("it ends");
    whole.expect("text").matches("event: changed").count()
}

on_both! {
    async fn an_open_page_of_a_request_learns_that_it_was_taken_back_or_answered(database) {
        let stage = Stage::with(database, "").await;
        let mut iris = Browser::of(&stage.app, &stage.iris).await;
        for end in ["taken back", "declined", "approved"] {
            let asked = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
            let page = iris.look(&format!("/access/{asked}")).await.body;
            assert!(!page.contains(" data-anew"), "nothing moves under a hand that may press: {page}");
            let news = news_of(&page).expect("it is live");
            let waiting = listens(&iris, &news);
            tokio::time::sleep(Duration::from_millis(200)).await;
            assert!(!waiting.is_finished(), "{end}: it has seen where the request stands");
            match end {
                "taken back" => end_access(&stage.app, &stage.kim, &asked).await.expect("taken back"),
                "declined" => decline_access(&stage.app, &stage.iris, &asked).await.expect("declined"),
                _ => approve_access(&stage.app, &stage.iris, stage.now(), &asked).await.expect("approved"),
            }
            assert_eq!(hears(waiting).await, 1, "{end}");
            assert_eq!(hears(listens(&iris, &news)).await, 1, "who lost the line is told at once");
            if end == "declined" {
                // A no stands for a day.
                stage.passes(24 * 60 + 1);
                iris.sign_in(&stage.iris).await;
            }
            let page = iris.look(&format!("/access/{asked}")).await.body;
            assert_eq!(news_of(&page).is_some(), end == "approved", "nothing comes any more of what ended");
            if let Some(news) = news_of(&page) {
                let waiting = listens(&iris, &news);
                stop_access(&stage.app, &stage.iris, &asked).await.expect("stopped");
                assert_eq!(hears(waiting).await, 1);
            }
        }
    }

    async fn an_open_page_of_a_request_learns_that_nobody_answered_in_time(database) {
        let stage = Stage::with(database, "").await;
        let mut iris = Browser::of(&stage.app, &stage.iris).await;
        let asked = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        stage.passes(12 * 60 - 1);
        iris.sign_in(&stage.iris).await;
        let news = news_of(&iris.look(&format!("/access/{asked}")).await.body).expect("it is live");
        let waiting = listens(&iris, &news);
        tokio::time::sleep(Duration::from_millis(200)).await;
        // The tests' clock stands still, so something else wakes whoever waits.
        stage.passes(1);
        assert!(!waiting.is_finished());
        office(&stage.app, "harbor.example").await;
        stage.asks(&stage.kim, "grant", 15).await.expect("asked once more: the first is over");
        assert_eq!(hears(waiting).await, 1);
        assert_eq!(hears(listens(&iris, &news)).await, 1);
    }

    async fn only_the_office_that_was_asked_hears_of_a_request_while_it_is_signed_in(database) {
        let stage = Stage::with(database, "").await;
        let mut iris = Browser::of(&stage.app, &stage.iris).await;
        let asked = stage.asks(&stage.kim, "grant", 15).await.expect("asked");
        let news = news_of(&iris.look(&format!("/access/{asked}")).await.body).expect("it is live");
        let other = office(&stage.app, "harbor.example").await;
        let mut stranger = Browser::of(&stage.app, &other).await;
        assert_eq!(stranger.look(&news).await.status, 404);
        assert_eq!(iris.look("/access/x/news").await.status, 404);
        let waiting = listens(&iris, &news);
        tokio::time::sleep(Duration::from_millis(200)).await;
        database.execute("DELETE FROM sessions").await;
        end_access(&stage.app, &stage.kim, &asked).await.expect("taken back");
        assert_eq!(hears(waiting).await, 0, "whoever is signed out hears nothing");
    }
}
