//! The guides in a real browser: each kind's page, the pages to print and the form that sends a step, held against the
//! rules in both colours and at two widths; and a guide worked through by keyboard alone.

use std::time::Duration;

use fantoccini::key::Key;
use moxi_onboard::domain::kind::AccessKind;
use serde_json::json;

use super::{
    chromium::{self, Scripts},
    person::Person,
    rules,
};
use crate::{
    databases::{Database, Kind},
    world::{Plan, World},
};

async fn town(database: &Database) -> World<'_> {
    let more = "[kinds]\nexchange_basic = \"offered\"\news_secret = \"offered\"\nmicrosoft365_password = \"offered\"\n";
    let plan = Plan { more: more.parse().expect("settings"), ..Plan::default() };
    World::start_with(database, plan, &[crate::world::Cast::Everything]).await
}

/// The path of the guide of the connection whose page is open.
async fn guide_of(person: &Person) -> String {
    let here = person.window.client.current_url().await.expect("an address");
    let path: Vec<&str> = here.path().split('/').take(3).collect();
    format!("{}/guide", path.join("/"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_guide_keeps_the_rules() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = town(&database).await;
    let mut faults = Vec::new();
    let mut person = Person::sits_down(&world, "healthy", Scripts::On).await;
    // An office may begin a few connections by itself.
    for (at, pair) in AccessKind::ALL.chunks(2).enumerate() {
        person
            .makes_room_for(&world, ["healthy", "secret-wrong", "app-unknown", "exchange-healthy"][at])
            .await;
        person.begins().await;
        for kind in pair {
            person.creates_connection_of(kind.id(), kind.id()).await;
            let guide = guide_of(&person).await;
            person.opens(&guide).await;
            person.window.sees("The steps").await;
            let unfold = "document.querySelectorAll('details').forEach(fold => fold.open = true)";
            person.window.client.execute(unfold, Vec::new()).await.expect("all is shown");
            faults.extend(rules::faults(&person.window, &format!("guide-{}", kind.id())).await);
            person.opens(&format!("{guide}/print")).await;
            person.window.sees("What to hand back").await;
            faults.extend(rules::faults(&person.window, &format!("guide-print-{}", kind.id())).await);
        }
    }
    let send = format!("{}/steps/submit/send", guide_of(&person).await);
    person.opens(&send).await;
    person.window.sees("Nobody else of your office").await;
    faults.extend(rules::faults(&person.window, "guide-send-nobody").await);
    person.leaves().await;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guide_is_worked_through_by_keyboard_alone_and_without_scripts() {
    if !chromium::is_here() {
        return;
    }
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let world = town(&database).await;
    let person = Person::sits_down(&world, "healthy", Scripts::On).await;
    opens_a_guide(&person).await;
    for done in 1..=2 {
        tabs_to(&person, "Mark as done").await;
        let focused = person.window.client.active_element().await.expect("something has the focus");
        focused.send_keys(&Key::Enter.to_string()).await.expect("a key");
        person.window.sees(&format!("{done} of 6 done.")).await;
    }
    let here = person.window.client.current_url().await.expect("an address");
    assert_eq!(here.fragment(), Some("ids"), "one comes back to the step");
    let mut said = rules::quiet(&person.window, "guide").await;
    person.leaves().await;

    let person = Person::sits_down(&world, "secret-wrong", Scripts::Off).await;
    opens_a_guide(&person).await;
    person.window.presses("Mark as done: Register the app").await;
    person.window.sees("1 of 6 done.").await;
    person.window.presses("Not done after all: Register the app").await;
    person.window.sees("0 of 6 done.").await;
    said.extend(rules::quiet(&person.window, "guide without scripts").await);
    person.leaves().await;
    assert!(said.is_empty(), "{said:#?}");
    world.ends_well().await;
}

async fn opens_a_guide(person: &Person) {
    person.begins().await;
    person.creates_connection_of("graph_secret", "Main office").await;
    let guide = guide_of(person).await;
    person.opens(&guide).await;
    person.window.sees("0 of 6 done.").await;
}

/// Presses Tab until something that says this has the focus; what has it must be seen.
async fn tabs_to(person: &Person, words: &str) {
    let says = "const it = document.activeElement; const at = it.getBoundingClientRect();
        return [it.textContent, at.width > 0 && at.top < innerHeight && at.bottom > 0]";
    for _ in 0..120 {
        let focused = person.window.client.active_element().await.expect("something has the focus");
        focused.send_keys(&Key::Tab.to_string()).await.expect("a key");
        let found = person.window.client.execute(says, Vec::new()).await.expect("an answer");
        if found[0].as_str().is_some_and(|text| text.starts_with(words)) {
            tokio::time::timeout(Duration::from_secs(10), async {
                while person.window.client.execute(says, Vec::new()).await.expect("an answer")[1]
                    != json!(true)
                {
                    tokio::task::yield_now().await;
                }
            })
            .await
            .expect("what has the focus is seen");
            return;
        }
    }
    panic!("no Tab leads to {words:?}");
}
