//! Two of our people at the queue at the same time: one by keyboard alone, the other one a moment too late; and what the
//! page says when nothing is heard any more.

use moxi_onboard::domain::staff::StaffRole;
use serde_json::json;

use super::{
    chromium::{self, Chromium, Scripts},
    rules,
};
use crate::{
    databases::{Database, Kind},
    office::office,
    review::{by_hand::failed, pages::both},
    staff_site::StaffSite,
    world::visitor::Visitor,
};

async fn sits_down(site: &StaffSite, who: &Visitor) -> Chromium {
    let window = Chromium::start(Scripts::On).await;
    window.takes_over(who).await;
    window.goes_to(&format!("{}/", site.origin)).await;
    window
}

impl Chromium {
    /// Types letters where nothing has the focus but what the page gave it to.
    async fn strikes(&self, letters: &str) {
        for letter in letters.chars() {
            let letter = letter.to_string();
            for way in ["keyDown", "keyUp"] {
                let text = if way == "keyDown" { letter.as_str() } else { "" };
                self.asks("Input.dispatchKeyEvent", json!({ "type": way, "key": letter, "text": text }))
                    .await;
            }
        }
    }

    async fn focus(&self) -> String {
        let script = "return document.activeElement.textContent.replace(/\\s+/g, ' ').trim()";
        let says = self.client.execute(script, Vec::new()).await.expect("an answer");
        says.as_str().unwrap_or_default().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_takes_by_keyboard_what_the_other_one_still_sees() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let (portal, site, _lab) = both(&database).await;
    // Away from the weekend, at whose end everything is due at the same moment.
    portal.app.clock.advance(std::time::Duration::from_secs(48 * 60 * 60));
    let scope = office(&portal.app, "lakeshore.example").await;
    for name in ["Alder", "Birch"] {
        portal.connection(&scope, name).await;
        portal.app.clock.advance(std::time::Duration::from_secs(1));
    }
    let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
    let lee = site.colleague("Lee Park", &[StaffRole::Support]).await;
    let (dana, lee) = (sits_down(&site, &dana).await, sits_down(&site, &lee).await);
    lee.sees("Birch").await;

    dana.strikes("j").await;
    assert_eq!(dana.focus().await, "Lakeshore Realty: Alder");
    dana.strikes("jjk").await;
    assert_eq!(dana.focus().await, "Lakeshore Realty: Alder", "the list has an end, and k goes back");
    dana.strikes("j").await;
    assert_eq!(dana.focus().await, "Lakeshore Realty: Birch");
    // By the clock of the portal this is later than what both pages show.
    portal.app.clock.advance(std::time::Duration::from_secs(1));
    dana.strikes("1").await;
    dana.sees("You have taken it.").await;
    assert_eq!(dana.focus().await, "Lakeshore Realty: Birch", "at the row where she was");
    dana.strikes("k").await;
    assert_eq!(dana.focus().await, "Lakeshore Realty: Alder", "and on from there");
    // Nobody's rows move: she is told, and a press that comes too late says who was faster.
    lee.sees("The queue has changed.").await;
    lee.unfolds("Keyboard").await;
    let faults = rules::faults(&lee, "the queue").await;
    lee.strikes("jj1").await;
    lee.sees("Dana Reyes has it: taken").await;
    lee.sees("Nothing was done.").await;

    // What is typed into a field is text.
    dana.goes_to(&format!("{}/", site.origin)).await;
    dana.strikes("/").await;
    dana.strikes("g1hj").await;
    let typed = dana.client.execute("return document.getElementById('q').value", Vec::new()).await;
    assert_eq!(typed.expect("an answer"), json!("g1hj"));
    dana.goes_to(&format!("{}/", site.origin)).await;
    dana.strikes("gm").await;
    dana.sees("Mine").await;
    dana.sees("Birch").await;
    dana.goes_to(&format!("{}/", site.origin)).await;
    dana.strikes("jh").await;
    dana.sees("Put off until").await;
    dana.strikes("j").await;
    assert_eq!(dana.focus().await, "Lakeshore Realty: Birch", "the row that took its place");
    let said = rules::quiet(&dana, "the queue").await;

    // To the office's mail, and to what closes it, where a role may; else the letter does nothing.
    let everything = format!("{}/?view=all", site.origin);
    dana.goes_to(&everything).await;
    dana.strikes("j2").await;
    dana.sees("Write to the office").await;
    dana.goes_to(&everything).await;
    dana.strikes("j3").await;
    dana.sees("Why, as the office would say it?").await;
    lee.goes_to(&everything).await;
    lee.strikes("j3").await;
    assert!(lee.focus().await.starts_with("Lakeshore Realty: "), "support closes nothing");

    // On the page of a connection: a note, and the list of what needs a human.
    dana.goes_to(&everything).await;
    let opens = "document.querySelector('[data-row] a').click()";
    dana.client.execute(opens, Vec::new()).await.expect("a press");
    dana.sees("Leave a note").await;
    dana.strikes("n").await;
    dana.strikes("e5").await;
    let typed = dana
        .client
        .execute("return document.activeElement.name + document.activeElement.value", Vec::new())
        .await;
    assert_eq!(typed.expect("an answer"), json!("texte5"), "into the note, where letters are letters");

    // Several at once: what was put off is taken out of that list by its boxes.
    dana.goes_to(&format!("{}/?view=snoozed", site.origin)).await;
    dana.strikes("jx").await;
    let ticked =
        dana.client.execute("return document.querySelectorAll('.pick:checked').length", Vec::new()).await;
    assert_eq!(ticked.expect("an answer"), json!(1));

    // The site goes away, and the page says since when nothing is heard.
    drop(site);
    dana.sees("Not live since").await;
    for window in [dana, lee] {
        window.closes().await;
    }
    assert!(faults.is_empty() && said.is_empty(), "{faults:#?} {said:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_our_people_verify_by_hand() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let (portal, site, lab) = both(&database).await;
    let of = failed(&portal, &lab).await;
    let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
    let ravi = site.colleague("Ravi Anand", &[StaffRole::Operations]).await;
    let (dana, ravi) = (sits_down(&site, &dana).await, sits_down(&site, &ravi).await);
    let item = format!("{}/connections/{}", site.origin, of.connection);

    dana.goes_to(&item).await;
    dana.unfolds("Decide by hand").await;
    dana.sees("It cannot be failed by hand now: It has failed already.").await;
    dana.presses("Decide").await;
    dana.sees("Choose what you decide").await;
    let mut faults = rules::faults(&dana, "deciding by hand, refused").await;
    // By the clock of the portal this is later than what Ravi's page shows.
    portal.app.clock.advance(std::time::Duration::from_secs(1));
    dana.chooses("hand", "verified").await;
    dana.types("hand_reason", "On the telephone I saw every mailbox open.").await;
    dana.presses("Decide").await;
    dana.sees("A second person has to say yes").await;
    assert!(
        !dana.reads().await.contains("Yes, verify it by hand"),
        "nobody is the second one of their own wish"
    );

    // The second one hears of it in the queue and comes by it.
    ravi.sees("The queue has changed.").await;
    ravi.presses("Show it").await;
    ravi.sees("Verified by hand? A second person has to say yes").await;
    ravi.goes_to(&item).await;
    ravi.sees("Dana Reyes wants this verified by hand").await;
    faults.extend(rules::faults(&ravi, "a wish").await);
    ravi.presses("Yes, verify it by hand").await;
    ravi.sees("It is verified by hand.").await;
    dana.goes_to(&item).await;
    dana.sees("Verified by hand: Dana Reyes asked for it, Ravi Anand said yes").await;
    let head = dana.find("h1 + p, h1 ~ p.row").await.text().await.expect("the head");
    assert!(head.contains("Verified by hand"), "{head}");
    faults.extend(rules::faults(&dana, "verified by hand").await);
    for (window, whose) in [(dana, "who asked"), (ravi, "the second one")] {
        faults.extend(rules::quiet(&window, whose).await);
        window.closes().await;
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A browser opens six connections to a site and no more.
#[tokio::test(flavor = "multi_thread")]
async fn many_pages_stay_open_and_one_that_is_seen_again_hears_what_came() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let (portal, site, _lab) = both(&database).await;
    let scope = office(&portal.app, "lakeshore.example").await;
    portal.connection(&scope, "Alder").await;
    let dana = site.colleague("Dana Reyes", &[StaffRole::Reviewer]).await;
    let dana = sits_down(&site, &dana).await;
    let first = dana.client.window().await.expect("a tab");
    dana.sees("Alder").await;
    for _ in 0..8 {
        let tab = dana.client.new_window(true).await.expect("a tab");
        dana.client.switch_to_window(tab.handle).await.expect("the tab");
        dana.asks("Page.bringToFront", json!({})).await;
        dana.goes_to(&format!("{}/", site.origin)).await;
        dana.sees("Alder").await;
    }
    portal.app.clock.advance(std::time::Duration::from_secs(1));
    portal.connection(&scope, "Birch").await;
    dana.sees("The queue has changed.").await;
    dana.client.switch_to_window(first).await.expect("the tab");
    dana.asks("Page.bringToFront", json!({})).await;
    dana.sees("The queue has changed.").await;
    assert!(!dana.reads().await.contains("Not live since"), "nobody saw it meanwhile");
    let said = rules::quiet(&dana, "a tab that is seen again").await;
    dana.closes().await;
    assert!(said.is_empty(), "{said:?}");
}
