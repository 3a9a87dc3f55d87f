//! Steps appear as they end: one by one in the window, and one by one in the list that grows without scripts.

use std::time::{Duration, Instant};

use super::{
    chromium::{self, Scripts},
    person::Person,
};
use crate::{
    databases::{Database, Kind},
    world::{Cast, Page, Plan, World},
};

/// Long enough that a check takes seconds, so that steps which came all at once would be noticed.
const LATENCY: u64 = 150;

/// Times at which more was to be seen than before.
struct Sightings(Vec<(Duration, usize)>);

impl Sightings {
    fn note(&mut self, begun: Instant, count: usize) {
        if self.0.last().is_none_or(|(_, last)| count > *last) {
            self.0.push((begun.elapsed(), count));
        }
    }

    /// Steps came in at least five portions, over at least half a second.
    #[track_caller]
    fn must_be_one_by_one(&self) {
        let (Some((first, _)), Some((last, _))) = (self.0.first(), self.0.last()) else {
            panic!("nothing was seen");
        };
        let spread = *last - *first;
        assert!(self.0.len() >= 5 && spread >= Duration::from_millis(500), "{:?}", self.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_scripts_the_window_shows_each_step_as_it_ends() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let plan = Plan { latency: LATENCY, ..Plan::default() };
    let world = World::start_with(&database, plan, &[Cast::Everything]).await;
    let person = Person::sits_down(&world, "healthy", Scripts::On).await;
    person.begins().await;
    person.creates_connection("Main office").await;
    person.enters(&person.admin.credential()).await;
    person.window.presses("Submit credentials").await;
    let (begun, mut sightings, mut document) = (Instant::now(), Sightings(Vec::new()), 0.0);
    // Within one document the steps came by themselves. The page is loaded anew when the check begins and when it
    // ends, no more.
    let script = "if (document.readyState === 'loading') return null;
        return [performance.timeOrigin, document.querySelectorAll('ol.run li[data-outcome=passed]').length,
        document.querySelector('[data-events]') !== null]";
    while begun.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(25)).await;
        // Between two documents there is nothing to ask.
        let Ok(seen) = person.window.client.execute(script, Vec::new()).await else { continue };
        if seen.is_null() {
            continue;
        }
        if seen[2] != true {
            break;
        }
        let origin = seen[0].as_f64().expect("a time");
        if origin > document {
            (sightings, document) = (Sightings(Vec::new()), origin);
        }
        sightings.note(begun, usize::try_from(seen[1].as_u64().expect("a count")).expect("small"));
    }
    sightings.must_be_one_by_one();
    person.window.sees("Verified: Main office is connected").await;
    let said = super::rules::quiet(&person.window, "live").await;
    person.admin.mail("Verified").await;
    person.leaves().await;
    assert!(said.is_empty(), "{said:#?}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_the_list_grows_while_the_page_is_still_being_sent() {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let plan = Plan { latency: LATENCY, ..Plan::default() };
    let world = World::start_with(&database, plan, &[Cast::Everything]).await;
    let admin = world.admin("healthy");
    let status = admin.submits_the_first_attempt().await;
    let list = status.link("growing list");

    let begun = Instant::now();
    let mut answer = admin.browser.request(reqwest::Method::GET, &list).send().await.expect("an answer");
    let (status_code, headers) = (answer.status(), answer.headers().clone());
    let (mut sightings, mut bytes, mut first) = (Sightings(Vec::new()), Vec::new(), None);
    while let Some(piece) = answer.chunk().await.expect("a piece") {
        first.get_or_insert(begun.elapsed());
        bytes.extend_from_slice(&piece);
        let shown = String::from_utf8_lossy(&bytes).matches("data-outcome=\"passed\"").count();
        if shown > 0 {
            sightings.note(begun, shown);
        }
    }
    admin.browser.note(&format!("GET {list}"), status_code, &headers, &bytes);
    assert!(first.is_some_and(|first| first < Duration::from_secs(1)), "the page begins at once: {first:?}");
    sightings.must_be_one_by_one();
    let page =
        Page { status: status_code, url: list, headers, source: String::from_utf8(bytes).expect("UTF-8") };
    page.must_say("The check has ended");
    let result = admin.browser.opens(&page.link("See the result")).await;
    assert_eq!(admin.verdict(&result), "verified", "{}", result.text());
    admin.mail("Verified").await;
    world.ends_well().await;
}
